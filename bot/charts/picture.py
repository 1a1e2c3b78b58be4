"""Puts a scene on a PNG with Pillow, 1,080 pixels wide: three for each of a phone's.

Shapes are drawn twice as large and reduced, which smooths their edges; words are drawn after that,
at their size. A picture takes 20 MB while it is drawn, the
tallest 80 MB. Imported only when drawing.
"""

import io
from collections.abc import Iterator
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from bot import fonts
from bot.charts.palette import Theme, colors
from bot.charts.scene import (
    INNER,
    MARGIN,
    WIDTH,
    Box,
    Dot,
    Point,
    Scene,
    Shape,
    Stroke,
    Words,
    two_lines,
)

SCALE = 3.375
_SMOOTH = 2
_TITLE = 15.0
MAX_HEIGHT = 1_400.0
"""Points; what is below is cut off. Twenty rows of any kind take less."""


def paint(scene: Scene, title: str, theme: Theme) -> bytes:
    """The PNG of a scene under its title, 1,080 pixels wide."""
    palette = colors(theme)
    lines = two_lines(title, INNER, _TITLE) if title else []
    head = 12.0 + 20 * len(lines)
    high = min(head + scene.height + 8, MAX_HEIGHT)
    size = (round(WIDTH * SCALE), round(high * SCALE))
    image = Image.new("RGB", (size[0] * _SMOOTH, size[1] * _SMOOTH), palette["ground"])
    brush = _Brush(ImageDraw.Draw(image), palette, head)
    for mark in scene.marks:
        brush.draw(mark)
    image = image.reduce(_SMOOTH)
    pen = _Pen(ImageDraw.Draw(image), palette)
    for at, line in enumerate(lines):
        pen.write(Words(MARGIN, 24 + 20 * at, line, _TITLE, bold=True), 0.0)
    for mark in scene.marks:
        if isinstance(mark, Words):
            pen.write(mark, head)
    png = io.BytesIO()
    image.save(png, format="PNG", compress_level=6)
    return png.getvalue()


class _Brush:
    """Draws shapes; ``top`` is the height of what is above the scene."""

    def __init__(self, draw: ImageDraw.ImageDraw, palette: dict[str, str], top: float) -> None:
        self._draw, self._palette, self._top = draw, palette, top

    def draw(self, mark: object) -> None:
        match mark:
            case Box():
                self._box(mark)
            case Shape():
                self._draw.polygon([self._at(p) for p in mark.points], self._palette[mark.fill])
            case Stroke():
                self._stroke(mark)
            case Dot():
                self._dot(mark)

    def _at(self, point: Point) -> Point:
        ratio = SCALE * _SMOOTH
        return point[0] * ratio, (point[1] + self._top) * ratio

    def _box(self, box: Box) -> None:
        if box.width <= 0 or box.height <= 0:
            return
        left, top = self._at((box.x, box.y))
        right, bottom = self._at((box.x + box.width, box.y + box.height))
        radius = min(box.radius, box.width / 2) * SCALE * _SMOOTH
        color = self._palette[box.fill]
        paint = {"outline": color, "width": 5} if box.outlined else {"fill": color}
        self._draw.rounded_rectangle(
            (left, top, max(right - 1, left), max(bottom - 1, top)), radius, **paint
        )

    def _stroke(self, stroke: Stroke) -> None:
        width = round(stroke.width * SCALE * _SMOOTH)
        pieces = _dashes(stroke.points) if stroke.dashed else [stroke.points]
        for piece in pieces:
            points = [self._at(point) for point in piece]
            self._draw.line(points, self._palette[stroke.color], width, joint="curve")

    def _dot(self, dot: Dot) -> None:
        color = self._palette[dot.fill]
        if dot.form % 4:
            self._draw.polygon([self._at(corner) for corner in dot.corners], color)
            return
        left, top = self._at((dot.x - 4, dot.y - 4))
        right, bottom = self._at((dot.x + 4, dot.y + 4))
        self._draw.ellipse((left, top, right, bottom), color)


def _dashes(points: tuple[Point, ...]) -> Iterator[tuple[Point, Point]]:
    """Pieces of four points with gaps of three; for straight strokes."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    for begin in range(0, int(length), 7):
        end = min(begin + 4, length)
        yield (
            (x0 + (x1 - x0) * begin / length, y0 + (y1 - y0) * begin / length),
            (x0 + (x1 - x0) * end / length, y0 + (y1 - y0) * end / length),
        )


class _Pen:
    """Writes words, each character in the first font that has it."""

    def __init__(self, draw: ImageDraw.ImageDraw, palette: dict[str, str]) -> None:
        self._draw, self._palette = draw, palette

    def write(self, words: Words, top: float) -> None:
        runs = [
            (_font(name, round(words.size * SCALE)), part) for name, part in fonts.runs(words.text)
        ]
        wide = sum(font.getlength(part) for font, part in runs)
        x = words.x * SCALE - {"start": 0.0, "middle": wide / 2, "end": wide}[words.anchor]
        color = self._palette[words.color]
        for font, part in runs:
            # One weight is shipped: a fine outline in the same colour makes it bolder.
            self._draw.text(
                (x, (words.y + top) * SCALE), part, color, font, anchor="ls",
                stroke_width=0.5 if words.bold else 0,
            )  # fmt: skip
            x += font.getlength(part)


@lru_cache(maxsize=16)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
