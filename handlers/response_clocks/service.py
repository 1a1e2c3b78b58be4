"""Response clocks: started, stopped, satisfied by contact, and escalated [P7].

Every change is made with the lead locked. Nothing here draws; see ``clock_card``.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from handlers.core.automation_events import record_event
from handlers.core.context import Context
from handlers.core.due_dates import due_at
from handlers.core.recipients import late_minutes, leaders_beside_owner, notify_owner_and_cover
from sales.clocks import (
    Clock,
    ClockKind,
    ClockLevel,
    ClockState,
    feedback_clock,
    kind_for,
    ladder,
    level_due,
    satisfies,
    start_clock,
    with_replaced,
)
from sales.followups import FollowUp
from sales.jobs import AskForRecord, Job, ReviveLead, RingClock
from sales.leads import Grade, Lead
from sales.notices import ClockCalls, RecordCall
from sales.people import SYSTEM
from sales.playbook import Trigger


def begin_clock(lead: Lead, context: Context, former: Clock | None = None) -> None:
    """Start the clock of a lead that has just got its owner or a new grade.

    A lead of low value is also scheduled to be looked at again.
    """
    if _start(lead, context, former) and lead.grade is Grade.LOW and not lead.is_set_aside:
        day = context.today + timedelta(days=context.playbook.revival.nurture_days)
        plan_look_again(lead, day, context)


def begin_feedback(lead: Lead, context: Context, former: Clock | None = None) -> None:
    """Start the clock for collecting feedback on a proposal that was sent.

    ``former`` is the clock that it continues.
    """
    end_feedback(lead, context)
    calendar = context.calendar_of(lead.owner_id)
    clock = feedback_clock(lead, context.playbook.clocks, calendar, context.now, former)
    if clock is not None:
        _plan(context.uow.clocks(SYSTEM).add(clock), context)


def end_feedback(lead: Lead, context: Context) -> None:
    """End the feedback clock: there is nothing to ask any more."""
    clock = context.uow.clocks(SYSTEM).feedback(lead.id)
    if clock and clock.is_waiting:
        _stop(clock, lead, context)


def hand_feedback_on(lead: Lead, context: Context) -> None:
    """Pass the feedback clock on to a lead's new owner.

    Called right after the lead's clocks were stopped: what the former owner still had to ask, the
    new one asks with a time limit of their own.
    """
    clock = context.uow.clocks(SYSTEM).feedback(lead.id)
    if clock and clock.met_at is None and clock.stopped_at == context.now:
        begin_feedback(lead, context)


def stop_clock(lead: Lead, context: Context) -> None:
    """Stop the clock: the lead goes to somebody else, or to nobody."""
    for clock in context.uow.clocks(SYSTEM).waiting_on(lead.id):
        _stop(clock, lead, context)


def settle_clock(lead: Lead, context: Context) -> None:
    """Adjust the clocks of a lead that was moved or regraded: those it needs now, or none."""
    if not lead.is_open:
        end_feedback(lead, context)
    # After a merge, the waiting clock need not be the newest.
    waiting = context.uow.clocks(SYSTEM).waiting_on(lead.id)
    former = next((clock for clock in waiting if clock.kind is not ClockKind.FEEDBACK), None)
    kind = kind_for(lead)
    if former and former.kind is kind:
        return
    if former:
        _stop(former, lead, context)
    if kind is ClockKind.TOUCH or (kind and not _answered(lead, context)):
        begin_clock(lead, context, former)


def contacted(lead: Lead, contact: FollowUp, context: Context) -> None:
    """Satisfy the lead's clocks whose rules accept this kind of contact.

    A contact logged afterwards also sets right the clocks that ran when it took place.
    """
    clocks = context.uow.clocks(SYSTEM).of_lead(lead.id)
    for clock in clocks:
        _satisfy(clock, clocks, lead, contact, context)


def contact_corrected(
    former: FollowUp, contact: FollowUp, leads: list[Lead], context: Context
) -> None:
    """Correct the clocks after a follow-up changed its kind, its time or its lead.

    Clocks that it satisfied wrongly resume from where they were, or are satisfied by another
    contact, and those that it should have satisfied are satisfied.
    """
    for lead in leads:
        clocks = context.uow.clocks(SYSTEM).of_lead(lead.id)
        newest = {clock.id for clock in context.uow.clocks(SYSTEM).newest(lead.id)}
        for clock in clocks:
            if clock.met_at == former.at and clock.stopped_at is None:
                _recount(clock, clocks, lead, context, may_resume=clock.id in newest)
            elif lead.id == contact.lead_id:
                _satisfy(clock, clocks, lead, contact, context)


def _recount(
    clock: Clock, clocks: Sequence[Clock], lead: Lead, context: Context, *, may_resume: bool
) -> None:
    """Decide anew which contact satisfied a clock; without one it resumes."""
    rules, whole = context.playbook.clocks, with_replaced(clock, clocks)
    contacts = context.uow.followups(SYSTEM).of_lead(lead.id)
    met_at = min((one.at for one in contacts if satisfies(one, whole, rules)), default=None)
    if met_at is not None:
        _save(clock, clock.meet(met_at), lead, context)
    elif may_resume:
        _plan(_save(clock, clock.reopen(context.now), lead, context), context)


def ring(job: Job[RingClock], context: Context) -> None:
    """Due work: a level of the escalation ladder is reached and nobody logged contact."""
    clocks = context.uow.clocks(SYSTEM)
    lead = context.leads.get(clocks.get(job.args.clock_id).lead_id)
    clock = clocks.get(job.args.clock_id)
    if not clock.is_waiting:
        return
    level = job.args.level
    notice = ClockCalls(clock.id, level.value, late_minutes(job.due_at, context.now))
    match level:
        case ClockLevel.WARNING:
            if context.now < clock.due_at:
                notify_owner_and_cover(notice, lead, context)
        case ClockLevel.BREACH:
            clock = _save(clock, clock.breach(), lead, context)
            notify_owner_and_cover(notice, lead, context)
        case ClockLevel.MANAGER:
            for person in leaders_beside_owner(lead, context):
                context.uow.outbox.add(notice, person.id)
    _plan(clock, context)
    context.uow.outbox.refresh(lead.subject)


def resume_clock(clock: Clock, context: Context) -> None:
    """Resume a clock that was stopped by mistake."""
    _plan(clock, context)


def expect_record(lead: Lead, context: Context) -> None:
    """Schedule the question how a call went.

    Somebody looked up the number to make the first call: its outcome should be logged soon after.
    """
    clock = context.uow.clocks(SYSTEM).latest(lead.id)
    if clock is None or not clock.is_waiting or clock.kind is not ClockKind.CALL:
        return
    args = AskForRecord(clock.id, context.actor.id)
    context.uow.jobs.cancel(AskForRecord, clock.id, context.actor.id)
    at = context.now + timedelta(minutes=context.playbook.clocks.record_within)
    key = f"record:{args.subject}:{at.timestamp():.0f}"
    context.uow.jobs.add(Job(args, at, key))


def ask_for_record(job: Job[AskForRecord], context: Context) -> None:
    """Due work: ask for the record of a call that was not logged since its number was looked up."""
    clock = context.uow.clocks(SYSTEM).get(job.args.clock_id)
    lead = context.leads.get(clock.lead_id)
    looked_up = job.due_at - timedelta(minutes=context.playbook.clocks.record_within)
    if clock.is_waiting and (lead.last_contact_at is None or lead.last_contact_at < looked_up):
        notice = RecordCall(clock.id, late_minutes(job.due_at, context.now))
        context.uow.outbox.add(notice, job.args.person_id)


def _satisfy(
    clock: Clock, clocks: Sequence[Clock], lead: Lead, contact: FollowUp, context: Context
) -> None:
    """Handle contact that took place while the clock ran. A touch is followed by the next one.

    A clock that is over changes only when the contact came earlier than the one that met it, or
    in time before the lead went to somebody else.
    """
    whole = with_replaced(clock, clocks)
    if not satisfies(contact, whole, context.playbook.clocks) or not clock.gains_by(contact.at):
        return
    context.uow.jobs.cancel(RingClock, clock.id)
    _save(clock, clock.meet(contact.at), lead, context)
    if clock.kind is ClockKind.TOUCH and clock.is_waiting:
        _start(lead, context, at=contact.at)


def _start(
    lead: Lead, context: Context, former: Clock | None = None, at: datetime | None = None
) -> bool:
    """Start a clock, now or ``at`` an earlier moment; returns whether the lead needs one at all."""
    calendar = context.calendar_of(lead.owner_id)
    clock = start_clock(lead, context.playbook.clocks, calendar, at or context.now, former)
    if clock is not None:
        _plan(context.uow.clocks(SYSTEM).add(clock), context)
    return clock is not None


def _answered(lead: Lead, context: Context) -> bool:
    """Whether we contacted the customer since the lead got its present owner."""
    offers = context.uow.offers.history(lead.id)
    since = offers[-1].offered_at if offers else lead.created_at
    return lead.last_contact_at is not None and lead.last_contact_at >= since


def _plan(clock: Clock, context: Context) -> None:
    """Schedule the next level of the ladder.

    Each level schedules the one after, so that a clock costs a lead one row of due work and not
    three.
    """
    rules, calendar = context.playbook.clocks, context.calendar_of(clock.owner_id)
    for level in ladder(clock):
        due_at = level_due(clock, level, rules, calendar)
        key = f"clock:{clock.id}:{level.value}"
        if context.uow.jobs.add(Job(RingClock(clock.id, level), due_at, key)):
            return
    if clock.kind is ClockKind.TOUCH:
        # A missed touch is asked for again in the same rhythm; it stays one breach.
        due_at = calendar.add(context.now, rules.low.within)
        key = f"clock:{clock.id}:again:{due_at.timestamp():.0f}"
        context.uow.jobs.add(Job(RingClock(clock.id, ClockLevel.BREACH), due_at, key))


def _stop(clock: Clock, lead: Lead, context: Context) -> None:
    context.uow.jobs.cancel(RingClock, clock.id)
    _save(clock, clock.stop(context.now), lead, context)


def _save(before: Clock, after: Clock, lead: Lead, context: Context) -> Clock:
    """Save the clock; a breach is audited with who owned the lead then, and so is one that turns
    out to have been none."""
    breached, was_breached = (one.state is ClockState.BREACHED for one in (after, before))
    if breached is not was_breached:
        detail = {"kind": after.kind.value, "owner": str(after.owner_id)}
        act = "clock.breach" if breached else "clock.in_time"
        context.uow.audit.record(SYSTEM, act, lead.subject, detail)
    if breached and not was_breached:
        record_event(Trigger.CLOCK_MISSED, lead, context)
    return context.uow.clocks(SYSTEM).save(after)


def plan_look_again(lead: Lead, day: date | None, context: Context) -> None:
    """Schedule the day on which a resting lead is looked at again; None for not at all."""
    context.uow.jobs.cancel(ReviveLead, lead.id)
    if day is None or not lead.rests:
        return
    key = f"revival:{lead.id}:{day.isoformat()}:{lead.version}"
    context.uow.jobs.add(Job(ReviveLead(lead.id), due_at(day, context), key))
