"""Lays a chart out as a scene: one function for each kind.

Kinds made of bars lie on their side, a line of words over each: a phone has room for a long name
there, and none below a standing bar.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.charts.scene import (
    BODY,
    INNER,
    MARGIN,
    SMALL,
    WIDTH,
    Box,
    Dot,
    Scene,
    Shape,
    Stroke,
    Target,
    Words,
    cut,
    cut_apart,
    measure,
    two_lines,
)
from handlers.core.charts import (
    BridgeChart,
    ComparisonChart,
    Figure,
    ForecastChart,
    FunnelChart,
    HeatMap,
    NamedFigure,
    TrendChart,
)
from handlers.core.ui import DrawnChart

BAR = 12.0
ROW = 38.0
"""From one row of bars to the next: a line of words and the bar below it."""
PLOT = 150.0
"""The height of a trend's plot."""
SIDE_COLUMNS = 6
"""With more columns, the rows of a heat map are named above their cells."""


def lay_out(chart: DrawnChart) -> Scene:
    """The scene of a chart, without its title; any number of figures, none included."""
    match chart:
        case FunnelChart():
            return _funnel(chart)
        case TrendChart():
            return _trend(chart)
        case BridgeChart():
            return _bridge(chart)
        case HeatMap():
            return _heat_map(chart)
        case ComparisonChart():
            return _comparison(chart)
        case ForecastChart():
            return _forecast(chart)
    raise TypeError(f"no layout for {type(chart).__name__}")


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to places between the margins; zero is always among them."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float | None]) -> "_Scale":
        known = [value for value in values if value is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        return cls(low, high if high > low else low + 1.0)

    def x(self, value: float) -> float:
        # Divided first: a difference of very large values would be infinite.
        span = self.high / 2 - self.low / 2
        return MARGIN + INNER * ((value / 2 - self.low / 2) / span)

    def bar(self, begin: float, end: float, y: float, fill: str) -> Box:
        """At least a pixel and a half wide, so that a small figure is seen."""
        left, right = sorted((self.x(begin), self.x(end)))
        wide = max(right - left, 1.5 if begin != end else 0.0)
        return Box(min(left, WIDTH - MARGIN - wide), y, wide, BAR, fill)


def _named_row(scene: Scene, name: str, label: str, *, whole: str, tip: str = "") -> float:
    """Add a row's name and figure; returns where its bar begins. ``whole`` is the name uncut."""
    y = scene.height
    scene.add(
        Words(MARGIN, y + 14, name),
        Words(WIDTH - MARGIN, y + 14, label, anchor="end", bold=True),
    )
    scene.targets.append(Target(0, y, WIDTH, ROW, tip or f"{whole}: {label}"))
    scene.height += ROW
    return y + 20


def _row_names(names: Sequence[str], labels: Sequence[str]) -> list[str]:
    widest = max((measure(label, BODY) for label in labels), default=0.0)
    return cut_apart(names, max(INNER - widest - 12, INNER / 3), BODY)


def _cut_labels(labels: Sequence[str]) -> list[str]:
    return [cut(label, INNER * 0.6, BODY) for label in labels]


def _funnel(chart: FunnelChart) -> Scene:
    """Stages as centred bars, between them the share that goes on."""
    scene, gap = Scene(), 22.0
    known = [stage.figure.value for stage in chart.stages]
    most = max((value for value in known if value is not None), default=0.0)
    labels = _cut_labels([stage.figure.label for stage in chart.stages])
    names = _row_names([stage.name for stage in chart.stages], labels)
    wides = [INNER * (max(value or 0.0, 0.0) / most) if most > 0 else 0.0 for value in known]
    for at, stage in enumerate(chart.stages):
        going = f" · {chart.rate_name} {stage.rate}" if stage.rate else ""
        tip = f"{stage.name}: {stage.figure.label}{going}"
        y = _named_row(scene, names[at], labels[at], whole=stage.name, tip=tip)
        scene.add(Box(MARGIN, y, INNER, BAR, "track"))
        wide = max(wides[at], 1.5 if stage.figure.value else 0.0)
        scene.add(Box(WIDTH / 2 - wide / 2, y, wide, BAR, "series-0"))
        if at + 1 < len(chart.stages):
            _passage(scene, wide, max(wides[at + 1], 1.5), y + BAR, gap)
            if stage.rate:
                scene.add(
                    Words(WIDTH / 2, y + BAR + 15, stage.rate, SMALL, "soft", "middle", bold=True)
                )
            scene.height += gap - 6
    scene.height += 4
    return scene


def _passage(scene: Scene, above: float, below: float, y: float, gap: float) -> None:
    """A band that narrows from one bar towards the next."""
    middle, end = WIDTH / 2, y + gap - 2
    corners = (
        (middle - above / 2, y), (middle + above / 2, y),
        (middle + below / 2, end), (middle - below / 2, end),
    )  # fmt: skip
    scene.add(Shape(corners, "pass"))


def _bridge(chart: BridgeChart) -> Scene:
    """Each bar begins where the one before ended."""
    scene = Scene()
    begins, ends = _steps(chart)
    scale = _Scale.of([*begins, *ends])
    labels = _cut_labels([bar.figure.label for bar in chart.bars])
    names = _row_names([bar.name for bar in chart.bars], labels)
    last = len(chart.bars) - 1
    for at, bar in enumerate(chart.bars):
        y = _named_row(scene, names[at], labels[at], whole=bar.name)
        fill = "total" if at in {0, last} else ("good" if ends[at] >= begins[at] else "bad")
        scene.add(scale.bar(begins[at], ends[at], y, fill))
        if at < last:
            # Not where the words of the next row are.
            x = scale.x(ends[at])
            scene.add(Stroke(((x, y + BAR), (x, y + BAR + 5)), "soft"))
            scene.add(Stroke(((x, y + ROW - 2), (x, y + ROW)), "soft"))
        if scale.low < 0:
            _zero(scene, scale, y)
    scene.height += 2
    return scene


def _steps(chart: BridgeChart) -> tuple[list[float], list[float]]:
    """Where the bars begin and end; an unknown change moves nothing."""
    running = chart.start.figure.value or 0.0
    begins, ends = [0.0], [running]
    for change in chart.changes:
        begins.append(running)
        running += change.figure.value or 0.0
        ends.append(running)
    begins.append(0.0)
    ends.append(chart.end.figure.value or 0.0)
    return begins, ends


def _comparison(chart: ComparisonChart) -> Scene:
    """A bar each, a tick at its target, and a line across all at what they are held against."""
    scene = Scene()
    held = chart.reference.figure.value if chart.reference else None
    targets = [bar.target.value if bar.target else None for bar in chart.bars]
    scale = _Scale.of([*(bar.figure.value for bar in chart.bars), *targets, held])
    labels = _cut_labels([bar.figure.label for bar in chart.bars])
    names = _row_names([bar.name for bar in chart.bars], labels)
    if chart.reference and held is not None:
        _reference_legend(scene, chart.reference)
    for at, bar in enumerate(chart.bars):
        aim = f" · {chart.target_name} {bar.target.label}" if bar.target else ""
        tip = f"{bar.name}: {bar.figure.label}{aim}"
        y = _named_row(scene, names[at], labels[at], whole=bar.name, tip=tip)
        value = bar.figure.value
        if scale.low < 0:
            _zero(scene, scale, y)
        if value is not None:
            scene.add(scale.bar(0, value, y, "series-0" if value >= 0 else "bad"))
        if (target := targets[at]) is not None:
            _tick(scene, scale.x(target), y)
        if held is not None:
            x = scale.x(held)
            scene.add(Stroke(((x, y - 4), (x, y + BAR + 4)), "series-4", 1.5, dashed=True))
    if any(target is not None for target in targets) and chart.target_name:
        scene.legend([(chart.measure, "series-0", "box"), (chart.target_name, "target", "tick")])
    return scene


def _zero(scene: Scene, scale: _Scale, y: float) -> None:
    x = scale.x(0)
    scene.add(Stroke(((x, y - 3), (x, y + BAR + 3)), "soft"))


def _reference_legend(scene: Scene, reference: NamedFigure) -> None:
    text = f"{reference.name} {reference.figure.label}"
    scene.add(
        Stroke(((MARGIN, 10), (MARGIN + 16, 10)), "series-4", 1.5, dashed=True),
        Words(MARGIN + 22, 14, cut(text, INNER - 22, SMALL), SMALL, "soft"),
    )
    scene.height = 20


def _tick(scene: Scene, x: float, y: float) -> None:
    scene.add(Stroke(((x, y - 3), (x, y + BAR + 3)), "target", 2.5))


def _forecast(chart: ForecastChart) -> Scene:
    """What is won, what is expected beyond and possible on one bar, a tick at the target."""
    scene, names = Scene(), chart.names
    scene.legend(
        [(names.won, "series-0", "box"), (names.expected, "likely", "box"),
         (names.best, "pass", "box"), (names.target, "target", "tick")]
    )  # fmt: skip
    figures = [
        figure for row in chart.rows for figure in (row.won, row.expected, row.best, row.target)
    ]
    scale = _Scale.of([figure.value for figure in figures])
    labels = _cut_labels([f"{row.expected.label} / {row.target.label}" for row in chart.rows])
    shown = _row_names([row.name for row in chart.rows], labels)
    for at, row in enumerate(chart.rows):
        pairs = zip(
            (names.won, names.expected, names.best, names.target),
            (row.won, row.expected, row.best, row.target),
            strict=True,
        )
        tip = f"{row.name}: " + " · ".join(f"{name} {figure.label}" for name, figure in pairs)
        y = _named_row(scene, shown[at], labels[at], whole=row.name, tip=tip)
        scene.add(Box(MARGIN, y, INNER, BAR, "track"))
        for figure, fill in ((row.best, "pass"), (row.expected, "likely"), (row.won, "series-0")):
            if figure.value is not None:
                scene.add(scale.bar(0, figure.value, y, fill))
        if row.target.value is not None:
            _tick(scene, scale.x(row.target.value), y)
    scene.height += 2
    return scene


def _heat_map(chart: HeatMap) -> Scene:
    """Cells as dark as their figures are high, each with its figure written in it."""
    scene = Scene()
    beside = len(chart.columns) <= SIDE_COLUMNS
    left = MARGIN + (84.0 if beside else 0.0)
    wide = (WIDTH - MARGIN - left) / max(len(chart.columns), 1)
    heads = [two_lines(name, wide - 2, SMALL) for name in chart.columns]
    for at, lines in enumerate(heads):
        for nth, line in enumerate(lines):
            x = left + wide * (at + 0.5)
            scene.add(Words(x, 12 + 13 * nth, line, SMALL, "soft", "middle"))
    scene.height = 18.0 + 13 * (max(map(len, heads), default=1) - 1)
    values = [cell.figure.value for cells in chart.cells for cell in cells]
    highest = max((value for value in values if value is not None), default=0.0)
    for name, cells in zip(chart.rows, chart.cells, strict=True):
        _heat_name(scene, name, beside=beside)
        for at, cell in enumerate(cells):
            shade = _shade(cell.figure.value, highest)
            box = (left + wide * at, scene.height, wide, 34.0)
            _heat_cell(scene, box, (cell.figure.label, cell.note), shade)
            column = chart.columns[at]
            tip = f"{name} · {column}: {cell.figure.label} {cell.note}".strip()
            scene.targets.append(Target(*box, tip))
        scene.height += 34
    scene.height += 8
    return scene


def _heat_name(scene: Scene, name: str, *, beside: bool) -> None:
    if not beside:
        scene.add(Words(MARGIN, scene.height + 14, cut(name, INNER, SMALL), SMALL))
        scene.height += 19
        return
    lines = two_lines(name, 80, SMALL)
    for nth, line in enumerate(lines):
        y = scene.height + (21 if len(lines) == 1 else 15) + 13 * nth
        scene.add(Words(MARGIN, y, line, SMALL))


def _heat_cell(
    scene: Scene, box: tuple[float, float, float, float], words: tuple[str, str], shade: int | None
) -> None:
    x, y, wide, high = box
    fill = "grid" if shade is None else f"heat-{shade}"
    scene.add(Box(x + 1, y + 1, wide - 2, high - 2, fill, 3.0, outlined=shade is None))
    color = "soft" if shade is None else f"on-heat-{shade}"
    label, note = words
    fits = measure(label, BODY) <= wide - 2
    noted = bool(note) and measure(note, SMALL) <= wide - 2
    if fits:
        middle = y + (15 if noted else 22)
        scene.add(Words(x + wide / 2, middle, label, BODY, color, "middle", bold=True))
    if fits and noted:
        scene.add(Words(x + wide / 2, y + 28, note, SMALL, color, "middle"))


def _shade(value: float | None, highest: float) -> int | None:
    """One of seven, in even steps up to the highest figure."""
    if value is None:
        return None
    return min(6, max(0, int(7 * (value / highest)))) if highest > 0 else 0


def _trend(chart: TrendChart) -> Scene:
    """Lines with as many of their values written as have room, the newest first."""
    scene, count = Scene(), len(chart.periods)
    if len(chart.lines) > 1:
        scene.legend([(line.name, f"series-{at % 12}", at) for at, line in enumerate(chart.lines)])
    scale = _Scale.of([figure.value for line in chart.lines for figure in line.figures])
    top, left = scene.height + 20, MARGIN + 18
    step = (WIDTH - MARGIN - 26 - left) / max(count - 1, 1)
    if count == 1:
        left = WIDTH / 2
    xs = [left + step * at for at in range(count)]
    zero = _down(0, scale, top)
    scene.add(Stroke(((MARGIN, zero), (WIDTH - MARGIN, zero)), "grid"))
    for at, line in enumerate(chart.lines):
        _trend_line(scene, line.figures, [(x, scale, top) for x in xs], at)
    _trend_labels(scene, chart, xs, (scale, top))
    scene.height = top + PLOT + 8
    _periods(scene, chart.periods, xs)
    for at, period in enumerate(chart.periods):
        figures = [
            f"{line.name} {line.figures[at].label}"
            for line in chart.lines
            if at < len(line.figures)
        ]
        wide = max(step, 12.0) if count > 1 else INNER
        x = min(max(xs[at] - wide / 2, 0.0), WIDTH - wide)
        tip = f"{period}: " + " · ".join(figures)
        scene.targets.append(Target(x, top - 16, wide, PLOT + 44, tip))
    scene.height += 24
    return scene


def _down(value: float, scale: _Scale, top: float) -> float:
    """The height of a value in the plot, from its top."""
    return top + PLOT * (1 - (scale.x(value) - MARGIN) / INNER)


def _trend_line(
    scene: Scene, figures: Sequence[Figure], places: Sequence[tuple[float, _Scale, float]], at: int
) -> None:
    """A stroke for each stretch without gaps, and the markers."""
    color = f"series-{at % 12}"
    stretch: list[tuple[float, float]] = []
    dots: list[Dot] = []
    for figure, (x, scale, top) in zip(figures, places, strict=False):
        if figure.value is None:
            scene.add(*([Stroke(tuple(stretch), color, 2.0)] if len(stretch) > 1 else []))
            stretch = []
            continue
        stretch.append((x, _down(figure.value, scale, top)))
        dots.append(Dot(*stretch[-1], color, at))
    scene.add(*([Stroke(tuple(stretch), color, 2.0)] if len(stretch) > 1 else []), *dots)


def _trend_labels(
    scene: Scene, chart: TrendChart, xs: Sequence[float], plot: tuple[_Scale, float]
) -> None:
    """Write values above their markers where no other value or marker is in the way."""
    taken = [
        (mark.x - 5, mark.y - 5, mark.x + 5, mark.y + 5)
        for mark in scene.marks
        if isinstance(mark, Dot) and mark.y > plot[1] - 6
    ]
    for number, line in enumerate(chart.lines):
        for at in _by_weight(line.figures[: len(xs)]):
            figure = line.figures[at]
            wide = measure(figure.label, SMALL)
            x = min(max(xs[at], MARGIN + wide / 2), WIDTH - MARGIN / 2 - wide / 2)
            for shift in (-8.0, 17.0):
                y = _down(figure.value or 0.0, plot[0], plot[1]) + shift
                box = (x - wide / 2 - 2, y - SMALL + 2, x + wide / 2 + 2, y + 1)
                if not any(_overlap(box, other) for other in taken):
                    taken.append(box)
                    color = f"series-{number % 12}" if len(chart.lines) > 1 else "ink"
                    scene.add(Words(x, y, figure.label, SMALL, color, "middle", bold=True))
                    break


def _by_weight(figures: Sequence[Figure]) -> list[int]:
    """The newest, the highest and the lowest first, then the others from the newest on."""
    known = [at for at, figure in enumerate(figures) if figure.value is not None]
    if not known:
        return []
    high = max(known, key=lambda at: figures[at].value or 0.0)
    low = min(known, key=lambda at: figures[at].value or 0.0)
    return list(dict.fromkeys([known[-1], high, low, *reversed(known)]))


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _periods(scene: Scene, periods: Sequence[str], xs: Sequence[float]) -> None:
    """Name the periods below, from the newest back, as far as there is room."""
    free = WIDTH
    for period, x in zip(reversed(periods), reversed(xs), strict=True):
        text = cut(period, 90, SMALL)
        wide = measure(text, SMALL)
        middle = min(max(x, MARGIN / 2 + wide / 2), WIDTH - MARGIN / 2 - wide / 2)
        if middle + wide / 2 <= free:
            scene.add(Words(middle, scene.height + 14, text, SMALL, "soft", "middle"))
            free = middle - wide / 2 - 8
