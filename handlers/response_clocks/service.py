"""Response clocks at work: started, stopped, satisfied by contact, and what they call for [P7].

Every change is made with the lead held. Nothing here draws; see ``clock_card``.
"""

from datetime import timedelta

from handlers.core.context import Turn
from handlers.core.events import happened
from handlers.core.recipients import late_minutes, leaders_beside_owner, tell_owner_and_cover
from handlers.followups.next_step import plan_look_again
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
)
from sales.followups import FollowUp
from sales.leads import Grade, Lead
from sales.notices import ClockCalls, RecordCall
from sales.people import SYSTEM
from sales.playbook import Trigger
from storage.jobs import Work


def begin_clock(lead: Lead, turn: Turn, former: Clock | None = None) -> None:
    """The lead has just become its owner's, or is graded anew: their time starts, and a lead
    of low value is looked at again some day."""
    if _start(lead, turn, former) and lead.grade is Grade.LOW and not lead.is_set_aside:
        day = turn.today + timedelta(days=turn.playbook.revival.nurture_days)
        plan_look_again(lead, day, turn)


def begin_feedback(lead: Lead, turn: Turn, former: Clock | None = None) -> None:
    """A proposal was sent: somebody asks the customer what they say of it. ``former`` is the
    clock that it goes on from."""
    end_feedback(lead, turn)
    calendar = turn.calendar_of(lead.owner_id)
    clock = feedback_clock(lead, turn.playbook.clocks, calendar, turn.now, former)
    if clock is not None:
        _plan(turn.uow.clocks(SYSTEM).add(clock), turn)


def end_feedback(lead: Lead, turn: Turn) -> None:
    """There is nothing to be asked any more."""
    clock = turn.uow.clocks(SYSTEM).feedback(lead.id)
    if clock and clock.is_waiting:
        _stop(clock, lead, turn)


def hand_feedback_on(lead: Lead, turn: Turn) -> None:
    """The lead has a new owner, and its clocks were just stopped: what the former had still to
    ask, the new one asks in a time of their own."""
    clock = turn.uow.clocks(SYSTEM).feedback(lead.id)
    if clock and clock.met_at is None and clock.stopped_at == turn.now:
        begin_feedback(lead, turn)


def stop_clock(lead: Lead, turn: Turn) -> None:
    """The lead goes to somebody else, or to nobody."""
    for clock in turn.uow.clocks(SYSTEM).waiting_on(lead.id):
        _stop(clock, lead, turn)


def settle_clock(lead: Lead, turn: Turn) -> None:
    """The lead was moved or graded anew: it has the clocks that it needs now, or none."""
    if not lead.is_open:
        end_feedback(lead, turn)
    latest = turn.uow.clocks(SYSTEM).latest(lead.id)
    former = latest if latest and latest.is_waiting else None
    kind = kind_for(lead)
    if former and former.kind is kind:
        return
    if former:
        _stop(former, lead, turn)
    if kind is ClockKind.TOUCH or (kind and not _answered(lead, turn)):
        begin_clock(lead, turn, former)


def contacted(lead: Lead, contact: FollowUp, turn: Turn) -> None:
    """Somebody logged contact: that satisfies the clocks of the lead for which it is of the
    kind that the rules ask for."""
    for clock in turn.uow.clocks(SYSTEM).waiting_on(lead.id):
        _heard(clock, lead, contact, turn)


def contact_corrected(former: FollowUp, contact: FollowUp, leads: list[Lead], turn: Turn) -> None:
    """A follow-up turned out to be of another kind or another lead: clocks that it satisfied
    wrongly go on from where they were, and those that it should have satisfied are."""
    clocks, rules = turn.uow.clocks(SYSTEM), turn.playbook.clocks
    for lead in leads:
        still = lead.id == contact.lead_id
        for clock in filter(None, (clocks.latest(lead.id), clocks.feedback(lead.id))):
            if clock.met_at == former.at and clock.stopped_at is None:
                if not (still and satisfies(contact, clock, rules)):
                    _plan(clocks.save(clock.reopen()), turn)
            elif still and clock.is_waiting:
                _heard(clock, lead, contact, turn)


def ring(work: Work, turn: Turn) -> None:
    """Due work: a level of the ladder is reached and nobody logged contact."""
    clocks = turn.uow.clocks(SYSTEM)
    lead = turn.leads.get(clocks.get(int(work.subject)).lead_id)
    clock = clocks.get(int(work.subject))
    if not clock.is_waiting:
        return
    level = ClockLevel(work.key.split(":")[2])
    notice = ClockCalls(clock.id, level.value, late_minutes(work.due_at, turn.now))
    match level:
        case ClockLevel.WARNING:
            if turn.now < clock.due_at:
                tell_owner_and_cover(notice, lead, turn)
        case ClockLevel.BREACH:
            clock = _save(clock, clock.breach(), lead, turn)
            tell_owner_and_cover(notice, lead, turn)
        case ClockLevel.MANAGER:
            for person in leaders_beside_owner(lead, turn):
                turn.uow.outbox.add(notice, person.id)
    _plan(clock, turn)
    turn.uow.outbox.refresh(lead.subject)


def resume_clock(clock: Clock, turn: Turn) -> None:
    """A clock that was stopped by mistake goes on."""
    _plan(clock, turn)


def expect_record(lead: Lead, turn: Turn) -> None:
    """Somebody looked up the number to make the first call: how it went is to be written down
    soon after."""
    clock = turn.uow.clocks(SYSTEM).latest(lead.id)
    if clock is None or not clock.is_waiting or clock.kind is not ClockKind.CALL:
        return
    subject = f"{clock.id}:{turn.actor.id}"
    turn.uow.schedule.cancel("record", subject)
    at = turn.now + timedelta(minutes=turn.playbook.clocks.record_within)
    key = f"record:{subject}:{at.timestamp():.0f}"
    turn.uow.schedule.add(Work(key, "record", subject, at))


def ask_for_record(work: Work, turn: Turn) -> None:
    """Due work: nothing was written down since the number was looked up."""
    clock_id, person_id = map(int, work.subject.split(":"))
    clock = turn.uow.clocks(SYSTEM).get(clock_id)
    lead = turn.leads.get(clock.lead_id)
    looked_up = work.due_at - timedelta(minutes=turn.playbook.clocks.record_within)
    if clock.is_waiting and (lead.last_contact_at is None or lead.last_contact_at < looked_up):
        notice = RecordCall(clock_id, late_minutes(work.due_at, turn.now))
        turn.uow.outbox.add(notice, person_id)


def _heard(clock: Clock, lead: Lead, contact: FollowUp, turn: Turn) -> None:
    """Contact was logged while the clock waited. A touch is followed by the next."""
    if not satisfies(contact, clock, turn.playbook.clocks):
        return
    turn.uow.schedule.cancel("clock", str(clock.id))
    _save(clock, clock.meet(contact.at), lead, turn)
    if clock.kind is ClockKind.TOUCH:
        _start(lead, turn)


def _start(lead: Lead, turn: Turn, former: Clock | None = None) -> bool:
    """Whether the lead needs a clock at all."""
    calendar = turn.calendar_of(lead.owner_id)
    clock = start_clock(lead, turn.playbook.clocks, calendar, turn.now, former)
    if clock is not None:
        _plan(turn.uow.clocks(SYSTEM).add(clock), turn)
    return clock is not None


def _answered(lead: Lead, turn: Turn) -> bool:
    """Whether the customer heard from us since the lead became its owner's."""
    offers = turn.uow.offers.history(lead.id)
    since = offers[-1].offered_at if offers else lead.created_at
    return lead.last_contact_at is not None and lead.last_contact_at >= since


def _plan(clock: Clock, turn: Turn) -> None:
    """The next level of the ladder. Each plans the one after, so that a clock costs a lead
    one row of due work and not three."""
    rules, calendar = turn.playbook.clocks, turn.calendar_of(clock.owner_id)
    for level in ladder(clock):
        due_at = level_due(clock, level, rules, calendar)
        key = f"clock:{clock.id}:{level.value}"
        if turn.uow.schedule.add(Work(key, "clock", str(clock.id), due_at)):
            return


def _stop(clock: Clock, lead: Lead, turn: Turn) -> None:
    turn.uow.schedule.cancel("clock", str(clock.id))
    _save(clock, clock.stop(turn.now), lead, turn)


def _save(before: Clock, after: Clock, lead: Lead, turn: Turn) -> Clock:
    """A breach goes on record with who had the lead then."""
    if after.state is ClockState.BREACHED is not before.state:
        detail = {"kind": after.kind.value, "owner": str(after.owner_id)}
        turn.uow.audit.record(SYSTEM, "clock.breach", lead.subject, detail)
        happened(Trigger.CLOCK_MISSED, lead, turn)
    return turn.uow.clocks(SYSTEM).save(after)
