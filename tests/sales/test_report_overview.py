"""What a report says of journeys: which differences matter, what it filters, and its steps."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sales.lead_lists import Exclusion, LeadQuery, QueryField
from sales.leads import Grade, Stage
from sales.reports.changes import Change, ChangeCause, what_changed
from sales.reports.journeys import Journey, Stay
from sales.reports.overview import Figures, matches, steps_in
from sales.reports.periods import ReportPeriod
from sales.reports.queries import Dimension, Focus

MAY, JUNE, JULY = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6, 7))
_DAY = timedelta(days=1)


def new(month: datetime, source: str = "ads", **known: Any) -> Journey:
    at = month + 3 * _DAY
    stays = (Stay(Stage.CAPTURED, at),)
    return Journey(lead_id=1, team_id=1, source=source, created_at=at, stays=stays, **known)


def closed(month: datetime, stage: Stage, amount: int = 0, reason: str = "") -> Journey:
    """One that came long ago, was screened, and was closed in the month."""
    came, at = month - 90 * _DAY, month + 5 * _DAY
    stays = (
        Stay(Stage.CAPTURED, came, came + _DAY),
        Stay(Stage.SCREENED, came + _DAY, at),
        Stay(stage, at),
    )
    return Journey(
        lead_id=1, team_id=1, source="ads", created_at=came, stage=stage, closed_at=at,
        amount=Decimal(amount) if amount else None, lost_reason=reason, stays=stays,
    )  # fmt: skip


def changes(now: Iterable[Journey], before: Iterable[Journey]) -> tuple[Change, ...]:
    return what_changed(Figures(tuple(now), JUNE, JULY), Figures(tuple(before), MAY, JUNE))


class TestWhatChanged:
    @pytest.mark.parametrize(("now", "before"), [(12, 10), (3, 1), (1, 0), (0, 1), (5, 5), (2, 3)])
    def test_little_more_or_less_is_no_news(self, now: int, before: int) -> None:
        assert changes([new(JUNE)] * now, [new(MAY)] * before) == ()

    @pytest.mark.parametrize(("now", "before", "more"), [(30, 10, True), (8, 25, False)])
    def test_much_more_or_less_is(self, now: int, before: int, more: bool) -> None:
        [change] = changes([new(JUNE)] * now, [new(MAY)] * before)
        assert (change.focus, change.is_more) == (Focus.NEW, more)

    def test_names_the_source_that_most_of_it_is_of(self) -> None:
        now = [new(JUNE, "exhibition")] * 20 + [new(JUNE)] * 6
        before = [new(MAY, "exhibition")] * 2 + [new(MAY)] * 5
        [change] = changes(now, before)
        assert change.cause == ChangeCause(Dimension.SOURCE, "exhibition", 20, 2)

    def test_names_none_where_it_is_spread(self) -> None:
        kinds = ("ads", "exhibition", "website", "referral")
        now = [new(JUNE, kind) for kind in kinds for _ in range(9)]
        before = [new(MAY, kind) for kind in kinds for _ in range(2)]
        [change] = changes(now, before)
        assert change.cause is None

    def test_names_the_reason_of_losses(self) -> None:
        now = [closed(JUNE, Stage.LOST, reason="price")] * 9
        now += [closed(JUNE, Stage.LOST, reason="timing")]
        before = [closed(MAY, Stage.LOST, reason="timing")]
        first = changes(now, before)[0]
        assert first.size == pytest.approx(8 / 11**0.5)
        assert (first.focus, first.cause) == (
            Focus.LOST,
            ChangeCause(Dimension.REASON, "price", 9, 0),
        )

    def test_tells_one_of_a_kind_and_two_at_most(self) -> None:
        now = [new(JUNE)] * 60 + [closed(JUNE, Stage.WON, 10)] * 30
        now += [closed(JUNE, Stage.LOST, reason="price")] * 25
        before = [new(MAY)] * 5 + [closed(MAY, Stage.WON, 10)] * 2
        before += [closed(MAY, Stage.LOST, reason="price")] * 2
        told = [change.focus for change in changes(now, before)]
        assert len(told) == 2
        assert len({Focus.AMOUNT, Focus.WON, Focus.WIN_RATE} & set(told)) <= 1

    def test_nothing_before_is_nothing_to_compare_with(self) -> None:
        assert changes([new(JUNE)] * 30, []) == ()


class TestFilters:
    LEAD = new(JUNE, "ads", region="east", grade=Grade.HIGH, owner_id=3, worth=Decimal(500))

    @pytest.mark.parametrize(
        ("changed", "counted"),
        [
            ({}, True),
            ({"sources": ("ads", "website")}, True),
            ({"sources": ("website",)}, False),
            ({"grades": (Grade.HIGH,)}, True),
            ({"grades": (Grade.LOW,)}, False),
            ({"owners": (3,)}, True),
            ({"owners": (4,)}, False),
            ({"nobody": True}, False),
            ({"nobody": True, "owners": (3,)}, True),
            ({"low": Decimal(500), "high": Decimal(500)}, True),
            ({"low": Decimal(501)}, False),
            ({"high": Decimal(499)}, False),
            ({"excluded": (Exclusion(QueryField.REGION, "east"),)}, False),
            ({"excluded": (Exclusion(QueryField.REGION, "north"),)}, True),
            ({"excluded": (Exclusion(QueryField.OWNER, "3"),)}, False),
        ],
    )
    def test_are_those_of_lists(self, changed: dict[str, Any], counted: bool) -> None:
        assert matches(replace(LeadQuery(), **changed), self.LEAD) is counted

    def test_an_unknown_value_is_within_no_bounds(self) -> None:
        assert not matches(LeadQuery(low=Decimal(1)), new(JUNE))


class TestSteps:
    def test_weeks_of_a_month_are_cut_at_its_ends(self) -> None:
        step, weeks = steps_in(ReportPeriod.of_key("2026-10"), Dimension.WEEK)
        assert step is Dimension.WEEK
        assert [week.key for week in weeks] == [
            "2026-10-01..2026-10-04", "2026-W41", "2026-W42", "2026-W43", "2026-10-26..2026-10-31",
        ]  # fmt: skip

    def test_end_today_where_the_period_is_not_over(self) -> None:
        period = ReportPeriod.of_key("2026-10").so_far(date(2026, 10, 7))
        assert steps_in(period, Dimension.WEEK)[1][-1].key == "2026-10-05..2026-10-07"

    def test_too_many_become_longer_ones(self) -> None:
        step, months = steps_in(ReportPeriod.of_key("2026"), Dimension.DAY)
        assert (step, len(months)) == (Dimension.MONTH, 12)
