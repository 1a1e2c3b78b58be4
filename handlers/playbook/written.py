"""Values of the playbook that are typed as text: times, days, hours, people with weights, terms.

``write`` and ``parse`` turn what JSON holds into text and back.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

from handlers.playbook.asking import LONGEST_LIST, Asked, refuse
from handlers.turns import Turn
from handlers.ui import Field, LongText, Text
from sales.errors import InvalidInput, Problem
from sales.playbook.unknown_names import nearest


@dataclass(frozen=True, slots=True)
class Written:
    """What is typed as text: ``write`` and ``parse`` turn it into JSON and back; a ValueError
    of ``parse`` is answered with ``problem``, which has an example."""

    write: Callable[[Any], str]
    parse: Callable[[str], Any]
    problem: str
    lines: bool = False
    required: bool = False
    words: Callable[[Any, Turn], str] | None = None
    check: Callable[[Any, Turn], Problem | None] | None = None
    """What is wrong with an answer that can be read."""

    def say(self, value: Any, turn: Turn) -> str:
        return self.words(value, turn) if self.words else self.write(value)

    def field(self, asked: Asked) -> Field:
        value = self.write(asked.value) if asked.value else ""
        if self.lines:
            return LongText(
                name=asked.name, label=asked.label, required=self.required, hint=asked.hint,
                value=value, max_length=LONGEST_LIST,
            )  # fmt: skip
        return Text(
            name=asked.name, label=asked.label, required=self.required, hint=asked.hint,
            value=value, max_length=LONGEST_LIST,
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        typed = turn.typed(name)
        if len(typed) > LONGEST_LIST:
            raise refuse(name, "too_long", n=LONGEST_LIST)
        try:
            parsed = self.parse(typed)
        except ValueError:
            raise refuse(name, self.problem) from None
        if self.check and (problem := self.check(parsed, turn)):
            raise InvalidInput({name: problem})
        return parsed


def _parts(typed: str) -> list[str]:
    for comma in "，、；;\n":
        typed = typed.replace(comma, ",")
    return [part.strip() for part in typed.split(",") if part.strip()]


def _time(typed: str) -> str:
    hour, _, minute = typed.replace("：", ":").partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise ValueError(typed)
    return time(int(hour), int(minute)).isoformat()


def _span(typed: str) -> dict[str, str]:
    start, _, end = typed.replace("–", "-").replace("~", "-").partition("-")
    span = {"start": _time(start.strip()), "end": _time(end.strip())}
    if span["start"] >= span["end"]:
        raise ValueError(typed)
    return span


def _member(typed: str) -> dict[str, Any]:
    name, times, weight = typed.replace("*", "×").rpartition("×")
    if not times:
        return {"person": typed, "weight": 1}
    if not (weight.strip().isascii() and weight.strip().isdecimal() and int(weight) <= 100):
        raise ValueError(typed)
    return {"person": name.strip(), "weight": int(weight)}


def _written_member(member: dict[str, Any]) -> str:
    weight = member["weight"]
    return f"{member['person']} ×{weight}" if weight != 1 else str(member["person"])


def _nobody(members: list[dict[str, Any]], turn: Turn) -> Problem | None:
    """A name that nobody bears, with those that may be meant."""
    names = [person.name for person in turn.uow.people.everyone() if person.active]
    known = {person.name for person in turn.uow.people.everyone()}
    for member in members:
        name = member["person"]
        if name not in known:
            near = turn.language.listing(nearest(name, names) or names[:3])
            return Problem("rules_nobody", typed=name[:40], names=near)
    return None


def _term(line: str) -> dict[str, str]:
    key, english, chinese = (part.strip() for part in line.split("|"))
    if not (key and english and chinese):
        raise ValueError(line)
    return {"key": key, "en": english, "zh": chinese}


def _terms_said(value: Any, turn: Turn) -> str:
    language = "zh" if turn.language.locale == "zh_CN" else "en"
    return turn.language.listing([str(term[language]) for term in value])


TIME = Written(lambda value: str(value)[:5], _time, "rules_time", required=True)
DAYS = Written(
    ", ".join, lambda typed: [date.fromisoformat(one).isoformat() for one in _parts(typed)],
    "rules_days",
)  # fmt: skip
HOURS = Written(
    lambda value: ", ".join(f"{one['start'][:5]}-{one['end'][:5]}" for one in value or ()),
    lambda typed: [_span(one) for one in _parts(typed)],
    "rules_hours",
)
MEMBERS = Written(
    lambda value: ", ".join(_written_member(one) for one in value),
    lambda typed: [_member(one) for one in _parts(typed)],
    "rules_members",
    lines=True,
    check=_nobody,
)
TERMS = Written(
    lambda value: "\n".join(f"{one['key']} | {one['en']} | {one['zh']}" for one in value),
    lambda typed: [_term(line) for line in typed.splitlines() if line.strip()],
    "rules_terms",
    lines=True,
    words=_terms_said,
)


def _work_minutes(typed: str) -> int:
    """``8 hours``, ``1.5h``, ``8小时``, ``480分钟``; a bare number is minutes."""
    match = _WORK_TIME.fullmatch(typed.strip().lower())
    if match is None:
        raise ValueError(typed)
    minutes = Decimal(match[1]) * (60 if match[2] else 1)
    if minutes != int(minutes):
        raise ValueError(typed)
    return int(minutes)


def work_time_said(value: Any, turn: Turn) -> str:
    """Minutes as people say them: ``1 h 30 min`` / ``8小时``."""
    if value is None:
        return ""
    hours, minutes = divmod(int(value), 60)
    in_hours = turn.text("rules.hours", n=hours) if hours else ""
    in_minutes = turn.text("rules.minutes", n=minutes) if minutes or not hours else ""
    if in_hours and in_minutes:
        return turn.text("rules.hours_minutes", hours=in_hours, minutes=in_minutes)
    return in_hours or in_minutes


_WORK_TIME = re.compile(
    r"(\d{1,7}(?:\.\d{1,2})?)\s*(?:(h|hrs?|hours?|小时|个小时)|min|minutes?|分|分钟)?"
)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Minutes of working time, typed as people say them."""

    low: int
    high: int

    def say(self, value: Any, turn: Turn) -> str:
        return work_time_said(value, turn)

    def field(self, asked: Asked) -> Field:
        said = "" if asked.value is None else _typed_work_time(int(asked.value), asked.turn)
        return Text(
            name=asked.name, label=asked.label, required=True, hint=asked.hint, value=said,
            max_length=30,
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        try:
            minutes = _work_minutes(turn.typed(name)[:30])
        except ValueError:
            raise refuse(name, "rules_work_time") from None
        if not self.low <= minutes <= self.high:
            raise refuse(name, "rules_work_time")
        return minutes


def _typed_work_time(minutes: int, turn: Turn) -> str:
    """One number with its unit, to be read back."""
    hours, left = divmod(minutes, 60)
    if hours and not left:
        return turn.text("rules.hours", n=hours)
    return turn.text("rules.minutes", n=minutes)
