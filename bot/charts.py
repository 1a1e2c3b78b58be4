"""Draws charts as pictures, readable on a phone and in every language.

Uses matplotlib's objects, never pyplot, whose state all threads share. Imported only when drawing,
since importing takes a second.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

import structlog
from babel import numbers

from bot import fonts
from bot.health import Condition
from handlers.core.language import nearest_locale
from handlers.core.ui import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

log = structlog.get_logger(__name__)
WIDTH, DPI = 4.0, 270
"""Inches and dots per inch: 1,080 pixels, three for each point of a phone's screen."""

_INK, _FAINT, _GRID = "#1f2430", "#6b7280", "#e5e7eb"
_COLORS = (
    "#2f6fde", "#12a37f", "#b6bdc9", "#f08c2e", "#8a63d2", "#d9486e",
    "#0ea5b7", "#a3841a", "#5b7083", "#7fb23a", "#c05bb5", "#8c5a3c",
)  # fmt: skip
_COLUMNS = 58
"""Letters of small text that fit in a line; a Chinese character counts as two."""
_LABELLED = 24
"""With more bars than this their values are read from the axis."""

_one_at_a_time = Lock()
"""matplotlib's font caches are not thread-safe."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A chart's texts as far as our fonts can show them."""

    title: str
    categories: tuple[str, ...]
    series: tuple[str, ...]


class Charts:
    """Draws the charts of every platform.

    A message never waits for a picture: a chart that cannot be drawn is logged, and is a health
    condition until the next one can.
    """

    def __init__(self) -> None:
        self._failure = ""

    def draw(self, chart: Chart, locale: str) -> bytes | None:
        """A PNG as ``draw`` makes it; None if the message has to go out as text alone."""
        try:
            picture = draw(chart, locale)
        except Exception as error:  # whatever drawing does, the text is delivered
            log.exception("chart.not_drawn")
            self._failure = type(error).__name__
            return None
        self._failure = ""
        return picture

    def conditions(self) -> Iterator[Condition]:
        """The health conditions of drawing; a ``ConditionSource``."""
        if reason := self._failure:
            yield Condition("chart_not_drawn", params={"reason": reason}, serious=False)


def draw(chart: Chart, locale: str) -> bytes:
    """Draw a PNG 1,080 pixels wide, the same on every machine.

    Characters that no font has are left out, and names that become equal this way are numbered in
    order: ``chart.alt`` gives them in text beside the picture.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    with _one_at_a_time:
        lying = chart.kind == "bar" and len(chart.series) == 1
        height = 1.0 + 0.3 * len(chart.categories) if lying else 2.5 + 0.1 * len(chart.series)
        room = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white", layout=room)
        FigureCanvasAgg(figure)
        words = _Words(
            _truncate(fonts.shown(chart.title), 44),
            tuple(_truncate(name, 22) for name in fonts.labels(chart.categories)),
            tuple(
                _truncate(name, 26) for name in fonts.labels([each.name for each in chart.series])
            ),
        )
        _Drawing(figure, chart, words, nearest_locale(locale)).draw(lying=lying)
        png = io.BytesIO()
        figure.savefig(png, format="png", metadata={"Software": None})
        return png.getvalue()


class _Drawing:
    """One chart being drawn."""

    def __init__(self, figure: "Figure", chart: Chart, words: _Words, locale: str) -> None:
        self.chart = chart
        self.words = words
        self.locale = locale
        self.figure = figure
        self.axes: Axes = figure.add_subplot()
        self.places = range(len(words.categories))
        self.values = [series.values for series in chart.series]

    def draw(self, *, lying: bool) -> None:
        if lying:
            self._horizontal_bars()
        elif self.chart.kind == "bar":
            self._vertical_bars()
        else:
            self._lines()
        self._name()
        self.axes.spines[:].set_visible(False)
        self.axes.tick_params(length=0, pad=3)

    def _horizontal_bars(self) -> None:
        """Draw one series as horizontal bars, one per row: long names have room."""
        bars = self.axes.barh(self.places, self.values[0], height=0.68, color=_COLORS[0])
        self.axes.bar_label(bars, **self._labels(0), padding=3, fontsize=8.5, **_text(_INK))
        self.axes.set_yticks(self.places, self.words.categories, fontsize=8.5, **_text(_INK))
        self.axes.invert_yaxis()
        self.axes.margins(x=0.12, y=0.03)
        self.axes.xaxis.set_visible(False)

    def _vertical_bars(self) -> None:
        """Draw several series side by side in each category."""
        count = len(self.values)
        width = 0.8 / max(count, 1)
        labelled = count * len(self.places) <= _LABELLED
        for number, values in enumerate(self.values):
            middles = [place + (number - (count - 1) / 2) * width for place in self.places]
            color = _COLORS[number % len(_COLORS)]
            name = self.words.series[number]
            bars = self.axes.bar(middles, values, width=width * 0.9, color=color, label=name)
            if labelled:
                labels = self._labels(number)
                self.axes.bar_label(bars, **labels, padding=1.5, fontsize=7.5, **_text(_INK))
        self._categories_below()
        self.axes.margins(x=0.02, y=0.1)
        if labelled:
            self.axes.yaxis.set_visible(False)
            self.axes.axhline(0, color=_GRID, linewidth=1, zorder=0)
        else:
            self._grid()

    def _lines(self) -> None:
        """Draw a line for every series, with the newest value at its end."""
        for number, values in enumerate(self.values):
            color, name = _COLORS[number % len(_COLORS)], self.words.series[number]
            marker = "o" if len(values) <= 12 else ""
            self.axes.plot(
                self.places, values, color=color, label=name, linewidth=2, marker=marker,
                markersize=4, solid_capstyle="round", clip_on=False,
            )  # fmt: skip
            if values:
                self.axes.annotate(
                    self._format_value(values[-1]), (self.places[-1], values[-1]), xytext=(6, 0),
                    textcoords="offset points", va="center", fontsize=8, **_text(color),
                )  # fmt: skip
        self._categories_below()
        self.axes.margins(x=0.04, y=0.12)
        self._grid()

    def _categories_below(self) -> None:
        """Label the categories along the axis, skipping some where they would overlap."""
        longest = max((_width(name) for name in self.words.categories), default=0)
        each = max(1, ceil(len(self.places) * (longest + 1) / _COLUMNS))
        self.axes.set_xticks(
            self.places[::each], self.words.categories[::each], fontsize=8, **_text(_INK)
        )

    def _grid(self) -> None:
        from matplotlib.ticker import MaxNLocator

        self.axes.grid(axis="y", color=_GRID, linewidth=0.8)
        self.axes.set_axisbelow(True)
        self.axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=self._whole))
        self.axes.yaxis.set_major_formatter(lambda value, _place: self._format_value(value))
        for label in self.axes.get_yticklabels():
            label.set(fontsize=7.5, **_text(_FAINT))

    def _name(self) -> None:
        """Draw the title and the legend."""
        if len(self.values) < 2:
            self.figure.suptitle(self.words.title, x=0.03, ha="left", fontsize=11, **_text(_INK))
            return
        longest = max(_width(name) for name in self.words.series)
        beside = max(1, min(len(self.values), _COLUMNS // (longest + 6)))
        rows = ceil(len(self.values) / beside)
        self.axes.set_title(
            self.words.title, loc="left", fontsize=11, pad=7 + 13 * rows, **_text(_INK)
        )
        legend = self.axes.legend(
            loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=beside, frameon=False,
            borderpad=0.2, handlelength=0.8, handleheight=0.8, handletextpad=0.5,
            columnspacing=1.4, borderaxespad=0.2, fontsize=8,
        )  # fmt: skip
        for label in legend.get_texts():
            label.set(**_text(_INK))

    @property
    def _whole(self) -> bool:
        return all(value == int(value) for values in self.values for value in values)

    def _labels(self, number: int) -> dict[str, Any]:
        return {"labels": [self._format_value(value) for value in self.values[number]]}

    def _format_value(self, value: float) -> str:
        """``7``, ``2.5``, ``12.5万`` or ``125K``."""
        if abs(value) >= 10_000:
            return numbers.format_compact_decimal(value, locale=self.locale, fraction_digits=1)
        return numbers.format_decimal(value, "#,##0.##", locale=self.locale)


def _text(color: str) -> dict[str, Any]:
    """The style of all text; a dollar sign is literal and begins no formula."""
    return {"color": color, "family": fonts.families(), "parse_math": False}


def _width(name: str) -> int:
    """Display columns of a name: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in name)


def _truncate(name: str, columns: int) -> str:
    """The name, cut to ``columns``."""
    if _width(name) <= columns:
        return name
    while _width(name) >= columns:
        name = name[:-1]
    return f"{name.rstrip()}…"
