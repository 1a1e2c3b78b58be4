"""Every figure of a report on both databases, against an oracle that knows only what happened."""

from collections.abc import Callable, Iterable
from datetime import date

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from sales.calendar import WorkCalendar
from sales.lead_lists import LeadFigure, LeadQuery, Moments
from sales.leads import Stage
from sales.people import SYSTEM, Person
from sales.playbook import WorkingHours
from sales.reports import (
    DigestPeriod,
    Journey,
    Number,
    ReportPeriod,
    ResponseBucket,
    Spread,
    attainment,
    cohort_funnel,
    discipline,
    is_screened_and_open,
    period_of,
    response_counts,
    response_matrix,
    response_spread,
    sales_cycle,
    stage_conversion,
    time_in_stage,
    totals,
    velocity,
    win_rate_by,
    win_rate_by_value,
)
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.reports.histories import History, Player, histories
from tests.reports.oracle import Durations, Oracle
from tests.storage.company import Company

EXAMPLES = 25

pytestmark = pytest.mark.every_way


def key_of(kind: str, day: date) -> str:
    match kind:
        case "week":
            return ReportPeriod.week_of(day).key
        case "month":
            return ReportPeriod.month_of(day).key
        case "quarter":
            return ReportPeriod.quarter_of(day).key
        case "year":
            return ReportPeriod.year_of(day).key
        case _:
            return ReportPeriod.days(date.fromordinal(day.toordinal() - 3), day).key


class Report:
    """The figures of a history, as the product gives them."""

    def __init__(self, uow: UnitOfWork, history: History) -> None:
        self.uow, self.history = uow, history
        self.calendar = WorkCalendar(WorkingHours(), history.zone)
        self.period = ReportPeriod.of_key(history.key)
        self.start, end = self.period.window(self.calendar)
        self.end = max(self.start, min(end, history.now))
        self.moved = uow.journeys(SYSTEM).of_period(self.start, self.end)
        self.open_now = uow.journeys(SYSTEM).open_at_present()

    def listed(self, number: Number, team_id: int | None = None, person: int | None = None) -> int:
        """How many rows the list of a number has."""
        figure = LeadFigure(number, team_id, self.history.key, person)
        moments = Moments(
            now=self.history.now, timezone=self.history.zone, period=self._digest(team_id)
        )
        return self.uow.lead_list(SYSTEM).count(LeadQuery.of_figure(figure), moments)

    def _digest(self, team_id: int | None) -> DigestPeriod:
        return period_of(team_id, self.history.key, self.calendar, self.history.now, 7)


@pytest.fixture
def told(units: UnitOfWorkFactory, company: Company) -> tuple[UnitOfWorkFactory, Company]:
    return units, company


@seed(12)
@settings(
    max_examples=EXAMPLES,
    database=None,
    # To shrink a history takes minutes, and the first one found is as easy to understand.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories(key_of))
def test_every_figure_follows_from_what_happened(
    told: tuple[UnitOfWorkFactory, Company], history: History
) -> None:
    units, company = told
    with units() as uow:  # Never committed: each history begins in an empty company.
        player = Player(uow, company)
        for story in history.stories:
            player.play(story)
        report = Report(uow, history)
        oracle = Oracle(history, report.period.first, report.period.last)
        _compare_totals(report, oracle)
        _compare_ways(report, oracle)
        _compare_responses(report, oracle)
        _compare_promises(report, oracle)
        _compare_lists(report, oracle)
        _compare_scopes(report, company)


def _compare_totals(report: Report, oracle: Oracle) -> None:
    start, end = report.start, report.end
    journeys = report.uow.journeys(SYSTEM).open_in(start, end)
    added, expected = totals(journeys, start, end), oracle.totals()
    assert added.new_by_source == expected["new"]
    for name in expected.keys() - {"new"}:
        assert getattr(added, name) == expected[name], name
    facts = report.uow.figures.week(None, start, end)
    for name in ("won", "won_amount", "lost", "lost_screened", "open_at_start", "open_at_end"):
        assert getattr(facts, name) == expected[name], name
    assert (facts.entered, facts.nurtured) == (added.entered, expected["nurtured"])
    assert facts.new_leads == added.new


def _compare_ways(report: Report, oracle: Oracle) -> None:
    moved, start, end = report.moved, report.start, report.end
    assert {
        one.stage.value: (one.entered, one.converted, one.lost, one.still_open)
        for one in stage_conversion(moved, start, end)
    } == oracle.conversion()
    funnel = cohort_funnel(moved, start, end)
    assert {step.stage.value: step.rate.hits for step in funnel} == oracle.funnel()
    times = time_in_stage(moved, start, end)
    for stage, expected in oracle.in_stage().items():
        assert_same(times[Stage(stage)], expected)
    rates = win_rate_by(moved, lambda one: one.grade.value, start, end)
    assert {key: (rate.hits, rate.n) for key, rate in rates.items()} == oracle.win_rates()
    value = win_rate_by_value(moved, start, end)
    assert (value.won, value.decided, value.n) == oracle.won_value()
    assert_same(sales_cycle(moved, start, end), oracle.cycle())
    speed = velocity(sum(map(is_screened_and_open, report.open_now)), moved, start, end)
    assert speed.open_count == oracle.velocity()[0]
    assert speed.win_rate.hits == oracle.velocity()[1]


def _compare_responses(report: Report, oracle: Oracle) -> None:
    moved, start, end = report.moved, report.start, report.end
    counts = response_counts(moved, start, end)
    assert {bucket.value: n for bucket, n in counts.items() if n} == oracle.response()
    matrix = response_matrix(moved, start, end)
    assert {
        (source, bucket.value): (rate.hits, rate.n) for (source, bucket), rate in matrix.items()
    } == oracle.matrix()
    for from_assignment in (False, True):
        spread = response_spread(moved, start, end, from_assignment=from_assignment)
        assert_same(spread, oracle.waits(from_assignment=from_assignment))


def _compare_promises(report: Report, oracle: Oracle) -> None:
    now = report.history.now
    clocks = report.uow.journeys(SYSTEM).clocks_due(report.start, report.end)
    kept = attainment(clocks, now)
    assert (kept.hits, kept.n) == oracle.clocks()
    planned, n, overdue, late = oracle.discipline()
    discipline_now = discipline(report.open_now, now)
    assert (discipline_now.planned.hits, discipline_now.planned.n) == (planned, n)
    assert discipline_now.overdue == overdue
    assert_same(discipline_now.late, late)


def _compare_lists(report: Report, oracle: Oracle) -> None:
    """A number is as many as the rows that it opens."""
    numbers = dict(_numbers(oracle))
    assert {number: report.listed(number) for number in numbers} == numbers


def _numbers(oracle: Oracle) -> Iterable[tuple[Number, int]]:
    counted = oracle.totals()
    for number, name in (
        (Number.WON, "won"),
        (Number.LOST, "lost"),
        (Number.HIGH_VALUE, "high_value"),
        (Number.OPEN, "open_at_end"),
        (Number.IN_NURTURE, "nurtured_at_end"),
        (Number.NURTURED, "nurtured"),
    ):
        yield number, int(str(counted[name]))
    yield Number.OVERDUE, oracle.overdue()
    for stage, (entered, passed, dropped, _) in oracle.conversion().items():
        yield Number.of_stage("entered", Stage(stage)), entered
        yield Number.of_stage("passed", Stage(stage)), passed
        yield Number.of_stage("dropped", Stage(stage)), dropped
    answered, cells = oracle.response(), oracle.matrix()
    for bucket in ResponseBucket:
        yield Number.of_bucket("answered", bucket), answered[bucket.value]
        decided = sum(n for (_, one), (_, n) in cells.items() if one == bucket.value)
        yield Number.of_bucket("decided", bucket), decided
    yield Number.DECIDED, sum(n for _, n in oracle.win_rates().values())


def _compare_scopes(report: Report, company: Company) -> None:
    """Everybody's report is of what they see, and a team's and a person's lists of theirs."""
    journeys = report.moved
    seen: dict[Person, Callable[[Journey], bool]] = {
        company.boss: lambda one: one.team_id == company.east.id,
        company.kim: lambda one: one.owner_id == company.kim.id,
    }
    for person, sees in seen.items():
        own = report.uow.journeys(person).of_period(report.start, report.end)
        assert own == tuple(one for one in journeys if sees(one))
    east = [one for one in journeys if one.team_id == company.east.id]
    won = totals(east, report.start, report.end).won
    assert report.listed(Number.WON, company.east.id) == won
    robins = [one for one in east if one.owner_id == company.robin.id]
    entered = stage_conversion(robins, report.start, report.end)[1].entered
    listed = report.listed(Number.ENTERED_SCREENED, company.east.id, company.robin.id)
    assert listed == entered


def assert_same(spread: Spread, expected: Durations) -> None:
    n, median, p90 = expected
    assert spread.n == n
    assert spread.median.total_seconds() == pytest.approx(median, abs=0.01)
    assert spread.p90.total_seconds() == pytest.approx(p90, abs=0.01)
