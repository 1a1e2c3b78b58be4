"""Plain charts, whose figures are numbers without words, as those that have them.

A bar chart of one figure is a comparison, a line chart a trend; several figures side by side are
standing bars, laid out here.
"""

from babel import numbers

from bot.charts.layouts import lay_out
from bot.charts.scene import (
    INNER,
    MARGIN,
    SMALL,
    WIDTH,
    Box,
    Scene,
    Stroke,
    Words,
    measure,
    two_lines,
)
from handlers.core.charts import ComparisonChart, Figure, NamedFigure, TrendChart, TrendLine
from handlers.core.language import nearest_locale
from handlers.core.ui import Chart

HIGH = 140.0
"""The height of standing bars."""
LABELLED = 30
"""With more standing bars than this, only those of up to this many categories are labelled."""


def lay_out_plain(chart: Chart, locale: str) -> Scene:
    """The scene of a plain chart, its figures written as the locale does."""
    locale = nearest_locale(locale)
    lines = tuple(
        TrendLine(
            one.name, tuple(Figure(value, format_value(value, locale)) for value in one.values)
        )
        for one in chart.series
    )
    if chart.kind == "line":
        count = max((len(line.figures) for line in lines), default=0)
        return lay_out(
            TrendChart(
                title=chart.title, alt=chart.alt, periods=chart.categories[:count], lines=lines
            )
        )
    if len(lines) == 1:
        bars = zip(chart.categories, lines[0].figures, strict=False)
        return lay_out(
            ComparisonChart(
                title=chart.title,
                alt=chart.alt,
                measure=lines[0].name,
                bars=tuple(NamedFigure(name, figure) for name, figure in bars),
            )
        )
    return _standing(chart.categories, lines)


def format_value(value: float, locale: str) -> str:
    """``7``, ``2.5``, ``12.5万`` or ``125K``."""
    if abs(value) >= 10_000:
        return numbers.format_compact_decimal(value, locale=locale, fraction_digits=1)
    return numbers.format_decimal(value, "#,##0.##", locale=locale)


def _standing(categories: tuple[str, ...], lines: tuple[TrendLine, ...]) -> Scene:
    """Several figures side by side in each category."""
    scene = Scene()
    scene.legend([(line.name, f"series-{at % 12}", "box") for at, line in enumerate(lines)])
    values = [figure.value or 0.0 for line in lines for figure in line.figures]
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high / 2 - low / 2) or 1.0
    top = scene.height + 18
    slot = INNER / max(len(categories), 1)
    wide = min(slot * 0.84 / max(len(lines), 1), 40.0)

    def down(value: float) -> float:
        return top + HIGH * (1 - (value / 2 - low / 2) / span)

    scene.add(Stroke(((MARGIN, down(0)), (WIDTH - MARGIN, down(0))), "grid"))
    for number, line in enumerate(lines):
        for at, figure in enumerate(line.figures[: len(categories)]):
            middle = MARGIN + slot * (at + 0.5) + wide * (number - (len(lines) - 1) / 2)
            begin, end = sorted((down(0), down(figure.value or 0.0)))
            scene.add(
                Box(
                    middle - wide * 0.45,
                    begin,
                    wide * 0.9,
                    max(end - begin, 1.0 if figure.value else 0.0),
                    f"series-{number % 12}",
                )
            )
            if measure(figure.label, SMALL) <= wide + 2:
                above = (figure.value or 0.0) >= 0
                y = begin - 3 if above else end + SMALL
                scene.add(Words(middle, y, figure.label, SMALL, "ink", "middle"))
    scene.height = top + HIGH + (16 if low < 0 else 4)
    _below(scene, categories, slot)
    return scene


def _below(scene: Scene, categories: tuple[str, ...], slot: float) -> None:
    """Name the categories in up to two lines, leaving some out where there is no room."""
    longest = max((measure(name, SMALL) for name in categories), default=0.0)
    each = max(1, round(min(longest / 2, 60.0) / slot + 0.49))
    for at, name in enumerate(categories):
        if at % each:
            continue
        middle = MARGIN + slot * (at + 0.5)
        for nth, line in enumerate(two_lines(name, slot * each - 4, SMALL)):
            y = scene.height + 12 + 13 * nth
            scene.add(Words(middle, y, line, SMALL, "soft", "middle"))
    scene.height += 30
