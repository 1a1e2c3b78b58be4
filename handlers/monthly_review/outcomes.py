"""The parts of a monthly review on what came of leads: the month, paths, stages, people and teams.

A part's rows hold figures, not words, so that the card and the file show the same ones.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from handlers.core.charts import (
    ComparisonChart,
    Figure,
    FunnelChart,
    FunnelStage,
    HeatCell,
    HeatMap,
    NamedFigure,
)
from handlers.core.labels import (
    list_button,
)
from handlers.core.ui import Button
from handlers.monthly_review.content import OneDecimal, ReviewPart, Share, Shown, about
from sales.lead_lists import LeadFigure, LeadQuery, LeadSort
from sales.reports import Number
from sales.reports.measures import Rate, Spread, shown
from sales.reports.response import ResponseBucket
from sales.reports.review import MemberResult, MonthSums


def _mean(sums: Sequence[MonthSums], figure: Callable[[MonthSums], int | Decimal]) -> Decimal:
    return sum((Decimal(figure(one)) for one in sums), Decimal(0)) / max(1, len(sums))


def result_part(it: Shown) -> ReviewPart:
    """What the month brought, beside the mean of the months before."""
    review, sums = it.review, it.review.sums
    figures: tuple[tuple[Number, int], ...] = (
        (Number.NEW, sums.new),
        (Number.WON, sums.won),
        (Number.LOST, sums.lost),
    )
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
    is_known = any(shown(rate) for rate in matrix.values())
    return ReviewPart(
        key="paths",
        heading=it.text("review.part_paths"),
        lines=tuple(line for line in (best, _caution(it, is_known=is_known)) if line),
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
        )
        if is_known
        else None,
        columns=(
            it.text("review.column_source"),
            it.text("review.column_contacted"),
            it.text("review.column_decided"),
            it.text("review.column_won"),
            it.text("review.win_rate"),
        ),
        rows=tuple(
            (it.source(source), it.bucket(bucket), rate.n, rate.hits, Share.of(rate))
            for source in sources
            for bucket, rate in ((bucket, matrix.get((source, bucket))) for bucket in buckets)
            if rate
        ),
        note=it.text("review.note_rates"),
    )


def _caution(it: Shown, *, is_known: bool) -> str:
    """That win rates by speed are a correlation; nothing to warn of while none is shown."""
    return it.text("review.correlation") if is_known else ""


def _cell_button(
    source: str, bucket: ResponseBucket, rate: Rate | None, it: Shown
) -> Button | None:
    """Opens the decided deals of a source that were contacted so soon."""
    if rate is None or not source:
        return None
    label = it.text("review.cell", source=it.source(source), contacted=it.bucket(bucket), n=rate.n)
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
    known = {bucket: rate for bucket, rate in curve.items() if rate.n}
    if not known:
        return None
    bars = tuple(
        NamedFigure(it.bucket(bucket), _heat(rate, it).figure) for bucket, rate in curve.items()
    )
    said = [f"{bar.name} {bar.figure.label}" for bar in bars if bar.figure.value is not None]
    alt = it.context.language.listing(said) or it.text("review.paths_alt")
    return ReviewPart(
        key="speed",
        heading=it.text("review.part_speed"),
        lines=(it.text("review.correlation"),) if said else (),
        chart=ComparisonChart(
            title=it.text("review.speed_chart"),
            alt=alt,
            bars=bars,
            measure=it.text("review.win_rate"),
            reference=NamedFigure(it.text("review.all_together"), _heat(it.review.rate, it).figure),
        )
        if said
        else None,
        columns=(
            it.text("review.column_contacted"),
            it.text("review.column_decided"),
            it.text("review.column_won"),
            it.text("review.win_rate"),
        ),
        rows=tuple(
            (it.bucket(bucket), rate.n, rate.hits, Share.of(rate)) for bucket, rate in known.items()
        ),
        opens=tuple(
            it.lists(
                Number.of_bucket("decided", bucket),
                it.text("review.opens", what=it.bucket(bucket), n=rate.n),
            )
            for bucket, rate in known.items()
        ),
        note=it.text("review.note_rates"),
    )


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
            it.text("review.column_stage"),
            it.text("review.column_entered"),
            it.text("review.column_went_on"),
            it.text("review.column_lost"),
            it.text("review.column_open"),
            it.text("review.column_stay"),
        ),
        rows=tuple(
            (
                it.stage(one.stage),
                one.entered,
                Share.of(one.rate),
                Share.of(one.loss_rate),
                Share.of(one.open_rate),
                _usual_days(it.review.stage_times.get(one.stage)),
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
    )


def _usual_days(stay: Spread | None) -> OneDecimal | None:
    """The median time in a stage in days, where enough leads left it."""
    return OneDecimal(stay.median / timedelta(days=1)) if stay and stay.is_shown else None


def weak_line(it: Shown) -> str:
    """``方案后流失 50%``: after which stage most are lost."""
    weak = it.review.weak
    if weak is None:
        return ""
    return it.text(
        "review.weak", stage=it.stage(weak.stage), share=it.percent(weak.rate), n=weak.entered
    )


def funnel_chart(it: Shown) -> FunnelChart | None:
    """How far the month's new leads got, beside those of the months before at the same age."""
    review = it.review
    if not review.funnel or not review.funnel[0].rate.n:
        return None
    usual = {step.stage: step.rate for step in review.usual_funnel}
    stages, said = [], []
    for step in review.funnel:
        count = it.context.language.number(step.rate.hits)
        label = _funnel_label(step.rate, usual.get(step.stage), it)
        stages.append(FunnelStage(it.stage(step.stage), Figure(step.rate.hits, count), label))
        said.append(
            f"{it.stage(step.stage)} {count} ({label})"
            if label
            else f"{it.stage(step.stage)} {count}"
        )
    return FunnelChart(
        title=it.text("review.funnel_chart", month=it.month),
        alt=it.context.language.listing(said),
        stages=tuple(stages),
        measure=it.text("review.leads"),
        rate_name=it.text("review.funnel_rate_name"),
    )


def _funnel_label(rate: Rate, usual: Rate | None, it: Shown) -> str:
    """The share that got there, beside the usual one; neither where too few leads tell."""
    if not rate.is_shown:
        return ""
    if usual is None or not usual.is_shown:
        return it.percent(rate)
    return it.text("review.funnel_rate", rate=it.percent(rate), usual=it.percent(usual))


def members_part(it: Shown, *, teams: bool) -> ReviewPart | None:
    """People, or the company's teams, side by side."""
    results = it.review.teams if teams else it.review.people
    if len(results) < 2 or (teams and it.team_id is not None) or not (teams or it.names):
        return None
    names = [_member(one, it, teams=teams) for one in results]
    mean = about(sum((one.sums.amount for one in results), Decimal(0)) / len(results))
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
            it.text(f"review.column_{key}"),
            it.text("review.new"),
            it.text("review.won"),
            it.text("review.amount"),
            it.text("review.lost"),
            it.text("review.win_rate"),
            it.text("review.column_decided"),
        ),
        rows=tuple(
            (
                name,
                one.sums.new,
                one.sums.won,
                one.sums.amount,
                one.sums.lost,
                Share.of(one.rate),
                one.rate.n,
            )
            for name, one in zip(names, results, strict=True)
        ),
        opens=tuple(_member_button(one, it, teams=teams) for one in results),
        note=it.text("review.note_rates"),
    )


_MOST_BARS: Final = 12


def _member(result: MemberResult, it: Shown, *, teams: bool) -> str:
    return it.teams.get(result.id, "—") if teams else it.person(result.id)


def _member_button(result: MemberResult, it: Shown, *, teams: bool) -> Button:
    if not teams:
        return it.opens(Number.WON, result.sums.won, result.id)
    figure = LeadFigure(Number.WON, result.id, it.review.month.key)
    label = it.text("review.opens", what=it.text("review.won"), n=result.sums.won)
    return list_button(LeadQuery.of_figure(figure), label, LeadSort.VALUE)
