"""Confidence intervals for a difference of two shares and of two medians.

Pure functions with their sources; nothing here knows what is compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import NormalDist
from typing import Final

from sales.reports.measures import Rate

LEVEL: Final = 0.95
"""The confidence level of every interval."""
_RESAMPLES: Final = 4000
_SEED: Final = 20240301
"""The same figures give the same interval, whenever and wherever somebody looks."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, in the unit of what it is of."""

    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        return self.low <= 0 <= self.high


def share_interval(rate: Rate, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a share. Of no cases it is from 0 to 1.

    E. B. Wilson, JASA 22 (1927) 209-212; method 3 of R. G. Newcombe, Statistics in Medicine 17
    (1998) 857-872.
    """
    if not rate.n:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    n, p = rate.n, rate.share
    middle, half = 2 * n * p + z * z, z * sqrt(z * z + 4 * n * p * (1 - p))
    return Interval((middle - half) / (2 * (n + z * z)), (middle + half) / (2 * (n + z * z)))


def share_difference(before: Rate, after: Rate, level: float = LEVEL) -> Interval:
    """Newcombe's interval of ``after`` minus ``before``, of two independent samples.

    Hybrid score interval without continuity correction: method 10 of R. G. Newcombe, Statistics in
    Medicine 17 (1998) 873-890. It holds its level with few cases and with shares near 0 and 1.
    """
    old, new = share_interval(before, level), share_interval(after, level)
    change, p, q = after.share - before.share, before.share, after.share
    down = sqrt((q - new.low) ** 2 + (old.high - p) ** 2)
    up = sqrt((new.high - q) ** 2 + (p - old.low) ** 2)
    return Interval(change - down, change + up)


def median(ranked: Sequence[float]) -> float:
    """The median of values in ascending order. Raises IndexError for none."""
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


@dataclass(frozen=True, slots=True)
class MedianChange:
    """How far two medians are apart: in their unit, and as a share of the one before (None where
    that is 0 in some resample)."""

    absolute: Interval
    relative: Interval | None


def median_change(
    before: Sequence[float], after: Sequence[float], level: float = LEVEL
) -> MedianChange:
    """The percentile bootstrap interval of ``after`` minus ``before``, of two independent samples.

    B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. The median
    of a resample is drawn at once instead of the resample: it is the value at the rank to which the
    middle order statistic of as many uniform numbers falls, which is beta distributed (H. A. David
    and H. N. Nagaraja, Order Statistics, 3rd ed. 2003, section 2.1). Needs a value on both sides,
    none below 0.
    """
    draw = Random(_SEED)  # noqa: S311 - statistics, no secret
    old, new = sorted(before), sorted(after)
    pairs = [(_resampled_median(old, draw), _resampled_median(new, draw))
             for _ in range(_RESAMPLES)]  # fmt: skip
    absolute = _middle_of(sorted(b - a for a, b in pairs), level)
    if any(a <= 0 for a, _ in pairs):
        return MedianChange(absolute, None)
    return MedianChange(absolute, _middle_of(sorted(b / a - 1 for a, b in pairs), level))


def _resampled_median(ranked: Sequence[float], draw: Random) -> float:
    n = len(ranked)
    k = (n + 1) // 2
    first = draw.betavariate(k, n - k + 1)
    if n % 2:
        return ranked[_rank(first, n)]
    # Given the k-th smallest, the next one is the least of the n - k that lie above it.
    second = first + (1 - first) * (1 - draw.random() ** (1 / (n - k)))
    return (ranked[_rank(first, n)] + ranked[_rank(second, n)]) / 2


def _rank(uniform: float, n: int) -> int:
    return min(int(uniform * n), n - 1)


def _middle_of(ranked: Sequence[float], level: float) -> Interval:
    beyond = int(len(ranked) * (1 - level) / 2)
    return Interval(ranked[beyond], ranked[-1 - beyond])
