"""Targets: what a team or a person wants to reach in a quarter, and their progress [P22].

Knows what each measure means and how many working days are over; figures and time are given.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sales.calendar import WorkCalendar
from sales.patterns import lazy_pattern
from sales.people import Person, Role
from sales.reports import Rate, win_rate_of

_QUARTER = re.compile(r"(20\d{2})-Q([1-4])")
_HOLDER = re.compile(r"(team|person):([1-9]\d{0,8})")
_DAY = timedelta(days=1)

_THIS_QUARTER = lazy_pattern(
    r"\b(?:(?:this|the) (?:quarter|month)(?:'s)?|our|my|the|please)\b"
    r"|我们?|本季度?|这个?季度|本月|这个月|的"
)
_ABOUT_TARGETS = lazy_pattern(
    r"(?:sales )?forecasts?|(?:what is|what's|show) forecast|quotas?|on track"
    r"|(?:will|can|do|are|am) (?:we|i|they) (?:going to |gonna |still )?"
    r"(?:hit|make|reach|meet|on track(?: for| to hit)?|on)"
    r"(?: (?:targets?|quotas?|goals?|numbers?))?"
    r"|how far (?:are we |am i )?(?:from|off|to) (?:targets?|quotas?|goals?)"
    r"|(?:targets?|quotas?|goals?) (?:progress|attainment)"
    r"|progress (?:to|towards?|against) targets?"
    r"|how much is (?:left|missing)(?: to targets?)?|how are we (?:doing )?against targets?"
    r"|(?:业绩|销售|成交|看下?|看看)?预测(?:一下|怎么样|是多少|多少)?"
    r"|(?:目标)?(?:能不能|能否|能|可以)(?:完成|达成|达到|实现|达标|完成得了)(?:目标|业绩|任务|指标)?吗?"
    r"|(?:完得成|达得到|完成得了)(?:目标|任务|指标)?吗?"
    r"|(?:目标|任务|指标|业绩)(?:能不能|能|可以)?(?:完成|达成)"
    r"(?:情况|率|进度|得怎么样|多少了?|怎么样|了多少|了吗|吗)?"
    r"|目标进[度展]|完成率|达成率|达标了?吗"
    r"|(?:离|距离?)?(?:目标)?还?[差有缺]多少(?:完成目标|钱|万)?",
    re.IGNORECASE,
)
_BETWEEN_WORDS = lazy_pattern(r"[\s,，。.?？!！]{1,9}")
_LONGEST_QUESTION = 60


def asks_about_targets(line: str) -> bool:
    """Whether a line asks for the forecast of the quarter, or whether its target will be reached:
    *will we hit target*, 能完成目标吗. What names another period or anything else does not."""
    if len(line) > _LONGEST_QUESTION:
        return False
    words = _BETWEEN_WORDS.sub(" ", line.lower().replace("’", "'")).strip()
    words = " ".join(_THIS_QUARTER.sub("", words).split())
    return _ABOUT_TARGETS.fullmatch(words) is not None


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter; written ``2024-Q1``."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Parse a quarter; raises ValueError for anything but ``2024-Q1``."""
        match = _QUARTER.fullmatch(text)
        if match is None or not text.isascii():
            raise ValueError(f"{text[:20]!r} is no quarter such as 2024-Q1")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def next(self) -> "Quarter":
        return self._moved(1)

    @property
    def previous(self) -> "Quarter":
        return self._moved(-1)

    def _moved(self, by: int) -> "Quarter":
        year, index = divmod(4 * self.year + self.number - 1 + by, 4)
        return Quarter(year, index + 1)


class Measure(StrEnum):
    """What a target is set for. The first three add up over the quarter, the others are ratios.

    ``CUSTOMERS`` counts deals won; ``CONVERSION`` is the digest's win rate in percent;
    ``AVERAGE_DEAL`` is revenue ÷ deals won.
    """

    REVENUE = "revenue"
    CUSTOMERS = "customers"
    LEADS = "leads"
    CONVERSION = "conversion"
    AVERAGE_DEAL = "average_deal"

    @property
    def is_money(self) -> bool:
        return self in (Measure.REVENUE, Measure.AVERAGE_DEAL)

    @property
    def adds_up(self) -> bool:
        return self in (Measure.REVENUE, Measure.CUSTOMERS, Measure.LEADS)


Goals = Mapping[Measure, Decimal]
"""Money in whole currency units, conversion in percent; measures without a goal are absent."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The owner of a target: a whole team, or a person. Written ``team:1``, ``person:3``."""

    kind: str
    id: int

    @classmethod
    def team(cls, team_id: int) -> "Holder":
        return cls("team", team_id)

    @classmethod
    def person(cls, person_id: int) -> "Holder":
        return cls("person", person_id)

    @classmethod
    def parse(cls, text: str) -> "Holder":
        """Parse a holder; raises ValueError."""
        match = _HOLDER.fullmatch(text)
        if match is None or not text.isascii():
            raise ValueError(f"{text[:20]!r} is nobody's")
        return cls(match[1], int(match[2]))

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """What was reached in a period, and what is open now; sums over people add with ``+``.

    ``open_low`` and ``open_high`` are the budgets of the open leads that do not rest.
    """

    leads: int = 0
    won: int = 0
    revenue: Decimal = Decimal(0)
    lost_screened: int = 0
    open: int = 0
    open_low: Decimal = Decimal(0)
    open_high: Decimal = Decimal(0)

    def __add__(self, other: "Sold") -> "Sold":
        return Sold(
            leads=self.leads + other.leads,
            won=self.won + other.won,
            revenue=self.revenue + other.revenue,
            lost_screened=self.lost_screened + other.lost_screened,
            open=self.open + other.open,
            open_low=self.open_low + other.open_low,
            open_high=self.open_high + other.open_high,
        )

    @property
    def win_rate(self) -> Rate | None:
        return win_rate_of(self.won, self.lost_screened)

    def reached(self, measure: Measure) -> Decimal | None:
        """The reached value of a measure; None for a ratio of too few cases."""
        match measure:
            case Measure.REVENUE:
                return self.revenue
            case Measure.CUSTOMERS:
                return Decimal(self.won)
            case Measure.LEADS:
                return Decimal(self.leads)
            case Measure.CONVERSION:
                rate = self.win_rate
                return Decimal(100 * rate.hits) / rate.n if rate else None
            case Measure.AVERAGE_DEAL:
                return self.revenue / self.won if self.won else None


@dataclass(frozen=True, slots=True)
class Attainment:
    """A goal and its progress.

    ``expected`` is the share of the quarter's working days gone, ``rate`` the cases behind a
    conversion.
    """

    measure: Measure
    goal: Decimal
    reached: Decimal | None
    expected: float
    rate: Rate | None = None

    @property
    def share(self) -> float | None:
        """Reached ÷ goal; None when there is no value yet."""
        return None if self.reached is None else float(self.reached / self.goal)

    @property
    def is_behind(self) -> bool:
        """Less than expected after the working days gone; for a ratio, less than the goal."""
        if self.share is None:
            return False
        return self.share < (self.expected if self.measure.adds_up else 1.0)


def attainments(goals: Goals, sold: Sold, expected: float) -> tuple[Attainment, ...]:
    """One for each measure that has a goal, in the order of ``Measure``."""
    return tuple(
        Attainment(
            measure,
            goals[measure],
            sold.reached(measure),
            expected,
            sold.win_rate if measure is Measure.CONVERSION else None,
        )
        for measure in Measure
        if measure in goals
    )


def pace(quarter: Quarter, today: date, calendar: WorkCalendar) -> float:
    """The share of the quarter's working days that are over before ``today``."""
    first, end = quarter.first, quarter.next.first
    days = [first + n * _DAY for n in range((end - first).days)]
    work = [day for day in days if calendar.is_workday(day)]
    return sum(day < today for day in work) / len(work) if work else float(today >= end)


def given_out(people: Iterable[Goals], measure: Measure) -> Decimal:
    """The sum of the people's own goals of an additive measure."""
    return sum((goals.get(measure, Decimal(0)) for goals in people), Decimal(0))


def may_see(actor: Person, holder: Holder, people: Iterable[Person]) -> bool:
    """Whether the actor may see a target [P1].

    Their own; a manager also those of the team and its people, an admin all.
    """
    if holder == Holder.person(actor.id):
        return actor.active and actor.sells
    return may_set(actor, holder, people)


def may_set(actor: Person, holder: Holder, people: Iterable[Person]) -> bool:
    """Whether the actor may set a target.

    Leaders do: a manager for their own team and its sellers, an admin for all.
    """
    if not actor.active or actor.role not in (Role.MANAGER, Role.ADMIN):
        return False
    is_admin = actor.role is Role.ADMIN
    if holder.kind == "team":
        return is_admin or holder.id == actor.team_id
    return any(
        person.id == holder.id
        and person.active
        and person.sells
        and (is_admin or person.team_id == actor.team_id)
        for person in people
    )
