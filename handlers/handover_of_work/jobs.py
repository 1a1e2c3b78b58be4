"""Carrying a hand-over out: leads with their clocks and next steps, tasks, one brief for each."""

from dataclasses import replace

from handlers.assignment.service import give_to
from handlers.core.context import Turn
from handlers.core.replies import Reply
from handlers.handover_of_work.actions import estate_of, mark, parse_wish, planned, preview_card
from handlers.people.actions import open_people
from handlers.pool.actions import enter_pool
from handlers.response_clocks.service import begin_clock, hand_feedback_on
from handlers.tasks.handover import give_task
from sales.assignments import Why
from sales.leads import Lead
from sales.notices import WorkHandedOver
from sales.people import SYSTEM, leaders_of
from sales.pool import PoolReason
from sales.tasks import Given
from sales.transfers import Part, Transfer, TransferRule, Wish
from storage.jobs import Work


def carry_out(turn: Turn) -> Reply:
    """Button on the preview: it happens, if it is still what was shown."""
    turn.uow.people.hold()
    wish, shown = parse_wish(turn.pressed, turn)
    estate = estate_of(wish.person, turn)
    parts = planned(wish, estate, turn)
    if not parts:
        return Reply(toast=turn.text("leaver.nothing", name=wish.person.name))
    if mark(parts) != shown:
        return Reply(update=preview_card(wish, turn), toast=turn.text("leaver.changed"))
    _transfer(wish, parts, turn)
    told = turn.text("leaver.done", name=wish.person.name, n=len(estate.leads))
    return Reply(update=open_people(turn).card, toast=told)


def hand_over_unasked(work: Work, turn: Turn) -> None:
    """Due work: nobody chose."""
    turn.uow.people.hold()
    person = turn.uow.people.get(int(work.subject))
    if person.active and person.sells:
        return
    wish = Wish(person, TransferRule.RULES, None, turn.actor)
    parts = planned(wish, estate_of(person, turn), turn)
    if parts:
        _transfer(wish, parts, turn)


def _transfer(wish: Wish, parts: tuple[Part, ...], turn: Turn) -> None:
    """Tasks first: they go with their leads, and nobody is told of each."""
    for part in parts:
        if part.task_id is not None:
            _hand_task(part, part.task_id, turn)
    # Two hand-overs at once hold leads in the same order.
    in_order = sorted(parts, key=lambda part: part.lead_id)
    gone = {p.lead_id for p in in_order if p.task_id is None and not _hand_lead(p, wish, turn)}
    done = [part for part in parts if part.task_id is not None or part.lead_id not in gone]
    turn.uow.schedule.cancel("leaver", str(wish.person.id))
    transfer = turn.uow.transfers.add(
        Transfer(
            from_id=wish.person.id,
            by_id=turn.actor.id,
            at=turn.now,
            rule=wish.rule,
            parts=tuple(done),
        )
    )
    told = {"rule": wish.rule.value, "parts": str(len(done))}
    turn.uow.audit.record(turn.actor, "leaver.transfer", f"person:{wish.person.id}", told)
    receivers = {part.to_id for part in done if part.to_id}
    if not turn.actor.id:
        # Nobody chose: then those who could have hear what was done.
        leaders = leaders_of(wish.person.team_id, turn.uow.people.everyone())
        receivers |= {leader.id for leader in leaders}
    for person_id in sorted(receivers):
        turn.uow.outbox.add(WorkHandedOver(transfer.id), person_id)


def _hand_task(part: Part, task_id: int, turn: Turn) -> None:
    task = turn.uow.tasks(SYSTEM).get(task_id)
    if task.is_open and part.to_id:
        person = turn.uow.people.get(part.to_id)
        give_task(task, Given(person, part.why), turn, quietly=True)


def _hand_lead(part: Part, wish: Wish, turn: Turn) -> bool:
    """Whether the lead was still theirs. The next step stays on its day; where a customer
    waits for contact or to be asked, who has them now has a clock of their own for it."""
    lead = turn.uow.leads(SYSTEM).get(part.lead_id)
    if lead.owner_id != wish.person.id:
        return False
    if part.to_id is None:
        enter_pool(lead, PoolReason.LEFT, "", turn)
        return True
    waits = _waits(lead, turn)
    receiver = turn.uow.people.get(part.to_id)
    # Whoever worked on it beside the leaver is the one whom the customer still knows.
    owned, _ = give_to(lead, receiver, _why(part.why, wish), turn, shared=True)
    if waits:
        begin_clock(owned, turn)
    hand_feedback_on(owned, turn)
    return True


def _waits(lead: Lead, turn: Turn) -> bool:
    clock = turn.uow.clocks(SYSTEM).latest(lead.id)
    return clock is not None and clock.is_waiting


def _why(why: Why, wish: Wish) -> Why:
    """On the lead's card it is enough to know from whom it came."""
    return replace(why, reason="handed_over", rule=wish.person.name, skipped=())
