"""What a digest is made of: read when a card asks for it, for a team or the whole company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, reduce
from operator import add

from handlers.core.context import Context
from handlers.forecast.service import Forecasts, forecast_before
from handlers.targets.progress import Standing, Standings
from sales.calendar import week_after
from sales.lead_lists import DayRange
from sales.people import Team
from sales.reports import DigestPeriod, Outlook, WeekFacts, period_of
from sales.reports.digest import (
    FUNNEL_WEEKS,
    TREND_WEEKS,
    StageFlow,
    TeamWeek,
    TrendWeek,
    weeks_since,
)
from sales.targets import Goals, Holder, Measure, Quarter, Sold
from sales.weekly_reports import WeeklyReport
from storage.forecasts import COMPANY

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Likely:
    """What the quarter is likely to bring, in whole currency units: as of now, and a week before
    (None when it is not known)."""

    now: Decimal
    before: Decimal | None


class DigestContent:
    """A week of a team, or (``team`` None) of the company.

    Facts of the week are as they were at its end, everything else is as of now.
    """

    def __init__(self, team: Team | None, week: str, context: Context) -> None:
        self.team = team
        self.week = week
        self.context = context
        self.team_id = None if team is None else team.id

    @property
    def name(self) -> str:
        return self.context.text("digest.company") if self.team is None else self.team.name

    @cached_property
    def teams(self) -> list[Team]:
        """The teams that the digest is about."""
        return self.context.uow.people.teams() if self.team is None else [self.team]

    @cached_property
    def period(self) -> DigestPeriod:
        """Without limits of stages, which take longer to read."""
        stalled_days = self.context.playbook.reminders.stalled_days
        calendar, now = self.context.calendar, self.context.now
        return period_of(self.team_id, self.week, calendar, now, stalled_days)

    @cached_property
    def judged(self) -> DigestPeriod:
        """The period with the limits by which deals are at risk."""
        return replace(self.period, stage_limits=self.context.uow.figures.stage_limits())

    @property
    def last_day(self) -> date:
        return self.context.calendar.day_of(self.period.end) - _DAY

    @property
    def quarter(self) -> Quarter:
        return Quarter.of(self.last_day)

    @cached_property
    def facts(self) -> WeekFacts:
        return self.context.uow.figures.week(self.team_id, self.period.start, self.period.end)

    @cached_property
    def trend(self) -> tuple[TrendWeek, ...]:
        """The last weeks, this one included, since the first lead; oldest first."""
        weeks = [week_after(self.week, -back) for back in range(TREND_WEEKS - 1, -1, -1)]
        windows = [self.context.calendar.week(week) for week in weeks]
        digest = self.context.uow.weekly_digest
        return weeks_since(digest.began(self.team_id), digest.weeks(self.team_id, windows))

    @cached_property
    def flows(self) -> tuple[StageFlow, ...]:
        start, _ = self.context.calendar.week(week_after(self.week, 1 - FUNNEL_WEEKS))
        return self.context.uow.weekly_digest.flows(self.team_id, start, self.period.end)

    @cached_property
    def outlook(self) -> Outlook:
        return self.context.uow.figures.outlook(self.judged)

    @cached_property
    def team_weeks(self) -> Mapping[int, TeamWeek]:
        """Each team's part of the week, by id."""
        return self.context.uow.weekly_digest.teams(self.period.start, self.period.end)

    @cached_property
    def standings(self) -> Standings:
        """The quarter's targets of the teams and of their people."""
        return Standings(self.quarter, [team.id for team in self.teams], self.context)

    @cached_property
    def standing(self) -> Standing:
        """The target of the team; of the company, those of its teams added up."""
        standings = [self.standings.of_team(team) for team in self.teams]
        if self.team is not None:
            return standings[0]
        return Standing(
            holder=Holder("company", COMPANY),
            name=self.name,
            goals=_added(standings),
            sold=reduce(add, (standing.sold for standing in standings), Sold()),
            expected=standings[0].expected if standings else 0.0,
        )

    @cached_property
    def people(self) -> dict[int, str]:
        """Everybody's name by id."""
        return {person.id: person.name for person in self.context.uow.people.everyone()}

    @cached_property
    def members(self) -> list[int]:
        """The sellers of the teams, by name."""
        teams = {team.id for team in self.teams}
        found = [
            person
            for person in self.context.uow.people.everyone()
            if person.active and person.sells and person.team_id in teams
        ]
        return [person.id for person in sorted(found, key=lambda one: (one.name, one.id))]

    @cached_property
    def reports(self) -> Sequence[WeeklyReport]:
        """The reports that were submitted for the week, by the people's names."""
        found = self.context.uow.weekly_reports.of_people(self.members, self.week)
        return [found[person_id] for person_id in self.members if person_id in found]

    @cached_property
    def missing(self) -> list[str]:
        """The names of those who were reminded of their report, and have not submitted it."""
        asked = self.context.uow.weekly_reports.asked_of(self.members, self.week)
        return [
            self.people[person_id]
            for person_id in self.members
            if person_id in asked and asked[person_id].is_missing
        ]

    @cached_property
    def likely(self) -> Likely | None:
        """The weighted forecast of the quarter, of all its teams together; None when no open deal
        is expected in it."""
        days = DayRange(self.quarter.first, self.quarter.next.first - _DAY)
        forecasts = Forecasts(days, [team.id for team in self.teams], self.context)
        now = [
            forecasts.of_team(team.id, self.standings.of_team(team).sold.revenue)
            for team in self.teams
        ]
        if not any(forecast.n for forecast in now):
            return None
        return Likely(sum((one.weighted for one in now), Decimal(0)), self._likely_before(days))

    def _likely_before(self, days: DayRange) -> Decimal | None:
        """The same when the week began."""
        monday = self.context.calendar.day_of(self.period.start)
        holder = None if self.team_id is None else Holder.team(self.team_id)
        before = forecast_before(days, monday, holder, self.context)
        if before is None or monday - before.day >= _WEEK:
            return None
        return before.forecast.weighted


def _added(standings: Sequence[Standing]) -> Goals:
    """The goals that add up, of all teams together; ratios of teams have no sum."""
    goals: dict[Measure, Decimal] = {}
    for standing in standings:
        for measure, goal in standing.goals.items():
            if measure.adds_up:
                goals[measure] = goals.get(measure, Decimal(0)) + goal
    return goals
