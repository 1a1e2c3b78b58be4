"""Who may see and do what, in one place; deny is the default [P1].

For one lead there are two questions. *May they work on it*: everybody who sees it may, a colleague
it was shared with as much as its owner (``scope_of``). *May they decide on it*, on its owner and on
who else sees it: only its owner and the people who lead its team (``may_decide_on``).
"""

from dataclasses import dataclass
from typing import Literal

from sales.followups import FollowUp
from sales.leads import Lead
from sales.merging import Merge
from sales.people import SELLERS, Person, Role

Reach = Literal["all", "team", "own", "tasks", "none"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which leads a person sees: all, a team's, their own, those of their own tasks, or none.

    Beside a team's or their own ones they see those that were shared with them.
    """

    reach: Reach
    person_id: int
    team_id: int


def scope_of(actor: Person) -> Scope:
    """The leads that the actor may work on, that is, see and edit; none for inactive people."""
    if not actor.active:
        return Scope("none", actor.id, actor.team_id)
    match actor.role:
        case Role.ADMIN:
            return Scope("all", actor.id, actor.team_id)
        case Role.MANAGER:
            return Scope("team", actor.id, actor.team_id)
        case Role.REP:
            return Scope("own", actor.id, actor.team_id)
        case Role.SERVICE | Role.PRODUCT | Role.FINANCE:
            return Scope("tasks", actor.id, actor.team_id)


def pool_scope_of(actor: Person, reach: Literal["company", "team"]) -> Scope:
    """The leads of the public pool that the actor may claim: the whole company's or the team's.

    Sellers see of each what claiming needs, and no more (``sales.pool``). A pooled lead itself
    stays with its team's leaders; ``scope_of`` shows it to no rep.
    """
    if not actor.active or not actor.sells:
        return Scope("none", actor.id, actor.team_id)
    everywhere = reach == "company" or actor.role is Role.ADMIN
    return Scope("all" if everywhere else "team", actor.id, actor.team_id)


ANYONE = frozenset(Role)
LEADERS = frozenset({Role.MANAGER, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
CONTACTS = SELLERS | {Role.SERVICE}
"""Roles that contact customers: finance and product do their part without phone or e-mail."""
HISTORY = SELLERS | {Role.SERVICE, Role.PRODUCT}
"""Roles that need to know what was said with a customer."""
LIBRARY = SELLERS | {Role.SERVICE, Role.PRODUCT}
"""Roles that read and write the library: they speak to customers or for the product."""

ACTIONS: dict[str, frozenset[Role]] = {
    "lead.open": SELLERS,
    "lead.new": SELLERS,
    "lead.create": SELLERS,
    "lead.show": ANYONE,
    "lead.by_rules": SELLERS,
    "lead_list.open": SELLERS,
    "lead_list.show": SELLERS,
    "lead_list.page": SELLERS,
    "lead_list.filter": SELLERS,
    "lead_list.find": SELLERS,
    "lead_list.sort": SELLERS,
    "lead_list.order": SELLERS,
    "lead_list.export": LEADERS,
    "lead.history": HISTORY,
    "lead.history_page": HISTORY,
    "lead.edit": SELLERS,
    "lead.update": SELLERS,
    "lead.options": HISTORY,
    "lead.more": ANYONE,
    "finder.options": ANYONE,
    "lead.reassign": LEADERS,
    "lead.assign": LEADERS,
    "lead.capture": SELLERS,
    "access.ask": SELLERS,
    "access.request": SELLERS,
    "access.share": SELLERS,
    "access.hand": SELLERS,
    "access.decline": SELLERS,
    "access.refuse": SELLERS,
    "access.give": SELLERS,
    "access.end": SELLERS,
    "merge.ask": SELLERS,
    "merge.compare": SELLERS,
    "merge.save": SELLERS,
    "merge.undo": SELLERS,
    "contact.ask": CONTACTS,
    "contact.reveal": CONTACTS,
    "contact.call": CONTACTS,
    "offer.accept": SELLERS,
    "offer.decline": SELLERS,
    "offer.pass": SELLERS,
    "followup.open": HISTORY,
    "followup.new": HISTORY,
    "followup.log": HISTORY,
    "followup.instead": SELLERS,
    "followup.list": HISTORY,
    "followup.page": HISTORY,
    "followup.create": HISTORY,
    "followup.correct": HISTORY,
    "followup.update": HISTORY,
    "reminder.list": SELLERS,
    "reminder.done": SELLERS,
    "reminder.snooze": SELLERS,
    "reminder.later": SELLERS,
    "reminder.wait": SELLERS,
    "reminder.postpone": SELLERS,
    "reminder.reschedule": SELLERS,
    "reminder.move": SELLERS,
    "stage.open": SELLERS,
    "stage.advance": SELLERS,
    "stage.choose": SELLERS,
    "stage.move": SELLERS,
    "stage.said": SELLERS,
    "deal.edit": SELLERS,
    "deal.save": SELLERS,
    "stage.aftersales": SELLERS,
    "nurture.leave": SELLERS,
    "nurture.send": SELLERS,
    "nurture.sent": SELLERS,
    "nurture.keep": SELLERS,
    "nurture.pool": SELLERS,
    "nurture.close": SELLERS,
    "stage.undo": SELLERS,
    "loss_review.write": SELLERS,
    "loss_review.save": SELLERS,
    "loss_review.show": SELLERS,
    "loss_review.list": SELLERS,
    "loss_review.month": SELLERS,
    "forecast.edit": SELLERS,
    "forecast.save": SELLERS,
    "discovery.open": SELLERS,
    "discovery.choose": SELLERS,
    "discovery.log": SELLERS,
    "discovery.show": SELLERS,
    "discovery.save": SELLERS,
    "proposal.open": SELLERS,
    "proposal.choose": SELLERS,
    "proposal.write": SELLERS,
    "proposal.save": SELLERS,
    "proposal.count": SELLERS,
    "proposal.counted": SELLERS,
    "proposal.show": SELLERS,
    "proposal.preview": SELLERS,
    "proposal.send": SELLERS,
    "proposal.link": SELLERS,
    "proposal.mail": SELLERS,
    "proposal.revoke": SELLERS,
    "task.list": ANYONE,
    "task.show": ANYONE,
    "task.accept": ANYONE,
    "task.finish": ANYONE,
    "task.done": ANYONE,
    "task.pass": ANYONE,
    "task.hand": ANYONE,
    "task.step_in": LEADERS,
    "support.ask": SELLERS,
    "support.create": SELLERS,
    "objection.open": HISTORY,
    "objection.list": HISTORY,
    "objection.add": HISTORY,
    "objection.create": HISTORY,
    "objection.answer": HISTORY,
    "objection.agree": HISTORY,
    "objection.look": HISTORY,
    "objection.take": HISTORY,
    "objection.accept": HISTORY,
    "objection.reopen": HISTORY,
    "remark.open": ANYONE,
    "remark.say": ANYONE,
    "remark.create": ANYONE,
    "sharing.show": LIBRARY,
    "sharing.add": LEADERS,
    "sharing.join": LIBRARY,
    "sharing.leave": LIBRARY,
    "library.open": LIBRARY,
    "library.browse": LIBRARY,
    "library.show": LIBRARY,
    "library.history": LIBRARY,
    "library.add": LIBRARY,
    "library.create": LIBRARY,
    "library.edit": LIBRARY,
    "library.translate": LIBRARY,
    "library.update": LIBRARY,
    "library.approve": LEADERS | {Role.PRODUCT},
    "library.return": LEADERS | {Role.PRODUCT},
    "library.decline": LEADERS | {Role.PRODUCT},
    "library.retire": LEADERS | {Role.PRODUCT},
    "library.use": LIBRARY,
    "library.used": LIBRARY,
    "library.start": LEADERS,
    "signal.dismiss": SELLERS,
    "opportunity.show": SELLERS,
    "opportunity.list": SELLERS,
    "opportunity.page": SELLERS,
    "opportunity.accept": SELLERS,
    "opportunity.dismiss": SELLERS,
    "opportunity.drop": SELLERS,
    "signing.ask": SELLERS,
    "signing.settle": SELLERS,
    "view.list": SELLERS,
    "view.page": SELLERS,
    "view.show": SELLERS,
    "view.open": SELLERS,
    "view.anyway": SELLERS,
    "view.save": SELLERS,
    "view.create": SELLERS,
    "view.rename": SELLERS,
    "view.update": SELLERS,
    "view.move": SELLERS,
    "view.delete": SELLERS,
    "view.schedule": SELLERS,
    "view.post": SELLERS,
    "view.stop": SELLERS,
    "board.open": SELLERS,
    "board.overdue": SELLERS,
    "home.open": ANYONE,
    "hello.show": ANYONE,
    "leaver.ask": LEADERS,
    "leaver.preview": LEADERS,
    "leaver.carry_out": LEADERS,
    "bulk.choose": SELLERS,
    "bulk.act": SELLERS,
    "bulk.preview": SELLERS,
    "bulk.confirm": SELLERS,
    "bulk.drop": SELLERS,
    "bulk.show": SELLERS,
    "bulk.left": SELLERS,
    "bulk.left_page": SELLERS,
    "bulk.undo": SELLERS,
    "pool.open": SELLERS,
    "pool.page": SELLERS,
    "pool.filter": SELLERS,
    "pool.find": SELLERS,
    "pool.claim": SELLERS,
    "pool.pick": LEADERS,
    "pool.give": LEADERS,
    "pool.ask": SELLERS,
    "pool.put": SELLERS,
    "pool.extend": SELLERS,
    "pool.keep": SELLERS,
    "reveals.show": LEADERS,
    "import.open": SELLERS,
    "import.template": SELLERS,
    "import.take": SELLERS,
    "import.show": SELLERS,
    "import.columns": SELLERS,
    "import.map": SELLERS,
    "import.rules": SELLERS,
    "import.decide": SELLERS,
    "import.owners": SELLERS,
    "import.give": SELLERS,
    "import.adopt": LEADERS,
    "import.entrust": LEADERS,
    "import.sheets": SELLERS,
    "import.turn": SELLERS,
    "import.start": SELLERS,
    "import.drop": SELLERS,
    "import.errors": SELLERS,
    "import.undo": SELLERS,
    "newcomer.show": ADMINS,
    "newcomer.admit": ADMINS,
    "newcomer.choose": ADMINS,
    "newcomer.save": ADMINS,
    "newcomer.refuse": ADMINS,
    "newcomer.same": ADMINS,
    "admin.claim": ANYONE,
    "identity.claim": ANYONE,
    "identity.deny": ANYONE,
    "identity.confirm": ADMINS,
    "identity.refuse": ADMINS,
    "identity.ask": ADMINS,
    "identity.join": ADMINS,
    "export.open": LEADERS,
    "export.create": LEADERS,
    "people.open": ANYONE,
    "people.edit": LEADERS,
    "people.save": LEADERS,
    "people.add": ADMINS,
    "people.create": ADMINS,
    "people.away": ANYONE,
    "erasure.overview": ADMINS,
    "erasure.open": ADMINS,
    "erasure.find": ADMINS,
    "erasure.choose": ADMINS,
    "erasure.confirm": ADMINS,
    "erasure.drop": ADMINS,
    "people.leave": ANYONE,
    "setup.open": ADMINS,
    "setup.step": ADMINS,
    "help.open": ANYONE,
    "help.all": ANYONE,
    "help.unknown": ANYONE,
    "command.run": ANYONE,
    "report.open": ANYONE,
    "report.show": SELLERS,
    "report.page": SELLERS,
    "report.choose": SELLERS,
    "report.find": SELLERS,
    "report.export": LEADERS,
    "weekly_report.open": SELLERS,
    "weekly_report.submit": SELLERS,
    "weekly_report.edit": SELLERS,
    "weekly_report.save": SELLERS,
    "weekly_report.type": SELLERS,
    "weekly_report.team": LEADERS,
    "weekly_report.remind": LEADERS,
    "win.undo": SELLERS,
    "announcement.settings": LEADERS,
    "announcement.choose": LEADERS,
    "announcement.congratulate": ANYONE,
    "impact.open": LEADERS,
    "impact.choose": LEADERS,
    "impact.show": LEADERS,
    "impact.day": ADMINS,
    "impact.adopt": ADMINS,
    "channel.bind": LEADERS,
    "channel.bind_company": ADMINS,
    "channel.unbind": LEADERS,
    "digest.show": SELLERS,
    "digest.details": SELLERS,
    "quiet.choose": ANYONE,
    "quiet.save": ANYONE,
    "notice.open": ANYONE,
    "notice.accept": SELLERS,
    "notice.accept_all": SELLERS,
    "notice.noise": ADMINS,
    "notice.more": ANYONE,
    "playbook.open": LEADERS,
    "playbook.show": LEADERS,
    "playbook.draft": LEADERS,
    "playbook.try": LEADERS,
    "playbook.history": LEADERS,
    "playbook.version": LEADERS,
    "playbook.edit": ADMINS,
    "playbook.change": ADMINS,
    "playbook.arrange": ADMINS,
    "playbook.propose": LEADERS,
    "playbook.prepare": ADMINS,
    "playbook.confirm": ADMINS,
    "playbook.apply": ADMINS,
    "playbook.discard": ADMINS,
    "playbook.restore": ADMINS,
    "automation.list": LEADERS,
    "automation.show": SELLERS,
    "automation.take": SELLERS,
    "automation.overrule": SELLERS,
    "review.open": LEADERS,
    "review.part": LEADERS,
    "review.file": LEADERS,
    "review.topic": LEADERS,
    "sync.show": LEADERS,
    "target.open": SELLERS,
    "target.edit": LEADERS,
    "target.save": LEADERS,
    "target.copy": LEADERS,
}
"""Every action a person can ask for, with the roles that may. An action not listed is refused."""


def leads_team_of(actor: Person, lead: Lead) -> bool:
    """Whether the actor leads the people who work on the lead: its team's managers, and admins."""
    in_team = actor.role is Role.MANAGER and actor.team_id == lead.team_id
    return actor.active and (actor.role is Role.ADMIN or in_team)


def may_decide_on(actor: Person, lead: Lead) -> bool:
    """Whether the actor decides on the lead's owner and on who else sees it.

    The owner and the leaders of its team do. Colleagues who only work on it beside the owner do
    not.
    """
    owns_it = actor.active and actor.sells and lead.owner_id == actor.id
    return owns_it or leads_team_of(actor, lead)


def may_correct(actor: Person, followup: FollowUp) -> bool:
    """Whether the actor, who sees the lead, may correct a follow-up on it.

    Sellers work on all of a lead; a colleague who was asked for support corrects what they logged
    themselves.
    """
    own = followup.person_id == actor.id
    return actor.active and (actor.sells or (own and actor.role in HISTORY))


def may_undo(actor: Person, merge: Merge, winner: Lead) -> bool:
    """Whether the actor may undo a merge.

    The person who merged, while they may still decide on the lead, and the leaders.
    """
    merged_it = merge.merged_by == actor.id and may_decide_on(actor, winner)
    return merged_it or leads_team_of(actor, winner)


def may(actor: Person, action: str) -> bool:
    return actor.active and actor.role in ACTIONS.get(action, frozenset())
