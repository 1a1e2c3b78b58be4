"""Days of the past as files hold them; never a guess about which number is the month."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

Order: TypeAlias = Literal["dmy", "mdy"]
_ISO = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T].*)?")


class NotADate(ValueError):
    """The text is no day of the calendar."""


def parse_date(text: str, order: Order) -> date:
    """``2024-03-01``, ``2024年3月1日``, ``20240301``, and ``3/1/2024`` by ``order``."""
    typed = text.strip()
    if match := _ISO.fullmatch(typed) or _COMPACT.fullmatch(typed):
        return _day(match[1], match[2], match[3])
    if match := _SLASHED.fullmatch(typed):
        day, month = (match[1], match[2]) if order == "dmy" else (match[2], match[1])
        return _day(match[3], month, day)
    raise NotADate(text)


def order_in(texts: Iterable[str]) -> Order | None:
    """What days written with slashes say themselves: a number above 12 is no month. None when
    they leave it open, or contradict each other."""
    first = second = False
    for text in texts:
        if match := _SLASHED.fullmatch(text.strip()):
            first, second = first or int(match[1]) > 12, second or int(match[2]) > 12
    if first == second:
        return None
    return "dmy" if first else "mdy"


def _day(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise NotADate(f"{year}-{month}-{day}") from error
