"""The parts of a monthly review on why: velocity, forecast, losses, scoring, routing, records."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from handlers.core.figure_labels import number_label
from handlers.core.labels import (
    enum_label,
    work_label,
)
from handlers.core.ui import Button
from handlers.monthly_review.content import (
    OneDecimal,
    ReviewCell,
    ReviewPart,
    Share,
    Shown,
    Times,
    about,
    cell_label,
)
from sales.contacts import mask_contacts
from sales.reports import Number
from sales.reports.measures import Rate, shown, spread_of
from sales.reports.review_findings import (
    GAPS,
    Gap,
    answer_effects,
    expired_share,
    misjudged,
    passed_on,
    rates_by_grade,
    rates_by_score,
)


def velocity_part(it: Shown) -> ReviewPart | None:
    """What the pipeline brings, and what ten percent of each of its factors is worth."""
    pace, levers = it.review.pace, it.review.levers
    if pace is None:
        return None
    return ReviewPart(
        key="velocity",
        heading=it.text("review.part_velocity"),
        lines=(
            it.text("review.velocity", amount=it.money(about(pace.per_day * _MONTH))),
            it.text("review.velocity_formula"),
            lever_line(it),
        ),
        columns=(
            it.text("review.column_lever"),
            it.text("review.column_now"),
            it.text("review.column_before"),
            it.text("review.column_better"),
            it.text("review.column_gain"),
        ),
        rows=tuple(
            (
                it.text(f"review.lever_{one.lever.value}"),
                _factor(one.lever.value, one.now),
                None
                if one.before is None or one.lever.value == "deals"
                else _factor(one.lever.value, one.before),
                _factor(one.lever.value, one.better),
                about(one.gain * _MONTH),
            )
            for one in levers
        ),
        note=it.text("review.note_velocity"),
    )


_MONTH: Final = 30


def _factor(lever: str, value: float) -> ReviewCell:
    match lever:
        case "win_rate":
            return Share(value)
        case "value":
            return about(Decimal(value))
        case _:
            return OneDecimal(value)


def lever_line(it: Shown) -> str:
    """Which factor to work on: the one that cost most lately, or else the one worth most."""
    lever = next(iter(it.review.levers), None)
    if lever is None:
        return ""
    name = lever.lever.value
    now, better = (cell_label(_factor(name, value), it) for value in (lever.now, lever.better))
    gain = it.money(about(lever.gain * _MONTH))
    if lever.before is not None and lever.is_behind:
        before = cell_label(_factor(name, lever.before), it)
        return it.text(f"review.behind_{name}", now=now, before=before, better=better, gain=gain)
    return it.text(f"review.better_{name}", now=now, better=better, gain=gain)


def forecast_part(it: Shown) -> ReviewPart:
    """The forecast of the month's first day against what came, and what slipped."""
    check = it.review.facts.forecast
    if check is None:
        return ReviewPart(
            key="forecast",
            heading=it.text("review.part_forecast"),
            lines=(it.text("review.no_forecast"),),
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
        lines=tuple(line for line in (loss_line(it), *learnt) if line),
        columns=(
            it.text("review.column_reason"),
            it.text("review.lost"),
            it.text("review.column_share"),
        ),
        rows=tuple((it.reason(key), n, Share.of(Rate(n, total))) for key, n in losses.items()),
        buttons=(
            it.opens(Number.LOST, total),
            Button(
                "loss_review.month", it.context.text("button.loss_reviews"), it.review.month.key
            ),
        ),
    )


_LEARNT: Final = 5
_STANDS_OUT: Final = 2
"""Losses for one reason."""
_EXCERPT: Final = 120


def _learnt_lines(it: Shown) -> Iterator[str]:
    for one in it.learnt[:_LEARNT]:
        words = mask_contacts(" ".join(one.learnt.split()))
        short = words if len(words) <= _EXCERPT else words[:_EXCERPT] + "…"
        yield it.text("review.learnt", lead=f"LX{one.lead_id:03d}", words=short)


def loss_line(it: Shown) -> str:
    """The reason for most losses; empty while no reason stands out."""
    losses = it.review.losses
    total = sum(losses.values())
    reason, n = next(iter(losses.items()), ("", 0))
    if n < _STANDS_OUT or list(losses.values()).count(n) > 1:
        return ""
    return it.text("review.loss", reason=it.reason(reason), hits=n, n=total)


def scoring_part(it: Shown) -> ReviewPart | None:
    """Whether better grades win more, and which answer tells most."""
    groups = it.review.facts.groups
    if not groups:
        return None
    grades, effects = rates_by_grade(groups), answer_effects(groups)
    lines = [scoring_line(it) or it.text("review.grades_few")]
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
            it.text("review.column_bant"),
            it.text("review.column_decided"),
            it.text("review.column_won"),
            it.text("review.win_rate"),
        ),
        rows=tuple(rows),
        buttons=(Button("playbook.show", it.text("review.rule_scoring"), "scoring"),),
        note=it.text("review.note_rates"),
    )


def scoring_line(it: Shown) -> str:
    """Whether the grades mean what they say; empty while too few deals tell."""
    grades = rates_by_grade(it.review.facts.groups)
    known = {grade: rate for grade, rate in grades.items() if shown(rate)}
    if len(known) < 2:
        return ""
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
    lines = [it.text("review.offered", n=passed_on(offers).n), passed_on_line(it)]
    times = review.facts.accept_times
    took = spread_of(times)
    if took.is_shown:
        half, most = (work_label(one, calendar, language) for one in (took.median, took.p90))
        lines.append(it.text("review.accepted", half=half, most=most, n=took.n))
    shares = review.shares if it.names else ()
    return ReviewPart(
        key="routing",
        heading=it.text("review.part_routing"),
        lines=tuple(line for line in lines if line),
        columns=(
            it.text("review.column_people"),
            it.text("review.column_got"),
            it.text("review.column_fair"),
            it.text("review.column_ratio"),
        )
        if shares
        else (),
        rows=tuple(
            (it.person(one.person_id), one.leads, OneDecimal(one.fair), Times(one.ratio))
            for one in shares
        ),
        buttons=(Button("playbook.show", it.text("review.rule_assignment"), "assignment"),),
        note=it.text("review.note_fair") if shares else "",
    )


def passed_on_line(it: Shown) -> str:
    """How many leads that the rules gave out went on to somebody else; empty for too few, or none
    of them."""
    on, expired = passed_on(it.review.facts.offers), expired_share(it.review.facts.offers)
    if not shown(on) or not (on.hits or expired.hits):
        return ""
    return it.text("review.passed_on", n=on.n, share=it.percent(on), expired=it.percent(expired))


def gap_line(it: Shown) -> str:
    """What most of the open leads lack; empty where nothing is missing."""
    gaps = it.review.facts.gaps
    gap, hits = max(gaps.missing.items(), key=lambda one: one[1], default=(Gap.SOURCE, 0))
    rate = Rate(hits, gaps.open_leads)
    if not hits:
        return ""
    subject = it.text(f"review.gap_{gap.value}")
    return it.text("review.gap", subject=subject, hits=hits, n=rate.n)


def records_part(it: Shown) -> ReviewPart | None:
    """What open leads lack."""
    gaps = it.review.facts.gaps
    if not gaps.open_leads:
        return None
    numbers = {gap: number for number, gap in GAPS.items()}
    known = [(gap, n) for gap, n in gaps.missing.items() if n]
    known.sort(key=lambda one: -one[1])
    language = it.context.language
    lines = [gap_line(it) or it.text("review.records_complete", n=gaps.open_leads)]
    if gaps.lost >= 5 and gaps.no_reason:
        rate = Rate(gaps.no_reason, gaps.lost)
        lines.append(it.text("review.no_reason", hits=rate.hits, n=rate.n, share=it.percent(rate)))
    return ReviewPart(
        key="records",
        heading=it.text("review.part_records"),
        lines=tuple(lines),
        columns=(
            it.text("review.column_missing"),
            it.text("review.leads"),
            it.text("review.column_share"),
        ),
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
        line = it.text(
            "review.renewals_value", n=facts.renewals, amount=it.money(facts.renewals_value)
        )
    return ReviewPart(
        key="renewals",
        heading=it.text("review.part_renewals"),
        lines=(line,),
        columns=(
            it.text("review.column_figure"),
            it.text("review.column_waiting"),
            it.text("review.amount"),
        ),
        rows=((it.text("review.part_renewals"), facts.renewals, facts.renewals_value),),
        buttons=(Button("opportunity.list", it.text("review.open_renewals", n=facts.renewals)),),
    )
