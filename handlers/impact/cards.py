"""The card of the impact report: a plain sentence for each figure, with how sure it is."""

from collections.abc import Iterator
from datetime import timedelta

from handlers.core.button_values import pack
from handlers.core.charts import ComparisonChart, Figure, NamedFigure
from handlers.core.context import Context
from handlers.core.labels import home_button, list_button, team_label, work_label
from handlers.core.ui import Button, Card, Fact, Section
from handlers.impact.service import (
    Impact,
    ImpactQuestion,
    adopted_on,
    changed_parts,
    version_asked,
)
from sales.lead_lists import LeadFigure, LeadQuery, LeadSort
from sales.permissions import may
from sales.reports import Number, ReportPeriod
from sales.reports.impact import (
    ANSWER_WITHIN,
    ENOUGH,
    Cohort,
    Days,
    ImpactFinding,
    MedianComparison,
    ShareComparison,
)
from sales.reports.intervals import Interval

_MINUS = "\N{MINUS SIGN}"


def impact_card(question: ImpactQuestion, impact: Impact, context: Context) -> Card:
    """The comparison, with what it is of and what it cannot say."""
    return Card(
        title=_title(question, impact, context),
        facts=tuple(_facts(question, impact, context)),
        sections=(
            _conversion_section(impact, context),
            _cycle_section(impact, context),
            _answers_section(impact, context),
            *_file_section(impact, context),
        ),
        buttons=(
            Button("impact.choose", context.text("button.impact_choose"), _value(question)),
            *_version_buttons(question, context),
            *_lists(question, impact, context),
            home_button(context),
        ),
        more=_adoption_button(context),
        footnote=context.text("impact.caution"),
    )


def nothing_card(context: Context) -> Card:
    """Before anything was done here."""
    return Card(
        title=context.text("impact.title"),
        body=context.text("impact.nothing"),
        buttons=(home_button(context), *_adoption_button(context)),
    )


def _title(question: ImpactQuestion, impact: Impact, context: Context) -> str:
    day = context.language.full_day(impact.split.on)
    if question.version is not None:
        return context.text("impact.title_version", version=question.version, day=day)
    return context.text("impact.title_adoption", day=day)


def _facts(question: ImpactQuestion, impact: Impact, context: Context) -> Iterator[Fact]:
    team = team_label(question.team_id, context) if question.team_id else ""
    yield Fact(context.text("impact.of"), team or context.text("impact.company"))
    if question.version is not None:
        yield Fact(context.text("impact.changed"), _changed(question, context))
    elif not adopted_on(context)[1]:
        yield Fact(context.text("impact.day_from"), context.text("impact.day_by_itself"))
    for name, days, side in (
        ("before", impact.split.before, impact.before),
        ("after", impact.split.after, impact.after),
    ):
        words = context.text("impact.created", days=_days(days, context), n=side.created)
        yield Fact(context.text(f"impact.{name}"), words)


def _changed(question: ImpactQuestion, context: Context) -> str:
    parts = changed_parts(question.version or 0, context)
    names = [context.text(f"rules.playbook.{part}") for part in parts]
    version = version_asked(question, context)
    why = version.why if version else ""
    return " · ".join(filter(None, (context.language.listing(names), why))) or "—"


def _conversion_section(impact: Impact, context: Context) -> Section:
    found, horizon = impact.conversion, impact.split.horizon
    lines = [
        context.text(
            f"impact.conversion_{impact.base}",
            days=horizon,
            after=_share(found.after.share, context),
            after_n=found.after.n,
            before=_share(found.before.share, context),
            before_n=found.before.n,
        )
        if found.finding is not ImpactFinding.TOO_FEW
        else _too_few(found.before.n, found.after.n, "leads", context)
    ]
    if found.interval is not None:
        lines.append(_points(found, found.interval, context))
        lines.append(_promise("conversion", found.relative, None, context))
    heading = context.text("impact.conversion")
    return Section(heading, tuple(lines), chart=_conversion_chart(impact, context))


def _points(found: ShareComparison, interval: Interval, context: Context) -> str:
    words = {
        "change": _signed(found.change * 100, context),
        "low": _signed(interval.low * 100, context),
        "high": _signed(interval.high * 100, context),
    }
    return context.text(f"impact.points_{found.finding}", **words)


def _cycle_section(impact: Impact, context: Context) -> Section:
    found = impact.cycle
    heading = context.text("impact.cycle")
    if found.interval is None:
        few = _too_few(found.before_n, found.after_n, "wins", context)
        return Section(heading, (few,))
    numbers = {name: _number(value, context) for name, value in _ends(found)}
    lines = (
        context.text("impact.cycle_is", before_n=found.before_n, after_n=found.after_n, **numbers),
        context.text(f"impact.days_{found.finding}", **_bounds(found.interval, found, context)),
        _promise("cycle", found.relative, found.relative_interval, context),
    )
    bars = [
        (name, value or 0.0, context.text("impact.in_days", n=_number(value or 0.0, context)))
        for name, value in (("before", found.before), ("after", found.after))
    ]
    return Section(heading, lines, chart=_chart("cycle", bars, context))


def _answers_section(impact: Impact, context: Context) -> Section:
    found = impact.answers
    heading = context.text("impact.answers")
    if found.interval is None:
        lines = [_too_few(found.before_n, found.after_n, "hand_overs", context)]
        if found.after is not None and found.after_n >= ENOUGH:
            hours = _worked(found.after, context)
            lines.append(context.text("impact.answers_now", time=hours, n=found.after_n))
        return Section(heading, tuple(lines))
    words = {name: _worked(value, context) for name, value in _ends(found)}
    lines = [
        context.text("impact.answers_are", before_n=found.before_n, after_n=found.after_n, **words),
        context.text(f"impact.hours_{found.finding}", **_bounds(found.interval, found, context)),
        _promise("answers", found.relative, found.relative_interval, context),
        context.text("impact.answers_how", days=ANSWER_WITHIN),
    ]
    bars = [
        (name, value or 0.0, _worked(value or 0.0, context))
        for name, value in (("before", found.before), ("after", found.after))
    ]
    return Section(heading, tuple(lines), chart=_chart("answers", bars, context))


def _ends(found: MedianComparison) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("before", found.before or 0.0), ("after", found.after or 0.0)


def _bounds(interval: Interval, found: MedianComparison, context: Context) -> dict[str, str]:
    return {
        "change": _signed(found.change, context),
        "low": _signed(interval.low, context),
        "high": _signed(interval.high, context),
    }


def _file_section(impact: Impact, context: Context) -> Iterator[Section]:
    """How much is known of leads from files, where there are any."""
    files = impact.files
    total = files.dated + files.undated
    if not total:
        return
    used = impact.before.from_files + impact.after.from_files
    known = context.text("impact.files", n=total, dated=files.dated, used=used)
    lines = [known]
    if used:
        lines.append(context.text("impact.files_base"))
    yield Section(context.text("impact.files_heading"), tuple(lines), folded=not used)


def _conversion_chart(impact: Impact, context: Context) -> ComparisonChart | None:
    found = impact.conversion
    if found.interval is None:
        return None
    bars = [
        (name, rate.share * 100, _share(rate.share, context))
        for name, rate in (("before", found.before), ("after", found.after))
    ]
    return _chart("conversion", bars, context)


def _chart(name: str, bars: list[tuple[str, float, str]], context: Context) -> ComparisonChart:
    """Two bars, of before and after; what they mean is in the sentences beside them."""
    label = context.text(f"impact.{name}")
    ends = {side: text for side, _, text in bars}
    return ComparisonChart(
        title=label,
        alt=context.text("impact.chart", name=label, **ends),
        bars=tuple(
            NamedFigure(context.text(f"impact.{side}"), Figure(value, text))
            for side, value, text in bars
        ),
        measure=label,
    )


def _promise(name: str, relative: float | None, interval: Interval | None, context: Context) -> str:
    """The measured change in percent beside what the method promises."""
    promise = context.text(f"impact.promise_{name}")
    if relative is None:
        return promise
    change = context.text("impact.relative", change=_signed(relative * 100, context))
    if interval is not None:
        low, high = (_signed(end * 100, context) for end in (interval.low, interval.high))
        change = context.text("impact.relative_between", change=change, low=low, high=high)
    return context.text("impact.beside", measured=change, promise=promise)


def _too_few(before: int, after: int, what: str, context: Context) -> str:
    return context.text(f"impact.few_{what}", before=before, after=after, least=ENOUGH)


def _lists(question: ImpactQuestion, impact: Impact, context: Context) -> tuple[Button, ...]:
    """The leads of each side, by the days on which they were created."""
    sides = (("before", impact.split.before, impact.before), ("after", impact.split.after,
             impact.after))  # fmt: skip
    return tuple(
        _list(name, days, side, question, context)
        for name, days, side in sides
        if side.created and not days.is_empty
    )


def _list(
    name: str, days: Days, side: Cohort, question: ImpactQuestion, context: Context
) -> Button:
    period = ReportPeriod.days(days.first, days.last).key
    figure = LeadFigure(Number.NEW, question.team_id or None, period)
    label = context.text(f"button.impact_{name}", n=side.created)
    return list_button(LeadQuery.of_figure(figure), label, LeadSort.OLDEST)


def _version_buttons(question: ImpactQuestion, context: Context) -> tuple[Button, ...]:
    if question.version is None:
        return ()
    label = context.text("button.rules_what", version=question.version)
    return (Button("playbook.version", label, str(question.version)),)


def _adoption_button(context: Context) -> tuple[Button, ...]:
    if not may(context.actor, "impact.day"):
        return ()
    return (Button("impact.day", context.text("button.impact_day")),)


def _value(question: ImpactQuestion) -> str:
    return pack(question.basis, question.horizon, question.team_id)


def _days(days: Days, context: Context) -> str:
    if days.is_empty:
        return context.text("impact.no_days")
    ends = (context.language.full_day(day) for day in (days.first, days.last))
    return context.text("impact.from_to", **dict(zip(("first", "last"), ends, strict=True)))


def _share(share: float, context: Context) -> str:
    return f"{_number(share * 100, context)}%"


def _worked(hours: float, context: Context) -> str:
    return work_label(timedelta(minutes=round(hours * 60)), context.calendar, context.language)


def _number(value: float, context: Context) -> str:
    """With one decimal, where it has one."""
    return context.language.number(round(value, 1))


def _signed(value: float, context: Context) -> str:
    rounded = round(value, 1)
    number = context.language.number(abs(rounded))
    if not rounded:
        return number
    return f"+{number}" if rounded > 0 else f"{_MINUS}{number}"
