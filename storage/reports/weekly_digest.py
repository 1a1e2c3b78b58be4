"""Counts what the weekly digest shows of several weeks, stages and teams at once.

Each figure is one statement, grouped by the week or the team, that reads the weeks concerned and
what is open. Covers whole teams and does not know who asks.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from sales.leads import PIPELINE, WORKED_STAGES, Stage
from sales.reports.digest import StageFlow, TeamWeek, TrendWeek
from storage.database.types import Instant
from storage.reports.conditions import (
    LOST,
    WON,
    Condition,
    came_to,
    closed,
    count_if,
    created,
    of_team,
    overdue_at,
    precedes,
    worked_on,
)
from storage.scoping import found_by, looked_up
from storage.tables import import_job, imported, lead, stage_interval, team

Window: TypeAlias = tuple[datetime, datetime]
_RANKS: Final = {stage.value: rank for rank, stage in enumerate(PIPELINE)}


class WeeklyDigestRepository:
    """Counts for the weekly digest, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def weeks(self, team_id: int | None, windows: Sequence[Window]) -> tuple[TrendWeek, ...]:
        """Return the weeks, which follow one another, of a team or (None) the company."""
        counts: list[dict[str, int]] = [{} for _ in windows]
        for name, week, n in self._by_week(team_id, windows):
            counts[week][name] = n
        return tuple(
            TrendWeek(start=start, end=end, **found)
            for (start, end), found in zip(windows, counts, strict=True)
        )

    def began(self, team_id: int | None) -> datetime | None:
        """Return when the first lead of a team or the company was created."""
        first = select(func.min(lead.c.created_at)).where(lead.c.team_id == team.c.id)
        query = select(first.scalar_subquery())
        if team_id is not None:
            query = query.where(team.c.id == team_id)
        found = [at for at in self._connection.scalars(query.select_from(team)) if at is not None]
        return min(found, default=None)

    def flows(self, team_id: int | None, start: datetime, end: datetime) -> tuple[StageFlow, ...]:
        """Return the stages that are worked on: what is open now, and what went on of the leads
        that came to a stage in ``[start, end)``."""
        now = select(lead.c.stage, func.count()).where(of_team(team_id), worked_on())
        held = {row[0]: row[1] for row in self._connection.execute(now.group_by(lead.c.stage))}
        passed = self._passed(team_id, start, end)
        return tuple(
            StageFlow(stage=stage, open=held.get(stage, 0), entered=entered, went_on=went_on)
            for stage, (entered, went_on) in passed
        )

    def teams(self, start: datetime, end: datetime) -> dict[int, TeamWeek]:
        """Return the week of every team that has anything to show, by id."""
        counts: dict[int, dict[str, Any]] = {}
        for name, condition in (
            ("new_leads", created(start, end)),
            ("lost", closed(LOST, start, end)),
            ("open", worked_on()),
            ("overdue", overdue_at(end)),
        ):
            query = select(lead.c.team_id, func.count()).where(of_team(None), condition)
            for team_id, n in self._connection.execute(query.group_by(lead.c.team_id)):
                counts.setdefault(team_id, {})[name] = n
        sold = select(lead.c.team_id, func.count(), func.sum(lead.c.amount))
        sold = sold.where(of_team(None), closed(WON, start, end)).group_by(lead.c.team_id)
        for team_id, n, amount in self._connection.execute(sold):
            counts.setdefault(team_id, {}).update(won=n, won_amount=amount or 0)
        return {team_id: TeamWeek(team_id=team_id, **found) for team_id, found in counts.items()}

    def _by_week(
        self, team_id: int | None, windows: Sequence[Window]
    ) -> Iterator[tuple[str, int, int]]:
        start, end = windows[0][0], windows[-1][1]
        week = _week(lead.c.created_at, windows)
        new = select(week, func.count()).where(of_team(team_id), created(start, end))
        yield from (("new_leads", *row) for row in self._connection.execute(new.group_by(week)))
        for name, stages in (("won", WON), ("lost", LOST)):
            entry = stage_interval.alias("entry")
            week = _week(entry.c.entered_at, windows)
            query = (
                select(week, func.count(entry.c.lead_id.distinct()))
                .join(lead, looked_up(lead.c.id, entry.c.lead_id))
                .where(
                    of_team(team_id),
                    entry.c.entered_at >= start,
                    entry.c.entered_at < end,
                    came_to(entry, stages, _end_of_week(entry.c.entered_at, windows)),
                )
                .group_by(week)
            )
            yield from ((name, *row) for row in self._connection.execute(query))

    def _passed(
        self, team_id: int | None, start: datetime, end: datetime
    ) -> Iterator[tuple[Stage, tuple[int, int]]]:
        """Of each stage, how many leads first came as far as it in the window, and how many of
        these further; as ``sales.reports.stage_conversion`` counts them."""
        moved = select(stage_interval.c.lead_id).where(
            stage_interval.c.stage.in_(PIPELINE),
            stage_interval.c.entered_at >= start,
            stage_interval.c.entered_at < end,
        )
        here = _ways(and_(of_team(team_id), found_by(stage_interval.c.lead_id, moved))).c
        counted: list[ColumnElement[int]] = []
        for at in range(len(WORKED_STAGES)):
            # Of a stage before the one in which a lead came from its file, only what it was in.
            entered = case((here.in_file >= at, here[f"in_{at}"]), else_=here[f"as_far_{at}"])
            came = and_(entered >= start, entered < end)
            counted += [count_if(came), count_if(and_(came, here[f"beyond_{at}"] >= entered))]
        row = self._connection.execute(select(*counted)).one()
        pairs = ((row[2 * at] or 0, row[2 * at + 1] or 0) for at in range(len(WORKED_STAGES)))
        yield from zip(WORKED_STAGES, pairs, strict=True)


def _ways(which: Condition) -> Subquery:
    """For each lead and stage, when it was first in it and first came as far, and when it was last
    beyond it; and how far it had come by its file, -1 for one that is from none."""
    stay = stage_interval
    rank, at = case(_RANKS, value=stay.c.stage), stay.c.entered_at
    before = stay.alias("before")
    is_first = ~exists().where(before.c.lead_id == stay.c.lead_id, precedes(before, stay))
    by_file = and_(import_job.c.id.is_not(None), or_(at < import_job.c.created_at, is_first))
    columns: list[ColumnElement[Any]] = [
        func.coalesce(func.max(case((by_file, rank))), -1).label("in_file")
    ]
    for of in range(len(WORKED_STAGES)):
        columns += [
            func.min(case((rank == of, at))).label(f"in_{of}"),
            func.min(case((rank >= of, at))).label(f"as_far_{of}"),
            func.max(case((rank > of, at))).label(f"beyond_{of}"),
        ]
    return (
        select(*columns)
        .select_from(stay)
        .join(lead, lead.c.id == stay.c.lead_id)
        .outerjoin(imported, imported.c.lead_id == lead.c.id)
        .outerjoin(import_job, import_job.c.id == imported.c.job_id)
        .where(which)
        .group_by(stay.c.lead_id)
        .subquery()
    )


def _week(at: ColumnElement[datetime], windows: Sequence[Window]) -> ColumnElement[int]:
    """Which of the windows the moment is in; it is in one of them."""
    return case(*((at < end, literal(n)) for n, (_, end) in enumerate(windows)))


def _end_of_week(at: ColumnElement[datetime], windows: Sequence[Window]) -> ColumnElement[datetime]:
    return case(*((at < end, literal(end, Instant)) for _, end in windows))
