"""What changed most between two periods: at most two differences that are worth a sentence.

A difference matters by its size against what chance alone brings about: 12 leads after 10 are no
news, 30 after 10 are. Counts are taken as Poisson variables, rates as shares of as many cases.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import log, sqrt
from typing import Final

from sales.reports.conversion import is_new, lost_in, won_in
from sales.reports.journeys import Journey
from sales.reports.measures import Rate
from sales.reports.overview import Figures
from sales.reports.queries import Dimension, Focus

MATTERS_FROM: Final = 1.5
"""Standard deviations from which a difference is told: about one in eight arises by chance."""
_MOST: Final = 2
_KINDS: Final = (
    frozenset({Focus.AMOUNT, Focus.WON, Focus.WIN_RATE}),
    frozenset({Focus.LOST}),
    frozenset({Focus.NEW}),
    frozenset({Focus.RESPONSE}),
    frozenset({Focus.CLOCKS}),
)
"""Differences of one kind say the same: one of them is told."""


@dataclass(frozen=True, slots=True)
class ChangeCause:
    """The source or the reason that most of a difference is of, with its counts."""

    dimension: Dimension
    key: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Change:
    """A difference; ``size`` in standard deviations, below 0 where it is less than before."""

    focus: Focus
    size: float
    cause: ChangeCause | None = None

    @property
    def is_more(self) -> bool:
        return self.size > 0


def what_changed(figures: Figures, earlier: Figures) -> tuple[Change, ...]:
    """The differences that matter, the largest first: at most two, of different kinds."""
    if earlier.totals.is_empty and not earlier.journeys:
        return ()
    told: list[Change] = []
    changes = sorted(_changes(figures, earlier), key=lambda one: -abs(one.size))
    for change in changes:
        kind = next(kind for kind in _KINDS if change.focus in kind)
        new = all(other.focus not in kind for other in told)
        if abs(change.size) >= MATTERS_FROM and new and len(told) < _MOST:
            told.append(change)
    return tuple(told)


def _changes(figures: Figures, earlier: Figures) -> Iterable[Change]:
    now, before = figures.totals, earlier.totals
    yield Change(Focus.NEW, _of_counts(now.new, before.new), _cause(Focus.NEW, figures, earlier))
    yield Change(
        Focus.LOST, _of_counts(now.lost, before.lost), _cause(Focus.LOST, figures, earlier)
    )
    yield Change(Focus.WON, _of_counts(now.won, before.won), _cause(Focus.WON, figures, earlier))
    amount = _of_amounts(now.won_amount, now.won, before.won_amount, before.won)
    yield Change(Focus.AMOUNT, amount, _cause(Focus.WON, figures, earlier))
    yield Change(Focus.WIN_RATE, _of_rates(now.win_rate, before.win_rate))
    if figures.clocks and earlier.clocks:
        yield Change(Focus.CLOCKS, _of_rates(figures.clocks, earlier.clocks))
    yield Change(Focus.RESPONSE, _of_waits(figures, earlier))


def _of_counts(now: int, before: int) -> float:
    """The difference of two Poisson counts in standard deviations, with continuity correction."""
    difference = now - before
    if abs(difference) < 2:
        return 0.0
    corrected = difference - 1 if difference > 0 else difference + 1
    return corrected / sqrt(now + before)


def _of_amounts(now: Decimal, won: int, before: Decimal, won_before: int) -> float:
    """The difference of two sums of deals, by a deal's mean amount."""
    deals = won + won_before
    if not deals or not now + before:
        return 0.0
    mean = float(now + before) / deals
    # Deals differ in size about as much as their mean is large: twice the variance of the count.
    return float(now - before) / (mean * sqrt(2 * deals))


def _of_rates(now: Rate, before: Rate) -> float:
    """The difference of two shares by the pooled estimate; 0 where one is of too few."""
    if not (now.is_shown and before.is_shown):
        return 0.0
    pooled = (now.hits + before.hits) / (now.n + before.n)
    deviation = sqrt(pooled * (1 - pooled) * (1 / now.n + 1 / before.n))
    return (now.share - before.share) / deviation if deviation else 0.0


def _of_waits(figures: Figures, earlier: Figures) -> float:
    """The difference of two medians of waits, which are spread like their logarithms (about a
    factor of five); 0 where one is of too few, or both are short."""
    now, before = figures.response, earlier.response
    if not (now.is_shown and before.is_shown):
        return 0.0
    minutes = [max(spread.median.total_seconds() / 60, 1.0) for spread in (now, before)]
    return log(minutes[0] / minutes[1]) / (log(5) * sqrt(1 / now.n + 1 / before.n))


def _cause(focus: Focus, figures: Figures, earlier: Figures) -> ChangeCause | None:
    """What most of a difference is of; None where nothing accounts for half of it."""
    dimension = Dimension.REASON if focus is Focus.LOST else Dimension.SOURCE
    key: Callable[[Journey], str] = (
        (lambda one: one.lost_reason) if focus is Focus.LOST else (lambda one: one.source)
    )
    counts: dict[str, list[int]] = {}
    for at, some in enumerate((figures, earlier)):
        for journey in some.journeys:
            if _counts(focus, journey, some):
                counts.setdefault(key(journey), [0, 0])[at] += 1
    total = sum(now - before for now, before in counts.values())
    sign = 1 if total > 0 else -1
    best = max(counts, key=lambda one: (sign * (counts[one][0] - counts[one][1]), one), default="")
    if not best or len(counts) < 2:
        return None
    now, before = counts[best]
    share = sign * (now - before)
    return ChangeCause(dimension, best, now, before) if 2 * share >= abs(total) > 0 else None


def _counts(focus: Focus, journey: Journey, figures: Figures) -> bool:
    start, end = figures.start, figures.end
    match focus:
        case Focus.NEW:
            return is_new(journey, start, end)
        case Focus.LOST:
            return lost_in(journey, start, end) is not None
        case _:
            return won_in(journey, start, end) is not None
