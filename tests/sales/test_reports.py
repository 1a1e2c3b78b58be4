"""The meaning of the weekly figures: comparisons, rates, and which deals are at risk."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.calendar import WorkCalendar
from sales.leads import Grade, Lead, Stage
from sales.playbook import WorkingHours
from sales.reports import (
    AtRisk,
    Compared,
    DigestPeriod,
    Rate,
    Risk,
    WeekFacts,
    by_key,
    last_activity,
    period_of,
    risk_of,
    stage_limit,
    stage_limits,
    win_rate,
    worst_first,
)
from sales.reports.digest import TrendWeek, compared_with, weeks_since
from tests.sales.leads import MONDAY, a_lead

DAY = timedelta(days=1)
CALENDAR = WorkCalendar(WorkingHours(), ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def period() -> DigestPeriod:
    """Week 47 of 2026, looked at on the Monday after, at ten in Shanghai."""
    return period_of(1, "2026-W47", CALENDAR, MONDAY, 7)


def week(new: int = 0, **known: Any) -> WeekFacts:
    start = datetime(2026, 11, 15, 16, tzinfo=UTC)
    return WeekFacts(start=start, end=start + 7 * DAY, new_by_source={"form": new}, **known)


def won(facts: WeekFacts) -> int:
    return facts.won


class TestPeriod:
    def test_is_the_week_the_week_after_and_now(self, period: DigestPeriod) -> None:
        assert period.start == datetime(2026, 11, 15, 16, tzinfo=UTC)
        assert period.end == datetime(2026, 11, 22, 16, tzinfo=UTC)
        assert period.next_end == datetime(2026, 11, 29, 16, tzinfo=UTC)
        assert period.idle_since == MONDAY - 7 * DAY

    def test_refuses_what_is_no_week(self) -> None:
        with pytest.raises(ValueError, match="week"):
            period_of(1, "2026-W54", CALENDAR, MONDAY, 7)


class TestCompare:
    def test_against_the_week_before_and_the_average(self) -> None:
        compared = compared_with(wins, trend(1, 0, 2, 3, 2), 4)
        assert compared == Compared(Decimal(2), Decimal(3), Decimal("1.5"), 4)
        assert compared.change == -1

    def test_leaves_out_weeks_before_the_first_lead(self) -> None:
        weeks = weeks_since(MONDAY + 14 * DAY, trend(0, 0, 1, 2, 0))
        compared = compared_with(wins, weeks, 4)
        assert compared == Compared(Decimal(0), Decimal(2), Decimal("1.5"), 2)

    def test_has_nothing_to_compare_with_in_the_first_week(self) -> None:
        compared = compared_with(wins, trend(1), 4)
        assert compared == Compared(Decimal(1))
        assert compared.change is None


def trend(*won: int) -> tuple[TrendWeek, ...]:
    """Weeks from Monday on with so many wins each."""
    return tuple(
        TrendWeek(start=MONDAY + 7 * n * DAY, end=MONDAY + 7 * (n + 1) * DAY, won=count)
        for n, count in enumerate(won)
    )


def wins(week: TrendWeek) -> int:
    return week.won


class TestWinRate:
    def test_is_won_of_decided_and_says_of_how_many(self) -> None:
        assert win_rate(week(won=3, lost=4, lost_screened=2)) == Rate(3, 5)
        assert Rate(3, 5).share == 0.6

    def test_is_hidden_below_five(self) -> None:
        assert win_rate(week(won=3, lost=9, lost_screened=1)) is None


class TestSources:
    def test_are_summed_by_key_the_most_first(self) -> None:
        sources = {"form": 1, "ads-SEM": 2, "ads-feed-2": 3, "exhibition-教育展": 5, "referral": 1}
        assert list(by_key(sources).items()) == [
            ("ads", 5), ("exhibition", 5), ("form", 1), ("referral", 1),
        ]  # fmt: skip


def idle(days: float, **known: Any) -> Lead:
    since = MONDAY - days * DAY
    return a_lead(created_at=since, stage_since=since, **known)


class TestRisk:
    def test_overdue_from_the_moment_the_step_was_due(self, period: DigestPeriod) -> None:
        due = MONDAY - timedelta(minutes=1)
        lead = a_lead(next_at=due)
        assert risk_of(lead, period) == AtRisk(lead, Risk.OVERDUE, due, timedelta(minutes=1))
        assert risk_of(a_lead(next_at=MONDAY), period) is None

    def test_stalled_after_seven_days_without_activity(self, period: DigestPeriod) -> None:
        risk = risk_of(idle(10), period)
        assert risk is not None
        assert (risk.reason, risk.since, risk.beyond) == (Risk.STALLED, MONDAY - 10 * DAY, 3 * DAY)
        assert risk_of(idle(7), period) is None

    def test_says_overdue_when_it_is_both(self, period: DigestPeriod) -> None:
        risk = risk_of(idle(30, next_at=MONDAY - DAY), period)
        assert risk is not None
        assert (risk.reason, risk.beyond) == (Risk.OVERDUE, DAY)

    def test_a_planned_step_does_not_excuse_silence(self, period: DigestPeriod) -> None:
        risk = risk_of(idle(30, next_at=MONDAY + DAY), period)
        assert risk is not None
        assert risk.reason is Risk.STALLED

    @pytest.mark.parametrize("known", [
        {"last_contact_at": MONDAY - 2 * DAY}, {"stage_since": MONDAY - 2 * DAY},
    ])  # fmt: skip
    def test_contact_and_moves_are_activity(
        self, period: DigestPeriod, known: dict[str, Any]
    ) -> None:
        lead = a_lead(**{"created_at": MONDAY - 30 * DAY, "stage_since": MONDAY - 30 * DAY} | known)
        assert last_activity(lead) == MONDAY - 2 * DAY
        assert risk_of(lead, period) is None

    def test_nurtured_leads_may_rest_but_not_miss_a_step(self, period: DigestPeriod) -> None:
        assert risk_of(idle(90, stage=Stage.NURTURE), period) is None
        late = risk_of(idle(90, stage=Stage.NURTURE, next_at=MONDAY - DAY), period)
        assert late is not None

    @pytest.mark.parametrize("stage", [Stage.WON, Stage.LOST, Stage.AFTERSALES])
    def test_closed_leads_are_at_no_risk(self, period: DigestPeriod, stage: Stage) -> None:
        assert risk_of(idle(90, stage=stage, next_at=MONDAY - DAY), period) is None


class TestStageLimit:
    @pytest.mark.parametrize(
        ("lasted", "limit"),
        [
            ((), 14), ((1, 1, 1, 1), 14), ((2, 2, 2, 2, 2), 2), ((1, 2, 3, 4, 5), 4),
            ((5, 4, 3, 2, 1), 4), ((0, 0, 0, 0, 40), 0), ((1, 2, 3, 4, 5, 6), 4.75),
            ((10, 20, 30, 40, 50, 60, 70, 80), 62.5),
        ],
    )  # fmt: skip
    def test_is_what_three_of_four_won_deals_needed(
        self, lasted: tuple[int, ...], limit: float
    ) -> None:
        assert stage_limit([days * DAY for days in lasted]) == limit * DAY

    def test_stalled_is_older_than_that_in_spite_of_contact(self, period: DigestPeriod) -> None:
        limited = replace(period, stage_limits={Stage.CAPTURED: 20 * DAY})
        lead = idle(21, last_contact_at=MONDAY - DAY)
        risk = risk_of(lead, limited)
        assert risk == AtRisk(lead, Risk.STAGE, MONDAY - 21 * DAY, DAY)
        assert risk_of(idle(20, last_contact_at=MONDAY - DAY), limited) is None

    @pytest.mark.parametrize("pooled", [True, False])
    def test_nobody_stalls_in_the_pool_or_in_nurture(
        self, period: DigestPeriod, pooled: bool
    ) -> None:
        limited = replace(period, stage_limits=stage_limits({}))
        rests = {"pooled_at": MONDAY} if pooled else {"stage": Stage.NURTURE}
        assert risk_of(idle(90, **rests), limited) is None

    @pytest.mark.parametrize(("days", "reason"), [(1, None), (7, None), (8, Risk.STALLED)])
    def test_what_was_before_an_import_is_nobodys_neglect(
        self, period: DigestPeriod, days: int, reason: Risk | None
    ) -> None:
        limited = replace(period, stage_limits=stage_limits({}))
        risk = risk_of(idle(900), limited, MONDAY - days * DAY)
        assert (risk and risk.reason) == reason


class TestWorstFirst:
    def test_takes_the_best_grade_then_the_longest_left(self, period: DigestPeriod) -> None:
        leads = [
            idle(90, id=1, grade=Grade.LOW),
            idle(8, id=2, grade=Grade.HIGH),
            idle(40, id=3, grade=Grade.MEDIUM),
            idle(1, id=4, grade=Grade.HIGH),
            idle(1, id=5, grade=Grade.HIGH, next_at=MONDAY - 3 * DAY),
        ]
        assert [risk.lead.id for risk in worst_first(leads, period, 5)] == [5, 2, 3, 1]

    def test_names_a_lead_once_and_no_more_than_asked(self, period: DigestPeriod) -> None:
        leads = [idle(10 + n, id=n % 6) for n in range(12)]
        worst = worst_first(leads, period, 5)
        assert len({risk.lead.id for risk in worst}) == len(worst) == 5

    @given(st.lists(st.tuples(st.integers(0, 40), st.integers(-20, 20)), max_size=12))
    def test_needs_only_the_first_five_of_either_reason(self, ages: list[tuple[int, int]]) -> None:
        """What storage brings is enough: the worst five of all are among them."""
        period = period_of(1, "2026-W47", CALENDAR, MONDAY, 7)
        leads = [idle(age, id=n, next_at=MONDAY + due * DAY) for n, (age, due) in enumerate(ages)]
        found = [risk for lead in leads if (risk := risk_of(lead, period))]

        def first(reason: Risk, key: Callable[[AtRisk], timedelta]) -> list[Lead]:
            of_it = [risk for risk in found if risk.reason is reason]
            ranked = sorted(of_it, key=lambda risk: (-key(risk), risk.lead.id))
            return [risk.lead for risk in ranked[:5]]

        brought = [*first(Risk.OVERDUE, _beyond), *first(Risk.STALLED, _beyond)]
        assert worst_first(brought, period, 5) == worst_first(leads, period, 5)


def _beyond(risk: AtRisk) -> timedelta:
    return risk.beyond
