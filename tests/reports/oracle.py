"""Every figure of a report once more, in plain Python, from what happened.

Follows the written definitions and knows nothing of how the product computes them: days are days of
a local calendar, and each figure is counted lead by lead from its events.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property

from tests.reports.histories import CLOSED, Contacted, Given, History, Pooled, Promise, Story

DAY = timedelta(days=1)
LINE = ("captured", "screened", "discovery", "proposal", "negotiation", "won", "aftersales")
OPEN = (*LINE[:5], "nurture")
WORKED = LINE[:5]
WON = ("won", "aftersales")
LIMITS = {"5m": 5, "1h": 60, "4h": 240, "24h": 1440}
"""Minutes."""

Durations = tuple[int, float, float]
"""How many, their median and their 90th percentile in seconds."""


@dataclass
class Told:
    """One lead as a report at the end of ``last`` sees it."""

    story: Story
    history: History
    first: date
    last: date

    @cached_property
    def entries(self) -> list[tuple[datetime, str]]:
        return [(at, stage.value) for at, stage in self.story.entries()]

    def day(self, at: datetime) -> date:
        return at.astimezone(self.history.zone).date()

    def within(self, at: datetime) -> bool:
        return self.first <= self.day(at) <= self.last

    def stage_on(self, day: date) -> str:
        """The stage when the day ended; empty before there was one."""
        return next((stage for at, stage in reversed(self.entries) if self.day(at) <= day), "")

    @property
    def stage(self) -> str:
        return self.entries[-1][1]

    @property
    def amount(self) -> Decimal | None:
        """What was agreed, which is taken back with the deal when it is reopened."""
        return self.story.amount if self.stage in WON else None

    @property
    def is_new(self) -> bool:
        return self.story.dated and self.within(self.story.created)

    @property
    def arrived(self) -> datetime:
        return max(self.story.created, self.story.came or self.story.created)

    @property
    def owner(self) -> int | None:
        """The number of the person who has it now."""
        owner: int | None = self.story.owner if self.story.owner < 3 else None
        for event in self.story.events:
            if isinstance(event, Given):
                owner = event.person
            elif isinstance(event, Pooled):
                owner = None
        return owner

    @property
    def is_pooled(self) -> bool:
        kinds = [type(one) for one in self.story.events if isinstance(one, Given | Pooled)]
        return kinds[-1:] == [Pooled]

    def came_to(self, stages: tuple[str, ...]) -> bool:
        """Whether it came to the stages in the period and was there when that ended."""
        until = [(at, stage) for at, stage in self.entries if self.day(at) <= self.last]
        began = None
        for at, stage in until:
            began = None if stage not in stages else began or at
        return began is not None and self.within(began)

    @property
    def was_screened(self) -> bool:
        before = [stage for at, stage in self.entries if self.day(at) <= self.last]
        closed_all_along = not any(stage in OPEN for _, stage in self.entries)
        return closed_all_along or any(stage in LINE[1:] for stage in before)

    @property
    def decided(self) -> bool | None:
        if self.came_to(WON):
            return True
        return False if self.came_to(("lost",)) and self.was_screened else None

    @cached_property
    def reached(self) -> dict[str, tuple[datetime, bool]]:
        """When each stage was first entered or skipped, and whether the lead got beyond it."""
        known: dict[str, datetime] = {}
        beyond: set[str] = set()
        top = -1
        for number, (at, stage) in enumerate(self.entries):
            place = LINE.index(stage) if stage in LINE else -1
            beyond |= {one for one in known if one in LINE and LINE.index(one) < place}
            if stage not in known:
                known[stage] = at
            came = self.story.came
            by_file = came is not None and (number == 0 or at <= came)
            for skipped in LINE[top + 1 : max(place, 0)]:
                if (skipped == "won" or not by_file) and skipped not in known:
                    known[skipped] = at
                    beyond.add(skipped)
            top = max(top, place)
        return {stage: (at, stage in beyond) for stage, at in known.items()}

    @property
    def first_contact(self) -> datetime | None:
        contacts = [one.at for one in self.story.events if isinstance(one, Contacted)]
        return min(contacts, default=None)

    @property
    def assigned(self) -> datetime | None:
        given = [one.at for one in self.story.events if isinstance(one, Given)]
        contact = self.first_contact
        if not given:
            return self.arrived_for_owner
        if contact is None:
            return given[-1]
        return max((at for at in given if at <= contact), default=given[0])

    @property
    def arrived_for_owner(self) -> datetime | None:
        return None if self.owner is None else self.story.came or self.story.created

    @property
    def is_answerable(self) -> bool:
        return self.story.came is None or self.story.stage not in CLOSED

    def wait(self, since: datetime) -> float | None:
        """Minutes until the first contact."""
        if self.first_contact is None:
            return None
        return max(0.0, (self.first_contact - since).total_seconds() / 60)

    def bucket(self, since: datetime) -> str:
        wait = self.wait(since)
        if wait is None:
            return "never"
        return next((name for name, limit in LIMITS.items() if wait <= limit), "later")

    @cached_property
    def step(self) -> Contacted | None:
        """The next step that is still to be done."""
        step = None
        events = list(self.story.events)
        open_now = True
        entries = dict.fromkeys(CLOSED)
        stage = self.story.stage
        for event in events:
            match event:
                case Contacted():
                    open_now = stage not in entries
                    step = event if event.due and open_now else step
                case Given() | Pooled():
                    pass
                case _:
                    stage = event.to
                    if stage in entries:
                        step = None
        return step

    def visits(self) -> Iterator[tuple[str, datetime, datetime]]:
        """Each time in a stage that is over, as far as it is known here."""
        came = self.story.came and self.arrived
        for (at, stage), (left, _) in zip(self.entries, self.entries[1:], strict=False):
            if came is None:
                yield stage, at, left
            elif left > came:
                yield stage, max(at, came), left


@dataclass
class Oracle:
    """The figures of some leads in the days from ``first`` to ``last``."""

    history: History
    first: date
    last: date

    @cached_property
    def leads(self) -> list[Told]:
        return [Told(story, self.history, self.first, self.last) for story in self.history.stories]

    def totals(self) -> dict[str, object]:
        before = self.first - DAY
        won = [one for one in self.leads if one.came_to(WON)]
        lost = [one for one in self.leads if one.came_to(("lost",))]
        return {
            "new": Counter(one.story.source.partition("-")[0] for one in self.leads if one.is_new),
            "high_value": sum(one.is_new and one.story.grade.value == "high" for one in self.leads),
            "won": len(won),
            "won_amount": sum((one.amount or Decimal(0) for one in won), Decimal(0)),
            "lost": len(lost),
            # The reason goes with the loss.
            "lost_by_reason": Counter("price" if one.stage == "lost" else "" for one in lost),
            "lost_screened": sum(one.was_screened for one in lost),
            "open_at_start": sum(one.stage_on(before) in OPEN for one in self.leads),
            "open_at_end": sum(one.stage_on(self.last) in OPEN for one in self.leads),
            "nurtured_at_end": sum(one.stage_on(self.last) == "nurture" for one in self.leads),
            "nurtured": sum(one.came_to(("nurture",)) for one in self.leads),
        }

    def conversion(self) -> dict[str, tuple[int, int, int, int]]:
        """By stage: how many entered, went on, were lost, and are open."""
        rows = {}
        for stage in WORKED:
            cohort = [
                one
                for one in self.leads
                if stage in one.reached and one.within(one.reached[stage][0])
            ]
            went_on = [one for one in cohort if one.reached[stage][1]]
            stayed = [one for one in cohort if not one.reached[stage][1]]
            is_open = sum(one.stage in OPEN for one in stayed)
            rows[stage] = (len(cohort), len(went_on), len(stayed) - is_open, is_open)
        return rows

    def funnel(self) -> dict[str, int]:
        cohort = [one for one in self.leads if one.is_new]
        return {
            stage: sum(
                stage in one.reached and one.day(one.reached[stage][0]) <= self.last
                for one in cohort
            )
            for stage in LINE[:6]
        }

    def in_stage(self) -> dict[str, Durations]:
        sums: dict[str, list[float]] = {stage: [] for stage in WORKED}
        for one in self.leads:
            for stage in WORKED:
                visits = [
                    (at, left)
                    for name, at, left in one.visits()
                    if name == stage and one.day(left) <= self.last
                ]
                if any(one.within(left) for _, left in visits):
                    sums[stage].append(sum((left - at).total_seconds() for at, left in visits))
        return {stage: durations(found) for stage, found in sums.items()}

    def answered(self) -> list[Told]:
        return [one for one in self.leads if one.is_answerable and one.within(one.arrived)]

    def response(self) -> Counter[str]:
        return Counter(one.bucket(one.arrived) for one in self.answered())

    def waits(self, *, from_assignment: bool) -> Durations:
        waits = [
            one.wait((one.assigned if from_assignment else None) or one.arrived)
            for one in self.answered()
        ]
        return durations([60 * wait for wait in waits if wait is not None])

    def matrix(self) -> dict[tuple[str, str], tuple[int, int]]:
        cells: dict[tuple[str, str], tuple[int, int]] = {}
        for one in self.leads:
            if one.decided is None or not one.is_answerable:
                continue
            key = (one.story.source.partition("-")[0], one.bucket(one.arrived))
            won, n = cells.get(key, (0, 0))
            cells[key] = (won + one.decided, n + 1)
        return cells

    def win_rates(self) -> dict[str, tuple[int, int]]:
        rates: dict[str, tuple[int, int]] = {}
        for one in self.leads:
            if one.decided is not None:
                won, n = rates.get(one.story.grade.value, (0, 0))
                rates[one.story.grade.value] = (won + one.decided, n + 1)
        return rates

    def won_value(self) -> tuple[Decimal, Decimal, int]:
        """What was won, what was decided, and of how many deals."""
        won, decided, n = Decimal(0), Decimal(0), 0
        for one in self.leads:
            value = one.amount if one.decided else one.amount or one.story.budget or None
            if one.decided is None or value is None:
                continue
            n, decided = n + 1, decided + value
            won += value if one.decided else 0
        return won, decided, n

    def cycle(self) -> Durations:
        days = []
        for one in self.leads:
            if one.came_to(WON) and "screened" in one.reached:
                won = [at for at, stage in one.entries if stage in WON and one.within(at)]
                days.append((self._won_at(one, won) - one.reached["screened"][0]).total_seconds())
        return durations(days)

    def _won_at(self, one: Told, won: list[datetime]) -> datetime:
        """When the present run of being a customer began."""
        run: list[datetime] = []
        for at, stage in one.entries:
            if one.day(at) <= self.last:
                run = [*run, at] if stage in WON else []
        return run[0] if run else won[0]

    def velocity(self) -> tuple[int, int]:
        """How many screened leads are in progress, and how many deals were won."""
        in_progress = [one for one in self.leads if one.stage in WORKED[1:] and not one.is_pooled]
        return len(in_progress), sum(one.came_to(WON) for one in self.leads)

    def clocks(self) -> tuple[int, int]:
        """Those due in the period that were met, and all that were met or breached."""
        met = breached = 0
        for one in self.leads:
            for clock in one.story.promises:
                if one.within(clock.due) and clock.due < self.history.now:
                    met += self._is_met(clock)
                    breached += self._is_breached(clock)
        return met, met + breached

    def _is_met(self, clock: Promise) -> bool:
        return clock.met is not None and clock.met <= clock.due

    def _is_breached(self, clock: Promise) -> bool:
        ended = clock.met or clock.stopped or self.history.now
        return ended > clock.due

    def discipline(self) -> tuple[int, int, int, Durations]:
        """Open leads with a step ahead, all open ones, overdue ones, and how late these are."""
        now = self.history.now
        open_now = [one for one in self.leads if one.stage in OPEN and not one.is_pooled]
        late = [
            (now - one.step.until).total_seconds()
            for one in open_now
            if one.step and one.step.until and one.step.until < now
        ]
        planned = sum(one.step is not None for one in open_now) - len(late)
        return planned, len(open_now), len(late), durations(late)

    def overdue(self) -> int:
        """Leads that were open when the period ended, with a step that was late then."""
        end = datetime.combine(self.last + DAY, time(), self.history.zone)
        end = min(end, self.history.now)
        return sum(
            one.stage_on(self.last) in OPEN and any(self._was_late(one, end)) for one in self.leads
        )

    def _was_late(self, one: Told, end: datetime) -> Iterator[bool]:
        stage = one.story.stage
        steps: list[tuple[Contacted, datetime | None]] = []
        for event in one.story.events:
            match event:
                case Contacted(at, due, _):
                    if due is not None and stage not in CLOSED:
                        steps = [*steps[:-1], *((step, done or at) for step, done in steps[-1:])]
                        steps.append((event, None))
                case Given() | Pooled():
                    pass
                case _:
                    stage = event.to
                    if stage in CLOSED:
                        steps = [
                            *steps[:-1], *((step, done or event.at) for step, done in steps[-1:]),
                        ]  # fmt: skip
        for step, done in steps:
            is_late = step.until is not None and step.until < end and step.at < end
            yield is_late and (done is None or done >= end)


def durations(seconds: Iterable[float]) -> Durations:
    found = sorted(seconds)
    if len(found) < 2:
        return len(found), *(2 * tuple(found) or (0.0, 0.0))  # type: ignore[return-value]
    tenths = statistics.quantiles(found, n=10, method="inclusive")
    return len(found), statistics.median(found), tenths[8]
