"""The quarterly session in which people share what works [P21]: its date, and its agenda.

Pure: knows days and figures, no words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sales.calendar import WorkCalendar
from sales.playbook import WEEKDAYS, Sharing
from sales.targets import Quarter

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A quarter's session, and when it is announced."""

    quarter: Quarter
    begins_at: datetime
    announced_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTopic:
    """What somebody wants to be talked about in a session, in their words; ``key`` says what it is
    about, so that the same is not proposed twice."""

    quarter: Quarter
    key: str
    words: str
    person_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Agenda:
    """What there is to discuss, from facts of a period.

    ``used`` are the items used most and ``cases`` the best new ones, by id; ``objections`` are
    kinds with how many lost leads had one that was never accepted; ``newest`` of ``approved`` new
    items.
    """

    used: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()
    objections: tuple[tuple[str, int], ...] = ()
    newest: tuple[int, ...] = ()
    approved: int = 0


def session_of(quarter: Quarter, rule: Sharing, calendar: WorkCalendar) -> Session:
    """The session on the rule's weekday in the rule's week of the quarter.

    A day off moves it to the working day before, in the quarter's first days to the one after.
    """
    monday = quarter.first - quarter.first.weekday() * _DAY
    day = monday + (rule.week - 1) * 7 * _DAY + WEEKDAYS.index(rule.weekday) * _DAY
    day = min(max(day, quarter.first), quarter.next.first - _DAY)
    held = calendar.workdays_before(day, 0)
    while held < quarter.first or not calendar.is_workday(held):
        held += _DAY
    announced = calendar.workdays_before(held, rule.lead_days)
    return Session(
        quarter, _instant(held, rule.at, calendar), _instant(announced, rule.announce_at, calendar)
    )


def sessions_after(now: datetime, rule: Sharing, calendar: WorkCalendar) -> Iterator[Session]:
    """The sessions that begin later, the next one first, without end."""
    quarter = Quarter.of(now.astimezone(calendar.timezone).date())
    while True:
        session = session_of(quarter, rule, calendar)
        if session.begins_at > now:
            yield session
        quarter = quarter.next


def _instant(day: date, at: time, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day, at, tzinfo=calendar.timezone).astimezone(UTC)
