"""Carries out a handover: leads with their clocks and next steps, tasks, one notice per
receiver."""

from dataclasses import replace

from handlers.assignment.service import give_to
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.handover_of_work.cards import preview_card
from handlers.handover_of_work.service import (
    owned_work_of,
    parse_transfer,
    plan_digest,
    plan_transfer,
)
from handlers.people.cards import people_card
from handlers.pool.service import enter_pool
from handlers.response_clocks.service import begin_clock, hand_feedback_on
from handlers.tasks.handover import give_task
from sales.assignments import Why
from sales.jobs import HandOverWork, Job
from sales.leads import Lead
from sales.notices import WorkHandedOver
from sales.people import SYSTEM, leaders_of
from sales.pool import PoolReason
from sales.tasks import Given
from sales.transfers import Part, Transfer, TransferRequest, TransferRule


def carry_out(context: Context) -> Reply:
    """Button on the preview: hand the work over, if the plan is still the one that was shown."""
    context.uow.people.hold()
    wish, shown = parse_transfer(context.pressed, context)
    estate = owned_work_of(wish.person, context)
    parts = plan_transfer(wish, estate, context)
    if not parts:
        return Reply(toast=context.text("leaver.nothing", name=wish.person.name))
    if plan_digest(parts) != shown:
        return Reply(update=preview_card(wish, context), toast=context.text("leaver.changed"))
    _transfer(wish, parts, context)
    toast = context.text("leaver.done", name=wish.person.name, n=len(estate.leads))
    return Reply(update=people_card(context), toast=toast)


def hand_over_unasked(job: Job[HandOverWork], context: Context) -> None:
    """Job: hand the work over by the rules, since nobody chose how."""
    context.uow.people.hold()
    person = context.uow.people.get(job.args.person_id)
    if person.active and person.sells:
        return
    wish = TransferRequest(person, TransferRule.RULES, None, context.actor)
    parts = plan_transfer(wish, owned_work_of(person, context), context)
    if parts:
        _transfer(wish, parts, context)


def _transfer(wish: TransferRequest, parts: tuple[Part, ...], context: Context) -> None:
    """Transfer the tasks first: they go with their leads, and no notice is sent for each."""
    for part in parts:
        if part.task_id is not None:
            _hand_task(part, part.task_id, context)
    # Two handovers at the same time lock leads in the same order.
    in_order = sorted(parts, key=lambda part: part.lead_id)
    gone = {p.lead_id for p in in_order if p.task_id is None and not _hand_lead(p, wish, context)}
    done = [part for part in parts if part.task_id is not None or part.lead_id not in gone]
    context.uow.jobs.cancel(HandOverWork, wish.person.id)
    transfer = context.uow.transfers.add(
        Transfer(
            from_id=wish.person.id,
            by_id=context.actor.id,
            at=context.now,
            rule=wish.rule,
            parts=tuple(done),
        )
    )
    detail = {"rule": wish.rule.value, "parts": str(len(done))}
    context.uow.audit.record(context.actor, "leaver.transfer", f"person:{wish.person.id}", detail)
    receivers = {part.to_id for part in done if part.to_id}
    if not context.actor.id:
        # Nobody chose, so the managers who could have are notified of the result.
        leaders = leaders_of(wish.person.team_id, context.uow.people.everyone())
        receivers |= {leader.id for leader in leaders}
    for person_id in sorted(receivers):
        context.uow.outbox.add(WorkHandedOver(transfer.id), person_id)


def _hand_task(part: Part, task_id: int, context: Context) -> None:
    task = context.uow.tasks(SYSTEM).get(task_id)
    if task.is_open and part.to_id:
        person = context.uow.people.get(part.to_id)
        give_task(task, Given(person, part.why), context, quietly=True)


def _hand_lead(part: Part, wish: TransferRequest, context: Context) -> bool:
    """Transfer the lead; False if it had already left its owner. The next step keeps its date.
    Where a customer waits for contact or for a feedback request, the new owner gets a clock of
    their own for it."""
    lead = context.uow.leads(SYSTEM).get(part.lead_id)
    if lead.owner_id != wish.person.id:
        return False
    if part.to_id is None:
        enter_pool(lead, PoolReason.LEFT, "", context)
        return True
    waits = _waits(lead, context)
    receiver = context.uow.people.get(part.to_id)
    # The customer still knows the people who worked on the lead with the leaver: they keep access.
    owned, _ = give_to(lead, receiver, _why(part.why, wish), context, shared=True)
    if waits:
        begin_clock(owned, context)
    hand_feedback_on(owned, context)
    return True


def _waits(lead: Lead, context: Context) -> bool:
    clock = context.uow.clocks(SYSTEM).latest(lead.id)
    return clock is not None and clock.is_waiting


def _why(why: Why, wish: TransferRequest) -> Why:
    """On the lead's card it is enough to know from whom it came."""
    return replace(why, reason="handed_over", rule=wish.person.name, skipped=())
