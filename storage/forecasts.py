"""What a forecast rests on: open deals added up, outcomes by stage, snapshots, and moved days.

Covers whole teams and does not know who asks; what the sums mean is in ``sales.forecast``.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Date,
    Integer,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
)

from sales.forecast import (
    ForecastSnapshot,
    OpenValue,
    Outcomes,
    Slip,
    StageOdds,
    Timing,
    months_back,
    stage_odds,
    summed,
)
from sales.leads import OPEN_STAGES, WORKED_STAGES, ForecastCategory, Stage
from sales.playbook import Forecasting
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.leads.list_conditions import worth
from storage.reports.conditions import LOST, WON, is_closed, worked_on
from storage.scoping import unindexed
from storage.tables import close_change, forecast_day, forecast_snapshot, lead, stage_interval, team
from storage.tables import stage_outcome as outcome

COMPANY: Final = 0
"""Stands for the whole company among the teams of ``stage_outcome``."""

_SNAPSHOTS: Final = RowMapper(ForecastSnapshot)


class ForecastRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_values(
        self,
        team_ids: Iterable[int],
        first: date,
        last: date,
        today: date,
        *,
        owner_id: int | None = None,
    ) -> Mapping[tuple[int, int | None], list[OpenValue]]:
        """Return the open deals added up, by team and owner, as seen from the local days ``first``
        to ``last``, both included. ``owner_id`` limits all to one person's.

        In proportion to what is open, as boards count it: neither in nurture nor in the pool.
        """
        teams = list(team_ids)
        params = {"first": first, "last": last, "today": today, "owner": owner_id, "teams": teams}
        query = _open_values(of_owner=owner_id is not None)
        values: dict[tuple[int, int | None], list[OpenValue]] = {}
        for row in self._connection.execute(query, params):
            team_id, owner, stage, category, timing, n, value, valued, overdue = row
            part = OpenValue(
                stage=Stage(stage),
                timing=Timing(timing),
                category=ForecastCategory(category) if category else None,
                n=n,
                value=value or Decimal(0),
                unvalued=n - valued,
                overdue=overdue or 0,
            )
            values.setdefault((team_id, owner), []).append(part)
        return values

    def odds(
        self, team_ids: Iterable[int], today: date, rules: Forecasting
    ) -> Mapping[int, StageOdds]:
        """Return P(win | stage) of each team, and of the whole company under ``COMPANY``.

        Of the deals closed in the last complete months before ``today``, as ``count_outcomes``
        counted them.
        """
        teams = {*team_ids, COMPANY}
        months = months_back(today, rules.months)
        params = {"from": months[0], "until": months[-1], "teams": list(teams)}
        known: dict[int, list[dict[Stage, Outcomes]]] = {}
        for team_id, stage, won, lost in self._connection.execute(_OUTCOMES, params):
            known.setdefault(team_id, []).append({Stage(stage): Outcomes(won, lost)})
        company = summed(known.get(COMPANY, ()))
        return {
            team_id: stage_odds(
                rules, company, None if team_id == COMPANY else summed(known.get(team_id, ()))
            )
            for team_id in teams
        }

    def count_outcomes(self, month: date, start: datetime, end: datetime) -> None:
        """Count the deals closed in a month, instants ``[start, end)``, by the stages that they had
        reached; replaces what was counted before.

        A won deal had reached every stage, whichever it skipped; a lost one those up to its
        farthest. One that came closed from a file, without any stage before, is known to have been
        screened and no more, as the win rate has it.
        """
        counted: dict[tuple[int, Stage], Outcomes] = {
            (COMPANY, stage): Outcomes() for stage in WORKED_STAGES
        }
        params = {"start": start, "end": end}
        for team_id, is_won, farthest, n in self._connection.execute(_REACHED, params):
            reached = _reached(bool(is_won), -1 if farthest is None else farthest)
            more = Outcomes(n, 0) if is_won else Outcomes(0, n)
            for stage in reached:
                for key in ((team_id, stage), (COMPANY, stage)):
                    counted[key] = counted.get(key, Outcomes()) + more
        self._connection.execute(outcome.delete().where(outcome.c.month == month))
        rows = [
            {"month": month, "team_id": key, "stage": stage.value, "won": one.won, "lost": one.lost}
            for (key, stage), one in counted.items()
        ]
        self._connection.execute(outcome.insert(), rows)

    def take_snapshot(self, day: date, at: datetime, odds: Mapping[int, StageOdds]) -> bool:
        """Store what is open at present as the snapshot of a local day; False if there is one."""
        insert = insert_into(forecast_day, self._connection.dialect.name).on_conflict_do_nothing()
        new = insert.values(day=day, taken_at=at).returning(forecast_day.c.day)
        if self._connection.scalar(new) is None:
            return False
        sums: dict[tuple[Any, ...], tuple[int, Decimal]] = {}
        for *key, expected, n, value in self._connection.execute(_OPEN_NOW):
            month = expected.replace(day=1) if expected else None
            n_before, value_before = sums.get((*key, month), (0, Decimal(0)))
            sums[*key, month] = (n_before + n, value_before + (value or Decimal(0)))
        rows = [
            {
                "day": day,
                "team_id": team_id,
                "owner_id": owner_id,
                "stage": stage,
                "category": category,
                "month": month,
                "n": n,
                "value": value,
                "odds": odds[team_id].of(Stage(stage)) if team_id in odds else 0.0,
            }
            for (team_id, owner_id, stage, category, month), (n, value) in sums.items()
        ]
        if rows:
            self._connection.execute(forecast_snapshot.insert(), rows)
        return True

    def snapshot(
        self, day: date, team_ids: Collection[int] | None = None
    ) -> tuple[ForecastSnapshot, ...] | None:
        """Return the snapshot of a local day, of some teams or of all; None if there is none."""
        if self.snapshot_taken(day) is None:
            return None
        query = select(forecast_snapshot).where(forecast_snapshot.c.day == day)
        if team_ids is not None:
            query = query.where(forecast_snapshot.c.team_id.in_(team_ids))
        rows = self._connection.execute(query.order_by(forecast_snapshot.c.id)).mappings()
        return tuple(_SNAPSHOTS.read(row) for row in rows)

    def snapshot_taken(self, day: date) -> datetime | None:
        """Return when the snapshot of a day was taken, which is later after downtime; None if there
        is none."""
        taken: datetime | None = self._connection.scalar(_TAKEN, {"wanted": day})
        return taken

    def last_snapshot(self, until: date) -> date | None:
        """Return the last day, at the latest ``until``, of which there is a snapshot."""
        day: date | None = self._connection.scalar(_LAST_TAKEN, {"until": until})
        return day

    def slips(
        self,
        first: date,
        last: date,
        window: tuple[datetime, datetime],
        today: date,
        team_ids: Collection[int] | None = None,
    ) -> tuple[Slip, ...]:
        """Return the deals whose close date left a period of local days, both included, by lead.

        During the period (``window``: its instants ``[start, end)``) it was moved beyond it or
        removed, and not moved back; or it is over, and the deal was not closed in the period. A
        deal that was closed in the period all the same did not slip.
        """
        start, end = window
        params: dict[str, date] = {"first": first, "last": last, "start": start, "end": end}
        moved, passed = _MOVED, _PASSED
        if team_ids is not None:
            moved = moved.where(close_change.c.team_id.in_(team_ids))
            passed = passed.where(lead.c.team_id.in_(team_ids))
        slips: dict[int, Slip] = {}
        for row in self._connection.execute(moved, params):
            # Of a deal that was moved several times, what it was worth at first.
            slips.setdefault(row[0], Slip(*row))
        params["last"] = min(last, today - timedelta(days=1))
        for row in self._connection.execute(passed, params):
            lead_id, team_id, owner_id, value, expected = row
            slip = Slip(lead_id, team_id, owner_id, value or Decimal(0), expected, expected)
            slips.setdefault(lead_id, slip)
        return tuple(slip for _, slip in sorted(slips.items()))


_VALUE: Final = worth()
_TIMING: Final = case(
    (lead.c.expected_close.is_(None), Timing.UNDATED.value),
    (lead.c.expected_close < bindparam("first", type_=Date), Timing.EARLIER.value),
    (lead.c.expected_close > bindparam("last", type_=Date), Timing.LATER.value),
    else_=Timing.WITHIN.value,
).label("timing")


@cache
def _open_values(*, of_owner: bool) -> Select[Any]:
    overdue = case((lead.c.expected_close < bindparam("today", type_=Date), 1), else_=0)
    by = (lead.c.team_id, lead.c.owner_id, lead.c.stage, lead.c.category, _TIMING)
    query = (
        select(*by, func.count(), func.sum(_VALUE), func.count(_VALUE), func.sum(overdue))
        .where(worked_on(), lead.c.team_id.in_(bindparam("teams", expanding=True)))
        .group_by(*by[:4], "timing")
    )
    if of_owner:
        query = query.where(unindexed(lead.c.owner_id) == bindparam("owner", type_=Integer))
    return query


_OPEN_NOW: Final = (
    select(
        lead.c.team_id,
        lead.c.owner_id,
        lead.c.stage,
        lead.c.category,
        lead.c.expected_close,
        func.count(),
        func.sum(_VALUE),
    )
    .where(worked_on())
    .group_by(lead.c.team_id, lead.c.owner_id, lead.c.stage, lead.c.category, lead.c.expected_close)
)

_OUTCOMES: Final = select(outcome.c.team_id, outcome.c.stage, outcome.c.won, outcome.c.lost).where(
    outcome.c.month >= bindparam("from", type_=Date),
    outcome.c.month <= bindparam("until", type_=Date),
    outcome.c.team_id.in_(bindparam("teams", expanding=True)),
)

_FARTHEST: Final = (
    select(
        func.max(
            case(
                *((stage_interval.c.stage == stage, n) for n, stage in enumerate(WORKED_STAGES)),
                (stage_interval.c.stage == Stage.NURTURE, 0),
                else_=-1,
            )
        )
    )
    .where(stage_interval.c.lead_id == lead.c.id)
    .correlate(lead)
    .scalar_subquery()
    .label("farthest")
)
"""The place of the farthest open stage that a lead has been in; −1 for none."""


def _closed_in_window() -> Select[Any]:
    start, end = bindparam("start", type_=Instant), bindparam("end", type_=Instant)
    is_won = case((lead.c.stage.in_(WON), 1), else_=0).label("is_won")
    each = (
        select(lead.c.team_id, is_won, _FARTHEST)
        # Of every team, since each one's closed leads are a range of an index.
        .where(lead.c.team_id.in_(select(team.c.id)), is_closed((*WON, *LOST), start, end))
        .subquery()
    )
    by = (each.c.team_id, each.c.is_won, each.c.farthest)
    return select(*by, func.count()).group_by(*by)


_REACHED: Final = _closed_in_window()
_TAKEN: Final = select(forecast_day.c.taken_at).where(forecast_day.c.day == bindparam("wanted"))
_LAST_TAKEN: Final = (
    select(forecast_day.c.day)
    .where(forecast_day.c.day <= bindparam("until", type_=Date))
    .order_by(forecast_day.c.day.desc())
    .limit(1)
)


def _slipped() -> tuple[Select[Any], Select[Any]]:
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    start, end = bindparam("start", type_=Instant), bindparam("end", type_=Instant)
    not_closed = or_(lead.c.stage.in_(OPEN_STAGES), lead.c.closed_at >= end)
    change = close_change.c
    moved = (
        select(
            change.lead_id,
            change.team_id,
            change.owner_id,
            change.worth,
            change.from_day,
            change.to_day,
        )
        .join(lead, lead.c.id == change.lead_id)
        .where(
            change.from_day >= first,
            change.from_day <= last,
            or_(change.to_day.is_(None), change.to_day > last),
            change.changed_at >= start,
            change.changed_at < end,
            not_closed,
            or_(lead.c.expected_close.is_(None), lead.c.expected_close > last),
        )
        .order_by(change.id)
    )
    passed = select(
        lead.c.id, lead.c.team_id, lead.c.owner_id, _VALUE, lead.c.expected_close
    ).where(lead.c.expected_close >= first, lead.c.expected_close <= last, not_closed)
    return moved, passed


_MOVED, _PASSED = _slipped()


def _reached(is_won: bool, farthest: int) -> tuple[Stage, ...]:
    """The open stages that a closed deal had reached."""
    if farthest < 0:
        return WORKED_STAGES[: WORKED_STAGES.index(Stage.SCREENED) + 1]
    return WORKED_STAGES if is_won else WORKED_STAGES[: farthest + 1]
