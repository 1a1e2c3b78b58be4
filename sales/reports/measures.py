"""Rates and spreads, each with the number of cases that it is of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

RATE_FROM: Final = 5
"""A rate of fewer cases is not meaningful and not shown."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of ``n`` cases."""

    hits: int
    n: int

    @property
    def share(self) -> float:
        """The share; 0 of no cases."""
        return self.hits / self.n if self.n else 0.0

    @property
    def is_shown(self) -> bool:
        """Whether there are enough cases to show it."""
        return self.n >= RATE_FROM

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.hits + other.hits, self.n + other.n)


def shown(rate: Rate | None) -> Rate | None:
    """The rate where it is of enough cases to be shown."""
    return rate if rate is not None and rate.is_shown else None


@dataclass(frozen=True, slots=True)
class Spread:
    """The median and the 90th percentile of ``n`` durations; both 0 for none."""

    median: timedelta
    p90: timedelta
    n: int

    @property
    def is_shown(self) -> bool:
        """Whether there are enough cases to show it."""
        return self.n >= RATE_FROM


def spread_of(durations: Iterable[timedelta]) -> Spread:
    ranked = sorted(durations)
    if not ranked:
        return Spread(timedelta(), timedelta(), 0)
    return Spread(quantile(ranked, 1, 2), quantile(ranked, 9, 10), len(ranked))


def quantile(ranked: Sequence[timedelta], part: int, of: int) -> timedelta:
    """The quantile ``part / of`` of durations in ascending order, interpolated between ranks (as
    pandas and numpy do by default). Raises IndexError for none."""
    whole, rest = divmod(part * (len(ranked) - 1), of)
    above = ranked[min(whole + 1, len(ranked) - 1)]
    return ranked[whole] + (above - ranked[whole]) * rest / of
