"""Who may see and do what, in one place; deny is the default [P1]."""

from dataclasses import dataclass
from typing import Literal

from sales.people import SELLERS, Person, Role

Reach = Literal["all", "team", "own", "tasks", "none"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which leads a person sees: all, a team's, the own, those of own tasks, or none."""

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
        case Role.SERVICE | Role.PRODUCT | Role.FINANCE:
            return Scope("tasks", actor.id, actor.team_id)


ANYONE = frozenset(Role)
LEADERS = frozenset({Role.MANAGER, Role.ADMIN})
CONTACTS = SELLERS | {Role.SERVICE}
"""Who reaches customers: finance and product do their part without phone or e-mail."""
HISTORY = SELLERS | {Role.SERVICE, Role.PRODUCT}
"""Who needs to know what was said with a customer."""
LIBRARY = SELLERS | {Role.SERVICE, Role.PRODUCT}
"""Who reads and writes the library: everybody who speaks to customers or for the product."""

ACTIONS: dict[str, frozenset[Role]] = {
    "lead.open": SELLERS,
    "lead.new": SELLERS,
    "lead.create": SELLERS,
    "lead.show": ANYONE,
    "lead.edit": SELLERS,
    "lead.update": SELLERS,
    "lead.options": SELLERS,
    "lead.reassign": LEADERS,
    "lead.assign": LEADERS,
    "contact.ask": CONTACTS,
    "contact.reveal": CONTACTS,
    "offer.accept": SELLERS,
    "offer.decline": SELLERS,
    "offer.pass": SELLERS,
    "followup.open": SELLERS,
    "followup.new": SELLERS,
    "followup.log": SELLERS,
    "followup.create": SELLERS,
    "followup.correct": SELLERS,
    "followup.update": SELLERS,
    "reminder.done": SELLERS,
    "reminder.snooze": SELLERS,
    "reminder.later": SELLERS,
    "reminder.reschedule": SELLERS,
    "reminder.move": SELLERS,
    "stage.open": SELLERS,
    "stage.advance": SELLERS,
    "stage.choose": SELLERS,
    "stage.move": SELLERS,
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
    "proposal.revoke": SELLERS,
    "task.list": ANYONE,
    "task.show": ANYONE,
    "task.accept": ANYONE,
    "task.finish": ANYONE,
    "task.done": ANYONE,
    "task.pass": ANYONE,
    "task.hand": ANYONE,
    "support.ask": SELLERS,
    "support.create": SELLERS,
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
    "library.start": LEADERS,
    "signal.dismiss": SELLERS,
    "board.open": SELLERS,
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
    "sync.show": LEADERS,
    "target.open": SELLERS,
    "target.edit": LEADERS,
    "target.save": LEADERS,
    "target.copy": LEADERS,
}
"""Every action a person can ask for, with the roles that may. What is missing is refused."""


def may(actor: Person, action: str) -> bool:
    return actor.active and actor.role in ACTIONS.get(action, frozenset())
