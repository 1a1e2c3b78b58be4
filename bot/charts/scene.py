"""A laid-out chart: shapes and words at their places, 320 pixels wide as what a phone has for it.

What it looks like is decided once, in ``layouts``; ``picture`` and the web chat only put a scene on
a surface. Colours are named by their part (``series-0``, ``good``), so that each surface has its
own. Nothing here imports a library of pictures, since the web chat needs none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from unicodedata import combining, east_asian_width

WIDTH = 320.0
MARGIN = 12.0
INNER = WIDTH - 2 * MARGIN
SMALL, BODY = 11.0, 12.5
"""Sizes of text; nothing is smaller than ``SMALL``."""

Anchor: TypeAlias = Literal["start", "middle", "end"]
Point: TypeAlias = tuple[float, float]
_EMS = {
    **dict.fromkeys("ijlI|.,:;'!()[] ", 0.3),
    **dict.fromkeys('frt-/"·–', 0.4),
    **dict.fromkeys("mwMW%@—", 0.93),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&…", 0.68),
}
"""Advance widths of our font in ems, rounded up; other narrow characters take 0.62. The fonts of
browsers are up to a tenth wider."""


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str
    radius: float = 2.0
    outlined: bool = False
    """Only its edge is drawn, dashed: a figure that is not there (yet)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon."""

    points: tuple[Point, ...]
    fill: str


@dataclass(frozen=True, slots=True)
class Stroke:
    points: tuple[Point, ...]
    color: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """The marker of a series: its form tells series apart where colours do not."""

    x: float
    y: float
    fill: str
    form: int = 0
    """0 circle, 1 square, 2 diamond, 3 triangle; others start again."""

    @property
    def corners(self) -> tuple[Point, ...]:
        """The polygon of a form that is not a circle."""
        x, y, form = self.x, self.y, self.form % 4
        if form == 1:
            return ((x - 3.5, y - 3.5), (x + 3.5, y - 3.5), (x + 3.5, y + 3.5), (x - 3.5, y + 3.5))
        if form == 2:
            return ((x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y))
        return ((x, y - 5), (x + 4.5, y + 3.5), (x - 4.5, y + 3.5))


@dataclass(frozen=True, slots=True)
class Words:
    """``y`` is the baseline."""

    x: float
    y: float
    text: str
    size: float = BODY
    color: str = "ink"
    anchor: Anchor = "start"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A part of the chart that can be pointed at: ``tip`` says its figures in full."""

    x: float
    y: float
    width: float
    height: float
    tip: str


Mark: TypeAlias = Box | Shape | Stroke | Dot | Words


@dataclass(slots=True)
class Scene:
    """``targets`` are in the order of the chart's ``opens``."""

    height: float = 0.0
    marks: list[Mark] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def add(self, *marks: Mark) -> None:
        self.marks.extend(marks)

    def legend(self, names: Sequence[tuple[str, str, int | Literal["box", "tick"]]]) -> None:
        """Add a legend below what is there: (name, colour, what marks it)."""
        x, y = MARGIN, self.height + 14
        for name, color, form in names:
            text = cut(name, INNER - 16, SMALL)
            taken = 16 + measure(text, SMALL) + 14
            if x > MARGIN and x + taken - 14 > WIDTH - MARGIN:
                x, y = MARGIN, y + 17
            if form == "box":
                self.add(Box(x, y - 9, 10, 10, color))
            elif form == "tick":
                self.add(Stroke(((x + 5, y - 11), (x + 5, y + 3)), color, 2.5))
            else:
                self.add(Dot(x + 5, y - 4, color, form))
            self.add(Words(x + 16, y, text, SMALL, "soft"))
            x += taken
        self.height = y + 8


def measure(text: str, size: float) -> float:
    """The width of a text, never less than it takes in our font."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if combining(character):
        return 0.0
    return 1.0 if east_asian_width(character) in "WF" else _EMS.get(character, 0.62)


def cut(text: str, room: float, size: float) -> str:
    """The text, cut at its end to ``room``."""
    if measure(text, size) <= room:
        return text
    left = room - measure("…", size)
    for end, character in enumerate(text):
        left -= size * _em(character)
        if left < 0:
            return f"{text[:end].rstrip()}…"
    return text


def cut_apart(names: Iterable[str], room: float, size: float) -> list[str]:
    """Names cut to ``room``; those that would look the same lose their middle instead, so that
    their ends tell them apart."""
    whole = list(names)
    short = [cut(name, room, size) for name in whole]
    for at, name in enumerate(whole):
        if short[at] != name and short.count(cut(name, room, size)) > 1:
            short[at] = _cut_middle(name, room, size)
    return short


def _cut_middle(name: str, room: float, size: float) -> str:
    end = name[-1:]
    while len(end) < len(name) and measure(name[-len(end) - 1 :], size) < room / 2:
        end = name[-len(end) - 1 :]
    return cut(name[: -len(end)] + "…", room - measure(end, size), size) + end


def _between_words(text: str, end: int) -> int:
    """The same place, or the one before the number or the word of letters that it is within."""
    start = end
    while 0 < start < len(text) and _is_of_word(text[start - 1]) and _is_of_word(text[start]):
        start -= 1
    return start or end


def _is_of_word(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign in ".,%")


def two_lines(text: str, room: float, size: float) -> list[str]:
    """The text in at most two lines of ``room``, broken at a space where there is one, otherwise in
    halves if they fit; not within a number or a word."""
    if measure(text, size) <= room:
        return [text]
    end = max(at for at in range(len(text) + 1) if measure(text[:at], size) <= room)
    end = max(end, 1)
    space = text.rfind(" ", 1, end + 1)
    half = -(-len(text) // 2)
    even = half <= end and measure(text[half:], size) <= room
    end = space if space > 0 else _between_words(text, half if even else end)
    return [text[:end].rstrip(), cut(text[end:].strip(), room, size)]
