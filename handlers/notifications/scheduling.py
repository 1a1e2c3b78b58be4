"""Whether a notice has to wait: until its reader's quiet hours are over, or for company."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.core.context import Turn
from handlers.core.language import Languages
from sales.errors import FollowUpNotFound
from sales.leads import Grade
from sales.notices import (
    NOTICES,
    CardChanged,
    ClockCalls,
    ImportReady,
    ImportUnderWay,
    KeptNotices,
    Notice,
    ReminderDue,
)
from sales.people import SYSTEM
from sales.scheduling import (
    AT_ONCE,
    AWAKE_FOR,
    NEVER,
    Manner,
    NoticeChoice,
    Peace,
    QuietHours,
    When,
)
from storage.jobs import Work
from storage.outbox.outbox import Recipient
from storage.unit_of_work import UnitOfWorkFactory

_AT_ONCE = (CardChanged, KeptNotices, ImportUnderWay, ImportReady)
"""Not news: what stands there already, and answers to who has just asked."""


class Hold:
    """Asked when a message is about to be delivered. Reads only."""

    def __init__(
        self, new_uow: UnitOfWorkFactory, languages: Languages, now: Callable[[], datetime]
    ) -> None:
        self._new_uow = new_uow
        self._languages = languages
        self._now = now

    def __call__(self, notice: Notice, to: Recipient, conversation: str) -> Manner:
        """How it goes out. Channels have rules of their own."""
        if not isinstance(to, int) or isinstance(notice, _AT_ONCE):
            return AT_ONCE
        with self._new_uow(read_only=True) as uow:
            turn = Turn.unasked(uow, self._languages, self._now())
            if _is_urgent(notice, turn):
                return AT_ONCE
            choice = uow.notice_choices.of(to)
            peace, when = peace_of(choice, turn), choice.when(notice.topic)
            if when is When.NEVER:
                return Manner(never=True)
            if when is When.MORNING:
                return Manner(until=peace.morning_after(turn.now))
            until = _left_alone_until(choice, turn)
            if isinstance(notice, ReminderDue) and until != turn.now:
                return Manner(until=_before_the_step(notice, peace, until, turn))
            if until != turn.now:
                return Manner(until=until)
            return _with_company(notice, to, conversation, turn)


def peace_of(choice: NoticeChoice, turn: Turn) -> Peace:
    """What the person chose, or else the playbook's rule; days off are the company's."""
    rules = turn.playbook.quiet
    hours = None
    if choice.quiet and choice.quiet != NEVER:
        hours = QuietHours.parse(choice.quiet)
    elif not choice.quiet and rules.start != rules.end:
        hours = QuietHours(rules.start, rules.end)
    days_off = rules.days_off and choice.quiet != NEVER
    return Peace(
        hours=hours,
        timezone=ZoneInfo(choice.timezone) if choice.timezone else turn.timezone,
        is_workday=turn.calendar.is_workday if days_off else None,
    )


def release(work: Work, turn: Turn) -> None:
    """Due work: the quiet hours of a person are over; or not yet, when they changed since."""
    person_id = int(work.subject)
    why = "company" if work.key.startswith("company:") else "morning"
    until = _left_alone_until(turn.uow.notice_choices.of(person_id), turn)
    if until == turn.now:
        turn.uow.outbox.release(person_id, why, _calm(turn))
    else:
        message_id = work.key.split(":")[1]
        key = f"morning:{message_id}:{until.timestamp():.0f}"
        turn.uow.schedule.add(Work(key, "morning", work.subject, until))


def tell_at_once(choice: NoticeChoice, turn: Turn) -> None:
    """What was kept for somebody who is not left in peace any more, but for the topics that they
    want in the morning."""
    if peace_of(choice, turn).covers(turn.now):
        return
    waits = {one.kind for one in NOTICES.values() if choice.when(one.topic) is When.MORNING}
    turn.uow.outbox.hasten(choice.person_id, waits)
    turn.uow.outbox.release(choice.person_id, "morning", _calm(turn))


def _with_company(notice: Notice, person_id: int, conversation: str, turn: Turn) -> Manner:
    """The first to come goes at once; what follows within the span waits until it is over."""
    calm = _calm(turn)
    if notice.batch is None or not calm:
        return AT_ONCE
    told_at = turn.uow.outbox.company_at(person_id, conversation, notice.batch, calm)
    if told_at is not None:
        return Manner(until=told_at, company=True)
    return Manner(calm_until=turn.now + calm)


def _calm(turn: Turn) -> timedelta:
    return timedelta(seconds=turn.playbook.quiet.batch_seconds)


def _left_alone_until(choice: NoticeChoice, turn: Turn) -> datetime:
    """When the person's quiet hours are over: now for who is at work, whatever the hour."""
    until = peace_of(choice, turn).over_at(turn.now)
    if until == turn.now:
        return until
    acted_at = turn.uow.people.last_acted(choice.person_id)
    awake = acted_at is not None and turn.now - AWAKE_FOR <= acted_at <= turn.now
    return turn.now if awake else until


def _is_urgent(notice: Notice, turn: Turn) -> bool:
    if notice.kind not in {kind.value for kind in turn.playbook.quiet.urgent}:
        return False
    if isinstance(notice, ClockCalls):
        clock = turn.uow.clocks(SYSTEM).get(notice.clock_id)
        return turn.uow.leads(SYSTEM).get(clock.lead_id).grade is Grade.HIGH
    return True


def _before_the_step(
    notice: ReminderDue, peace: Peace, until: datetime, turn: Turn
) -> datetime | None:
    """A reminder does not wait past its step: who plans a step for a day off works on it."""
    try:
        due = turn.uow.followups(SYSTEM).get(notice.followup_id).next_at
    except FollowUpNotFound:
        due = None
    if due is None or until <= due:
        return until
    by_day = Peace(hours=peace.hours, timezone=peace.timezone).over_at(turn.now)
    return None if by_day == turn.now else by_day
