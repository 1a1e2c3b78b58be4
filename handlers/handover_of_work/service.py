"""A person's leads and tasks, and the plan of who would get them."""

from zlib import crc32

from handlers.assignment.service import candidates
from handlers.core.button_values import pack, unpack
from handlers.core.choices import assignable
from handlers.core.context import Context
from handlers.core.guards import changeable
from handlers.core.requests import record_id
from sales.errors import InvalidInput, Problem
from sales.people import SYSTEM, Person
from sales.permissions import may_decide_on
from sales.transfers import OwnedWork, Part, TransferRequest, TransferRule, plan


def owned_work_of(person: Person, context: Context) -> OwnedWork:
    """The work of a person that the actor may hand over; for SYSTEM, all of it."""
    every = context.uow.leads(SYSTEM)
    own = {task.id: task for task in context.tasks.open_of(person.id)}
    # An owner's tasks that a manager holds since the owner left go on with the lead.
    held = {task.id: task for task in context.tasks.open_for_leads_of(person.id) if not task.role}
    tasks = sorted((own | held).values(), key=lambda task: task.lead_id)
    return OwnedWork(
        leads=[
            lead for lead in context.leads.held_by(person.id) if may_decide_on(context.actor, lead)
        ],
        tasks=tasks,
        task_leads={task.lead_id: every.get(task.lead_id) for task in tasks},
    )


def plan_transfer(wish: TransferRequest, estate: OwnedWork, context: Context) -> tuple[Part, ...]:
    open_tasks = context.uow.tasks(SYSTEM).open_counts()
    return plan(estate, wish, context.playbook, candidates(context), open_tasks)


def value_of(wish: TransferRequest, parts: tuple[Part, ...]) -> str:
    receiver = wish.receiver.id if wish.receiver else 0
    return pack(wish.person.id, wish.rule, receiver, plan_digest(parts))


def parse_transfer(value: str, context: Context) -> tuple[TransferRequest, str]:
    """The request on a button, with the fingerprint of the plan that was shown. Raises
    PersonNotFound, NotAllowed, or InvalidInput for a receiver who is no longer available."""
    person_id, rule, to_id, shown_mark = unpack(value, str, str, record_id, str)
    person = changeable(person_id, context)
    if rule not in set(TransferRule):
        raise InvalidInput({"rule": Problem("choose_one")})
    receiver = next(
        (candidate for candidate in receivers_of(person, context) if candidate.id == to_id), None
    )
    if rule == TransferRule.PERSON and receiver is None:
        raise InvalidInput({"person": Problem("choose_one")})
    return TransferRequest(person, TransferRule(rule), receiver, context.actor), shown_mark


def plan_digest(parts: tuple[Part, ...]) -> str:
    """A fingerprint that distinguishes one plan from another."""
    return f"{crc32(repr([(p.lead_id, p.task_id, p.to_id) for p in parts]).encode()):08x}"


def receivers_of(leaver: Person, context: Context) -> list[Person]:
    return [person for person in assignable(context) if person.id != leaver.id]
