"""What is expected of a deal on its card, and the forecast of a quarter in words and as a chart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from handlers.core.charts import Figure, ForecastChart, ForecastNames, ForecastRow
from handlers.core.context import Context
from handlers.core.labels import enum_label, list_button
from handlers.core.ui import Button, Fact, Row, Section, Table
from handlers.forecast.service import ASKED_IN, OVERDUE, HeldForecast, open_query, overdue_closes
from sales.forecast import Accuracy, Forecast, StageOdds
from sales.lead_lists import CloseDate, LeadQuery, LeadSort
from sales.leads import Lead
from sales.reports import RATE_FROM
from sales.targets import Holder


def expectation_facts(lead: Lead, context: Context) -> tuple[Fact, ...]:
    """When an open deal is expected to be closed, for how much, and how sure its owner is."""
    if not lead.is_worked_on:
        return ()
    language, day = context.language, lead.expected_close
    parts = []
    if day is not None:
        key = "forecast.overdue" if lead.is_close_overdue(context.today_here) else "forecast.day"
        parts.append(context.text(key, day=language.day(day)))
    elif lead.stage in ASKED_IN:
        parts.append(context.text("forecast.no_day"))
    if lead.amount:
        parts.append(language.money(lead.amount))
    if lead.category is not None:
        parts.append(enum_label(lead.category, language))
    if not parts:
        return ()
    return (Fact(context.text("forecast.expected"), " · ".join(parts)),)


def expectation_button(lead: Lead, context: Context) -> tuple[Button, ...]:
    """The button that changes what is expected of an open deal."""
    if not lead.is_worked_on or lead.is_pooled:
        return ()
    return (Button("forecast.edit", context.text("button.forecast"), lead.number),)


@dataclass(frozen=True, slots=True)
class NamedForecast:
    """The forecast of a team, a person or a period, by its name in a chart."""

    name: str
    forecast: Forecast


def forecast_sections(
    held: HeldForecast, rows: Sequence[NamedForecast], context: Context
) -> tuple[Section, ...]:
    """The forecast of a quarter: in words with a chart of the ``rows``, and the money by stage.

    Empty where nothing is won, open or aimed for.
    """
    known = held.forecast
    if not (known.stages or known.won or known.target):
        return ()
    words = Section(
        context.text("forecast.heading"),
        tuple(_lines(known, held.odds, context)),
        rows=tuple(_asks(held, context)),
        chart=forecast_chart(rows, context),
    )
    return (words, *_by_stage(known, held.holder, context))


def forecast_line(known: Forecast, context: Context) -> str:
    """The forecast in one line: what is likely, and whether enough is open."""
    parts = (_likely(known, context), coverage_text(known, context))
    return " ".join(part for part in parts if part)


def passed_rows(context: Context) -> tuple[Row, ...]:
    """The reader's deals that should have been closed by now, behind one line; none for none."""
    n = overdue_closes(context)
    return (_ask("passed", OVERDUE, n, context),) if n else ()


def coverage_text(known: Forecast, context: Context) -> str:
    """``Enough is open for 1.8 times what is missing``; empty without a target."""
    if known.target is None:
        return ""
    if not known.missing:
        return context.text("forecast.reached")
    money, times = context.language.money, known.coverage or 0.0
    params = {"open": money(known.screened), "missing": money(known.missing)}
    if not known.screened:
        return context.text("forecast.nothing_open", **params)
    key = "forecast.covered" if times >= 1 else "forecast.not_covered"
    return context.text(key, times=context.language.number(round(times, 1)), **params)


def forecast_chart(rows: Sequence[NamedForecast], context: Context) -> ForecastChart | None:
    """What is won, likely and possible at best, against the targets; None where all is nothing."""
    shown = [row for row in rows if row.forecast.best_case or row.forecast.target]
    if not any(row.forecast.best_case for row in shown):
        return None
    text = context.text
    return ForecastChart(
        title=text("forecast.chart"),
        alt=context.language.listing([_said(row, context) for row in shown]),
        rows=tuple(_row(row, context) for row in shown),
        names=ForecastNames(
            won=text("forecast.won"),
            expected=text("forecast.likely"),
            best=text("forecast.best"),
            target=text("forecast.target"),
        ),
    )


def accuracy_text(before: Forecast, won: Decimal, context: Context) -> str:
    """What was forecast at the start of a period that is over, and what came of it."""
    accuracy = Accuracy(before.weighted, won)
    money = context.language.money
    params = {"forecast": money(_whole(before.weighted)), "won": money(won)}
    if accuracy.share is None:
        return context.text("forecast.then_none", **params)
    share = context.language.percent(accuracy.share)
    return context.text("forecast.then", share=share, **params)


def _likely(known: Forecast, context: Context) -> str:
    money = context.language.money
    likely = money(_whole(known.weighted))
    params = {"likely": likely, "won": money(known.won), "n": known.n}
    if not known.target:
        return context.text("forecast.line", **params)
    share = context.language.percent(float(known.weighted / known.target))
    return context.text("forecast.line_of", share=share, target=money(known.target), **params)


def _lines(known: Forecast, odds: StageOdds, context: Context) -> Iterator[str]:
    money = context.language.money
    yield _likely(known, context)
    if known.n:
        yield context.text(
            "forecast.range", commit=money(known.commit), best=money(known.best_case)
        )
    if coverage := coverage_text(known, context):
        yield coverage
    if known.unvalued:
        yield context.text("forecast.unvalued", n=known.unvalued)
    months = context.playbook.forecasting.months
    key = "forecast.odds_of" if odds.n >= RATE_FROM else "forecast.odds_usual"
    yield context.text(key, n=odds.n, months=months)


def _asks(held: HeldForecast, context: Context) -> Iterator[Row]:
    """The deals behind the forecast, and those that need a day."""
    known, query = held.forecast, open_query(held.holder)
    if known.n:
        within = replace(query, closing=held.days)
        yield _ask("within", within, known.n, context)
    if known.overdue:
        yield _ask("passed", replace(query, closes=(CloseDate.OVERDUE,)), known.overdue, context)
    if known.undated:
        yield _ask("undated", replace(query, closes=(CloseDate.NONE,)), known.undated, context)


def _ask(name: str, query: LeadQuery, n: int, context: Context) -> Row:
    button = list_button(query, context.text("button.whole_list", n=n), LeadSort.VALUE)
    return Row(context.text(f"forecast.deals_{name}", n=n), button)


def _by_stage(known: Forecast, holder: Holder | None, context: Context) -> tuple[Section, ...]:
    """Money by stage; each stage opens its deals."""
    if not known.stages:
        return ()
    language = context.language
    names = ("stage", "deals", "value", "closing", "odds", "likely")
    stages = [enum_label(one.stage, language) for one in known.stages]
    rows = tuple(
        (
            label,
            context.text("forecast.deals", n=one.n),
            language.money(one.value),
            language.money(one.closing),
            language.percent(one.odds),
            language.money(_whole(one.weighted)),
        )
        for label, one in zip(stages, known.stages, strict=True)
    )
    opens = tuple(
        list_button(open_query(holder, one.stage), label, LeadSort.VALUE)
        for label, one in zip(stages, known.stages, strict=True)
    )
    table = Table(
        columns=tuple(context.text(f"forecast.column_{name}") for name in names),
        rows=rows,
        caption=context.text("forecast.by_stage"),
        numbers=frozenset(range(2, len(names))),
        opens=opens,
    )
    return (Section(context.text("forecast.by_stage"), table=table),)


def _said(row: NamedForecast, context: Context) -> str:
    """``East: ¥640K of ¥1M``."""
    money, known = context.language.money, row.forecast
    likely = money(_whole(known.weighted))
    if not known.target:
        return context.text("forecast.row", name=row.name, likely=likely)
    params = {"likely": likely, "target": money(known.target)}
    return context.text("forecast.row_of", name=row.name, **params)


def _row(row: NamedForecast, context: Context) -> ForecastRow:
    known = row.forecast
    target = Figure(None, "–") if known.target is None else _figure(known.target, context)
    won, expected, best = (
        _figure(amount, context) for amount in (known.won, _whole(known.weighted), known.best_case)
    )
    return ForecastRow(row.name, won, expected, best, target)


def _figure(amount: Decimal, context: Context) -> Figure:
    return Figure(float(amount), context.language.money(amount))


def _whole(amount: Decimal) -> Decimal:
    """An estimate without the cents that it does not know."""
    return amount.quantize(Decimal(1), ROUND_HALF_UP)
