"""Working time and weeks on the company calendar: when a clock runs, when a week ends.

Pure arithmetic on intervals. Knows no clock: every moment is an argument. Holidays with their
make-up days come from the ``holidays`` library; China's are official up to 2026, from 2027 on the
library guesses them until the State Council announces (usually in November), without make-up days.
``WorkingHours.closed`` and ``.open`` override it for single days.

Local times that do not exist or exist twice on a daylight-saving edge are read as RFC 5545 says:
with the offset before the gap, and as the first of the two.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from holidays import country_holidays

from sales.playbook import WEEKDAYS, Block, Digest, Sync, WeeklyReporting, WorkingHours

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_WEEKS_MOVED = 8
"""More weeks than holidays ever move something that is due in the week after."""
_ISO_WEEK = re.compile(r"([12]\d{3})-W(\d{2})")


@dataclass(frozen=True, slots=True)
class _PublicYear:
    """One year of a country: public holidays, and weekend days that are worked instead."""

    off: frozenset[date]
    made_up: frozenset[date]


@lru_cache(maxsize=64)
def _public_year(country: str, year: int) -> _PublicYear:
    if not country:
        return _PublicYear(frozenset(), frozenset())
    days_off = country_holidays(country, years=year, expand=False)
    return _PublicYear(frozenset(days_off), frozenset(days_off.weekend_workdays))


class WorkCalendar:
    """When the company works. All moments given must be aware; all returned are in UTC.

    Raises NotImplementedError, on first use, for a country that ``holidays`` does not know.
    """

    def __init__(self, rules: WorkingHours, timezone: tzinfo) -> None:
        self.timezone = timezone
        self._country = rules.country
        self._closed = frozenset(rules.closed)
        self._open = frozenset(rules.open)
        self._blocks = tuple(rules.blocks.get(weekday, ()) for weekday in WEEKDAYS)
        # A make-up workday has the hours of the first ordinary workday.
        self._ordinary = next(blocks for blocks in self._blocks if blocks)
        self._known: dict[date, list[tuple[datetime, datetime]]] = {}

    @property
    def day_minutes(self) -> int:
        """The length of a day of work in minutes, at least 1; the mean where days differ."""
        lengths = [
            sum((end - start for start, end in joined), timedelta())
            for blocks in self._blocks
            if (joined := _joined((_on(block.start), _on(block.end)) for block in blocks))
        ]
        return max(1, round(sum(lengths, timedelta()) / len(lengths) / timedelta(minutes=1)))

    def is_workday(self, day: date) -> bool:
        return bool(self._blocks_of(day))

    def next_opening(self, at: datetime) -> datetime:
        """The moment itself when it lies in a block, else the start of the next one.

        A block's end does not lie in it.
        """
        start, _ = next(self._spans_after(at))
        return start

    def add(self, start: datetime, minutes: int) -> datetime:
        """The moment when ``minutes`` ≥ 0 of working time have passed since ``start``.

        A start outside working time begins at the next block; time used up exactly at a
        block's end is due then, not at the next opening.
        """
        if minutes < 0:
            raise ValueError(f"cannot add {minutes} minutes: working time only runs forward")
        left = timedelta(minutes=minutes)
        spans = self._spans_after(start)
        begin, end = next(spans)
        while begin + left > end:
            left -= end - begin
            begin, end = next(spans)
        return begin + left

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time in ``[start, end)``; negative when ``end`` is before ``start``."""
        if end < start:
            return -self.between(end, start)
        worked = timedelta()
        for begin, finish in self._spans_after(start):
            if begin >= end:
                break
            worked += min(finish, end) - begin
        return worked

    def workday_from(self, day: date, count: int) -> date:
        """The day by which ``count`` working days have begun since ``day``.

        When ``count`` is negative, the day from which on that many begin until ``day``.
        """
        step = _DAY if count > 0 else -_DAY
        while count:
            day += step
            if self.is_workday(day):
                count -= 1 if count > 0 else -1
        return day

    def day_of(self, at: datetime) -> date:
        """The local day of an instant."""
        return at.astimezone(self.timezone).date()

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins."""
        return self._instant(day, time())

    def closing(self, day: date) -> datetime | None:
        """The instant at which a local day's work ends; None for a day without work."""
        spans = self._spans_of(day)
        return spans[-1][1] if spans else None

    def week_of(self, day: date) -> tuple[datetime, datetime]:
        """The Monday–Sunday week around a local day, as instants ``[start, end)``."""
        monday = day - timedelta(days=day.weekday())
        return self.midnight(monday), self.midnight(monday + _WEEK)

    def week(self, iso: str) -> tuple[datetime, datetime]:
        """``week_of`` for ``2026-W47``; raises ValueError for anything else."""
        return self.week_of(monday_of(iso))

    def digest_due(self, week: str, rule: Digest) -> datetime:
        """When the digest of an ISO week is due: the rule's weekday in the week after.

        A day off moves it to the next working day, unless that weekday is never worked.
        """
        day = monday_of(week) + _WEEK + WEEKDAYS.index(rule.weekday) * _DAY
        if self._blocks[day.weekday()]:
            day = self._workday_on_or_after(day)
        return self._instant(day, rule.at)

    def next_digest(self, after: datetime, rule: Digest) -> tuple[datetime, str]:
        """The first digest due later than ``after``, and its week.

        After long holidays the digests of two weeks may be due at one moment: the earlier week.
        """
        week = week_after(iso_week(self.day_of(after)), -_WEEKS_MOVED)
        while (due := self.digest_due(week, rule)) <= after:
            week = week_after(week)
        return due, week

    def report_due(self, week: str, rule: WeeklyReporting) -> datetime | None:
        """When sellers are asked for their report of an ISO week; None for a week without working
        days.

        It is the rule's weekday in the week after, or the first working day from then on.
        """
        monday = monday_of(week)
        if not any(self.is_workday(monday + back * _DAY) for back in range(7)):
            return None
        day = monday + _WEEK + WEEKDAYS.index(rule.weekday) * _DAY
        return self._instant(self._workday_on_or_after(day), rule.at)

    def next_report(self, after: datetime, rule: WeeklyReporting) -> tuple[datetime, str]:
        """The first weekly report due later than ``after``, and its week."""
        week = week_after(iso_week(self.day_of(after)), -_WEEKS_MOVED)
        while (due := self.report_due(week, rule)) is None or due <= after:
            week = week_after(week)
        return due, week

    def last_report(self, until: datetime, rule: WeeklyReporting) -> tuple[datetime, str]:
        """The last weekly report due at ``until`` or before, and its week."""
        week = iso_week(self.day_of(until))
        while (due := self.report_due(week, rule)) is None or due > until:
            week = week_after(week, -1)
        return due, week

    def sync_due(self, week: str, rule: Sync) -> datetime | None:
        """When the sync of an ISO week is due; None in a week without working days.

        It is due on the rule's weekday, or on the working day before it in that week.
        """
        monday = monday_of(week)
        for back in range(WEEKDAYS.index(rule.weekday), -1, -1):
            if self.is_workday(day := monday + back * _DAY):
                return self._instant(day, rule.at)
        return None

    def next_sync(self, after: datetime, rule: Sync) -> tuple[datetime, str]:
        """The first sync due later than ``after``, and its week."""
        week = iso_week(after.astimezone(self.timezone).date())
        while (due := self.sync_due(week, rule)) is None or due <= after:
            week = week_after(week)
        return due, week

    def last_sync(self, until: datetime, rule: Sync) -> tuple[datetime, str]:
        """The last sync due at ``until`` or before, and its week."""
        week = iso_week(until.astimezone(self.timezone).date())
        while (due := self.sync_due(week, rule)) is None or due > until:
            week = week_after(week, -1)
        return due, week

    def workdays_before(self, day: date, count: int) -> date:
        """The working day with exactly ``count`` working days after it, up to ``day``."""
        while count > 0 or not self.is_workday(day):
            count -= self.is_workday(day)
            day -= _DAY
        return day

    def _workday_on_or_after(self, day: date) -> date:
        return self.workday_from(day - _DAY, 1)

    def _blocks_of(self, day: date) -> tuple[Block, ...]:
        usual = self._blocks[day.weekday()]
        if day in self._closed:
            return ()
        public = _public_year(self._country, day.year)
        if day in self._open or day in public.made_up:
            return usual or self._ordinary
        return () if day in public.off else usual

    def _spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """A day's working time as instants, in order, none touching another."""
        if day not in self._known:
            self._known[day] = self._worked_out(day)
        return self._known[day]

    def _worked_out(self, day: date) -> list[tuple[datetime, datetime]]:
        return _joined(
            (self._instant(day, block.start), self._instant(day, block.end))
            for block in self._blocks_of(day)
        )

    def _spans_after(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working time from ``at`` on, without end; the first span is cut at ``at``."""
        moment = at.astimezone(UTC)
        day = at.astimezone(self.timezone).date()
        while True:
            for start, end in self._spans_of(day):
                if end > moment:
                    yield max(start, moment), end
            day += _DAY

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.timezone).astimezone(UTC)


def _joined(blocks: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Blocks in order, those that touch or overlap as one."""
    spans: list[tuple[datetime, datetime]] = []
    for start, end in sorted(blocks):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif start < end:
            # A block within a daylight-saving gap would end before it starts.
            spans.append((start, end))
    return spans


def _on(at: time) -> datetime:
    """The time on a day without daylight saving, to measure blocks with."""
    return datetime.combine(date(2000, 1, 3), at, UTC)


def iso_week(day: date) -> str:
    """The ISO week of a day: ``2026-W47``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> date:
    """The Monday of ``2026-W47``; raises ValueError when there is no such week."""
    match = _ISO_WEEK.fullmatch(week)
    if match is None:
        raise ValueError(f"{week!r} is no ISO week such as 2026-W47")
    return date.fromisocalendar(int(match[1]), int(match[2]), 1)


def week_after(week: str, count: int = 1) -> str:
    """The ISO week ``count`` weeks later, or earlier when negative."""
    return iso_week(monday_of(week) + count * _WEEK)
