"""Draws charts as pictures, readable on a phone, in every language and on every machine.

Pillow is imported only when drawing, since most processes never do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from threading import Lock
from typing import Any, TypeVar

import structlog

from bot import fonts
from bot.charts.layouts import lay_out
from bot.charts.palette import Theme
from bot.charts.plain import lay_out_plain
from bot.health import Condition
from handlers.core.ui import AnyChart, Button, Chart, DrawnChart

log = structlog.get_logger(__name__)
_Chart = TypeVar("_Chart", Chart, DrawnChart)

_one_at_a_time = Lock()
"""So that memory is bounded: the tallest picture takes 80 MB while it is drawn."""


class Charts:
    """Draws the charts of every platform.

    A message never waits for a picture: a chart that cannot be drawn is logged, and is a health
    condition until the next one can.
    """

    def __init__(self) -> None:
        self._failure = ""

    def draw(self, chart: AnyChart, locale: str) -> bytes | None:
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


def draw(chart: AnyChart, locale: str, theme: Theme = "light") -> bytes:
    """Draw a PNG 1,080 pixels wide, the same on every machine.

    Characters that no font has are left out, and names that become equal this way are numbered in
    order: ``chart.alt`` gives them in text beside the picture.
    """
    from bot.charts.picture import paint

    if isinstance(chart, Chart):
        plain = _writable(chart)
        scene, title = lay_out_plain(plain, locale), plain.title
    else:
        drawn = _writable(chart)
        scene, title = lay_out(drawn), drawn.title
    with _one_at_a_time:
        return paint(scene, title, theme)


def _writable(chart: _Chart) -> _Chart:
    """The chart with only the characters that our fonts have."""
    parts = {one.name: _part(getattr(chart, one.name)) for one in fields(chart)}
    return replace(chart, **parts)


def _part(value: Any) -> Any:
    match value:
        case str():
            return fonts.shown(value)
        case tuple() if value and all(isinstance(one, str) for one in value):
            return fonts.labels(value)
        case tuple():
            return _named(tuple(map(_part, value)), value)
        case _ if is_dataclass(value) and not isinstance(value, type | Button):
            parts = {one.name: _part(getattr(value, one.name)) for one in fields(value)}
            return replace(value, **parts)
        case _:
            return value


def _named(parts: tuple[Any, ...], before: Sequence[Any]) -> tuple[Any, ...]:
    """Parts that have names, with names that differ where they did before."""
    if not parts or not all(hasattr(part, "name") for part in parts):
        return parts
    names = fonts.labels([part.name for part in before])
    return tuple(replace(part, name=name) for part, name in zip(parts, names, strict=True))
