"""Every figure once more, from the rows, in plain Python: imports, pool, nurture, reopened leads.

Sixty leads with random histories; what digest, board, targets and sync count is compared with what
the definitions give for each lead.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Table, insert, select

from handlers.board.day import NURTURE, PARTS, WORKED
from sales.calendar import WorkCalendar
from sales.lead_lists import LeadQuery, Moments, NextStep
from sales.leads import OPEN_STAGES, WORKED_STAGES, Lead, Stage
from sales.merging import Merge
from sales.permissions import scope_of
from sales.playbook import Playbook, WorkingHours
from sales.reports import STAGE_LIMIT, Number, period_of, stage_limits
from sales.sync_meeting import stuck_look
from storage import tables
from storage.assignment.offers import OfferRepository
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.leads.listing import LeadListing
from storage.leads.merging import MergeRepository
from storage.reports.figures import FigureRepository
from storage.targets import TargetRepository
from tests.storage.company import Company

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2024, 1, 1, 9, tzinfo=SHANGHAI)
NOW = datetime(2024, 3, 11, 9, 30, tzinfo=SHANGHAI)
WEEKS = ("2024-W05", "2024-W08", "2024-W10")
CLOSED = (Stage.WON, Stage.LOST)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
Row = dict[str, Any]


@dataclass
class Histories:
    """Random leads, written as the repositories would."""

    connection: Connection
    company: Company
    random: Random

    def write(self, count: int) -> None:
        job = self._insert(
            tables.import_job,
            person_id=self.company.boss.id, name="leads.csv", kind="csv", encoding="utf-8", rows=9,
            choices={}, state="done", run=1, done=9, tally={}, created_at=NOW - 5 * DAY,
            forget_at=NOW,
        )  # fmt: skip
        for number in range(count):
            came_by_file = number % 4 == 0
            self._lead(job if came_by_file else 0)

    def _lead(self, job: int) -> None:
        random, moments = self.random, self._moments()
        stages = [random.choice((Stage.CAPTURED, Stage.SCREENED))]
        while len(stages) < len(moments):
            others = [stage for stage in Stage if stage not in (stages[-1], Stage.AFTERSALES)]
            stages.append(random.choice(others))
        if job:
            # From a file: open as it is, or closed with nothing known of the way.
            moments = moments[:2]
            closed = len(moments) > 1 and random.random() < 0.6
            stages = [Stage.SCREENED, random.choice(CLOSED)] if closed else [stages[0]]
            moments = moments[: len(stages)]
        stage, since = stages[-1], moments[-1]
        pooled = stage in WORKED_STAGES and random.random() < 0.25
        owner = None if pooled or random.random() < 0.1 else self.company.robin.id
        lead = self.company.lead(
            source=random.choice(("form", "ads-SEM")), stage=stage, stage_since=since,
            created_at=moments[0], owner_id=owner, pooled_at=NOW - 5 * DAY if pooled else None,
            amount=Decimal(random.randrange(1, 90) * 1000), closed_at=since,
        )  # fmt: skip
        sealed = {"phone", "email", "wechat", "others"}
        absent = {"id", *sealed, "answers_read", "answers_refused"}
        row = {name: getattr(lead, name) for name in Lead.__slots__ if name not in absent}
        lead_id = self._insert(tables.lead, **row)
        for one, entered, left in zip(stages, moments, [*moments[1:], None], strict=True):
            self._insert(
                tables.stage_interval, lead_id=lead_id, stage=one, entered_at=entered, left_at=left
            )
        if job:
            self._insert(tables.imported, lead_id=lead_id, job_id=job, row=lead_id)
        self._pool(lead_id, imported=bool(job), pooled=pooled)
        if owner and not job:
            self._steps(lead_id, owner, moments[0], is_open=stage in OPEN_STAGES)

    def merge_some(self, fields: Fields) -> None:
        """Merge every sixth lead with the one after it, as ``handlers.merging`` does."""
        offers = OfferRepository(self.connection, locks=False, new_leads=set())
        merges = MergeRepository(self.connection, fields, offers)
        ids = list(self.connection.scalars(select(tables.lead.c.id).order_by(tables.lead.c.id)))
        for pair in zip(ids[::6], ids[1::6], strict=True):
            winner, loser = self.random.sample(pair, 2)
            self._settle(winner, loser)
            merge = merges.begin(
                Merge(
                    winner_id=winner, loser_id=loser, merged_by=self.company.boss.id,
                    merged_at=NOW - DAY, undo_until=NOW + DAY,
                )
            )  # fmt: skip
            merges.move(merge)

    def _settle(self, winner: int, loser: int) -> None:
        """One open step and no place in the pool for the part; the older day for the whole."""
        table, step, stay = tables.lead, tables.followup, tables.pool_stay
        mine, theirs = (
            self.connection.execute(select(table).where(table.c.id == one)).mappings().one()
            for one in (winner, loser)
        )
        known = {"created_at": min(mine["created_at"], theirs["created_at"])}
        contacts = [one["last_contact_at"] for one in (mine, theirs) if one["last_contact_at"]]
        known["last_contact_at"] = max(contacts, default=None)
        if mine["next_at"] is None:
            known |= {name: theirs[name] for name in ("next_at", "next_until")}
        else:
            waiting = (step.c.lead_id == loser, step.c.closed_at.is_(None))
            self.connection.execute(step.update().where(*waiting).values(closed_at=NOW - DAY))
        self.connection.execute(table.update().where(table.c.id == winner).values(**known))
        left = stay.update().where(stay.c.lead_id == loser, stay.c.left_at.is_(None))
        self.connection.execute(left.values(left_at=NOW - DAY))

    def _moments(self) -> list[datetime]:
        seconds = int((NOW - START).total_seconds()) - 86_400
        picked = sorted(self.random.sample(range(seconds), self.random.randrange(1, 5)))
        return [START + timedelta(seconds=second) for second in picked]

    def _pool(self, lead_id: int, *, imported: bool, pooled: bool) -> None:
        stay = {
            "lead_id": lead_id, "team_id": self.company.east.id, "detail": "", "claimed": False,
            "reason": "imported" if imported else "idle",
        }  # fmt: skip
        if pooled:
            self._insert(tables.pool_stay, **stay, entered_at=NOW - 5 * DAY)
        elif self.random.random() < 0.3:
            came = NOW - self.random.randrange(10, 40) * DAY
            left = came + self.random.randrange(1, 9) * DAY
            self._insert(tables.pool_stay, **stay, entered_at=came, left_at=left)

    def _steps(self, lead_id: int, owner: int, created: datetime, *, is_open: bool) -> None:
        random = self.random
        at = created + (NOW - created) * random.random()
        day = (NOW + random.randrange(-20, 9) * DAY).replace(hour=9, minute=0)
        until = day.replace(hour=23, minute=59, second=59) if random.random() < 0.7 else day
        closed_at = None if is_open and random.random() < 0.7 else day
        step = {"next_at": day, "next_until": until}
        self._insert(
            tables.followup, lead_id=lead_id, person_id=owner, at=at, method="call",
            summary="Called", feedback="", next_step="send it", closed_at=closed_at, version=0,
            **step,
        )  # fmt: skip
        lead = tables.lead
        known = {"last_contact_at": at} | (step if closed_at is None else {})
        self.connection.execute(lead.update().where(lead.c.id == lead_id).values(**known))

    def _insert(self, table: Table, **row: Any) -> int:
        result = self.connection.execute(insert(table).values(**row))
        return int((result.inserted_primary_key or [0])[0])


class Plain:
    """The figures by their definitions, from rows that were read whole."""

    def __init__(self, connection: Connection) -> None:
        def rows(table: Table) -> list[Row]:
            ordered = select(table).order_by(*table.primary_key)
            return [dict(row) for row in connection.execute(ordered).mappings()]

        self.leads = rows(tables.lead)
        self.followups = rows(tables.followup)
        self.came = {row["lead_id"]: NOW - 5 * DAY for row in rows(tables.imported)}
        self.path: dict[int, list[Row]] = defaultdict(list)
        self.stays: dict[int, list[Row]] = defaultdict(list)
        for row in rows(tables.stage_interval):
            self.path[row["lead_id"]].append(row)
        for row in rows(tables.pool_stay):
            self.stays[row["lead_id"]].append(row)

    def stage_at(self, lead: Row, at: datetime) -> str:
        standing = [
            one["stage"]
            for one in self.path[lead["id"]]
            if one["entered_at"] < at and (one["left_at"] is None or one["left_at"] >= at)
        ]
        return standing[-1] if standing else ""

    def in_pool(self, lead: Row, at: datetime) -> bool:
        return any(
            (stay["entered_at"] < at or stay["reason"] == "imported")
            and (stay["left_at"] is None or stay["left_at"] >= at)
            for stay in self.stays[lead["id"]]
        )

    def closed(self, stage: Stage, start: datetime, end: datetime) -> list[Row]:
        """Those that came to the stage in the window and were there at its end."""
        return [
            lead
            for lead in self.leads
            if self.stage_at(lead, end) == stage
            and any(
                one["stage"] == stage and start <= one["entered_at"] < end
                for one in self.path[lead["id"]]
            )
        ]

    def came_to_rest(self, lead: Row, start: datetime, end: datetime) -> bool:
        """Whether the last thing that happened to a lead in nurture was coming there, in time."""
        entries = [
            one["entered_at"]
            for one in self.path[lead["id"]]
            if one["stage"] == Stage.NURTURE and one["entered_at"] < end
        ]
        return bool(max(entries) >= start)

    def screened(self, lead: Row, end: datetime) -> bool:
        beyond = {*WORKED_STAGES, Stage.WON} - {Stage.CAPTURED}
        return any(
            one["stage"] in beyond and one["entered_at"] < end for one in self.path[lead["id"]]
        )

    def week(self, start: datetime, end: datetime) -> dict[str, Any]:
        won, lost = self.closed(Stage.WON, start, end), self.closed(Stage.LOST, start, end)
        at_end = [lead for lead in self.leads if self.stage_at(lead, end) in OPEN_STAGES]
        nurtured = [lead for lead in at_end if self.stage_at(lead, end) == Stage.NURTURE]
        working = [lead for lead in at_end if self.stage_at(lead, end) in WORKED_STAGES]
        at_start = [lead for lead in self.leads if self.stage_at(lead, start) in OPEN_STAGES]
        return {
            "new_leads": sum(start <= lead["created_at"] < end for lead in self.leads),
            "won": len(won),
            "won_amount": sum((lead["amount"] for lead in won), Decimal(0)),
            "lost": len(lost),
            "lost_screened": sum(self.screened(lead, end) for lead in lost),
            "open_at_start": len(at_start),
            "open_at_end": len(at_end),
            "nurtured": sum(self.came_to_rest(lead, start, end) for lead in nurtured),
            "nurtured_at_end": len(nurtured),
            "pooled_at_end": sum(self.in_pool(lead, end) for lead in working),
            "in_progress_at_end": sum(not self.in_pool(lead, end) for lead in working),
        }

    def overdue_at(self, end: datetime) -> int:
        open_then = {lead["id"] for lead in self.leads if self.stage_at(lead, end) in OPEN_STAGES}
        return len(
            {
                one["lead_id"]
                for one in self.followups
                if one["lead_id"] in open_then
                and one["at"] < end
                and one["next_until"] < end
                and (one["closed_at"] is None or one["closed_at"] >= end)
            }
        )

    def overdue(self, lead: Row) -> bool:
        return bool(
            lead["stage"] in OPEN_STAGES and lead["next_until"] and lead["next_until"] < NOW
        )

    def stalled(self, lead: Row, limits: dict[Stage, timedelta]) -> bool:
        if lead["stage"] not in WORKED_STAGES or (lead["pooled_at"] and not lead["owner_id"]):
            return False
        came = self.came.get(lead["id"], START)
        spoke = lead["last_contact_at"] or lead["created_at"]
        idle = NOW - max(spoke, lead["stage_since"], came) > 7 * DAY
        lingers = NOW - max(lead["stage_since"], came) > limits[Stage(lead["stage"])]
        return bool(idle or lingers)

    def limits(self) -> dict[Stage, timedelta]:
        """From rank to rank, with the rank in between: the third quartile."""
        lasted: dict[str, dict[int, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
        for lead in self.leads:
            if lead["stage"] == Stage.WON and lead["id"] not in self.came:
                for one in self.path[lead["id"]]:
                    if one["left_at"]:
                        lasted[one["stage"]][lead["id"]] += one["left_at"] - one["entered_at"]
        limits: dict[Stage, timedelta] = dict.fromkeys(WORKED_STAGES, STAGE_LIMIT)
        for stage in WORKED_STAGES:
            spans = sorted(lasted[stage].values())
            if len(spans) >= 5:
                place = 0.75 * (len(spans) - 1)
                low = spans[int(place)]
                high = spans[min(int(place) + 1, len(spans) - 1)]
                limits[stage] = low + (high - low) * (place - int(place))
        return limits


@pytest.fixture(params=[1, 2])
def plain(
    request: pytest.FixtureRequest, database: Database, company: Company, fields: Fields
) -> Iterator[tuple[Connection, Plain]]:
    with database.write() as connection:
        # The same histories each time, so that a failure can be looked at.
        random = Random(request.param)  # noqa: S311
        histories = Histories(connection, company, random)
        histories.write(60)
        histories.merge_some(fields)
        yield connection, Plain(connection)


def test_every_figure_is_what_its_definition_gives(
    plain: tuple[Connection, Plain], company: Company, fields: Fields
) -> None:
    connection, told = plain
    figures = FigureRepository(connection, fields)
    calendar = WorkCalendar(WorkingHours(), SHANGHAI)
    for week in WEEKS:
        start, end = calendar.week(week)
        facts, expected = figures.week(company.east.id, start, end), told.week(start, end)
        assert {name: getattr(facts, name) for name in expected} == expected, week
        bridge = facts.open_at_start + facts.entered - facts.won - facts.lost
        assert bridge == facts.open_at_end
        unowned = {lead["id"] for lead in told.leads if lead["owner_id"] is None}
        assert not unowned & {one["lead_id"] for one in told.followups}
        assert sum(rep.overdue for rep in facts.reps) == told.overdue_at(end)
        assert facts.overdue == told.overdue_at(end)
        sold = TargetRepository(connection).sold([company.east.id], start, end).values()
        assert sum(one.won for one in sold) == facts.won
        assert sum(one.lost_screened for one in sold) == facts.lost_screened
        assert sum(one.revenue for one in sold) == facts.won_amount


def test_now_is_the_same_on_board_digest_target_and_sync(
    plain: tuple[Connection, Plain], company: Company, fields: Fields
) -> None:
    connection, told = plain
    figures = FigureRepository(connection, fields)
    limits = figures.stage_limits()
    _near(limits, told.limits())
    calendar = WorkCalendar(WorkingHours(), SHANGHAI)
    period = period_of(company.east.id, WEEKS[-1], calendar, NOW, 7)
    period = replace(period, stage_limits=limits)
    overdue = {lead["id"] for lead in told.leads if told.overdue(lead)}
    stalled = {lead["id"] for lead in told.leads if told.stalled(lead, limits)}
    at_risk = figures.behind(Number.AT_RISK, period, person_id=None, limit=100)
    assert set(at_risk.lead_ids) == overdue | stalled
    assert figures.outlook(period).at_risk_count == len(overdue | stalled)
    look = stuck_look(company.east.id, NOW, Playbook(), limits)
    assert figures.stuck(look).total == len(overdue | stalled)
    board = LeadListing(connection, fields, scope_of(company.boss))
    moments = Moments(now=NOW, timezone=SHANGHAI)
    overdue_list = LeadQuery(steps=(NextStep.OVERDUE,))
    assert set(board.ids(overdue_list, moments, limit=1000)) == overdue
    working = board.count(WORKED, moments)
    start, end = NOW - 7 * DAY, NOW
    assert working == figures.week(company.east.id, start, end).in_progress_at_end
    sold = TargetRepository(connection).sold([company.east.id], start, end).values()
    assert working == sum(one.open for one in sold)


def test_every_count_of_a_board_is_the_length_of_its_list(
    plain: tuple[Connection, Plain], company: Company, fields: Fields
) -> None:
    connection, told = plain
    late, running = _start_clocks(connection, company)
    moments = Moments(now=NOW, timezone=SHANGHAI)
    stages = [LeadQuery(stages=(stage,)) for stage in OPEN_STAGES]
    queries = [*(part.query for part in PARTS), WORKED, NURTURE, *stages]
    for person in (company.boss, company.robin, company.other_boss):
        lists = LeadListing(connection, fields, scope_of(person))
        listed = [lists.ids(query, moments, limit=1000) for query in queries]
        previews = lists.previews(tuple((part.query, 7) for part in PARTS), moments)
        for preview, ids in zip(previews, listed, strict=False):
            assert preview.count == len(ids)
            assert preview.ids == ids[:7]
        assert [lists.count(query, moments) for query in queries] == list(map(len, listed))
        pages = [lists.page(query, moments, limit=1000) for query in queries]
        assert [tuple(lead.id for lead in page) for page in pages] == listed
        sums = lists.sums(LeadQuery(), moments)
        counts = [sums[stage].count if stage in sums else 0 for stage in OPEN_STAGES]
        assert counts == list(map(len, listed[-len(stages) :]))
    boss = LeadListing(connection, fields, scope_of(company.boss))
    parts = {part.name: set(boss.ids(part.query, moments, limit=1000)) for part in PARTS}
    working = {
        lead["id"]
        for lead in told.leads
        if lead["stage"] in OPEN_STAGES and (lead["owner_id"] or not lead["pooled_at"])
    }
    overdue = {lead["id"] for lead in told.leads if told.overdue(lead)} | late
    assert parts["overdue"] == overdue & working
    assert parts["waiting"] == (running - overdue) & working
    assert not parts["overdue"] & (parts["today"] | parts["coming"])
    assert not parts["today"] & parts["coming"]


def _start_clocks(connection: Connection, company: Company) -> tuple[set[int], set[int]]:
    """Response clocks of some leads; returns the leads whose clock is past due, and the others."""
    late: set[int] = set()
    running: set[int] = set()
    for lead_id in connection.scalars(select(tables.lead.c.id).order_by(tables.lead.c.id)):
        if lead_id % 3:
            continue
        due_at = NOW + (lead_id % 7 - 2) * 9 * HOUR
        row = {"lead_id": lead_id, "kind": "call", "due_at": due_at, "for_feedback": False}
        row |= {"owner_id": company.robin.id, "started_at": NOW - 3 * DAY}
        connection.execute(insert(tables.clock).values(**row))
        (late if due_at <= NOW else running).add(lead_id)
    return late, running


def test_a_quarter_that_is_not_over_counts_as_leads_now_stand(
    plain: tuple[Connection, Plain], company: Company
) -> None:
    connection, _ = plain
    targets = TargetRepository(connection)
    teams = [company.east.id]
    for start in (NOW - 400 * DAY, NOW - 30 * DAY, NOW - 3 * DAY):
        end = NOW + 30 * DAY
        counted = targets.sold(teams, start, end)
        assert targets.sold(teams, start, end, by_now=True) == counted
        owner_id = company.robin.id
        of_one = targets.sold(teams, start, end, by_now=True, owner_id=owner_id)
        assert of_one == {key: one for key, one in counted.items() if key[1] == owner_id}
        short = targets.sold(teams, start, end, by_now=True, with_lost=False, with_open=False)
        results = {key: (one.leads, one.won, one.revenue) for key, one in short.items()}
        known = {key: (one.leads, one.won, one.revenue) for key, one in counted.items()}
        assert results == {key: one for key, one in known.items() if any(one)}


def test_the_shown_risks_are_the_worst(
    plain: tuple[Connection, Plain], company: Company, fields: Fields
) -> None:
    connection, told = plain
    figures = FigureRepository(connection, fields)
    period = period_of(company.east.id, WEEKS[-1], WorkCalendar(WorkingHours(), SHANGHAI), NOW, 7)
    outlook = figures.outlook(period)
    assert len({lead.id for lead in outlook.at_risk}) == len(outlook.at_risk)
    assert set(outlook.imported_at) <= set(told.came)
    overdue = {lead["id"] for lead in told.leads if told.overdue(lead)}
    stalled = {lead.id for lead in outlook.at_risk} - overdue
    assert stalled & set(told.came) == set(outlook.imported_at) - overdue


def _near(found: dict[Stage, timedelta], expected: dict[Stage, timedelta]) -> None:
    assert found.keys() == expected.keys() == stage_limits({}).keys()
    for stage, limit in found.items():
        assert abs(limit - expected[stage]) < timedelta(seconds=1), stage
