"""Handing over all work of a person who leaves or is away for long [P1].

Decides what goes to whom; the same plan is shown before it happens and is then carried out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sales.assignments import Why
from sales.leads import Lead
from sales.people import Person, leaders_of
from sales.playbook import Playbook
from sales.routing import Candidates, choose
from sales.tasks import Given, Staff, Task, assign


class TransferRule(StrEnum):
    """To whom: by the routing rules, all to one person, or into the public pool."""

    RULES = "rules"
    PERSON = "person"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Whose work goes, by which rule, to whom if it all goes to one person, and who says so."""

    person: Person
    rule: TransferRule
    receiver: Person | None
    by: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A lead, or a task on one, with who gets it and why; ``to_id`` None for the pool."""

    lead_id: int
    task_id: int | None = None
    to_id: int | None
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Which of one person's work went to whom; ``by_id`` 0 when nobody chose in time."""

    id: int = 0
    from_id: int
    by_id: int
    at: datetime
    rule: TransferRule
    parts: tuple[Part, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedWork:
    """A person's work.

    Leads that somebody must look after, and open tasks on any lead (``task_leads``, by id).
    """

    leads: Sequence[Lead]
    tasks: Sequence[Task]
    task_leads: Mapping[int, Lead]


def plan(
    estate: OwnedWork,
    wish: TransferRequest,
    playbook: Playbook,
    among: Candidates,
    open_tasks: Mapping[int, int],
) -> tuple[Part, ...]:
    """Plan where every lead and every task of the person goes: nothing stays.

    By the rules each lead counts for the next, so that they spread as new ones would. What cannot
    be in the pool, customers and resting leads, goes to a leader.
    """
    people = [person for person in among.people if person.id != wish.person.id]
    leads = _by_rules(estate, playbook, replace(among, people=people))
    if wish.rule is TransferRule.PERSON and wish.receiver is not None:
        leads = [
            Part(lead_id=lead.id, to_id=wish.receiver.id, why=Why("chosen", wish.by.name))
            for lead in estate.leads
        ]
    elif wish.rule is TransferRule.POOL:
        leads = [_pooled(lead, people) for lead in estate.leads]
    owners = {part.lead_id: part.to_id for part in leads}
    return (*leads, *_tasks(estate, owners, people, Staff(people, open_tasks, among.today)))


def _by_rules(estate: OwnedWork, playbook: Playbook, among: Candidates) -> list[Part]:
    shares, open_leads = Counter(among.shares), Counter(among.open_leads)
    parts = []
    for lead in estate.leads:
        chosen = choose(lead, playbook, replace(among, shares=shares, open_leads=open_leads))
        if chosen is None:
            parts.append(_pooled(lead, among.people))
            continue
        shares[chosen.person.id] += 1
        open_leads[chosen.person.id] += lead.is_open
        parts.append(Part(lead_id=lead.id, to_id=chosen.person.id, why=chosen.why))
    return parts


def _pooled(lead: Lead, people: Sequence[Person]) -> Part:
    if lead.is_worked_on:
        return Part(lead_id=lead.id, to_id=None, why=Why("left"))
    leader = leaders_of(lead.team_id, people)[0]
    return Part(lead_id=lead.id, to_id=leader.id, why=Why("manager"))


def _tasks(
    estate: OwnedWork, owners: Mapping[int, int | None], people: Sequence[Person], staff: Staff
) -> list[Part]:
    by_id = {person.id: person for person in people}
    parts = []
    for task in estate.tasks:
        owner = by_id.get(owners.get(task.lead_id) or 0)
        if task.role is None and owner is not None:
            given = Given(owner, Why("task_owner"))
        else:
            given = assign(task.role, estate.task_leads[task.lead_id], staff)
        if given.person is not None:
            why = given.why
            to_id = given.person.id
            parts.append(Part(lead_id=task.lead_id, task_id=task.id, to_id=to_id, why=why))
    return parts
