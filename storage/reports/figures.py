"""Counts the figures of reports and digests in the database, in a handful of statements.

Covers whole teams and does not know who asks. What the figures mean is defined in
``sales.reports``, what they count in ``storage.reports.conditions``.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, true

from sales.leads import OPEN_STAGES, WORKED_STAGES, Grade, Lead, Stage
from sales.people import Role
from sales.reports import (
    Behind,
    DigestPeriod,
    Number,
    Outlook,
    RepWeek,
    WeekFacts,
    stage_limits,
)
from sales.sync_meeting import StuckFacts, StuckLook
from storage.database.encryption import Fields
from storage.leads.repository import lead_from_row
from storage.reports.conditions import (
    LOST,
    WON,
    Condition,
    at_risk,
    came_by_import,
    clock_breached,
    clock_due,
    clock_met,
    closed,
    coming,
    count_if,
    created_in,
    grade_rank,
    idle,
    imported_at,
    intervals_within,
    is_open,
    last_activity,
    lingers,
    nurtured,
    of_team,
    overdue_at,
    past_due,
    pooled_before,
    screened_before,
    seconds_between,
    stage_entered,
    stalled,
    standing,
    unowned,
)
from storage.reports.numbers import counted, pressing_first
from storage.reports.stuck_deals import stuck_facts
from storage.scoping import looked_up
from storage.tables import clock, followup, lead, person, stage_interval

_CANDIDATES = 5
"""The number of leads of each kind in an outlook; a digest shows no more."""
_WON_LOOKED_AT = 500
"""The number of won deals by which stages are measured."""


class FigureRepository:
    """Counts the figures of reports, within one transaction."""

    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields

    def week(self, team_id: int | None, start: datetime, end: datetime) -> WeekFacts:
        """Return what happened in a team, or (None) in the company, in ``[start, end)``."""
        tally = _Tally()
        by_source = self._new(team_id, start, end, tally)
        self._followed_up(team_id, start, end, tally)
        open_leads = self._open(team_id, start, end, tally)
        won, won_amount = self._won(team_id, start, end, tally)
        lost_by_reason, lost_screened = self._lost(team_id, start, end)
        overdue = self._overdue(team_id, end, tally)
        clocks_met, clocks_breached = self._clocks(team_id, start, end)
        lost = sum(lost_by_reason.values())
        return WeekFacts(
            start=start,
            end=end,
            reps=self._reps(team_id, tally),
            new_by_source=by_source,
            lost_by_reason=lost_by_reason,
            open_at_start=open_leads.at_start,
            entered=open_leads.at_end - open_leads.at_start + won + lost,
            won=won,
            lost=lost,
            lost_screened=lost_screened,
            open_at_end=open_leads.at_end,
            nurtured=open_leads.nurtured,
            nurtured_at_end=open_leads.nurtured_at_end,
            pooled_at_end=open_leads.pooled,
            won_amount=won_amount,
            overdue=overdue,
            clocks_met=clocks_met,
            clocks_breached=clocks_breached,
        )

    def outlook(self, period: DigestPeriod) -> Outlook:
        """Return the present state of the team's open leads."""
        overdue = self._leads(period, past_due(period), lead.c.next_at)
        still, imports = self._stalled(period)
        due_next = self._leads(period, coming(period), lead.c.next_at)
        at_risk_count, coming_count, unassigned = self._connection.execute(
            select(count_if(at_risk(period)), count_if(coming(period)), count_if(unowned())).where(
                of_team(period.team_id), is_open()
            )
        ).one()
        return Outlook(
            at_risk=(*overdue, *still),
            imported_at=imports,
            at_risk_count=at_risk_count or 0,
            coming=tuple(sorted(due_next, key=lambda one: (one.next_at or period.end, one.id))),
            coming_count=coming_count or 0,
            unassigned=unassigned or 0,
        )

    def behind(
        self, number: Number, period: DigestPeriod, *, person_id: int | None, limit: int
    ) -> Behind:
        """Return the leads that a figure of the digest counts; ``person_id`` None for the whole
        team.

        Covers the whole team, whoever asks: read the leads through ``leads(actor)``.
        """
        rows = self._connection.execute(
            select(lead.c.id, func.count().over())
            .where(of_team(period.team_id), counted(number, period, person_id))
            .order_by(*pressing_first(number), lead.c.id)
            .limit(limit)
        ).all()
        return Behind(tuple(row[0] for row in rows), rows[0][1] if rows else 0)

    def stage_limits(self) -> dict[Stage, timedelta]:
        """Return how long each stage may last, by the deals that the company won last.

        Imported deals are left out: how long they were in a stage is not known.
        """
        interval = stage_interval
        newest = (
            select(interval.c.lead_id)
            .where(interval.c.stage == Stage.WON, ~came_by_import(interval.c.lead_id))
            .order_by(interval.c.entered_at.desc())
            .limit(_WON_LOOKED_AT)
        )
        lasted: dict[str, list[timedelta]] = {stage.value: [] for stage in WORKED_STAGES}
        for stage, seconds in self._connection.execute(
            select(
                interval.c.stage,
                func.sum(seconds_between(interval.c.entered_at, interval.c.left_at)),
            )
            .join(lead, lead.c.id == interval.c.lead_id)
            .where(
                interval.c.lead_id.in_(newest),
                interval.c.stage.in_(WORKED_STAGES),
                interval.c.left_at.is_not(None),
                lead.c.stage.in_(WON),
            )
            .group_by(interval.c.lead_id, interval.c.stage)
        ):
            lasted[stage].append(timedelta(seconds=int(seconds)))
        return stage_limits({Stage(stage): sums for stage, sums in lasted.items()})

    def imported_at(self, lead_ids: Collection[int]) -> dict[int, datetime]:
        """Return when those of the leads came that are from files, by id."""
        query = select(lead.c.id, imported_at()).where(lead.c.id.in_(lead_ids))
        return {key: at for key, at in self._connection.execute(query) if at is not None}

    def stuck(self, look: StuckLook) -> StuckFacts:
        """Return the team's stuck deals."""
        return stuck_facts(self._connection, self._fields, look)

    def _new(
        self, team_id: int | None, start: datetime, end: datetime, tally: "_Tally"
    ) -> dict[str, int]:
        by_source: dict[str, int] = {}
        # Encrypted values cannot be grouped in SQL.
        counted = Counter(
            (owner_id, source, grade)
            for owner_id, source, grade in self._connection.execute(
                select(lead.c.owner_id, lead.c.source, lead.c.grade).where(
                    created_in(team_id, start, end)
                )
            )
        )
        for (owner_id, source, grade), n in counted.items():
            by_source[source] = by_source.get(source, 0) + n
            tally.add(owner_id, new_leads=n, high_value=n if grade == Grade.HIGH else 0)
        return by_source

    def _followed_up(
        self, team_id: int | None, start: datetime, end: datetime, tally: "_Tally"
    ) -> None:
        for person_id, n in self._connection.execute(
            select(followup.c.person_id, func.count(followup.c.lead_id.distinct()))
            .where(
                followup.c.at >= start,
                followup.c.at < end,
                exists().where(lead.c.id == followup.c.lead_id, of_team(team_id)),
            )
            .group_by(followup.c.person_id)
        ):
            tally.add(person_id, followed_up=n)

    def _open(
        self, team_id: int | None, start: datetime, end: datetime, tally: "_Tally"
    ) -> "_Open":
        """Count open leads at the start and at the end; tallies the stages at the end by owner."""
        interval = intervals_within(OPEN_STAGES, start, end)
        at_end, rests = standing(interval, end), interval.c.stage == Stage.NURTURE
        counts = [0, 0, 0, 0, 0]
        for owner_id, discovery, proposal, *numbers in self._connection.execute(
            select(
                lead.c.owner_id,
                count_if(and_(at_end, interval.c.stage == Stage.DISCOVERY)),
                count_if(and_(at_end, interval.c.stage == Stage.PROPOSAL)),
                count_if(standing(interval, start)),
                count_if(at_end),
                count_if(nurtured(interval, start, end)),
                count_if(and_(at_end, rests)),
                count_if(and_(at_end, ~rests, pooled_before(end))),
            )
            .select_from(interval)
            .join(lead, looked_up(lead.c.id, interval.c.lead_id))
            .where(of_team(team_id))
            .group_by(lead.c.owner_id)
        ):
            counts = [sum(pair) for pair in zip(counts, numbers, strict=True)]
            tally.add(owner_id, in_discovery=discovery, in_proposal=proposal)
        return _Open(*counts)

    def _won(
        self, team_id: int | None, start: datetime, end: datetime, tally: "_Tally"
    ) -> tuple[int, Decimal]:
        won, amount = 0, Decimal(0)
        for owner_id, n, value in self._connection.execute(
            select(lead.c.owner_id, func.count(), func.sum(lead.c.amount))
            .where(of_team(team_id), closed(WON, start, end))
            .group_by(lead.c.owner_id)
        ):
            won += n
            amount += value or 0
            tally.add(owner_id, won=n, won_amount=value or Decimal(0))
        return won, amount

    def _lost(
        self, team_id: int | None, start: datetime, end: datetime
    ) -> tuple[dict[str, int], int]:
        """Count losses by reason, and how many of all had been screened."""
        rows = self._connection.execute(
            select(lead.c.lost_reason, screened_before(end)).where(
                of_team(team_id), closed(LOST, start, end)
            )
        ).all()
        # Free-text details belong to each loss, and must not reach a channel.
        by_key = Counter(reason.partition("-")[0] for reason, _ in rows)
        return dict(by_key), sum(bool(was_screened) for _, was_screened in rows)

    def _overdue(self, team_id: int | None, end: datetime, tally: "_Tally") -> int:
        """Count overdue steps, those of leads without an owner included."""
        overdue = 0
        for owner_id, n in self._connection.execute(
            select(lead.c.owner_id, func.count())
            .where(of_team(team_id), overdue_at(end))
            .group_by(lead.c.owner_id)
        ):
            overdue += n
            tally.add(owner_id, overdue=n)
        return overdue

    def _clocks(self, team_id: int | None, start: datetime, end: datetime) -> tuple[int, int]:
        """Count the clocks due in the week that were met, and those breached."""
        met, breached = self._connection.execute(
            select(count_if(clock_met()), count_if(clock_breached()))
            .join(lead, lead.c.id == clock.c.lead_id)
            .where(of_team(team_id), clock_due(start, end))
        ).one()
        return met or 0, breached or 0

    def _reps(self, team_id: int | None, tally: "_Tally") -> tuple[RepWeek, ...]:
        """Return the team's active reps, and everyone else with results, by name."""
        in_team = true() if team_id is None else person.c.team_id == team_id
        rows = self._connection.execute(
            select(person.c.id, person.c.name).where(
                or_(
                    and_(in_team, person.c.active, person.c.role == Role.REP),
                    person.c.id.in_(tally.people()),
                )
            )
        ).all()
        weeks = [RepWeek(person_id=key, name=name, **tally.of(key)) for key, name in rows]
        return tuple(sorted(weeks, key=lambda week: (week.name, week.person_id)))

    def _stalled(self, period: DigestPeriod) -> tuple[tuple[Lead, ...], dict[int, datetime]]:
        """Return stalled leads with when they were imported.

        They are the first few of the longest silent, and of each stage those longest in it, best
        grade first: the worst of all are among them.
        """
        silent, long_there = idle(period.idle_since), lingers(period.entered_before())
        ranked = (
            select(
                lead.c.id,
                case((silent, 1), else_=0).label("silent"),
                case((long_there, 1), else_=0).label("long_there"),
                func.row_number()
                .over(
                    partition_by=case((silent, 1), else_=0),
                    order_by=(grade_rank(), last_activity(), lead.c.id),
                )
                .label("by_silence"),
                func.row_number()
                .over(
                    partition_by=(case((long_there, 1), else_=0), lead.c.stage),
                    order_by=(grade_rank(), stage_entered(), lead.c.id),
                )
                .label("by_stage"),
            )
            .where(of_team(period.team_id), is_open(), stalled(period))
            .subquery()
        )
        rank = ranked.c
        worst = or_(
            and_(rank.silent == 1, rank.by_silence <= _CANDIDATES),
            and_(rank.long_there == 1, rank.by_stage <= _CANDIDATES),
        )
        rows = self._connection.execute(
            select(lead, imported_at().label("imported_at"))
            .join(ranked, rank.id == lead.c.id)
            .where(worst)
            .order_by(grade_rank(), last_activity(), lead.c.id)
        ).mappings()
        found = [(lead_from_row(row, self._fields), row["imported_at"]) for row in rows]
        return tuple(one for one, _ in found), {one.id: at for one, at in found if at}

    def _leads(
        self, period: DigestPeriod, condition: Condition, then: ColumnElement[Any]
    ) -> tuple[Lead, ...]:
        """Return the first few open leads with the condition: best grade first, then as given."""
        rows = self._connection.execute(
            select(lead)
            .where(of_team(period.team_id), is_open(), condition)
            .order_by(grade_rank(), then, lead.c.id)
            .limit(_CANDIDATES)
        ).mappings()
        return tuple(lead_from_row(row, self._fields) for row in rows)


@dataclass(frozen=True, slots=True)
class _Open:
    """Open leads of a week; ``nurtured`` came into nurture in it, and are there at its end."""

    at_start: int = 0
    at_end: int = 0
    nurtured: int = 0
    nurtured_at_end: int = 0
    pooled: int = 0


class _Tally:
    """Sums per person; records without an owner are left out."""

    def __init__(self) -> None:
        self._sums: dict[int, dict[str, Any]] = {}

    def add(self, person_id: int | None, **numbers: int | Decimal) -> None:
        if person_id is None:
            return
        sums = self._sums.setdefault(person_id, {})
        for name, number in numbers.items():
            sums[name] = sums.get(name, 0) + number

    def people(self) -> list[int]:
        return [key for key, sums in self._sums.items() if any(sums.values())]

    def of(self, person_id: int) -> dict[str, Any]:
        return self._sums.get(person_id, {})
