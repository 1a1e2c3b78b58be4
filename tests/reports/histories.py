"""Histories of leads: what happened, in order; generated, and played through the repositories.

Whatever a report says must follow from these events alone. Leads come back, skip stages, are handed
on, lost and reopened, rest in nurture or the pool, and come from files that say little of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from sqlalchemy import insert

from sales.clocks import Clock, ClockKind
from sales.followups import FollowUp, Method
from sales.imports.drafts import RowDraft
from sales.leads import OPEN_STAGES, PIPELINE, WORKED_STAGES, Grade, Lead, Stage
from sales.people import SYSTEM, Person
from sales.pipeline import Move, moved
from storage import tables
from storage.unit_of_work import UnitOfWork
from tests.storage.company import Company

DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
LONG_AGO: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""When a deal was closed of which a file gives no day, as storage keeps it."""
CLOSED: Final = (Stage.WON, Stage.AFTERSALES, Stage.LOST)
SOURCES: Final = ("ads-SEM", "form", "exhibition-autumn")


@dataclass(frozen=True)
class Moved:
    at: datetime
    to: Stage


@dataclass(frozen=True)
class Contacted:
    """A contact; ``due`` and ``until`` are of the next step, if there is one."""

    at: datetime
    due: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Given:
    at: datetime
    person: int


@dataclass(frozen=True)
class Pooled:
    at: datetime


Event = Moved | Contacted | Given | Pooled


@dataclass(frozen=True)
class Promise:
    """A response clock, and when it was met or stopped."""

    started: datetime
    due: datetime
    met: datetime | None
    stopped: datetime | None


@dataclass(frozen=True)
class Story:
    """All that happened with one lead.

    ``came`` is when its file came, None for one typed by hand. ``stage`` is the first one, or the
    one in the file; ``closed`` when it was closed according to the file (None: no day is given).
    """

    number: int
    stage: Stage
    created: datetime
    came: datetime | None
    dated: bool
    closed: datetime | None
    owner: int
    source: str
    grade: Grade
    amount: Decimal | None
    budget: Decimal | None
    events: tuple[Event, ...]
    promises: tuple[Promise, ...]

    def entries(self) -> list[tuple[datetime, Stage]]:
        """Each stage with when it was entered."""
        moves = [(one.at, one.to) for one in self.events if isinstance(one, Moved)]
        if self.came is None or self.stage in OPEN_STAGES:
            return [(self.created, self.stage), *moves]
        before = [(self.created, Stage.SCREENED)] if self.dated else []
        return [*before, (self.closed or LONG_AGO, self.stage), *moves]


@dataclass(frozen=True)
class History:
    """Some leads, and the days that a report of them is about."""

    zone: ZoneInfo
    now: datetime
    key: str
    stories: tuple[Story, ...]


ANCHORS: Final = (
    date(2026, 3, 29),  # Berlin loses an hour
    date(2026, 10, 4),  # Lord Howe loses half an hour
    date(2026, 10, 25),  # Berlin gains an hour
    date(2026, 11, 1),  # New York does
    date(2026, 12, 31),  # week 53
    date(2027, 1, 3),
)
ZONES: Final = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
GAPS: Final = (0, 0, 3, 5, 6, 60, 61, 240, 1440, 1441, 3 * 1440, 9 * 1440, 40 * 1440)
"""Minutes between two events."""


@st.composite
def histories(draw: st.DrawFn, key_of: Callable[[str, date], str]) -> History:
    """``key_of``: the key of the period of a kind with a day."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    anchor = draw(st.sampled_from(ANCHORS))
    kind = draw(st.sampled_from(("week", "week", "month", "quarter", "year", "days")))
    now = local(anchor + draw(st.sampled_from((1, 40))) * DAY, 11 * 60 + 7, zone)
    shifted = anchor - draw(st.sampled_from((0, 0, 0, 7, 35, 300))) * DAY
    numbers = range(draw(st.integers(1, 9)))
    told = [_story(draw, number, anchor, zone, now) for number in numbers]
    return History(zone, now, key_of(kind, shifted), tuple(told))


def local(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """An instant by a local clock."""
    at = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    return at.astimezone(UTC)


def _story(draw: st.DrawFn, number: int, anchor: date, zone: ZoneInfo, now: datetime) -> Story:
    minutes = st.sampled_from((0, 1, 9 * 60, 23 * 60 + 59))
    days = st.sampled_from((-400, -95, -40, -20, -8, -7, -6, -3, -1, 0))
    created = min(local(anchor + draw(days) * DAY, draw(minutes), zone), now - DAY)
    from_file = draw(st.integers(0, 3)) == 0
    stage = draw(st.sampled_from(Stage if from_file else (*OPEN_STAGES, Stage.CAPTURED)))
    came, dated, closed = None, True, None
    if from_file:
        came = min(created + draw(st.sampled_from(GAPS)) * MINUTE, now - 60 * MINUTE)
        dated = draw(st.booleans())
        created = created if dated else came
        if stage not in OPEN_STAGES:
            closed = _closed_by(draw, created, came, dated=dated)
            created = created if closed is None else min(created, closed)
    return Story(
        number=number, stage=stage, created=created, came=came, dated=dated, closed=closed,
        owner=draw(st.integers(0, 3)),
        source=draw(st.sampled_from(SOURCES)),
        grade=draw(st.sampled_from(tuple(Grade))),
        amount=draw(st.sampled_from((None, Decimal(1000), Decimal("2500.50"), Decimal(70_000)))),
        budget=draw(st.sampled_from((None, Decimal(0), Decimal(40_000)))),
        events=tuple(_events(draw, stage, came or created, zone, now)),
        promises=tuple(_promises(draw, came or created, now)),
    )  # fmt: skip


def _closed_by(
    draw: st.DrawFn, created: datetime, came: datetime, *, dated: bool
) -> datetime | None:
    """As ``sales.imports.drafts`` reads it: one with a first day and no last ends on that."""
    if draw(st.booleans()):
        return created if dated else None
    return min(came, created + draw(st.sampled_from(GAPS)) * MINUTE) - (0 if dated else 3) * DAY


def _events(
    draw: st.DrawFn, stage: Stage, at: datetime, zone: ZoneInfo, now: datetime
) -> Sequence[Event]:
    events: list[Event] = []
    pooled = False
    for _ in range(draw(st.integers(0, 6))):
        at += draw(st.sampled_from(GAPS)) * MINUTE
        if at >= now:
            break
        match draw(st.sampled_from("mmmcccgp")):
            case "c":
                events.append(_contact(draw, at, zone))
            case "g":
                pooled = False
                events.append(Given(at, draw(st.integers(0, 2))))
            case "p" if stage in WORKED_STAGES and not pooled:
                pooled = True
                events.append(Pooled(at))
            case _:
                if others := _next(stage):
                    stage = draw(st.sampled_from(others))
                    events.append(Moved(at, stage))
    return events


def _next(stage: Stage) -> Sequence[Stage]:
    """Where a lead can go: a customer only to after-sales, or back where the deal is undone."""
    if stage in (Stage.WON, Stage.AFTERSALES):
        return (Stage.AFTERSALES, Stage.NEGOTIATION) if stage is Stage.WON else ()
    others = (*PIPELINE[:-1], Stage.NURTURE, Stage.LOST)
    return [one for one in others if one is not stage]


def _contact(draw: st.DrawFn, at: datetime, zone: ZoneInfo) -> Contacted:
    in_days = draw(st.sampled_from((None, 0, 1, 2, 6, 30)))
    if in_days is None:
        return Contacted(at, None, None)
    day = at.astimezone(zone).date() + in_days * DAY
    due = max(at, local(day, 9 * 60, zone))
    by_day = draw(st.booleans())
    until = local(day + DAY, 0, zone) - timedelta(seconds=1) if by_day else due
    return Contacted(at, due, max(due, until))


def _promises(draw: st.DrawFn, at: datetime, now: datetime) -> Sequence[Promise]:
    """One after the other; only the last may still run."""
    promises: list[Promise] = []
    for _ in range(draw(st.integers(0, 2))):
        due = at + draw(st.sampled_from((5, 60, 1440, 5 * 1440))) * MINUTE
        ended = at + draw(st.sampled_from((3, 5, 60, 1500, 7 * 1440))) * MINUTE
        how = draw(st.sampled_from(("met", "stopped", "runs")))
        if how == "runs" or ended >= now:
            return [*promises, Promise(at, due, None, None)]
        met, stopped = (ended, None) if how == "met" else (None, ended)
        promises.append(Promise(at, due, met, stopped))
        at = ended
    return promises


@dataclass
class Player:
    """Plays stories through the repositories of one unit of work."""

    uow: UnitOfWork
    company: Company
    ids: dict[int, int] = field(default_factory=dict)
    """The lead of each story."""

    @property
    def people(self) -> tuple[Person, ...]:
        return (self.company.robin, self.company.boss, self.company.kim)

    def owner(self, number: int) -> int | None:
        return self.people[number].id if number < len(self.people) else None

    def play(self, story: Story) -> None:
        lead = self._begun(story)
        self.ids[story.number] = lead.id
        for event in story.events:
            lead = self._happened(lead, event, story)
        for promise in story.promises:
            self._promise(lead.id, promise)

    def _begun(self, story: Story) -> Lead:
        since = story.created
        if story.came and story.stage in CLOSED:
            since = story.closed or story.created
        team = self.company.west if story.number % 3 == 0 else self.company.east
        lead = self.company.lead(
            source=story.source, grade=story.grade, stage=story.stage, stage_since=since,
            owner_id=self.owner(story.owner), team_id=team.id, created_at=story.created,
            budget_high=story.budget, closed_at=story.closed,
            amount=story.amount if story.stage in CLOSED[:2] else None,
            lost_reason="price" if story.stage is Stage.LOST else "",
        )  # fmt: skip
        if story.came is None:
            return self.uow.leads(SYSTEM).add(lead)
        drafts = [RowDraft(story.number + 1, lead, dated=story.dated)]
        return self.uow.imported(self._job(story.came)).add(drafts)[0]

    def _job(self, came: datetime) -> int:
        row: dict[str, Any] = {
            "person_id": self.company.boss.id, "name": "leads.csv", "kind": "csv",
            "encoding": "utf-8", "rows": 9, "choices": {}, "state": "done", "run": 1, "done": 9,
            "tally": {}, "created_at": came - 20 * MINUTE,
            "finished_at": came, "forget_at": came,
        }  # fmt: skip
        connection = self.uow._connection
        done = connection.execute(insert(tables.import_job).values(**row))
        return int((done.inserted_primary_key or [0])[0])

    def _happened(self, lead: Lead, event: Event, story: Story) -> Lead:
        leads = self.uow.leads(SYSTEM)
        match event:
            case Moved(at, to):
                reason = "price" if to is Stage.LOST else ""
                if to not in OPEN_STAGES:
                    self._end_step(lead.id, at)
                amount = story.amount if to is Stage.WON else lead.amount
                move = Move(to=to, reason=reason, amount=amount)
                return leads.save(moved(lead, move, at))
            case Contacted():
                return leads.save(self._contact(lead, event))
            case Given(at, person):
                owner = self.people[person]
                self._offer(lead.id, owner, at)
                return leads.save(replace(lead, owner_id=owner.id, pooled_at=None))
            case Pooled(at):
                return leads.save(replace(lead, owner_id=None, pooled_at=at))

    def _contact(self, lead: Lead, contact: Contacted) -> Lead:
        planned = contact.due is not None and lead.is_open
        if planned:
            self._end_step(lead.id, contact.at)
        self.uow.followups(SYSTEM).add(
            FollowUp(
                lead_id=lead.id, person_id=self.company.robin.id, at=contact.at,
                method=Method.CALL, summary="Called",
                next_at=contact.due if planned else None,
                next_until=contact.until if planned else None,
            )
        )  # fmt: skip
        spoken = replace(lead, last_contact_at=contact.at)
        if not planned:
            return spoken
        return replace(spoken, next_at=contact.due, next_until=contact.until)

    def _end_step(self, lead_id: int, at: datetime) -> None:
        followups = self.uow.followups(SYSTEM)
        if waiting := followups.waiting_on(lead_id):
            followups.save(waiting.close(at))

    def _offer(self, lead_id: int, to: Person, at: datetime) -> None:
        connection = self.uow._connection
        row = {
            "lead_id": lead_id, "person_id": to.id, "why": {}, "offered_at": at,
            "state": "accepted", "answered_at": at,
        }  # fmt: skip
        connection.execute(insert(tables.offer).values(**row))

    def _promise(self, lead_id: int, promise: Promise) -> None:
        clock = Clock(
            lead_id=lead_id, kind=ClockKind.CALL, owner_id=self.company.robin.id,
            started_at=promise.started, due_at=promise.due,
        )  # fmt: skip
        if promise.met:
            clock = clock.meet(promise.met)
        elif promise.stopped:
            clock = clock.stop(promise.stopped)
        self.uow.clocks(SYSTEM).add(clock)
