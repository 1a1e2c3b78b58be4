"""The parts of a monthly review: each a subject with sentences, a chart, and a table.

A part's rows hold figures, not words, so that the card and the file show the same ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias

from handlers.core.button_values import pack
from handlers.core.charts import (
    ComparisonChart,
    Figure,
    FunnelChart,
    FunnelStage,
    HeatCell,
    HeatMap,
    NamedFigure,
)
from handlers.core.context import Context
from handlers.core.figure_labels import number_label
from handlers.core.labels import (
    enum_label,
    list_button,
    lost_reason_label,
    team_label,
    term_label,
    work_label,
)
from handlers.core.ui import Button, DrawnChart
from handlers.monthly_review.service import gather_review
from sales.contacts import mask_contacts
from sales.lead_lists import LeadFigure, LeadQuery, LeadSort, Status
from sales.leads import Stage
from sales.loss_reviews import LossReview
from sales.reports import Number
from sales.reports.journeys import ALL, JourneyFilter
from sales.reports.measures import Rate
from sales.reports.periods import ReportPeriod
from sales.reports.response import ResponseBucket
from sales.reports.review import TRAILING, MemberResult, MonthReview, MonthSums
from sales.reports.review_findings import (
    GAPS,
    answer_effects,
    expired_share,
    misjudged,
    nth_percent,
    passed_on,
    rates_by_grade,
    rates_by_score,
    shown,
)


@dataclass(frozen=True, slots=True)
class Share:
    """A fraction, shown in percent; None where it is of too few cases."""

    value: float | None

    @classmethod
    def of(cls, rate: Rate | None) -> "Share":
        known = shown(rate)
        return cls(known.share if known else None)


@dataclass(frozen=True, slots=True)
class Times:
    """A ratio, such as 1.4 times."""

    value: float


@dataclass(frozen=True, slots=True)
class OneDecimal:
    """A number that is no count, such as days or a mean."""

    value: float


ReviewCell: TypeAlias = str | int | Decimal | Share | Times | OneDecimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPart:
    """A part; ``opens`` is empty or has a button for each row."""

    key: str
    heading: str
    lines: tuple[str, ...] = ()
    chart: DrawnChart | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[ReviewCell, ...], ...] = ()
    opens: tuple[Button, ...] = ()
    buttons: tuple[Button, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A review for its reader. ``team_id`` None is the company. Without ``names``, people and what
    was learnt from single deals stay unsaid. ``learnt`` are written loss reviews."""

    review: MonthReview
    team_id: int | None
    context: Context
    people: Mapping[int, str]
    teams: Mapping[int, str]
    names: bool = True
    learnt: Sequence[LossReview] = ()

    def text(self, key: str, **params: object) -> str:
        return self.context.text(key, **params)

    @property
    def value(self) -> str:
        """What buttons of the review carry: the month and the team."""
        return pack(self.review.month.key, self.team_id or 0)

    @property
    def month(self) -> str:
        return self.context.language.month(self.review.month.first)

    def percent(self, rate: Rate) -> str:
        return self.context.language.percent(rate.share)

    def source(self, key: str) -> str:
        if not key:
            return self.text("review.no_source")
        terms = self.context.playbook.vocabulary.sources
        return term_label(terms, key, self.context.language)

    def reason(self, key: str) -> str:
        return lost_reason_label(key, self.context.language, self.context.playbook)

    def stage(self, stage: Stage) -> str:
        return enum_label(stage, self.context.language)

    def bucket(self, bucket: ResponseBucket) -> str:
        return self.text(f"review.bucket_{bucket.value}")

    def money(self, amount: Decimal) -> str:
        return self.context.language.money(whole(amount))

    def person(self, person_id: int) -> str:
        return self.people.get(person_id, "—")

    @property
    def team(self) -> str:
        """The team's name, or what the whole company is called."""
        return team_label(self.team_id, self.context)

    @property
    def months(self) -> str:
        """The key of the month and those before it, of which rates are."""
        month = first = self.review.month
        for _ in range(TRAILING):
            first = first.previous
        return ReportPeriod.days(first.first, month.last).key

    def lists(self, number: Number, label: str, sources: tuple[str, ...] = ()) -> Button:
        """Opens the leads that a number of the month and those before it counts."""
        query = LeadQuery.of_figure(LeadFigure(number, self.team_id, self.months))
        return list_button(replace(query, sources=sources), label)

    def figure(self, number: Number, person_id: int | None = None) -> LeadQuery:
        month = self.review.month.key
        return LeadQuery.of_figure(LeadFigure(number, self.team_id, month, person_id))

    def opens(self, number: Number, count: int, person_id: int | None = None) -> Button:
        label = self.context.text("review.opens", what=number_label(number, self.context.language),
                                  n=count)  # fmt: skip
        sort = LeadSort.VALUE if number is Number.WON else LeadSort.PRESSING
        return list_button(self.figure(number, person_id), label, sort)

    def open_in(self, stage: Stage) -> Button:
        """Opens the leads that are in a stage now."""
        teams = () if self.team_id is None else (self.team_id,)
        query = LeadQuery(status=Status.WORKED, stages=(stage,), teams=teams)
        count = self.review.open_in.get(stage, 0)
        return list_button(query, self.text("review.open_in", stage=self.stage(stage), n=count))


def shown_review(
    month: ReportPeriod, team_id: int | None, context: Context, *, names: bool = True
) -> Shown:
    """A review for its reader, who may see the team."""
    review = gather_review(month, team_id, context)
    only = ALL if team_id is None else JourneyFilter(team_ids=frozenset({team_id}))
    start, end = review.window.start, review.window.end
    learnt = context.uow.loss_reviews(context.actor).of_period(start, end, only) if names else ()
    return Shown(
        review=review,
        team_id=team_id,
        context=context,
        people={person.id: person.name for person in context.uow.people.everyone()},
        teams={team.id: team.name for team in context.uow.people.teams()},
        names=names,
        learnt=learnt,
    )


def whole(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), ROUND_HALF_UP)


def cell_label(cell: ReviewCell, shown_to: Shown) -> str:
    """A figure as cards show it."""
    language = shown_to.context.language
    match cell:
        case None | Share(None):
            return "–"
        case str():
            return cell
        case Share():
            return language.percent(cell.value or 0.0)
        case Times():
            return f"{language.number(round(cell.value, 2))}×"
        case OneDecimal():
            return language.number(round(cell.value, 1))
        case Decimal():
            return language.money(whole(cell))
        case int():
            return language.number(cell)


def _mean(sums: Sequence[MonthSums], figure: Callable[[MonthSums], int | Decimal]) -> Decimal:
    return sum((Decimal(figure(one)) for one in sums), Decimal(0)) / max(1, len(sums))


def result_part(it: Shown) -> ReviewPart:
    """What the month brought, beside the mean of the months before."""
    review, sums = it.review, it.review.sums
    figures: tuple[tuple[Number, int], ...] = (
        (Number.NEW, sums.new), (Number.WON, sums.won), (Number.LOST, sums.lost),
    )  # fmt: skip
    new, won, lost = (
        _usual(_mean(review.usual, figure))
        for figure in (lambda one: one.new, lambda one: one.won, lambda one: one.lost)
    )
    amount = _mean(review.usual, lambda one: one.amount)
    return ReviewPart(
        key="result",
        heading=it.text("review.part_result"),
        columns=(it.text("review.column_figure"), it.month, it.text("review.column_usual")),
        rows=(
            (it.text("review.new"), sums.new, new),
            (it.text("review.won"), sums.won, won),
            (it.text("review.amount"), sums.amount, amount),
            (it.text("review.lost"), sums.lost, lost),
            (it.text("review.win_rate"), Share.of(review.rate), None),
        ),
        buttons=tuple(it.opens(number, count) for number, count in figures if count),
        note=it.text("review.note_rates"),
    )


def _usual(mean: Decimal) -> OneDecimal:
    return OneDecimal(float(mean))


_MOST_SOURCES: Final = 8


def paths_part(it: Shown) -> ReviewPart | None:
    """Which sources win how often, by how soon the customer was contacted."""
    matrix = it.review.matrix
    counts: dict[str, int] = {}
    for (source, _), rate in matrix.items():
        counts[source] = counts.get(source, 0) + rate.n
    sources = sorted(counts, key=lambda source: (-counts[source], source))
    if not sources:
        return None
    buckets = tuple(ResponseBucket)
    best = path_line(it)
    return ReviewPart(
        key="paths",
        heading=it.text("review.part_paths"),
        lines=tuple(line for line in (best, it.text("review.correlation")) if line),
        chart=HeatMap(
            title=it.text("review.paths_chart"),
            alt=best or it.text("review.paths_alt"),
            rows=tuple(it.source(source) for source in sources[:_MOST_SOURCES]),
            columns=tuple(it.bucket(bucket) for bucket in buckets),
            opens=tuple(
                _cell_button(source, bucket, matrix.get((source, bucket)), it)
                for source in sources[:_MOST_SOURCES]
                for bucket in buckets
            ),
            cells=tuple(
                tuple(_heat(matrix.get((source, bucket)), it) for bucket in buckets)
                for source in sources[:_MOST_SOURCES]
            ),
        ),
        columns=(
            it.text("review.column_source"), it.text("review.column_contacted"), it.text("review.column_decided"),
            it.text("review.column_won"), it.text("review.win_rate"),
        ),
        rows=tuple(
            (it.source(source), it.bucket(bucket), rate.n, rate.hits, Share.of(rate))
            for source in sources
            for bucket, rate in ((bucket, matrix.get((source, bucket))) for bucket in buckets)
            if rate
        ),
        note=it.text("review.note_rates"),
    )  # fmt: skip


def _cell_button(
    source: str, bucket: ResponseBucket, rate: Rate | None, it: Shown
) -> Button | None:
    """Opens the decided deals of a source that were contacted so soon."""
    if rate is None or not source:
        return None
    label = it.text(
        "review.cell", source=it.source(source), contacted=it.bucket(bucket), n=rate.n
    )
    return it.lists(Number.of_bucket("decided", bucket), label, (source,))


def _heat(rate: Rate | None, it: Shown) -> HeatCell:
    if rate is None:
        return HeatCell(Figure(None, "–"))
    known = shown(rate)
    label = it.percent(known) if known else "–"
    return HeatCell(Figure(known.share if known else None, label), f"n={rate.n}")


def path_line(it: Shown) -> str:
    """``展会线索 24 小时内联系 → 35% 成交（n=20）``; empty where nothing is known."""
    path = it.review.best_path
    if path is None:
        return ""
    return it.text(
        "review.path",
        source=it.source(path.source),
        contacted=it.text(f"review.contacted_{path.bucket.value}"),
        share=it.percent(path.rate),
        n=path.rate.n,
    )


def speed_part(it: Shown) -> ReviewPart | None:
    """The win rate by how soon customers were contacted, whatever the source."""
    curve = it.review.curve
    if not any(rate.n for rate in curve.values()):
        return None
    bars = tuple(
        NamedFigure(it.bucket(bucket), _heat(rate, it).figure) for bucket, rate in curve.items()
    )
    said = [f"{bar.name} {bar.figure.label}" for bar in bars if bar.figure.value is not None]
    alt = it.context.language.listing(said) or it.text("review.paths_alt")
    return ReviewPart(
        key="speed",
        heading=it.text("review.part_speed"),
        lines=(it.text("review.correlation"),),
        chart=ComparisonChart(
            title=it.text("review.speed_chart"), alt=alt, bars=bars, measure=it.text("review.win_rate"),
            reference=NamedFigure(it.text("review.all_together"), _heat(it.review.rate, it).figure),
        ),
        columns=(
            it.text("review.column_contacted"), it.text("review.column_decided"), it.text("review.column_won"),
            it.text("review.win_rate"),
        ),
        rows=tuple(
            (it.bucket(bucket), rate.n, rate.hits, Share.of(rate))
            for bucket, rate in curve.items()
        ),
        opens=tuple(
            it.lists(
                Number.of_bucket("decided", bucket),
                it.text("review.opens", what=it.bucket(bucket), n=rate.n),
            )
            for bucket, rate in curve.items()
        ),
        note=it.text("review.note_rates"),
    )  # fmt: skip


def stages_part(it: Shown) -> ReviewPart | None:
    """How many leads go on from each stage, where they are lost, and the month's cohort."""
    stages = [one for one in it.review.stages if one.entered]
    if not stages:
        return None
    weak = weak_line(it)
    return ReviewPart(
        key="stages",
        heading=it.text("review.part_stages"),
        lines=tuple(line for line in (weak,) if line),
        chart=funnel_chart(it),
        columns=(
            it.text("review.column_stage"), it.text("review.column_entered"), it.text("review.column_went_on"),
            it.text("review.column_lost"), it.text("review.column_open"),
        ),
        rows=tuple(
            (
                it.stage(one.stage), one.entered, Share.of(one.rate), Share.of(one.loss_rate),
                Share.of(one.open_rate),
            )
            for one in stages
        ),
        opens=tuple(
            it.lists(
                Number.of_stage("entered", one.stage),
                it.text("review.opens", what=it.stage(one.stage), n=one.entered),
            )
            for one in stages
        ),
        note=it.text("review.note_stages"),
    )  # fmt: skip


def weak_line(it: Shown) -> str:
    """``方案后流失 50%``: after which stage most are lost."""
    weak = it.review.weak
    if weak is None:
        return ""
    return it.text("review.weak", stage=it.stage(weak.stage), share=it.percent(weak.rate), n=weak.entered)


def funnel_chart(it: Shown) -> FunnelChart | None:
    """How far the month's new leads got, beside those of the months before at the same age."""
    review = it.review
    if not review.funnel or not review.funnel[0].rate.n:
        return None
    usual = {step.stage: step.rate for step in review.usual_funnel}
    stages, said = [], []
    for step in review.funnel:
        rate = it.percent(step.rate) if step.rate.is_shown else "–"
        before = usual.get(step.stage)
        was = it.percent(before) if before and before.is_shown else "–"
        count = it.context.language.number(step.rate.hits)
        label = it.text("review.funnel_rate", rate=rate, usual=was)
        stages.append(FunnelStage(it.stage(step.stage), Figure(step.rate.hits, count), label))
        said.append(f"{it.stage(step.stage)} {count} ({label})")
    return FunnelChart(
        title=it.text("review.funnel_chart", month=it.month),
        alt=it.context.language.listing(said),
        stages=tuple(stages),
        measure=it.text("review.leads"),
        rate_name=it.text("review.funnel_rate_name"),
    )


def members_part(it: Shown, *, teams: bool) -> ReviewPart | None:
    """People, or the company's teams, side by side."""
    results = it.review.teams if teams else it.review.people
    if len(results) < 2 or (teams and it.team_id is not None) or not (teams or it.names):
        return None
    names = [_member(one, it, teams=teams) for one in results]
    mean = sum((one.sums.amount for one in results), Decimal(0)) / len(results)
    bars = tuple(
        NamedFigure(name, Figure(float(one.sums.amount), it.money(one.sums.amount)))
        for name, one in zip(names, results, strict=True)
    )[:_MOST_BARS]
    said = [f"{bar.name} {bar.figure.label}" for bar in bars]
    key = "teams" if teams else "people"
    return ReviewPart(
        key=key,
        heading=it.text(f"review.part_{key}"),
        chart=ComparisonChart(
            title=it.text(f"review.{key}_chart", month=it.month),
            alt=it.context.language.listing(said),
            bars=bars,
            measure=it.text("review.amount"),
            reference=NamedFigure(it.text("review.average"), Figure(float(mean), it.money(mean))),
        ),
        columns=(
            it.text(f"review.column_{key}"), it.text("review.new"), it.text("review.won"), it.text("review.amount"),
            it.text("review.lost"), it.text("review.win_rate"), it.text("review.column_decided"),
        ),
        rows=tuple(
            (
                name, one.sums.new, one.sums.won, one.sums.amount, one.sums.lost,
                Share.of(one.rate), one.rate.n,
            )
            for name, one in zip(names, results, strict=True)
        ),
        opens=tuple(_member_button(one, it, teams=teams) for one in results),
        note=it.text("review.note_rates"),
    )  # fmt: skip


_MOST_BARS: Final = 12


def _member(result: MemberResult, it: Shown, *, teams: bool) -> str:
    return it.teams.get(result.id, "—") if teams else it.person(result.id)


def _member_button(result: MemberResult, it: Shown, *, teams: bool) -> Button:
    if not teams:
        return it.opens(Number.WON, result.sums.won, result.id)
    figure = LeadFigure(Number.WON, result.id, it.review.month.key)
    label = it.text("review.opens", what=it.text("review.won"), n=result.sums.won)
    return list_button(LeadQuery.of_figure(figure), label, LeadSort.VALUE)


def velocity_part(it: Shown) -> ReviewPart | None:
    """What the pipeline brings, and what ten percent of each of its factors is worth."""
    pace, levers = it.review.pace, it.review.levers
    if pace is None:
        return None
    return ReviewPart(
        key="velocity",
        heading=it.text("review.part_velocity"),
        lines=(
            it.text("review.velocity", amount=it.money(pace.per_day * _MONTH)),
            it.text("review.velocity_formula"),
            lever_line(it),
        ),
        columns=(
            it.text("review.column_lever"), it.text("review.column_now"), it.text("review.column_before"),
            it.text("review.column_better"), it.text("review.column_gain"),
        ),
        rows=tuple(
            (
                it.text(f"review.lever_{one.lever.value}"),
                _factor(one.lever.value, one.now),
                None if one.before is None or one.lever.value == "deals"
                else _factor(one.lever.value, one.before),
                _factor(one.lever.value, one.better),
                one.gain * _MONTH,
            )
            for one in levers
        ),
        note=it.text("review.note_velocity"),
    )  # fmt: skip


_MONTH: Final = 30


def _factor(lever: str, value: float) -> ReviewCell:
    match lever:
        case "win_rate":
            return Share(value)
        case "value":
            return Decimal(value)
        case _:
            return OneDecimal(value)


def lever_line(it: Shown) -> str:
    """Which factor to work on: the one that cost most lately, or else the one worth most."""
    lever = next(iter(it.review.levers), None)
    if lever is None:
        return ""
    name = lever.lever.value
    now, better = (cell_label(_factor(name, value), it) for value in (lever.now, lever.better))
    gain = it.money(lever.gain * _MONTH)
    if lever.before is not None and lever.lost > 0:
        before = cell_label(_factor(name, lever.before), it)
        return it.text(f"review.behind_{name}", now=now, before=before, better=better, gain=gain)
    return it.text(f"review.better_{name}", now=now, better=better, gain=gain)


def forecast_part(it: Shown) -> ReviewPart:
    """The forecast of the month's first day against what came, and what slipped."""
    check = it.review.facts.forecast
    if check is None:
        return ReviewPart(
            key="forecast", heading=it.text("review.part_forecast"), lines=(it.text("review.no_forecast"),)
        )
    return ReviewPart(
        key="forecast",
        heading=it.text("review.part_forecast"),
        lines=tuple(line for line in (forecast_line(it), slipped_line(it)) if line),
        columns=(it.text("review.column_figure"), it.text("review.amount")),
        rows=(
            (it.text("review.forecast_then"), check.forecast),
            (it.text("review.won"), check.actual),
            (it.text("review.slipped"), check.slipped),
        ),
        buttons=(Button("target.open", it.context.text("button.targets")),),
    )


def forecast_line(it: Shown) -> str:
    check = it.review.facts.forecast
    if check is None:
        return ""
    accuracy = check.accuracy
    if accuracy is None:
        return it.text("review.forecast_nothing", actual=it.money(check.actual))
    return it.text(
        "review.forecast",
        forecast=it.money(check.forecast),
        actual=it.money(check.actual),
        accuracy=it.context.language.percent(accuracy),
    )


def slipped_line(it: Shown) -> str:
    check = it.review.facts.forecast
    if check is None or not check.slipped_count:
        return ""
    return it.text("review.slipped_line", n=check.slipped_count, amount=it.money(check.slipped))


def losses_part(it: Shown) -> ReviewPart | None:
    """Why deals were lost, and what was learnt from them."""
    losses = it.review.losses
    total = sum(losses.values())
    if not total:
        return None
    learnt = tuple(_learnt_lines(it)) if it.names else ()
    return ReviewPart(
        key="losses",
        heading=it.text("review.part_losses"),
        lines=(loss_line(it), *learnt),
        columns=(it.text("review.column_reason"), it.text("review.lost"), it.text("review.column_share")),
        rows=tuple((it.reason(key), n, Share.of(Rate(n, total))) for key, n in losses.items()),
        buttons=(
            it.opens(Number.LOST, total),
            Button(
                "loss_review.month", it.context.text("button.loss_reviews"), it.review.month.key
            ),
        ),
    )


_LEARNT: Final = 5
_EXCERPT: Final = 120


def _learnt_lines(it: Shown) -> Iterator[str]:
    for one in it.learnt[:_LEARNT]:
        words = mask_contacts(" ".join(one.learnt.split()))
        short = words if len(words) <= _EXCERPT else words[:_EXCERPT] + "…"
        yield it.text("review.learnt", lead=f"LX{one.lead_id:03d}", words=short)


def loss_line(it: Shown) -> str:
    losses = it.review.losses
    total = sum(losses.values())
    if not total:
        return ""
    reason, n = next(iter(losses.items()))
    return it.text("review.loss", reason=it.reason(reason), hits=n, n=total)


def scoring_part(it: Shown) -> ReviewPart | None:
    """Whether better grades win more, and which answer tells most."""
    groups = it.review.facts.groups
    if not groups:
        return None
    grades, effects = rates_by_grade(groups), answer_effects(groups)
    lines = [scoring_line(it)]
    lines += [
        it.text(
            "review.answer",
            question=it.text(f"review.question_{one.criterion}"),
            good=it.percent(one.good),
            others=it.percent(one.others),
            n=one.good.n,
            m=one.others.n,
        )
        for one in effects[:1]
    ]
    language = it.context.language
    rows: list[tuple[ReviewCell, ...]] = [
        (enum_label(grade, language), rate.n, rate.hits, Share.of(rate))
        for grade, rate in grades.items()
    ]
    rows += [
        (it.text("review.score", score=score), rate.n, rate.hits, Share.of(rate))
        for score, rate in rates_by_score(groups).items()
    ]
    for one in effects:
        name = it.text(f"review.question_{one.criterion}")
        for key, rate in (("good", one.good), ("others", one.others)):
            label = it.text(f"review.answered_{key}", question=name)
            rows.append((label, rate.n, rate.hits, Share.of(rate)))
    return ReviewPart(
        key="scoring",
        heading=it.text("review.part_scoring"),
        lines=tuple(line for line in lines if line),
        columns=(
            it.text("review.column_bant"), it.text("review.column_decided"), it.text("review.column_won"),
            it.text("review.win_rate"),
        ),
        rows=tuple(rows),
        buttons=(Button("playbook.show", it.text("review.rule_scoring"), "scoring"),),
        note=it.text("review.note_rates"),
    )  # fmt: skip


def scoring_line(it: Shown) -> str:
    """Whether the grades mean what they say."""
    grades = rates_by_grade(it.review.facts.groups)
    known = {grade: rate for grade, rate in grades.items() if shown(rate)}
    if len(known) < 2:
        return it.text("review.grades_few")
    language = it.context.language
    said = [f"{enum_label(grade, language)} {it.percent(rate)}" for grade, rate in known.items()]
    wrong = misjudged(grades)
    key = "grades_wrong" if wrong else "grades_right"
    return it.text(f"review.{key}", rates=language.listing(said))


def routing_part(it: Shown) -> ReviewPart | None:
    """How fairly the rules shared the month's leads out, and how long people took."""
    review, offers = it.review, it.review.facts.offers
    if not offers:
        return None
    calendar, language = it.context.calendar, it.context.language
    on, expired = passed_on(offers), expired_share(offers)
    lines = [it.text("review.offered", n=on.n)]
    if shown(on):
        lines.append(it.text("review.passed_on", share=it.percent(on), expired=it.percent(expired)))
    times = review.facts.accept_times
    half, most = nth_percent(times, 50), nth_percent(times, 90)
    if half is not None and most is not None and len(times) >= 5:
        said = (work_label(one or timedelta(), calendar, language) for one in (half, most))
        lines.append(it.text("review.accepted", half=next(said), most=next(said), n=len(times)))
    shares = review.shares if it.names else ()
    return ReviewPart(
        key="routing",
        heading=it.text("review.part_routing"),
        lines=tuple(lines),
        columns=(
            it.text("review.column_people"), it.text("review.column_got"), it.text("review.column_fair"),
            it.text("review.column_ratio"),
        ) if shares else (),
        rows=tuple(
            (it.person(one.person_id), one.leads, OneDecimal(one.fair), Times(one.ratio))
            for one in shares
        ),
        buttons=(Button("playbook.show", it.text("review.rule_assignment"), "assignment"),),
        note=it.text("review.note_fair") if shares else "",
    )  # fmt: skip


def records_part(it: Shown) -> ReviewPart | None:
    """What open leads lack."""
    gaps = it.review.facts.gaps
    if not gaps.open_leads:
        return None
    numbers = {gap: number for number, gap in GAPS.items()}
    known = [(gap, n) for gap, n in gaps.missing.items() if n]
    known.sort(key=lambda one: -one[1])
    language = it.context.language
    lines = [it.text("review.records" if known else "review.records_complete", n=gaps.open_leads)]
    if gaps.lost >= 5 and gaps.no_reason:
        rate = Rate(gaps.no_reason, gaps.lost)
        lines.append(it.text("review.no_reason", hits=rate.hits, n=rate.n, share=it.percent(rate)))
    return ReviewPart(
        key="records",
        heading=it.text("review.part_records"),
        lines=tuple(lines),
        columns=(it.text("review.column_missing"), it.text("review.leads"), it.text("review.column_share")),
        rows=tuple(
            (number_label(numbers[gap], language), n, Share.of(Rate(n, gaps.open_leads)))
            for gap, n in known
        ),
        opens=tuple(it.opens(numbers[gap], n) for gap, n in known),
        note=it.text("review.note_records"),
    )


def renewals_part(it: Shown) -> ReviewPart | None:
    """Repeat business that waits for an answer."""
    facts = it.review.facts
    if not facts.renewals:
        return None
    line = it.text("review.renewals", n=facts.renewals)
    if facts.renewals_value:
        line = it.text("review.renewals_value", n=facts.renewals, amount=it.money(facts.renewals_value))
    return ReviewPart(
        key="renewals",
        heading=it.text("review.part_renewals"),
        lines=(line,),
        columns=(it.text("review.column_figure"), it.text("review.column_waiting"), it.text("review.amount")),
        rows=((it.text("review.part_renewals"), facts.renewals, facts.renewals_value),),
        buttons=(Button("opportunity.list", it.text("review.open_renewals", n=facts.renewals)),),
    )


PARTS: Final[dict[str, Callable[[Shown], ReviewPart | None]]] = {
    "result": result_part,
    "paths": paths_part,
    "speed": speed_part,
    "stages": stages_part,
    "teams": lambda it: members_part(it, teams=True),
    "people": lambda it: members_part(it, teams=False),
    "velocity": velocity_part,
    "forecast": forecast_part,
    "losses": losses_part,
    "scoring": scoring_part,
    "routing": routing_part,
    "records": records_part,
    "renewals": renewals_part,
}
"""Every part by its key, in the order of the file."""


def every_part(it: Shown) -> tuple[ReviewPart, ...]:
    """The parts that have anything to say."""
    return tuple(part for make in PARTS.values() if (part := make(it)))
