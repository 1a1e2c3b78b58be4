"""Charts as Slack's own block, ``data_visualization``, for the kinds that it can show truthfully.

It draws bars, lines, areas and pies: nothing that floats, as the changes of a bridge do, and no
heat map. Those become pictures.
"""

from collections.abc import Sequence
from typing import TypeAlias

from bot.platforms.slack.markup import Block, cut, distinct
from handlers.core.charts import (
    ComparisonChart,
    Figure,
    ForecastChart,
    FunnelChart,
    TrendChart,
)
from handlers.core.ui import AnyChart, Chart

MAX_CHARTS = 2
"""In one message."""
MAX_CHART_TITLE = 50
MAX_SERIES, MAX_CATEGORIES = 6, 20
"""Slack's reference has said both 6 and 12 series; what we draw has fewer than 6."""

_Named: TypeAlias = tuple[str, Sequence[float | None]]


def chart_block(chart: AnyChart) -> Block | None:
    """The block of a chart; None if Slack cannot show it, or not without inventing figures."""
    match chart:
        case Chart():
            series = [(one.name, one.values) for one in chart.series]
            return _block(chart, chart.kind, chart.categories, series)
        case FunnelChart():
            names = [stage.name for stage in chart.stages]
            figures = _values([stage.figure for stage in chart.stages])
            return _block(chart, "bar", names, [(chart.measure, figures)])
        case TrendChart():
            lines = [(line.name, _values(line.figures)) for line in chart.lines]
            return _block(chart, "line", chart.periods, lines)
        case ComparisonChart():
            return _comparison(chart)
        case ForecastChart():
            return _forecast(chart)
        case _:
            return None


def _values(figures: Sequence[Figure | None]) -> list[float | None]:
    return [figure.value if figure else None for figure in figures]


def _comparison(chart: ComparisonChart) -> Block | None:
    """The bars, beside each its target, and what all are held against as bars of equal height."""
    series: list[_Named] = [(chart.measure, _values([bar.figure for bar in chart.bars]))]
    if any(bar.target for bar in chart.bars):
        series.append((chart.target_name, _values([bar.target for bar in chart.bars])))
    if chart.reference:
        series.append((chart.reference.name, [chart.reference.figure.value] * len(chart.bars)))
    return _block(chart, "bar", [bar.name for bar in chart.bars], series)


def _forecast(chart: ForecastChart) -> Block | None:
    names, rows = chart.names, chart.rows
    series: list[_Named] = [
        (names.won, _values([row.won for row in rows])),
        (names.expected, _values([row.expected for row in rows])),
        (names.best, _values([row.best for row in rows])),
        (names.target, _values([row.target for row in rows])),
    ]
    return _block(chart, "bar", [row.name for row in rows], series)


def _block(
    chart: AnyChart, kind: str, categories: Sequence[str], series: Sequence[_Named]
) -> Block | None:
    """Slack needs a value for each series and category: None where one is missing."""
    held = 1 <= len(series) <= MAX_SERIES and 1 <= len(categories) <= MAX_CATEGORIES
    whole = all(len(values) == len(categories) and None not in values for _, values in series)
    if not (held and whole):
        return None
    labels = distinct(categories, 20)
    names = distinct((name for name, _ in series), 20)
    drawn = [
        {
            "name": name,
            "data": [
                {"label": label, "value": value}
                for label, value in zip(labels, values, strict=True)
            ],
        }
        for name, (_, values) in zip(names, series, strict=True)
    ]
    return {
        "type": "data_visualization",
        "title": cut(chart.title, MAX_CHART_TITLE),
        "chart": {"type": kind, "series": drawn, "axis_config": {"categories": [*labels]}},
    }
