"""Every action a person can ask for, with its handler."""

from handlers import board, exports, notices
from handlers import contact_alerts as reveals
from handlers import help as help_page
from handlers import sync_meeting as sync
from handlers.assignment import service as assignment
from handlers.automations import actions as overruling
from handlers.automations import cards as automations
from handlers.collaboration import actions as collaboration
from handlers.digests import actions as digests
from handlers.digests import noise
from handlers.discovery import actions as discovery
from handlers.discussion import actions as discussion
from handlers.followups import actions as followups
from handlers.handover_of_work import actions as handover_of_work
from handlers.handover_of_work import jobs as transferring
from handlers.imports import actions as taking
from handlers.imports import cards as imports
from handlers.imports import error_report as leftovers
from handlers.imports import forms as choosing
from handlers.lead_card import history as whole_history
from handlers.leads import actions as leads
from handlers.library import actions as library
from handlers.library import cards as shelf
from handlers.library import quarterly_session as sharing
from handlers.merging import actions as merging
from handlers.notifications import bundles as kept
from handlers.notifications import preferences as quiet
from handlers.objections import actions as objections
from handlers.opportunities import actions as opportunities
from handlers.people import actions as people
from handlers.people import admin_codes, admission, identity
from handlers.playbook import actions as playbook
from handlers.playbook import dry_run as trial
from handlers.pool import actions as pool
from handlers.pool import listing
from handlers.proposals import actions as proposals
from handlers.reminders import actions as reminders
from handlers.reminders import ledger
from handlers.router import Route
from handlers.signals import service as signals
from handlers.stages import actions as stages
from handlers.stages import contract_signed as signing
from handlers.targets import actions as targets
from handlers.tasks import actions as tasks

_READS = False

ROUTES: dict[str, Route] = {
    "lead.open": Route(leads.open_command, _READS),
    "lead.new": Route(leads.open_command, _READS),
    "lead.show": Route(leads.show, _READS),
    "lead.history": Route(whole_history.open_history, _READS),
    "lead.history_page": Route(whole_history.page, _READS),
    "lead.options": Route(leads.options, _READS),
    "lead.create": Route(leads.create),
    "lead.edit": Route(leads.edit, _READS),
    "lead.update": Route(leads.update),
    "lead.reassign": Route(leads.reassign, _READS),
    "lead.assign": Route(leads.assign),
    "lead.capture": Route(leads.capture, _READS),
    "access.ask": Route(collaboration.ask, _READS),
    "access.request": Route(collaboration.request),
    "access.share": Route(collaboration.share),
    "access.hand": Route(collaboration.hand),
    "access.decline": Route(collaboration.decline, _READS),
    "access.refuse": Route(collaboration.refuse),
    "access.give": Route(collaboration.give),
    "access.end": Route(collaboration.end),
    "merge.ask": Route(merging.ask, _READS),
    "merge.compare": Route(merging.compare, _READS),
    "merge.save": Route(merging.save),
    "merge.undo": Route(merging.undo),
    "contact.ask": Route(leads.ask, _READS),
    "contact.reveal": Route(leads.reveal),
    "offer.accept": Route(assignment.accept),
    "offer.decline": Route(assignment.decline, _READS),
    "offer.pass": Route(assignment.pass_on),
    "followup.open": Route(followups.open_command),
    "followup.new": Route(followups.new, _READS),
    "followup.log": Route(followups.log, _READS),
    "followup.instead": Route(discussion.open_form, _READS),
    "followup.create": Route(followups.create),
    "followup.correct": Route(followups.correct, _READS),
    "followup.update": Route(followups.update),
    "reminder.list": Route(ledger.open_ledger, _READS),
    "reminder.done": Route(reminders.done),
    "reminder.snooze": Route(reminders.snooze, _READS),
    "reminder.later": Route(reminders.later),
    "reminder.reschedule": Route(reminders.reschedule, _READS),
    "reminder.move": Route(reminders.move),
    "stage.open": Route(stages.open_command, _READS),
    "stage.advance": Route(stages.advance, _READS),
    "stage.choose": Route(stages.choose, _READS),
    "stage.move": Route(stages.move),
    "stage.aftersales": Route(stages.to_aftersales),
    "discovery.open": Route(discovery.open_command, _READS),
    "discovery.choose": Route(discovery.choose, _READS),
    "discovery.log": Route(discovery.log, _READS),
    "discovery.show": Route(discovery.show, _READS),
    "discovery.save": Route(discovery.save),
    "proposal.open": Route(proposals.open_command, _READS),
    "proposal.choose": Route(proposals.choose, _READS),
    "proposal.write": Route(proposals.write, _READS),
    "proposal.save": Route(proposals.save),
    "proposal.count": Route(proposals.count, _READS),
    "proposal.counted": Route(proposals.counted),
    "proposal.show": Route(proposals.show, _READS),
    "proposal.preview": Route(proposals.preview),
    "proposal.send": Route(proposals.send),
    "proposal.link": Route(proposals.link),
    "proposal.revoke": Route(proposals.revoke),
    "board.open": Route(board.open_board, _READS),
    "home.open": Route(board.open_home, _READS),
    "leaver.ask": Route(handover_of_work.ask, _READS),
    "leaver.preview": Route(handover_of_work.preview, _READS),
    "leaver.carry_out": Route(transferring.carry_out),
    "pool.open": Route(listing.open_pool, _READS),
    "pool.page": Route(listing.page, _READS),
    "pool.filter": Route(listing.filter_form, _READS),
    "pool.find": Route(listing.find, _READS),
    "pool.claim": Route(pool.claim),
    "pool.pick": Route(pool.pick, _READS),
    "pool.give": Route(pool.give),
    "pool.ask": Route(pool.ask, _READS),
    "pool.put": Route(pool.put),
    "pool.extend": Route(pool.extend, _READS),
    "pool.keep": Route(pool.keep),
    "task.list": Route(tasks.open_command, _READS),
    "task.show": Route(tasks.show, _READS),
    "task.accept": Route(tasks.accept),
    "task.finish": Route(tasks.finish, _READS),
    "task.done": Route(tasks.done),
    "task.pass": Route(tasks.pass_on, _READS),
    "task.hand": Route(tasks.hand),
    "task.step_in": Route(tasks.step_in),
    "support.ask": Route(tasks.ask, _READS),
    "support.create": Route(tasks.create),
    "objection.open": Route(objections.open_command, _READS),
    "objection.list": Route(objections.show, _READS),
    "objection.add": Route(objections.add, _READS),
    "objection.create": Route(objections.create),
    "objection.answer": Route(objections.answer, _READS),
    "objection.agree": Route(objections.agree),
    "objection.look": Route(objections.look, _READS),
    "objection.take": Route(objections.take),
    "objection.accept": Route(objections.accept),
    "objection.reopen": Route(objections.reopen),
    "remark.open": Route(discussion.open_talk, _READS),
    "remark.say": Route(discussion.say, _READS),
    "remark.create": Route(discussion.create),
    "sharing.show": Route(sharing.show, _READS),
    "sharing.join": Route(sharing.join),
    "sharing.leave": Route(sharing.leave),
    "import.open": Route(taking.open_command, _READS),
    "import.template": Route(taking.template, _READS),
    "import.take": Route(taking.take, prepare=taking.prepare),
    "import.show": Route(imports.show, _READS),
    "import.columns": Route(choosing.columns, _READS),
    "import.map": Route(choosing.save_columns),
    "import.rules": Route(choosing.rules, _READS),
    "import.decide": Route(choosing.save_rules),
    "import.start": Route(imports.start),
    "import.drop": Route(choosing.drop),
    "import.errors": Route(leftovers.get, _READS),
    "import.undo": Route(imports.undo),
    "export.open": Route(exports.open_command, _READS),
    "export.create": Route(exports.create),
    "library.open": Route(shelf.open_command, _READS),
    "library.browse": Route(shelf.browse, _READS),
    "library.show": Route(shelf.show, _READS),
    "library.history": Route(shelf.history, _READS),
    "library.add": Route(library.add, _READS),
    "library.create": Route(library.create),
    "library.edit": Route(library.edit, _READS),
    "library.translate": Route(library.translate, _READS),
    "library.update": Route(library.update),
    "library.approve": Route(library.approve),
    "library.return": Route(library.send_back, _READS),
    "library.decline": Route(library.decline),
    "library.retire": Route(library.retire),
    "library.use": Route(library.ask, _READS),
    "library.used": Route(library.used),
    "library.start": Route(library.start),
    "signal.dismiss": Route(signals.dismiss),
    "opportunity.show": Route(opportunities.show, _READS),
    "opportunity.accept": Route(opportunities.accept),
    "opportunity.dismiss": Route(opportunities.dismiss, _READS),
    "opportunity.drop": Route(opportunities.drop),
    "reveals.show": Route(reveals.show, _READS),
    "newcomer.show": Route(admission.show, _READS),
    "newcomer.admit": Route(admission.admit),
    "newcomer.choose": Route(admission.choose, _READS),
    "newcomer.save": Route(admission.save),
    "newcomer.refuse": Route(admission.refuse),
    "newcomer.same": Route(admission.same),
    "admin.claim": Route(admin_codes.claim),
    "identity.claim": Route(identity.claim),
    "identity.deny": Route(identity.deny, _READS),
    "identity.confirm": Route(identity.confirm),
    "identity.refuse": Route(identity.refuse),
    "identity.ask": Route(identity.ask, _READS),
    "identity.join": Route(identity.join),
    "signing.ask": Route(signing.ask, _READS),
    "signing.settle": Route(signing.settle),
    "people.open": Route(people.open_people, _READS),
    "people.edit": Route(people.edit, _READS),
    "people.save": Route(people.save),
    "people.add": Route(people.add, _READS),
    "people.create": Route(people.create),
    "people.away": Route(people.away, _READS),
    "people.leave": Route(people.leave),
    "help.open": Route(help_page.open_help, _READS),
    "help.unknown": Route(help_page.unknown, _READS),
    "channel.bind": Route(help_page.bind),
    "channel.unbind": Route(help_page.unbind),
    "digest.show": Route(digests.show, _READS),
    "quiet.choose": Route(quiet.choose, _READS),
    "quiet.save": Route(quiet.save),
    "notice.open": Route(notices.open_kept),
    "notice.accept": Route(kept.accept_kept),
    "notice.noise": Route(noise.show, _READS),
    "notice.more": Route(notices.more_kept, _READS),
    "playbook.open": Route(playbook.open_command, _READS),
    "playbook.show": Route(playbook.show, _READS),
    "playbook.edit": Route(playbook.edit, _READS),
    "playbook.change": Route(playbook.change),
    "playbook.arrange": Route(playbook.arrange),
    "playbook.draft": Route(playbook.draft, _READS),
    "playbook.confirm": Route(playbook.confirm, _READS),
    "playbook.apply": Route(playbook.apply),
    "playbook.discard": Route(playbook.discard),
    "playbook.try": Route(trial.try_draft, _READS),
    "playbook.history": Route(playbook.history, _READS),
    "playbook.version": Route(playbook.version, _READS),
    "playbook.restore": Route(playbook.restore),
    "automation.list": Route(automations.list_runs, _READS),
    "automation.show": Route(automations.show, _READS),
    "automation.take": Route(automations.take_step, _READS),
    "automation.overrule": Route(overruling.overrule),
    "sync.show": Route(sync.show, _READS),
    "target.open": Route(targets.open_command, _READS),
    "target.edit": Route(targets.edit, _READS),
    "target.save": Route(targets.save),
    "target.copy": Route(targets.copy),
}
