"""Who may see and do what, in one place; deny is the default [P1]."""

from dataclasses import dataclass
from typing import Literal

from sales.people import Person, Role

Reach = Literal["all", "team", "own", "none"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which leads a person sees: all, a team's, the own, or none."""

    reach: Reach
    person_id: int
    team_id: int


def scope_of(actor: Person) -> Scope:
    """The leads the actor sees and edits; who is not active any more sees none."""
    if not actor.active:
        return Scope("none", actor.id, actor.team_id)
    match actor.role:
        case Role.ADMIN:
            return Scope("all", actor.id, actor.team_id)
        case Role.MANAGER:
            return Scope("team", actor.id, actor.team_id)
        case Role.REP:
            return Scope("own", actor.id, actor.team_id)


ANYONE = frozenset(Role)
LEADERS = frozenset({Role.MANAGER, Role.ADMIN})

ACTIONS: dict[str, frozenset[Role]] = {
    "lead.open": ANYONE,
    "lead.new": ANYONE,
    "lead.create": ANYONE,
    "lead.show": ANYONE,
    "lead.edit": ANYONE,
    "lead.update": ANYONE,
    "lead.options": ANYONE,
    "lead.reassign": LEADERS,
    "lead.assign": LEADERS,
    "contact.ask": ANYONE,
    "contact.reveal": ANYONE,
    "offer.accept": ANYONE,
    "offer.decline": ANYONE,
    "offer.pass": ANYONE,
    "followup.open": ANYONE,
    "followup.new": ANYONE,
    "followup.log": ANYONE,
    "followup.create": ANYONE,
    "followup.correct": ANYONE,
    "followup.update": ANYONE,
    "reminder.done": ANYONE,
    "reminder.snooze": ANYONE,
    "reminder.later": ANYONE,
    "reminder.reschedule": ANYONE,
    "reminder.move": ANYONE,
    "stage.open": ANYONE,
    "stage.advance": ANYONE,
    "stage.choose": ANYONE,
    "stage.move": ANYONE,
    "board.open": ANYONE,
    "people.open": ANYONE,
    "people.edit": LEADERS,
    "people.save": LEADERS,
    "people.away": ANYONE,
    "people.leave": ANYONE,
    "help.open": ANYONE,
    "help.unknown": ANYONE,
    "channel.bind": LEADERS,
    "channel.unbind": LEADERS,
    "digest.show": LEADERS,
}
"""Every action a person can ask for, with the roles that may. What is missing is refused."""


def may(actor: Person, action: str) -> bool:
    return actor.active and actor.role in ACTIONS.get(action, frozenset())
