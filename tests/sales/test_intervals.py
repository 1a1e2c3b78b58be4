"""Confidence intervals against published values, and the bootstrap against resampling by hand."""

from random import Random
from statistics import median as plain_median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.reports.intervals import (
    Interval,
    median,
    median_change,
    share_difference,
    share_interval,
)
from sales.reports.measures import Rate

WILSON = [
    ((81, 263), (0.2553, 0.3662)),
    ((15, 148), (0.0624, 0.1605)),
    ((0, 20), (0.0, 0.1611)),
    ((1, 29), (0.0061, 0.1718)),
]
"""Newcombe 1998 (Statistics in Medicine 17, 857-872), table I, method 3."""
NEWCOMBE = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((0, 10), (0, 20), (-0.1611, 0.2775)),
    ((10, 10), (0, 10), (0.6075, 1.0)),
]
"""Newcombe 1998 (Statistics in Medicine 17, 873-890), table II, method 10: first minus second."""


def close_to(interval: Interval, low: float, high: float, within: float = 0.00006) -> bool:
    return abs(interval.low - low) < within and abs(interval.high - high) < within


@pytest.mark.parametrize(("rate", "bounds"), WILSON)
def test_of_a_share_as_published(rate: tuple[int, int], bounds: tuple[float, float]) -> None:
    assert close_to(share_interval(Rate(*rate)), *bounds)


@pytest.mark.parametrize(("one", "other", "bounds"), NEWCOMBE)
def test_of_a_difference_as_published(
    one: tuple[int, int], other: tuple[int, int], bounds: tuple[float, float]
) -> None:
    assert close_to(share_difference(Rate(*other), Rate(*one)), *bounds)


def test_of_no_cases_anything_is_possible() -> None:
    assert share_interval(Rate(0, 0)) == Interval(0, 1)


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=40))
def test_the_median(values: list[float]) -> None:
    assert median(sorted(values)) == pytest.approx(plain_median(values))


class TestMedians:
    @pytest.mark.parametrize(("n", "m"), [(21, 30), (40, 15)])
    def test_as_resampling_by_hand(self, n: int, m: int) -> None:
        draw = Random(7)  # noqa: S311 - figures, no secret
        before = [draw.expovariate(1 / 40) for _ in range(n)]
        after = [draw.expovariate(1 / 30) for _ in range(m)]
        changes = sorted(
            plain_median(draw.choices(after, k=m)) - plain_median(draw.choices(before, k=n))
            for _ in range(8000)
        )
        found = median_change(before, after).absolute
        width = changes[-200] - changes[200]
        assert abs(found.low - changes[200]) < width * 0.08
        assert abs(found.high - changes[-200]) < width * 0.08

    def test_the_same_figures_give_the_same(self) -> None:
        sample = [1.0, 5.0, 9.0, 12.0, 40.0]
        assert median_change(sample, sample) == median_change(sample, sample)
        assert median_change(sample, sample).absolute.holds_zero

    def test_relative_to_the_one_before(self) -> None:
        change = median_change([40.0] * 20, [30.0] * 20)
        assert change.absolute == Interval(-10, -10)
        assert change.relative == Interval(-0.25, -0.25)
        assert median_change([0.0] * 3, [1.0] * 3).relative is None
