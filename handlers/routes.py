"""Every action a person can ask for, with its handler."""

from handlers import (
    board,
    contacts,
    corrections,
    digest,
    followups,
    help,  # noqa: A004 - the subject is called so
    leads,
    offers,
    people,
    reminders,
)
from handlers.router import Route

_READS = False

ROUTES: dict[str, Route] = {
    "lead.open": Route(leads.open_command, _READS),
    "lead.new": Route(leads.open_command, _READS),
    "lead.show": Route(leads.show, _READS),
    "lead.options": Route(leads.options, _READS),
    "lead.create": Route(leads.create),
    "lead.edit": Route(leads.edit, _READS),
    "lead.update": Route(leads.update),
    "lead.reassign": Route(leads.reassign, _READS),
    "lead.assign": Route(leads.assign),
    "contact.ask": Route(contacts.ask, _READS),
    "contact.reveal": Route(contacts.reveal),
    "offer.accept": Route(offers.accept),
    "offer.decline": Route(offers.decline, _READS),
    "offer.pass": Route(offers.pass_on),
    "followup.open": Route(followups.open_command),
    "followup.new": Route(followups.new, _READS),
    "followup.log": Route(followups.log, _READS),
    "followup.create": Route(followups.create),
    "followup.correct": Route(corrections.correct, _READS),
    "followup.update": Route(corrections.update),
    "reminder.done": Route(reminders.done),
    "reminder.snooze": Route(reminders.snooze, _READS),
    "reminder.later": Route(reminders.later),
    "reminder.reschedule": Route(reminders.reschedule, _READS),
    "reminder.move": Route(reminders.move),
    "board.open": Route(board.open_board, _READS),
    "people.open": Route(people.open_people, _READS),
    "people.edit": Route(people.edit, _READS),
    "people.save": Route(people.save),
    "people.away": Route(people.away, _READS),
    "people.leave": Route(people.leave),
    "help.open": Route(help.open_help, _READS),
    "help.unknown": Route(help.unknown, _READS),
    "channel.bind": Route(help.bind),
    "channel.unbind": Route(help.unbind),
    "digest.show": Route(digest.show, _READS),
}
