"""The names and figures of a report in the reader's words."""

from datetime import date
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.figure_labels import period_label
from handlers.core.labels import term_label
from handlers.core.spreadsheets import Cell
from sales.reports.measures import Rate, Spread
from sales.reports.overview import Figures, GroupKey, OpenNow, value_of
from sales.reports.periods import PeriodKind, ReportPeriod
from sales.reports.queries import Dimension, Focus


def group_label(dimension: Dimension, key: GroupKey, context: Context) -> str:
    """The name of one row of a comparison."""
    words, language = context.playbook.vocabulary, context.language
    if dimension is Dimension.PERSON:
        if key is None:
            return context.text("list.nobody")
        people = {person.id: person.name for person in context.uow.people.everyone()}
        return people.get(int(key), context.text("list.gone_person"))
    if dimension is Dimension.TEAM:
        teams = {team.id: team.name for team in context.uow.people.teams()}
        return teams.get(int(key or 0), context.text("list.gone_team"))
    if dimension is Dimension.GRADE:
        return context.text(f"list.grade_{key}")
    terms = {
        Dimension.SOURCE: words.sources,
        Dimension.PRODUCT: words.products,
        Dimension.REGION: words.regions,
        Dimension.INDUSTRY: words.industries,
    }[dimension]
    return term_label(terms, str(key), language) if key else context.text("report.unknown")


def dimension_label(dimension: Dimension, context: Context) -> str:
    return context.text(f"report.by_{dimension.value}")


def focus_label(focus: Focus, context: Context) -> str:
    return context.text(f"report.column_{focus.value}")


def value_label(focus: Focus, figures: Figures, open_now: OpenNow, context: Context) -> str:
    """A figure in a cell; what is of fewer than five says so by a dash with the number."""
    sums, language = figures.totals, context.language
    match focus:
        case Focus.NEW:
            return str(sums.new)
        case Focus.WON:
            return str(sums.won)
        case Focus.LOST:
            return str(sums.lost)
        case Focus.AMOUNT:
            return language.money(sums.won_amount) if sums.won_amount else "—"
        case Focus.WIN_RATE:
            return rate_cell(sums.win_rate, context)
        case Focus.CONVERSION:
            return rate_cell(figures.conversion[0].rate, context)
        case Focus.CLOCKS:
            return rate_cell(figures.clocks, context) if figures.clocks else "—"
        case Focus.RESPONSE:
            return wait_cell(figures.response, context)
        case Focus.DISCIPLINE:
            return str(open_now.discipline.overdue)
        case Focus.PIPELINE:
            return str(open_now.worked)


def rate_cell(rate: Rate, context: Context) -> str:
    """``40% (n=10)``; of fewer than five only how many."""
    if not rate.n:
        return "—"
    if not rate.is_shown:
        return context.text("report.cell_few", n=rate.n)
    return context.text("report.cell_rate", share=context.language.percent(rate.share), n=rate.n)


def wait_cell(spread: Spread, context: Context) -> str:
    """The median as a duration; of fewer than five only how many."""
    if not spread.n:
        return "—"
    if not spread.is_shown:
        return context.text("report.cell_few", n=spread.n)
    return context.language.duration(round(spread.median.total_seconds() / 60))


def noun(dimension: Dimension, context: Context) -> str:
    """What a row of a table is: *Source*, *Week*."""
    return context.text(f"report.noun_{dimension.value}")


def named_period(period: ReportPeriod, context: Context) -> str:
    """The period, with the year of days in another one: ``Dec 8 – 14, 2025``."""
    if period.kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR):
        return period_label(period, context.language)
    return _days_with_year(period.first, period.last, context)


def before_label(before: ReportPeriod, context: Context) -> str:
    """The period that a report is compared with, as far as it is counted."""
    if before.cut is None:
        return named_period(before, context)
    return _days_with_year(before.first, before.until, context)


def _days_with_year(first: date, last: date, context: Context) -> str:
    """``Nov 16 – 22``; where they are not all of this year, with it."""
    language = context.language
    if first.year != last.year:
        return f"{language.full_day(first)} – {language.full_day(last)}"
    days = language.days(first, last)
    if first.year == context.today.year:
        return days
    return context.text("report.days_of_year", days=days, year=language.full_year(first))


def step_label(period: ReportPeriod, context: Context, *, short: bool = False) -> str:
    """``Nov`` for a month or most of one, ``Nov 16`` for a day, ``Nov 16 – 22`` for any others.

    ``short``: as a chart has room for, a week by its first day.
    """
    language, first, last = context.language, period.first, period.last
    if period.kind is PeriodKind.QUARTER:
        return period_label(period, language)
    same_month = (first.year, first.month) == (last.year, last.month)
    if period.kind is PeriodKind.MONTH or (same_month and (last - first).days > _MOST_OF_A_WEEK):
        return language.short_month(first)
    if short or first == last:
        return language.short_day(first)
    return language.days(first, last)


_MOST_OF_A_WEEK = 6
"""Days between the first and the last of a week; a longer step is a month that is cut."""


def filed(focus: Focus, figures: Figures, open_now: OpenNow) -> Cell:
    """A figure in a file: amounts in whole units, shares as percent, waits in minutes."""
    if focus is Focus.AMOUNT:
        return figures.totals.won_amount
    if focus is Focus.PIPELINE:
        return open_now.worked
    value = value_of(focus, figures, open_now)
    if value < 0:
        return None
    if focus in (Focus.WIN_RATE, Focus.CONVERSION, Focus.CLOCKS):
        return Decimal(round(1000 * value)) / 10
    return round(value / 60) if focus is Focus.RESPONSE else int(value)
