"""The monthly review of a team or the company [P20]: when it is due, and what it is made of.

Rates are of the month and the three months before it, since a month alone has too few deals in most
teams; counts are of the month. Pure: storage provides the facts.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from sales.calendar import WorkCalendar
from sales.leads import WORKED_STAGES, Stage
from sales.playbook import Playbook, Review
from sales.reports.conversion import (
    FunnelStep,
    StageConversion,
    added_up,
    cohort_funnel,
    is_new,
    lost_in,
    stage_conversion,
    win_rate_by,
    win_rate_in,
    won_in,
)
from sales.reports.intervals import share_interval
from sales.reports.journeys import Journey
from sales.reports.measures import Rate, Spread, shown
from sales.reports.periods import ReportPeriod
from sales.reports.response import ResponseBucket, curve_of, response_matrix
from sales.reports.review_actions import (
    Findings,
    ReviewProposal,
    StageLoss,
    proposals,
    weakest_stage,
)
from sales.reports.review_findings import (
    NO_GAPS,
    DecidedGroup,
    ForecastCheck,
    LeverEffect,
    PersonShare,
    PoolPlace,
    RecordGaps,
    RuledOffer,
    SalesPace,
    answer_effects,
    fairness,
    lever_effects,
)
from sales.reports.velocity import time_in_stage, velocity

_Key: TypeAlias = Callable[[Journey], int | None]
TRAILING: Final = 3
"""Months before the reviewed one that it is compared with."""
OTHER: Final = "other"
_DAY: Final = timedelta(days=1)
_FAST: Final = tuple(
    bucket
    for bucket in ResponseBucket
    if bucket not in (ResponseBucket.LATER, ResponseBucket.NEVER)
)


def review_due(month: ReportPeriod, calendar: WorkCalendar, rule: Review) -> datetime:
    """When the review of a month is posted, in the month after it.

    On the rule's day, on a day off on the working day before, but never before the second: where
    nothing but days off lies between, on the first working day after.
    """
    first = month.next.first
    day = calendar.workdays_before(first.replace(day=rule.day), 0)
    if day <= first:
        day = first + _DAY
        while not calendar.is_workday(day):
            day += _DAY
    return datetime.combine(day, rule.at, calendar.timezone).astimezone(UTC)


def last_due(now: datetime, calendar: WorkCalendar, rule: Review) -> ReportPeriod:
    """The newest month whose review is due by now."""
    month = ReportPeriod.month_of(calendar.day_of(now)).previous
    return month if review_due(month, calendar, rule) <= now else month.previous


_NUMBERED: Final = re.compile(
    r"(?<!\d)20\d\d\s?[-/.年]\s?(?P<after>1[0-2]|0?[1-9])(?!\d)"
    r"|(?<!\d)(?P<alone>1[0-2]|0?[1-9])\s?月",
    re.ASCII,
)
_NAMES: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_HAN: Final = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
_YEAR: Final = re.compile(r"(?<!\d)20\d\d(?!\d)", re.ASCII)
_LONGEST: Final = 60


def parse_month(text: str, today: date) -> ReportPeriod | None:
    """The month that a line names: ``2026-10``, ``10月``, ``十月``, ``October 2026``, ``last
    month``; without a year the latest one that is not to come. None when it names none."""
    said = text.strip().lower()[:_LONGEST]
    this = ReportPeriod.month_of(today)
    if any(word in said for word in ("上上月", "上上个月", "month before last")):
        return this.previous.previous
    if any(word in said for word in ("上月", "上个月", "last month", "previous month")):
        return this.previous
    if any(word in said for word in ("本月", "这个月", "当月", "this month")):
        return this
    number = _month_number(said)
    if number is None:
        return None
    year = _YEAR.search(said)
    if year:
        return ReportPeriod.month_of(date(int(year[0]), number, 1))
    return ReportPeriod.month_of(date(today.year - (number > today.month), number, 1))


def _month_number(said: str) -> int | None:
    if match := _NUMBERED.search(said):
        return int(match["after"] or match["alone"])
    for number in range(12, 0, -1):
        if f"{_HAN[number - 1]}月" in said:
            return number
    words = re.findall(r"[a-z]{3,9}", said)
    for number, name in enumerate(_NAMES, 1):
        if name in words or name[:3] in words or (name == "september" and "sept" in words):
            return number
    return None


_LOSSES: Final = ("丢单", "输单", "流失", "lost", "loss", "lx")


def asks_for_review(line: str, today: date) -> bool:
    """Whether a line asks for a monthly review, as ``10月复盘`` or ``October review, North``; what
    is about losses, or a lead, is something else."""
    said = line.strip().lower()
    if len(said) > _LONGEST or any(word in said for word in _LOSSES):
        return False
    if "月度复盘" in said or "monthly review" in said:
        return True
    if parse_month(said, today) is None:
        return False
    return "复盘" in said or said.startswith("review") or said.endswith("review")


def month_of_losses(line: str, today: date) -> ReportPeriod | None:
    """The month of which a line asks for the reviews of losses: ``9月丢单复盘``, ``loss reviews
    September``; None for any other line."""
    said = line.strip().lower()
    if len(said) > _LONGEST or not _LOSS_REVIEWS.search(said):
        return None
    return parse_month(said, today)


_LOSS_REVIEWS: Final = re.compile(
    r"(?:丢单|输单|流失)的?复盘|loss(?:es)? reviews?|reviews? of loss"
)
_PARTS: Final = {
    "records": (
        "数据质量", "资料完整度", "资料完整率", "数据完整度", "data quality", "record quality",
        "incomplete records",
    ),
    "velocity": (
        "销售周期", "成交周期", "平均成交周期", "平均销售周期", "销售速度", "成交要多久",
        "多久能成交", "sales cycle", "average sales cycle", "sales velocity", "velocity",
        "how long does a deal take", "how long do deals take", "time to close",
    ),
    "scoring": (
        "等级准不准", "评分准不准", "bant准不准", "bant calibration", "are the grades right",
    ),
    "routing": (
        "分配公平吗", "分配公平性", "线索分配公平吗", "routing fairness", "is routing fair",
    ),
}  # fmt: skip


def part_asked(line: str) -> str:
    """The part of the newest review that a line asks for, as 数据质量 or ``sales cycle``; empty
    for any other line."""
    said = line.strip(" ?？。.!！").lower().removesuffix("怎么样").removesuffix("多长")
    return next((part for part, words in _PARTS.items() if said in words), "")


@dataclass(frozen=True, slots=True)
class ReviewWindow:
    """The reviewed month ``[start, end)`` and the months before it, oldest first, as instants."""

    start: datetime
    end: datetime
    before: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def of(cls, month: ReportPeriod, calendar: WorkCalendar) -> "ReviewWindow":
        periods = [month]
        for _ in range(TRAILING):
            periods.insert(0, periods[0].previous)
        *before, (start, end) = (period.window(calendar) for period in periods)
        return cls(start, end, tuple(before))

    @property
    def since(self) -> datetime:
        return self.before[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFacts:
    """What storage knows for a review.

    ``journeys`` are those of the month and the months before it. ``renewals`` are the opportunities
    that wait for an answer, worth ``renewals_value`` as far as known. ``accept_times`` are in
    working time. ``pools`` are as ``fairness`` takes them.
    """

    journeys: Sequence[Journey]
    open_by_stage: Mapping[Stage, int] = field(default_factory=dict)
    groups: Sequence[DecidedGroup] = ()
    offers: Sequence[RuledOffer] = ()
    accept_times: tuple[timedelta, ...] = ()
    pools: Mapping[str, Sequence[PoolPlace]] = field(default_factory=dict)
    gaps: RecordGaps = NO_GAPS
    forecast: ForecastCheck | None = None
    expected: int = 0
    renewals: int = 0
    renewals_value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class MonthSums:
    """What happened in a month; ``amount`` in whole currency units."""

    new: int = 0
    won: int = 0
    amount: Decimal = Decimal(0)
    lost: int = 0


@dataclass(frozen=True, slots=True)
class WonPath:
    """The way of leads that wins best: from a source, contacted so soon."""

    source: str
    bucket: ResponseBucket
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberResult:
    """A person's or a team's month (by ``id``); the win rate is of the months before, too."""

    id: int
    sums: MonthSums
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReview:
    """Everything that a review says.

    ``usual`` are the sums of the months before, oldest first. ``funnel`` is how far the month's
    leads got in it, ``usual_funnel`` those of each month before in theirs. ``levers`` is empty
    without enough deals. ``members`` are people, ``teams`` only there for the company.
    """

    month: ReportPeriod
    window: ReviewWindow
    sums: MonthSums
    usual: tuple[MonthSums, ...]
    matrix: Mapping[tuple[str, ResponseBucket], Rate]
    curve: Mapping[ResponseBucket, Rate]
    best_path: WonPath | None
    stages: tuple[StageConversion, ...]
    stage_times: Mapping[Stage, Spread]
    weak: StageLoss | None
    funnel: tuple[FunnelStep, ...]
    usual_funnel: tuple[FunnelStep, ...]
    people: tuple[MemberResult, ...]
    teams: tuple[MemberResult, ...]
    rate: Rate
    pace: SalesPace | None
    levers: tuple[LeverEffect, ...]
    losses: Mapping[str, int]
    shares: tuple[PersonShare, ...]
    proposals: tuple[ReviewProposal, ...]
    facts: ReviewFacts

    @property
    def open_in(self) -> Mapping[Stage, int]:
        return self.facts.open_by_stage

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to review: most likely the month was before the team began."""
        return not self.facts.journeys


def review_of(
    month: ReportPeriod,
    facts: ReviewFacts,
    playbook: Playbook,
    calendar: WorkCalendar,
    *,
    sharing: bool = True,
) -> MonthReview:
    """The review of a month. ``sharing``: topics may be proposed for a session."""
    window = ReviewWindow.of(month, calendar)
    since, start, end, journeys = window.since, window.start, window.end, facts.journeys
    matrix = response_matrix(journeys, since, end)
    stages = stage_conversion(journeys, since, end)
    losses = _stage_losses(stages, facts.open_by_stage)
    pace, before = _pace(facts, since, end), _pace(facts, since, start)
    lost = _lost_by_reason(journeys, start, end)
    people = _results(journeys, window, lambda journey: journey.owner_id)
    facts = replace(facts, gaps=_with_losses(facts.gaps, lost))
    findings = Findings(
        response=fast_and_slow(matrix),
        answers=answer_effects(facts.groups),
        offers=facts.offers,
        accept_times=facts.accept_times,
        stages=losses,
        slipped=_slipped(facts),
        gaps=facts.gaps,
        losses=lost if sharing else {},
        people={one.id: one.rate for one in people} if sharing else {},
    )
    return MonthReview(
        month=month,
        window=window,
        sums=sums_of(journeys, start, end),
        usual=tuple(sums_of(journeys, *one) for one in window.before),
        matrix=matrix,
        curve=curve_of(matrix),
        best_path=best_path(matrix),
        stages=stages,
        stage_times=time_in_stage(journeys, since, end),
        weak=weakest_stage(losses),
        funnel=cohort_funnel(journeys, start, end),
        usual_funnel=added_up(cohort_funnel(journeys, *one) for one in window.before),
        people=people,
        teams=_results(journeys, window, lambda journey: journey.team_id),
        rate=win_rate_in(journeys, since, end),
        pace=pace,
        levers=lever_effects(pace, before) if pace else (),
        losses=lost,
        shares=fairness(facts.offers, facts.pools),
        proposals=proposals(findings, playbook, calendar.day_minutes),
        facts=facts,
    )


def sums_of(journeys: Iterable[Journey], start: datetime, end: datetime) -> MonthSums:
    """What was new, won and lost in ``[start, end)``, as the digest counts it."""
    new = won = lost = 0
    amount = Decimal(0)
    for journey in journeys:
        new += is_new(journey, start, end)
        # What closes a lead is a stage that it enters; most enter none in the window.
        if not any(start <= stay.entered_at < end for stay in journey.stays):
            continue
        if won_in(journey, start, end) is not None:
            won += 1
            amount += journey.amount or 0
        lost += lost_in(journey, start, end) is not None
    return MonthSums(new, won, amount, lost)


def fast_and_slow(
    matrix: Mapping[tuple[str, ResponseBucket], Rate],
) -> dict[str, tuple[Rate, Rate]]:
    """By source: the win rate of leads that were contacted within 24 hours, and of the others."""
    found: dict[str, tuple[Rate, Rate]] = {}
    for (source, bucket), rate in matrix.items():
        fast, slow = found.get(source, (Rate(0, 0), Rate(0, 0)))
        found[source] = (fast + rate, slow) if bucket in _FAST else (fast, slow + rate)
    return found


def best_path(matrix: Mapping[tuple[str, ResponseBucket], Rate]) -> WonPath | None:
    """The path that wins best, with some certainty: the highest lower bound of the win rate
    (``share_interval``).

    Compared are each source's leads by how soon they were contacted, and all within 24 hours
    together; those with fewer than five deals are left out.
    """
    paths = [WonPath(source, bucket, rate) for (source, bucket), rate in matrix.items()]
    paths += [
        WonPath(source, ResponseBucket.DAY, fast)
        for source, (fast, _) in fast_and_slow(matrix).items()
    ]
    known = [
        path
        for path in paths
        if shown(path.rate) and path.rate.hits and path.bucket is not ResponseBucket.NEVER
    ]
    return max(known, key=lambda path: (share_interval(path.rate).low, path.rate.n), default=None)


def _stage_losses(
    stages: Iterable[StageConversion], open_by_stage: Mapping[Stage, int]
) -> tuple[StageLoss, ...]:
    return tuple(
        StageLoss(
            stage=one.stage,
            entered=one.entered,
            lost=one.lost,
            open_now=open_by_stage.get(one.stage, 0),
        )
        for one in stages
    )


def _pace(facts: ReviewFacts, start: datetime, end: datetime) -> SalesPace | None:
    """The factors of the velocity; None with too few deals. Deals are those open at present, in
    every period: how many were open before says nothing of what they will bring."""
    deals = sum(facts.open_by_stage.get(stage, 0) for stage in WORKED_STAGES[1:])
    speed = velocity(deals, facts.journeys, start, end)
    if not (speed.is_shown and speed.per_day):
        return None
    return SalesPace(
        deals=deals,
        win_rate=speed.win_rate.share,
        value=speed.won_value,
        days=speed.cycle.median / _DAY,
        n=speed.win_rate.n,
    )


def _lost_by_reason(journeys: Iterable[Journey], start: datetime, end: datetime) -> dict[str, int]:
    counts = Counter(
        journey.lost_reason for journey in journeys if lost_in(journey, start, end) is not None
    )
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _with_losses(gaps: RecordGaps, losses: Mapping[str, int]) -> RecordGaps:
    unknown = losses.get("", 0) + losses.get(OTHER, 0)
    return replace(gaps, lost=sum(losses.values()), no_reason=unknown)


def _slipped(facts: ReviewFacts) -> Rate | None:
    if facts.forecast is None:
        return None
    slipped = facts.forecast.slipped_count
    return Rate(slipped, max(slipped, facts.expected))


def _results(
    journeys: Sequence[Journey], window: ReviewWindow, key: _Key
) -> tuple[MemberResult, ...]:
    """The results of people or teams that had any, the highest amount first."""
    mine: dict[int, list[Journey]] = {}
    for journey in journeys:
        of = key(journey)
        if of is not None:
            mine.setdefault(of, []).append(journey)
    rates = win_rate_by(journeys, key, window.since, window.end)
    results = [
        MemberResult(
            id=of,
            sums=sums_of(theirs, window.start, window.end),
            rate=rates.get(of, Rate(0, 0)),
        )
        for of, theirs in mine.items()
    ]
    known = [one for one in results if one.rate.n or one.sums != MonthSums()]
    return tuple(sorted(known, key=lambda one: (-one.sums.amount, -one.sums.won, one.id)))
