"""Quiet hours: when a person is not notified, and when held-back notices are delivered [P17].

A notice is never dropped: a scheduled one moves earlier, any other waits for the morning.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from sales.notices import Topic
from sales.patterns import lazy_pattern

_DAY = timedelta(days=1)
_HALF_HOUR = timedelta(minutes=30)
_MORNING = time(8)
_FARTHEST = 60
"""Days looked ahead; a company that is closed for longer is notified in between."""
_SPAN = lazy_pattern(
    r"(\d{1,2})(?:[:：](\d{2}))?\s*(?:-|–|—|~|～|至|到|to)\s*(\d{1,2})(?:[:：](\d{2}))?"
)
_LONGEST = 30
NEVER = "never"
"""A person's quiet hours when they want every notice at once."""


class NotQuietHours(ValueError):
    """The text is no span of two times of day."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` until ``end`` every day, past midnight if ``start`` is later.

    Written ``21:00-08:00``.
    """

    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> "QuietHours":
        """Parse ``21:00-8:00``, ``21-8`` or ``22:30 至 7:00``; raises NotQuietHours."""
        match = _SPAN.fullmatch(text.strip()) if len(text) <= _LONGEST else None
        if match is None or not all(part is None or part.isascii() for part in match.groups()):
            raise NotQuietHours(text)
        try:
            start = time(int(match[1]), int(match[2] or 0))
            end = time(int(match[3]), int(match[4] or 0))
        except ValueError as error:
            raise NotQuietHours(text) from error
        if start == end:
            raise NotQuietHours(text)
        return cls(start, end)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def __contains__(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


class When(StrEnum):
    """When somebody wants to be notified of a topic."""

    AT_ONCE = "at_once"
    MORNING = "morning"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeChoice:
    """One person's notification preferences; topics not in ``turned_down`` are delivered at once.

    ``quiet`` is as ``QuietHours`` writes itself, ``NEVER``, or empty for the company's; an empty
    ``timezone`` is the company's, too.
    """

    person_id: int
    by_mail: bool = False
    email: str = ""
    quiet: str = ""
    timezone: str = ""
    turned_down: Mapping[Topic, When] = field(default_factory=dict)

    def when(self, topic: Topic | None) -> When:
        return self.turned_down.get(topic, When.AT_ONCE) if topic else When.AT_ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDecision:
    """When to deliver a notice: never, not before ``until``, or now.

    Never, since its reader turned it down; not before ``until``, because of quiet hours or batching
    (``company``); or now, and then the next notices wait for batching until ``calm_until``.
    """

    never: bool = False
    until: datetime | None = None
    company: bool = False
    calm_until: datetime | None = None


AT_ONCE = DeliveryDecision()


AWAKE_FOR = timedelta(minutes=15)
"""People who did something this recently are at work, whatever the hour.

Nobody logs a lead at night and wants to be notified in the morning that it is theirs.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPeriod:
    """When one person is not notified.

    ``hours`` None: at no time of day. ``is_workday`` None: days off are like any others.
    """

    hours: QuietHours | None
    timezone: tzinfo
    is_workday: Callable[[date], bool] | None = None

    def covers(self, at: datetime) -> bool:
        local = at.astimezone(self.timezone)
        if self.hours is not None and local.time() in self.hours:
            return True
        return self.is_workday is not None and not self.is_workday(local.date())

    def over_at(self, at: datetime) -> datetime:
        """The moment itself when it is not covered, else the next that is not."""
        return next((moment for moment in self._openings(at) if not self.covers(moment)), at)

    def morning_after(self, at: datetime) -> datetime:
        """The next end of quiet hours, whether ``at`` is in them or not.

        For people without quiet hours, the next eight o'clock.
        """
        first = at.astimezone(self.timezone).date()
        ends = self.hours.end if self.hours else _MORNING
        mornings = (
            datetime.combine(first + ahead * _DAY, ends, self.timezone)
            for ahead in range(_FARTHEST)
        )
        return next(
            (morning for morning in mornings if morning > at and not self.covers(morning)), at
        )

    def before(self, at: datetime) -> datetime:
        """The moment itself when it is not covered, else an earlier one that is not.

        It is at the same time of a day before, or half an hour before the quiet hours begin.
        """
        local = at.astimezone(self.timezone)
        moment = local
        if self.hours is not None and local.time() in self.hours:
            begins = datetime.combine(local.date(), self.hours.start, self.timezone)
            moment = (begins if begins <= local else begins - _DAY) - _HALF_HOUR
        for back in range(_FARTHEST):
            if not self.covers(moment - back * _DAY):
                return moment - back * _DAY
        return at

    def _openings(self, at: datetime) -> Iterator[datetime]:
        """The moments at which the quiet period may be over, in order."""
        yield at
        first = at.astimezone(self.timezone).date()
        ends = sorted({time(), self.hours.end if self.hours else time()})
        for ahead in range(_FARTHEST):
            for end in ends:
                moment = datetime.combine(first + ahead * _DAY, end, self.timezone)
                if moment > at:
                    yield moment
