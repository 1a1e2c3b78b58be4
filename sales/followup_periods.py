"""Which days a list of follow-ups is for: ``2024-03-01 2024-03-31``, ``上周``, ``this month``."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sales.days import named_days
from sales.followup_days import USUAL, Habits
from sales.patterns import lazy_pattern

_LONGEST = 200
"""Maximum number of characters of what is asked for; a longer text is a customer's name at most."""
_SPANS = {
    "week": ("本周|这周|这一周|this week", "上周|上一周|上星期|last week"),
    "month": ("本月|这个月|当月|this month", "上个?月|last month"),
    "year": ("今年|本年|this year", "去年|last year"),
}
_SPAN = lazy_pattern(
    "|".join(f"(?P<{unit}>{this})|(?P<last_{unit}>{last})" for unit, (this, last) in _SPANS.items())
    + r"(?![一二三四五六日天末\d])",
    re.IGNORECASE,
)
_SINCE = re.compile(r"(?:以来|之后|以后|起|since|from|从|自)", re.IGNORECASE)
_TO = lazy_pattern(
    r"\s{0,4}(?:到|至|\bto\b|\buntil\b|\btill\b|[–—~～])\s{0,4}|(?<=[日号])-", re.IGNORECASE
)
_WORDS = lazy_pattern(
    r"(?:以来|之后|以后|起|从|自|到|至|的|\b(?:since|from|to|until|and)\b|[-,，、;])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AskedFor:
    """The days ``first`` to ``last``, both included; None: open. ``rest`` is what names no day."""

    first: date | None = None
    last: date | None = None
    rest: str = ""


def asked_for(typed: str, today: date, habits: Habits = USUAL) -> AskedFor:
    """Read the period in a text. One day is that day, unless words say that it begins there; two
    are a period. Days are read as past ones."""
    if len(typed) > _LONGEST:
        return AskedFor(rest=typed)
    if match := _SPAN.search(typed):
        unit = str(match.lastgroup)
        first, last = _span(unit.removeprefix("last_"), today, before=unit.startswith("last_"))
        return AskedFor(first, last, _rest(typed[: match.start()] + " " + typed[match.end() :]))
    text = _TO.sub(" ; ", typed)
    days, rest, place = [], "", 0
    for named in named_days(text, today, habits.calendar, order=habits.order)[:2]:
        past = named.past_reading if named.day > today else None
        days.append(past or named.day)
        rest, place = f"{rest}{text[place : named.start]} ", named.end
    rest += text[place:]
    if not days:
        return AskedFor(rest=" ".join(typed.split()))
    first, last = min(days), max(days)
    return AskedFor(first, None if len(days) == 1 and _SINCE.search(rest) else last, _rest(rest))


def _rest(text: str) -> str:
    return " ".join(_WORDS.sub(" ", text).split())


def _span(unit: str, today: date, *, before: bool) -> tuple[date, date]:
    """This week, month or year, or the one before."""
    first = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }[unit]
    if not before:
        return first, today
    last = first - timedelta(days=1)
    return _span(unit, last, before=False)[0], last
