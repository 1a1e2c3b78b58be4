"""What the monthly review finds beyond the figures of other reports [P20]: which part of the sales
velocity pays most, whether BANT grades mean anything, whether leads are shared fairly, what is
missing in the records, and how good the forecast was.

Pure: facts come as arguments, and no words are made here.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import log
from typing import Final, TypeVar

from sales.leads import Grade
from sales.reports.measures import RATE_FROM, Rate, shown
from sales.reports.numbers import Number

LEVER_SHARE: Final = 0.1
"""By how much each part of the velocity is made better to compare them: ten percent."""
BEHIND_SHARE: Final = 0.05
"""A factor that is worse by less than this share is as it was."""
GRADES: Final = (Grade.HIGH, Grade.MEDIUM, Grade.LOW)

_K = TypeVar("_K", bound=Hashable)


def added(rates: Iterable[Rate]) -> Rate:
    """The rate of all cases together."""
    return sum(rates, Rate(0, 0))


class Lever(StrEnum):
    """A factor of the sales velocity, in the order of its formula."""

    DEALS = "deals"
    WIN_RATE = "win_rate"
    VALUE = "value"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesPace:
    """The factors of the sales velocity: open deals that were screened, the share of decided ones
    that are won, the mean value of a won deal in whole currency units, and the median days from
    screened to won. All are positive; ``n`` deals were decided."""

    deals: int
    win_rate: float
    value: Decimal
    days: float
    n: int

    @property
    def per_day(self) -> Decimal:
        """Sales velocity: deals × win rate × value ÷ days, in currency units a day."""
        return self.value * Decimal(self.deals * self.win_rate / self.days)

    def of(self, lever: Lever) -> float:
        factors = {
            Lever.DEALS: float(self.deals),
            Lever.WIN_RATE: self.win_rate,
            Lever.VALUE: float(self.value),
            Lever.DAYS: self.days,
        }
        return factors[lever]


@dataclass(frozen=True, slots=True)
class LeverEffect:
    """What ten percent of a factor is worth: ``now`` becomes ``better``, which gains ``gain``
    currency units a day. ``before`` is the factor in the months before, if known; ``lost`` what
    its change since then costs a day, negative where it brings something."""

    lever: Lever
    now: float
    better: float
    gain: Decimal
    before: float | None = None
    lost: Decimal = Decimal(0)

    @property
    def is_behind(self) -> bool:
        """Whether it fell clearly behind the months before, by five percent or more."""
        if self.before is None:
            return False
        worse, better = sorted((self.now, self.before))
        return self.lost > 0 and better > worse * (1 + BEHIND_SHARE)


def lever_effects(pace: SalesPace, before: SalesPace | None = None) -> tuple[LeverEffect, ...]:
    """The four factors, the one that costs most against the months before first, then by what ten
    percent gain.

    In a product, ten percent of any factor are worth nearly the same (of the days, which divide, a
    little more); what tells them apart is how far each has fallen behind. A win rate cannot exceed
    one. The change of velocity is shared out by the logarithms of the factors (Ang, *LMDI
    decomposition*, 2005), so that the parts add up to the whole.
    """
    effects = [_lever_effect(lever, pace, before) for lever in Lever]
    return tuple(sorted(effects, key=_most_needed_first))


def _most_needed_first(effect: LeverEffect) -> tuple[Decimal, Decimal]:
    return -effect.lost if effect.is_behind else Decimal(0), -effect.gain


def _lever_effect(lever: Lever, pace: SalesPace, before: SalesPace | None) -> LeverEffect:
    now = pace.of(lever)
    if lever is Lever.DAYS:
        better, factor = now * (1 - LEVER_SHARE), 1 / (1 - LEVER_SHARE)
    else:
        better = now * (1 + LEVER_SHARE)
        better = min(better, 1.0) if lever is Lever.WIN_RATE else better
        factor = better / now
    gain = pace.per_day * Decimal(factor - 1)
    if before is None:
        return LeverEffect(lever, now, better, gain)
    was = before.of(lever)
    change = log(was / now) if lever is Lever.DAYS else log(now / was)
    lost = -_log_mean(pace.per_day, before.per_day) * Decimal(change)
    return LeverEffect(lever, now, better, gain, was, lost)


def _log_mean(one: Decimal, other: Decimal) -> Decimal:
    """The logarithmic mean of two positive numbers."""
    difference = float(one) - float(other)
    if abs(difference) < 1e-9 * float(one):
        return one
    return Decimal(difference / (log(one) - log(other)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedGroup:
    """Deals that were decided in the period after they had been screened, all alike: ``score`` and
    ``grade`` as they are now, and each BANT answer: good, not good, or None for not known."""

    grade: Grade
    score: int
    answers: Mapping[str, bool | None]
    won: int = 0
    lost: int = 0

    @property
    def rate(self) -> Rate:
        return Rate(self.won, self.won + self.lost)


@dataclass(frozen=True, slots=True)
class AnswerEffect:
    """How deals with a good answer to a BANT question end, against all others."""

    criterion: str
    good: Rate
    others: Rate

    @property
    def difference(self) -> float:
        """In shares: 0.25 are 25 percentage points."""
        return self.good.share - self.others.share


def rates_by(groups: Iterable[DecidedGroup], key: Callable[[DecidedGroup], _K]) -> dict[_K, Rate]:
    """The real win rate by any property, in the property's order of appearance."""
    found: dict[_K, list[Rate]] = {}
    for group in groups:
        found.setdefault(key(group), []).append(group.rate)
    return {value: added(rates) for value, rates in found.items()}


def rates_by_grade(groups: Iterable[DecidedGroup]) -> dict[Grade, Rate]:
    """The real win rate of each grade, the best grade first; grades without a deal have n = 0."""
    rates = rates_by(groups, lambda group: group.grade)
    return {grade: rates.get(grade, Rate(0, 0)) for grade in GRADES}


def rates_by_score(groups: Iterable[DecidedGroup]) -> dict[int, Rate]:
    """The real win rate of each score, the highest first."""
    rates = rates_by(groups, lambda group: group.score)
    return dict(sorted(rates.items(), reverse=True))


def answer_effects(groups: Sequence[DecidedGroup]) -> tuple[AnswerEffect, ...]:
    """The BANT questions by how well a good answer predicts a win, the best first; only those with
    enough deals on both sides."""
    criteria = dict.fromkeys(name for group in groups for name in group.answers)
    found = []
    for criterion in criteria:
        good = added(one.rate for one in groups if one.answers[criterion])
        others = added(one.rate for one in groups if not one.answers[criterion])
        if shown(good) and shown(others):
            found.append(AnswerEffect(criterion, good, others))
    return tuple(sorted(found, key=lambda effect: -effect.difference))


def misjudged(rates: Mapping[Grade, Rate]) -> tuple[Grade, Grade] | None:
    """The first grade with a real win rate below that of the grade under it, and that one; None
    while better grades win more. Grades with too few deals are passed over."""
    known = [(grade, rate) for grade in GRADES if (rate := shown(rates.get(grade)))]
    for (better, upper), (worse, lower) in pairwise(known):
        if upper.share < lower.share:
            return better, worse
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledOffer:
    """An offer of a lead that the routing rules chose the person for.

    ``rule`` names the rule, empty for the team's own reps; ``absent`` are the names of those in its
    pool who could be given nothing then. ``kept``: not declined and not expired.
    """

    lead_id: int
    person_id: int
    rule: str
    team_id: int
    absent: frozenset[str] = frozenset()
    kept: bool = True
    expired: bool = False
    offered_at: datetime
    accepted_at: datetime | None = None

    @property
    def pool(self) -> str:
        return self.rule or str(self.team_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPlace:
    """A person's place in a pool of the routing rules."""

    person_id: int
    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class PersonShare:
    """A person's part of the leads, against their weighted part of the availability."""

    person_id: int
    leads: int
    fair: float
    """The number of leads by weight and availability."""

    @property
    def ratio(self) -> float:
        """1 is fair, 2 twice as many."""
        return self.leads / self.fair


def fairness(
    offers: Iterable[RuledOffer], pools: Mapping[str, Sequence[PoolPlace]]
) -> tuple[PersonShare, ...]:
    """Share of leads ÷ weighted share of availability, the most favoured first.

    Somebody was available for a lead who was in its pool and not passed over as absent or full: of
    it, each such person has a part by weight, and the parts add up to what is fair. ``pools`` has
    the places by ``RuledOffer.pool``; people with a place nowhere are left out.
    """
    got: Counter[int] = Counter()
    fair: dict[int, float] = {}
    for offer in offers:
        if not offer.kept:
            continue
        there = [
            place
            for place in pools.get(offer.pool, ())
            if place.weight > 0 and place.name not in offer.absent
        ]
        if all(place.person_id != offer.person_id for place in there):
            continue
        total = sum(place.weight for place in there)
        got[offer.person_id] += 1
        for place in there:
            fair[place.person_id] = fair.get(place.person_id, 0.0) + place.weight / total
    shares = [PersonShare(one, got[one], part) for one, part in fair.items()]
    return tuple(sorted(shares, key=lambda share: (-share.ratio, share.person_id)))


def passed_on(offers: Iterable[RuledOffer]) -> Rate:
    """The reassignment rate: the share of leads that somebody did not keep."""
    kept: dict[int, bool] = {}
    for offer in offers:
        kept[offer.lead_id] = kept.get(offer.lead_id, True) and offer.kept
    return Rate(sum(not one for one in kept.values()), len(kept))


def expired_share(offers: Sequence[RuledOffer]) -> Rate:
    """The share of offers that nobody answered in time."""
    return Rate(sum(offer.expired for offer in offers), len(offers))


class Gap(StrEnum):
    """What is missing in the record of an open lead."""

    SOURCE = "source"
    PRODUCT = "product"
    BUDGET = "budget"
    STEP = "step"
    CONTACT = "contact"
    DUPLICATE = "duplicate"


GAPS: Final[Mapping[Number, Gap]] = {
    Number.NO_SOURCE: Gap.SOURCE,
    Number.NO_PRODUCT: Gap.PRODUCT,
    Number.NO_BUDGET: Gap.BUDGET,
    Number.NO_STEP: Gap.STEP,
    Number.NO_CONTACT: Gap.CONTACT,
    Number.ALIKE: Gap.DUPLICATE,
}
"""The gap that each number of the review counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGaps:
    """How complete the records of open leads are.

    ``missing`` counts the leads with each gap. ``no_reason`` of ``lost`` deals of the period were
    lost for *other* or an unknown reason.
    """

    open_leads: int = 0
    missing: Mapping[Gap, int] = field(default_factory=dict)
    lost: int = 0
    no_reason: int = 0

    @property
    def worst(self) -> tuple[Gap, Rate] | None:
        """The largest gap as a share of the open leads; None where nothing is missing, or with too
        few leads."""
        if self.open_leads < RATE_FROM:
            return None
        gaps = {gap: count for gap in Gap if (count := self.missing.get(gap, 0))}
        if not gaps:
            return None
        gap = max(gaps, key=lambda one: gaps[one])
        return gap, Rate(gaps[gap], self.open_leads)


NO_GAPS: Final = RecordGaps()


@dataclass(frozen=True, slots=True)
class ForecastCheck:
    """The forecast of the month's first day against what came.

    ``slipped`` is the value of deals that were expected to close in the month, and neither did nor
    are expected to any more, of ``slipped_count`` deals.
    """

    forecast: Decimal
    actual: Decimal
    slipped: Decimal = Decimal(0)
    slipped_count: int = 0

    @property
    def accuracy(self) -> float | None:
        """1 − |actual − forecast| ÷ forecast, at least 0; None for a forecast of nothing."""
        if not self.forecast:
            return None
        return max(0.0, 1 - float(abs(self.actual - self.forecast) / self.forecast))
