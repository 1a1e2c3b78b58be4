"""The forecast: formulas on small numbers that can be checked by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sales.calendar import WorkCalendar
from sales.forecast import (
    Accuracy,
    ForecastSnapshot,
    OpenValue,
    Outcomes,
    StageOdds,
    Timing,
    category_of,
    forecast,
    forecast_then,
    likely_close,
    month_after,
    months_back,
    next_snapshot_day,
    smoothed,
    snapshot_day,
    stage_odds,
    timing_of,
)
from sales.leads import ForecastCategory, Lead, Stage, Timeframe
from sales.playbook import Forecasting, WorkingHours

RULES = Forecasting()
ODDS = StageOdds({Stage.SCREENED: 0.2, Stage.PROPOSAL: 0.5, Stage.NEGOTIATION: 0.8})
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)


def deal(stage: Stage, value: int, timing: Timing = Timing.WITHIN, **known: object) -> OpenValue:
    return OpenValue(stage=stage, timing=timing, value=Decimal(value), **known)  # type: ignore[arg-type]


class TestForecast:
    def test_adds_what_is_likely_to_what_is_won(self) -> None:
        deals = [deal(Stage.PROPOSAL, 100), deal(Stage.NEGOTIATION, 50), deal(Stage.SCREENED, 10)]
        found = forecast(won=Decimal(30), deals=deals, odds=ODDS, rules=RULES)
        assert found.weighted == Decimal(30 + 50 + 40 + 2)
        assert found.commit == Decimal(30 + 50)
        assert found.best_case == Decimal(30 + 50 + 100)
        assert found.n == 3

    def test_leaves_out_what_closes_at_another_time(self) -> None:
        deals = [
            deal(Stage.PROPOSAL, 100, Timing.LATER),
            deal(Stage.PROPOSAL, 100, Timing.EARLIER, overdue=1),
            deal(Stage.NEGOTIATION, 70, Timing.UNDATED),
        ]
        found = forecast(won=Decimal(1), deals=deals, odds=ODDS, rules=RULES, target=Decimal(11))
        assert {found.weighted, found.commit, found.best_case} == {Decimal(1)}
        assert (found.n, found.undated, found.overdue) == (0, 1, 1)
        assert found.undated_value == 70
        assert found.coverage == 0.0
        assert found.open_value == 270

    def test_covers_what_is_missing_with_screened_deals_only(self) -> None:
        deals = [deal(Stage.CAPTURED, 1000), deal(Stage.SCREENED, 90), deal(Stage.PROPOSAL, 90)]
        found = forecast(won=Decimal(20), deals=deals, odds=ODDS, rules=RULES, target=Decimal(120))
        assert found.missing == 100
        assert found.coverage == pytest.approx(1.8)

    @pytest.mark.parametrize("target", [None, Decimal(20), Decimal(10)])
    def test_has_no_coverage_when_nothing_is_missing(self, target: Decimal | None) -> None:
        found = forecast(
            won=Decimal(20), deals=[deal(Stage.PROPOSAL, 9)], odds=ODDS, rules=RULES, target=target
        )
        assert found.coverage is None

    def test_believes_the_owner_more_than_the_stage(self) -> None:
        deals = [
            deal(Stage.NEGOTIATION, 50, category=ForecastCategory.PIPELINE),
            deal(Stage.DISCOVERY, 8, category=ForecastCategory.COMMIT),
            deal(Stage.SCREENED, 4, category=ForecastCategory.BEST_CASE),
        ]
        found = forecast(won=Decimal(0), deals=deals, odds=ODDS, rules=RULES)
        assert found.commit == Decimal(8)
        # Never less than what is likely.
        assert found.best_case == found.weighted == Decimal("40.80")

    def test_of_nothing_is_what_is_won(self) -> None:
        found = forecast(won=Decimal(7), deals=(), odds=ODDS, rules=RULES)
        assert {found.weighted, found.commit, found.best_case} == {Decimal(7)}
        assert not found.stages


class TestOdds:
    def test_are_the_prior_without_deals(self) -> None:
        assert stage_odds(RULES, {}).of(Stage.PROPOSAL) == 0.5
        assert stage_odds(RULES, {}).of(Stage.NURTURE) == 0.0

    def test_are_drawn_to_the_prior_by_its_weight(self) -> None:
        # 30 and half of 10 won, of 50.
        assert smoothed(Outcomes(30, 10), 0.5, 10) == pytest.approx(0.7)
        assert smoothed(Outcomes(), 0.5, 0) == 0.5
        assert smoothed(Outcomes(0, 4), 0.5, 0) == 0.0

    def test_of_a_team_are_drawn_to_the_companys(self) -> None:
        company = {Stage.PROPOSAL: Outcomes(30, 10)}
        team = {Stage.PROPOSAL: Outcomes(0, 10)}
        odds = stage_odds(RULES, company, team)
        assert odds.of(Stage.PROPOSAL) == pytest.approx((0 + 0.7 * 10) / 20)
        assert odds.n == 10

    @pytest.mark.parametrize(
        ("stage", "category"),
        [
            (Stage.DISCOVERY, ForecastCategory.PIPELINE),
            (Stage.PROPOSAL, ForecastCategory.BEST_CASE),
            (Stage.NEGOTIATION, ForecastCategory.COMMIT),
            (Stage.NURTURE, ForecastCategory.PIPELINE),
        ],
    )
    def test_category_follows_the_stage(self, stage: Stage, category: ForecastCategory) -> None:
        assert category_of(stage, None, RULES) is category
        assert category_of(stage, ForecastCategory.COMMIT, RULES) is ForecastCategory.COMMIT


def row(month: date | None, value: int, stage: Stage = Stage.PROPOSAL) -> ForecastSnapshot:
    return ForecastSnapshot(
        day=date(2026, 10, 5), team_id=1, owner_id=2, stage=stage, category=None, month=month,
        n=1, value=Decimal(value), odds=0.4,
    )  # fmt: skip


class TestSnapshots:
    def test_tell_the_forecast_of_then(self) -> None:
        rows = [
            row(date(2026, 10, 1), 100),
            row(date(2026, 12, 1), 10),
            row(date(2027, 1, 1), 1000),
            row(date(2026, 9, 1), 1000),
            row(None, 5),
        ]
        found = forecast_then(rows, won=Decimal(3), first=FIRST, last=LAST, rules=RULES)
        assert found.weighted == Decimal("47.00")
        assert found.best_case == 113
        assert (found.n, found.undated) == (2, 1)

    def test_are_taken_on_mondays_and_first_days(self) -> None:
        assert snapshot_day(date(2026, 11, 28)) == date(2026, 11, 23)
        assert snapshot_day(date(2026, 12, 1)) == date(2026, 12, 1)
        assert next_snapshot_day(date(2026, 11, 23)) == date(2026, 11, 30)
        assert next_snapshot_day(date(2026, 11, 30)) == date(2026, 12, 1)
        assert next_snapshot_day(date(2026, 12, 28)) == date(2027, 1, 1)
        assert snapshot_day(date(2027, 1, 3)) == date(2027, 1, 1)

    def test_accuracy_is_one_less_the_error(self) -> None:
        assert Accuracy(Decimal(120), Decimal(100)).share == pytest.approx(0.8)
        assert Accuracy(Decimal(120), Decimal(100)).error == pytest.approx(0.2)
        assert Accuracy(Decimal(300), Decimal(100)).share == 0.0
        assert Accuracy(Decimal(1), Decimal(0)).share is None


class TestDays:
    def test_timing(self) -> None:
        days = [FIRST, LAST, date(2026, 9, 30), date(2027, 1, 1), None]
        assert [timing_of(day, FIRST, LAST) for day in days] == [
            Timing.WITHIN, Timing.WITHIN, Timing.EARLIER, Timing.LATER, Timing.UNDATED,
        ]  # fmt: skip

    def test_months(self) -> None:
        assert months_back(date(2026, 2, 28), 3) == [
            date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1),
        ]  # fmt: skip
        assert month_after(date(2026, 12, 31)) == date(2027, 1, 1)

    def test_likely_close(self) -> None:
        today, calendar = date(2026, 11, 27), WorkCalendar(WorkingHours(country=""), UTC)
        lengths = {Stage.PROPOSAL: 5, Stage.NEGOTIATION: 10}
        lead = Lead(
            source="form", customer="Acme", stage_since=datetime(2026, 11, 2, tzinfo=UTC),
            team_id=1, created_at=datetime(2026, 11, 2, tzinfo=UTC), created_by=1,
        )  # fmt: skip
        # Fifteen working days after a Friday.
        assert likely_close(lead, Stage.PROPOSAL, today, calendar, lengths) == date(2026, 12, 18)

        def said(timeframe: Timeframe) -> date:
            told = replace(lead, timeframe=timeframe)
            return likely_close(told, Stage.PROPOSAL, today, calendar, lengths)

        assert said(Timeframe.MONTH) == date(2026, 12, 2)
        assert said(Timeframe.QUARTER) == date(2027, 2, 1)  # January 31 is a Sunday
