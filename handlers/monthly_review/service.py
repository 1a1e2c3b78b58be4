"""Gathers what a monthly review is made of; renders nothing."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from handlers.core.context import Context
from sales.forecast import forecast_then, slipped_value
from sales.people import Role
from sales.reports.conversion import won_in
from sales.reports.journeys import ALL, Journey, JourneyFilter
from sales.reports.periods import ReportPeriod
from sales.reports.review import MonthReview, ReviewFacts, ReviewWindow, review_of
from sales.reports.review_findings import ForecastCheck, PoolPlace


def gather_review(month: ReportPeriod, team_id: int | None, context: Context) -> MonthReview:
    """The review of a team's month, or with None of all that the actor may see.

    The caller checks that the actor may see the team.
    """
    window = ReviewWindow.of(month, context.calendar)
    only = ALL if team_id is None else JourneyFilter(team_ids=frozenset({team_id}))
    journeys = context.uow.journeys(context.actor).of_period(window.since, window.end, only)
    known, calendar = context.uow.review_facts(context.actor), context.calendar
    offers = known.ruled_offers(window.start, window.end, team_id)
    budget_from = context.playbook.scoring.budget_from
    renewals, renewals_value = known.renewals(team_id)
    check, expected = _forecast(month, team_id, journeys, context)
    facts = ReviewFacts(
        journeys=journeys,
        open_by_stage=known.open_by_stage(team_id),
        groups=known.decided(window.since, window.end, team_id, budget_from),
        offers=offers,
        accept_times=tuple(
            calendar.between(offer.offered_at, offer.accepted_at)
            for offer in offers
            if offer.accepted_at
        ),
        pools=_pools(context),
        gaps=known.gaps(team_id),
        forecast=check,
        expected=expected,
        renewals=renewals,
        renewals_value=renewals_value,
    )
    sharing = context.playbook.sharing.enabled
    return review_of(month, facts, context.playbook, calendar, sharing=sharing)


def _forecast(
    month: ReportPeriod, team_id: int | None, journeys: Sequence[Journey], context: Context
) -> tuple[ForecastCheck | None, int]:
    """The forecast of the month's first day against what came, and how many deals were expected;
    None without a snapshot of that day."""
    team_ids = None if team_id is None else {team_id}
    forecasts = context.uow.forecasts
    rows = forecasts.snapshot(month.first, team_ids)
    if rows is None:
        return None, 0
    rules = context.playbook.forecasting
    then = forecast_then(rows, won=Decimal(0), first=month.first, last=month.last, rules=rules)
    start, end = month.window(context.calendar)
    won = (one.amount or Decimal(0) for one in journeys if won_in(one, start, end) is not None)
    slips = forecasts.slips(month.first, month.last, (start, end), context.today, team_ids)
    check = ForecastCheck(
        forecast=then.weighted,
        actual=sum(won, Decimal(0)),
        slipped=slipped_value(slips),
        slipped_count=len(slips),
    )
    return check, then.n


def _pools(context: Context) -> Mapping[str, Sequence[PoolPlace]]:
    """The places in each pool of the routing rules, and of each team for leads without a rule."""
    people = context.uow.people.everyone()
    by_name = {person.name: person for person in people}
    pools: dict[str, list[PoolPlace]] = {}
    for team in context.uow.people.teams():
        pools[str(team.id)] = [
            PoolPlace(person_id=person.id, name=person.name, weight=person.weight)
            for person in people
            if person.team_id == team.id and person.role is Role.REP and person.active
        ]
    teams = {team.name: str(team.id) for team in context.uow.people.teams()}
    for rule in context.playbook.routing:
        if rule.pool:
            pools[rule.name] = [
                PoolPlace(
                    person_id=by_name[member.person].id, name=member.person, weight=member.weight
                )
                for member in rule.pool
                if member.person in by_name
            ]
        elif rule.team in teams:
            pools[rule.name] = pools[teams[rule.team]]
    return pools
