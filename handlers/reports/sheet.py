"""A report as the rows of a file, without customers and contacts."""

from collections.abc import Iterator

from handlers.core.context import Context
from handlers.core.spreadsheets import Cell
from handlers.reports.labels import filed, focus_label, group_label, noun, step_label
from sales.reports.overview import OpenNow, Overview
from sales.reports.queries import Focus, ReportQuery


def report_rows(
    query: ReportQuery, overview: Overview, title: str, context: Context
) -> Iterator[tuple[Cell, ...]]:
    """The report as the rows of a file: its figures beside those before, then each group's or
    step's. Numbers are numbers; a rate of fewer than five is left empty."""
    yield (title,)
    yield ()
    yield tuple(context.text(f"report.file_{name}") for name in ("figure", "now", "before"))
    nothing = OpenNow((), context.now)
    for focus in _FILED:
        row = focus_label(focus, context), filed(focus, overview.figures, overview.open_now)
        of_now = focus in (Focus.PIPELINE, Focus.DISCIPLINE)
        yield (*row, None if of_now else filed(focus, overview.earlier, nothing))
    yield ()
    if overview.groups and query.by:
        yield (noun(query.by, context), *(focus_label(focus, context) for focus in _FILED))
        for group in overview.groups:
            name = group_label(query.by, group.key, context)
            yield (name, *(filed(one, group.figures, group.open_now) for one in _FILED))
    elif overview.steps:
        of_steps = [one for one in _FILED if one not in (Focus.PIPELINE, Focus.DISCIPLINE)]
        yield (noun(overview.step, context), *(focus_label(focus, context) for focus in of_steps))
        for step in overview.steps:
            name = step_label(step.period, context)
            yield (name, *(filed(one, step.figures, nothing) for one in of_steps))


_FILED = (
    Focus.NEW, Focus.WON, Focus.AMOUNT, Focus.LOST, Focus.WIN_RATE, Focus.CONVERSION,
    Focus.RESPONSE, Focus.CLOCKS, Focus.PIPELINE, Focus.DISCIPLINE,
)  # fmt: skip
