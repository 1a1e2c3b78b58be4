"""The forecast of teams and people, and of which deals a day is asked; read, nothing drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final

from handlers.core.context import Context
from sales.forecast import (
    Forecast,
    ForecastSnapshot,
    OpenValue,
    StageOdds,
    forecast,
    forecast_then,
)
from sales.lead_lists import CloseDate, DayRange, LeadQuery, Moments, Status
from sales.leads import Stage
from sales.targets import Holder, Sold
from storage.forecasts import COMPANY

ASKED_IN: Final = (Stage.PROPOSAL, Stage.NEGOTIATION)
"""The stages in which an open deal should have a day and an amount."""


@dataclass(frozen=True, slots=True)
class HeldForecast:
    """The forecast of a team, a person or, with ``holder`` None, the company, for some days."""

    holder: Holder | None
    days: DayRange
    forecast: Forecast
    odds: StageOdds


class Forecasts:
    """The forecasts of a period for some teams and their people, read at once.

    ``of`` limits what is read to one person's.
    """

    def __init__(
        self, days: DayRange, team_ids: Iterable[int], context: Context, *, of: int | None = None
    ) -> None:
        self.days, self._team_ids, self._of = days, tuple(team_ids), of
        self._turn = context

    @cached_property
    def _open(self) -> dict[tuple[int, int | None], list[OpenValue]]:
        found = self._turn.uow.forecasts.open_values(
            self._team_ids, self.days.first, self.days.last, self._turn.today, owner_id=self._of
        )
        return dict(found)

    @cached_property
    def _odds(self) -> dict[int, StageOdds]:
        rules = self._turn.playbook.forecasting
        return dict(self._turn.uow.forecasts.odds(self._team_ids, self._turn.today, rules))

    def odds_of(self, team_id: int = COMPANY) -> StageOdds:
        """P(win | stage) of a team, or of the whole company."""
        return self._odds[team_id]

    def of_team(self, team_id: int, won: Decimal, target: Decimal | None = None) -> Forecast:
        """The team's forecast, including what has no owner."""
        deals = [deal for key, many in self._open.items() if key[0] == team_id for deal in many]
        return self._forecast(deals, team_id, won, target)

    def of_person(
        self, person_id: int, team_id: int, won: Decimal, target: Decimal | None = None
    ) -> Forecast:
        """A person's forecast, by the odds of their team."""
        deals = [deal for key, many in self._open.items() if key[1] == person_id for deal in many]
        return self._forecast(deals, team_id, won, target)

    def of_all(self, team_id: int, won: Decimal, target: Decimal | None = None) -> Forecast:
        """The forecast of all that was read, by the odds of one team."""
        deals = [deal for many in self._open.values() for deal in many]
        return self._forecast(deals, team_id, won, target)

    def of_company(self, won: Decimal, target: Decimal | None = None) -> Forecast:
        """The forecast of all the teams that were read, by the odds of the company."""
        return self.of_all(COMPANY, won, target)

    def _forecast(
        self, deals: Iterable[OpenValue], team_id: int, won: Decimal, target: Decimal | None
    ) -> Forecast:
        return forecast(
            won=won,
            deals=deals,
            odds=self._odds[team_id],
            rules=self._turn.playbook.forecasting,
            target=target,
        )


@dataclass(frozen=True, slots=True)
class ForecastBefore:
    """The forecast of a period as it was on ``day``."""

    day: date
    forecast: Forecast


def forecast_before(
    days: DayRange, until: date, holder: Holder | None, context: Context
) -> ForecastBefore | None:
    """The forecast of a period of whole months as the last snapshot until a day had it.

    ``holder`` None: of all teams. What was won in the period before that day is counted as it is
    known now; None where there is no snapshot.
    """
    day = context.uow.forecasts.last_snapshot(until)
    if day is None:
        return None
    teams = _teams_of(holder, context)
    rows = context.uow.forecasts.snapshot(day, teams) or ()
    won = _won_before(day, days, holder, teams, context)
    known = forecast_then(
        [row for row in rows if _is_of(row, holder)],
        won=won,
        first=days.first,
        last=days.last,
        rules=context.playbook.forecasting,
    )
    return ForecastBefore(day, known)


def _teams_of(holder: Holder | None, context: Context) -> list[int]:
    match holder:
        case Holder(kind="team", id=team_id):
            return [team_id]
        case _:
            # Somebody may have been in another team then.
            return [team.id for team in context.uow.people.teams()]


def _is_of(row: ForecastSnapshot, holder: Holder | None) -> bool:
    return holder is None or holder.kind == "team" or row.owner_id == holder.id


def _won_before(
    day: date, days: DayRange, holder: Holder | None, teams: list[int], context: Context
) -> Decimal:
    """What was won in the period before a day."""
    start, end = context.midnight(days.first), context.midnight(day)
    if end <= start:
        return Decimal(0)
    owner = holder.id if holder and holder.kind == "person" else None
    sold = context.uow.targets.sold(
        teams, start, end, owner_id=owner, with_lost=False, with_open=False
    )
    return _revenue(sold.items(), holder)


def _revenue(sold: Iterable[tuple[tuple[int, int | None], Sold]], holder: Holder | None) -> Decimal:
    mine = (
        one.revenue
        for (team_id, owner_id), one in sold
        if holder is None or holder.id == (team_id if holder.kind == "team" else owner_id)
    )
    return sum(mine, Decimal(0))


def window_of(days: DayRange, context: Context) -> tuple[datetime, datetime]:
    """The instants ``[start, end)`` of a period of the company's days."""
    return context.midnight(days.first), context.midnight(days.last + timedelta(days=1))


OVERDUE: Final = LeadQuery(status=Status.WORKED, closes=(CloseDate.OVERDUE,))
"""The deals that should have been closed by now."""


def overdue_closes(context: Context) -> int:
    """How many of the deals that the actor sees on their board should have been closed by now."""
    moments = Moments(now=context.now, timezone=context.language.zone)
    return context.uow.lead_list(context.actor).count(OVERDUE, moments)


def open_query(holder: Holder | None, *stages: Stage) -> LeadQuery:
    """The list of the open deals of a team, a person, or of everybody."""
    whose = (holder.id,) if holder else ()
    is_team = holder is not None and holder.kind == "team"
    return LeadQuery(
        status=Status.WORKED,
        stages=stages,
        teams=whose if is_team else (),
        owners=() if is_team else whose,
    )
