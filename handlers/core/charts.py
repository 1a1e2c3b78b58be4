"""The kinds of charts that reports are made of, as intents: what each says, not how it looks.

Like everything of ``handlers.core.ui`` they hold final texts in the reader's language, and know
nothing of pictures. ``bot.charts`` draws them.
"""

from dataclasses import dataclass
from math import isfinite

from handlers.core.ui import DrawnChart, Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a chart with its text in the reader's language (``¥120万``, ``35%``).

    ``value`` is None where there is none to show, such as a rate of fewer than five; NaN and
    infinite values become None. ``label`` then says so (``–``).
    """

    value: float | None
    label: str

    def __post_init__(self) -> None:
        if self.value is not None and not isfinite(self.value):
            object.__setattr__(self, "value", None)


@dataclass(frozen=True, slots=True)
class NamedFigure:
    """One bar. ``target`` is what the figure is held against, if anything."""

    name: str
    figure: Figure
    target: Figure | None = None


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """``rate`` says how many go on to the next stage (``42%``); empty where it is hidden."""

    name: str
    figure: Figure
    rate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelChart(DrawnChart):
    """How many get from stage to stage; ``measure`` names what is counted (*Leads*) and
    ``rate_name`` the share that goes on (*Go on*)."""

    stages: tuple[FunnelStage, ...]
    measure: str
    rate_name: str

    @property
    def has_rates(self) -> bool:
        return any(stage.rate for stage in self.stages)

    @property
    def table(self) -> Table:
        rows = tuple((stage.name, stage.figure.label, stage.rate) for stage in self.stages)
        return _figures(("", self.measure, self.rate_name), rows)


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One figure for each period; a period without a value is a gap."""

    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendChart(DrawnChart):
    """Figures period by period; ``opens`` has one button for each period."""

    periods: tuple[str, ...]
    lines: tuple[TrendLine, ...]

    @property
    def table(self) -> Table:
        rows = tuple(
            (period, *(_label_at(line.figures, at) for line in self.lines))
            for at, period in enumerate(self.periods)
        )
        return _figures(("", *(line.name for line in self.lines)), rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeChart(DrawnChart):
    """How a total became another one: ``start`` plus all ``changes`` is ``end``.

    Labels of changes carry their sign. ``opens`` has one button each for the start, the changes and
    the end.
    """

    start: NamedFigure
    changes: tuple[NamedFigure, ...]
    end: NamedFigure
    measure: str

    @property
    def bars(self) -> tuple[NamedFigure, ...]:
        return (self.start, *self.changes, self.end)

    @property
    def table(self) -> Table:
        rows = tuple((bar.name, bar.figure.label) for bar in self.bars)
        return _figures(("", self.measure), rows)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """``note`` says of how many the figure is (``n=20``)."""

    figure: Figure
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap(DrawnChart):
    """A figure for each row and column, such as the win rate by source and response time.

    ``cells`` has a tuple for each row with a cell for each column; a darker one is higher.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[HeatCell, ...], ...]

    @property
    def table(self) -> Table:
        rows = tuple(
            (name, *(f"{cell.figure.label} {cell.note}".strip() for cell in cells))
            for name, cells in zip(self.rows, self.cells, strict=True)
        )
        return _figures(("", *self.columns), rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonChart(DrawnChart):
    """People, teams or others side by side, in the order of ``bars``.

    ``reference`` is a value that all are held against (*Team average*), ``target_name`` the name of
    the bars' targets.
    """

    bars: tuple[NamedFigure, ...]
    measure: str
    target_name: str = ""
    reference: NamedFigure | None = None

    @property
    def table(self) -> Table:
        targets = any(bar.target for bar in self.bars)
        columns = ("", self.measure, self.target_name) if targets else ("", self.measure)
        reference = () if self.reference is None else (self.reference,)
        rows = tuple(
            (bar.name, bar.figure.label, bar.target.label if bar.target else "")[: len(columns)]
            for bar in (*self.bars, *reference)
        )
        return _figures(columns, rows)


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One period, team or person. ``expected`` and ``best`` include what is ``won``."""

    name: str
    won: Figure
    expected: Figure
    best: Figure
    target: Figure


@dataclass(frozen=True, slots=True)
class ForecastNames:
    """The legend, in the reader's language."""

    won: str
    expected: str
    best: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastChart(DrawnChart):
    """What is won, expected and possible at best, against the target."""

    rows: tuple[ForecastRow, ...]
    names: ForecastNames

    @property
    def table(self) -> Table:
        names = self.names
        rows = tuple(
            (row.name, row.won.label, row.expected.label, row.best.label, row.target.label)
            for row in self.rows
        )
        return _figures(("", names.won, names.expected, names.best, names.target), rows)


def _label_at(figures: tuple[Figure, ...], at: int) -> str:
    return figures[at].label if at < len(figures) else ""


def _figures(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    return Table(columns, rows, numbers=frozenset(range(1, len(columns))))
