"""How single values of the playbook are written in words, asked for in forms, and parsed.

A kind belongs to a type of the playbook's fields; ``kind_of`` finds it. Values are as JSON holds
them.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol, get_args, get_origin

from annotated_types import Ge, Le, MaxLen

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, term_options
from handlers.core.ui import Choice, Field, LongText, Money, MultiChoice, Number, Option, Text
from sales.errors import Problem
from sales.playbook import Block, PoolMember, Term
from sales.playbook.shape import Slot, inner, is_list, is_marked
from sales.playbook.unknown_names import nearest
from sales.playbook.vocabulary import NameOf, WorkTime
from sales.tasks import TaskKind

LONGEST_LIST = 2000
"""Maximum number of characters of a typed list."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field to draw: its name, its label and its present value."""

    name: str
    label: str
    hint: str
    value: Any
    context: Context


class Kind(Protocol):
    def say(self, value: Any, context: Context, /) -> str:
        """The value in words; "" for nothing."""

    def field(self, asked: FieldSpec) -> Field: ...

    def read(self, name: str, form: FormReader) -> Any:
        """The answer as JSON holds it; anything for a refused one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A value typed as text: ``write`` and ``parse`` convert it from and to JSON.

    A ValueError from ``parse`` is answered with ``problem``, whose text has an example.
    """

    write: Callable[[Any], str]
    parse: Callable[[str], Any]
    problem: str
    lines: bool = False
    required: bool = False
    words: Callable[[Any, Context], str] | None = None
    check: Callable[[Any, Context], Problem | None] | None = None
    """Returns what is wrong with an answer that could be parsed."""

    def say(self, value: Any, context: Context) -> str:
        return self.words(value, context) if self.words else self.write(value)

    def field(self, asked: FieldSpec) -> Field:
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

    def read(self, name: str, form: FormReader) -> Any:
        typed = form.words(name, LONGEST_LIST)
        if form.refused(name):
            return None
        try:
            parsed = self.parse(typed)
        except ValueError:
            form.refuse(name, self.problem)
            return None
        if self.check and (problem := self.check(parsed, form.context)):
            form.include({name: problem})
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


def _nobody(members: list[dict[str, Any]], context: Context) -> Problem | None:
    """Problem for a name that nobody has, with the names that may be meant."""
    names = [person.name for person in context.uow.people.everyone() if person.active]
    known = {person.name for person in context.uow.people.everyone()}
    for member in members:
        name = member["person"]
        if name not in known:
            near = context.language.listing(nearest(name, names) or names[:3])
            return Problem("rules_nobody", typed=name[:40], names=near)
    return None


def _term(line: str) -> dict[str, str]:
    key, english, chinese = (part.strip() for part in line.split("|"))
    if not (key and english and chinese):
        raise ValueError(line)
    return {"key": key, "en": english, "zh": chinese}


def _terms_said(value: Any, context: Context) -> str:
    language = "zh" if context.language.locale == "zh_CN" else "en"
    return context.language.listing([str(term[language]) for term in value])


TIME = Written(lambda value: str(value)[:5], _time, "rules_time", required=True)
DAYS = Written(
    ", ".join, lambda typed: [date.fromisoformat(part).isoformat() for part in _parts(typed)],
    "rules_days",
)  # fmt: skip
HOURS = Written(
    lambda value: ", ".join(f"{item['start'][:5]}-{item['end'][:5]}" for item in value or ()),
    lambda typed: [_span(part) for part in _parts(typed)],
    "rules_hours",
)
MEMBERS = Written(
    lambda value: ", ".join(_written_member(item) for item in value),
    lambda typed: [_member(part) for part in _parts(typed)],
    "rules_members",
    lines=True,
    check=_nobody,
)
TERMS = Written(
    lambda value: "\n".join(f"{item['key']} | {item['en']} | {item['zh']}" for item in value),
    lambda typed: [_term(line) for line in typed.splitlines() if line.strip()],
    "rules_terms",
    lines=True,
    words=_terms_said,
)


def _work_minutes(typed: str) -> int:
    """Parse ``8 hours``, ``1.5h``, ``8小时`` or ``480分钟``; a bare number is minutes."""
    match = _WORK_TIME.fullmatch(typed.strip().lower())
    if match is None:
        raise ValueError(typed)
    minutes = Decimal(match[1]) * (60 if match[2] else 1)
    if minutes != int(minutes):
        raise ValueError(typed)
    return int(minutes)


def work_time_said(value: Any, context: Context) -> str:
    """Minutes as people say them: ``1 h 30 min`` / ``8小时``."""
    if value is None:
        return ""
    hours, minutes = divmod(int(value), 60)
    in_hours = context.text("rules.hours", n=hours) if hours else ""
    in_minutes = context.text("rules.minutes", n=minutes) if minutes or not hours else ""
    if in_hours and in_minutes:
        return context.text("rules.hours_minutes", hours=in_hours, minutes=in_minutes)
    return in_hours or in_minutes


_WORK_TIME = re.compile(
    r"(\d{1,7}(?:\.\d{1,2})?)\s*(?:(h|hrs?|hours?|小时|个小时)|min|minutes?|分|分钟)?"
)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Minutes of working time, typed as people say them."""

    low: int
    high: int

    def say(self, value: Any, context: Context) -> str:
        return work_time_said(value, context)

    def field(self, asked: FieldSpec) -> Field:
        text = "" if asked.value is None else _typed_work_time(int(asked.value), asked.context)
        return Text(
            name=asked.name, label=asked.label, required=True, hint=asked.hint, value=text,
            max_length=30,
        )  # fmt: skip

    def read(self, name: str, form: FormReader) -> Any:
        try:
            minutes = _work_minutes(form.context.typed(name)[:30])
        except ValueError:
            minutes = -1
        if not self.low <= minutes <= self.high:
            form.refuse(name, "rules_work_time")
        return minutes


def _typed_work_time(minutes: int, context: Context) -> str:
    """One number with its unit, which can be parsed again."""
    hours, left = divmod(minutes, 60)
    if hours and not left:
        return context.text("rules.hours", n=hours)
    return context.text("rules.minutes", n=minutes)


LARGEST = 1_000_000
"""Whole numbers beyond this are taken for typing mistakes."""
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Whole:
    low: int
    high: int
    example: int
    optional: bool = False

    def say(self, value: Any, context: Context) -> str:
        return "" if value is None else context.language.number(value)

    def field(self, asked: FieldSpec) -> Field:
        return Number(
            name=asked.name, label=asked.label, required=not self.optional, hint=asked.hint,
            value="" if asked.value is None else str(asked.value),
        )  # fmt: skip

    def read(self, name: str, form: FormReader) -> Any:
        typed = form.context.typed(name)
        if self.optional and not typed:
            return None
        if typed.isascii() and typed.isdecimal() and len(typed) <= 9:
            number = int(typed)
            if self.low <= number <= self.high:
                return number
        form.refuse(name, "rules_number", low=self.low, high=self.high, example=self.example)
        return None


@dataclass(frozen=True, slots=True)
class Amount:
    optional: bool = False

    def say(self, value: Any, context: Context) -> str:
        return context.language.money(Decimal(value)) if value is not None else ""

    def field(self, asked: FieldSpec) -> Field:
        shown = "" if asked.value is None else f"{Decimal(asked.value):f}"
        return Money(
            name=asked.name, label=asked.label, required=not self.optional, hint=asked.hint,
            value=shown,
        )  # fmt: skip

    def read(self, name: str, form: FormReader) -> Any:
        amount = form.amount(name)
        if amount is None and not self.optional and not form.refused(name):
            form.refuse(name, "rules_missing")
        return None if amount is None else str(amount)


@dataclass(frozen=True, slots=True)
class Line:
    longest: int
    required: bool = False

    def say(self, value: Any, _turn: Context) -> str:
        return str(value or "")

    def field(self, asked: FieldSpec) -> Field:
        return Text(
            name=asked.name, label=asked.label, required=self.required, hint=asked.hint,
            value=asked.value or "", max_length=self.longest,
        )  # fmt: skip

    def read(self, name: str, form: FormReader) -> Any:
        return form.line(name, self.longest, missing="rules_missing" if self.required else "")


Options = Callable[[Context], tuple[Option, ...]]


@dataclass(frozen=True, slots=True)
class OneOf:
    options: Options
    optional: bool = False
    nothing: str | None = None
    """The meaning of an empty answer."""

    def say(self, value: Any, context: Context) -> str:
        return (
            _labels(self.options(context), (str(value),), context)
            if value not in (None, "")
            else ""
        )

    def field(self, asked: FieldSpec) -> Field:
        value = str(asked.value) if asked.value is not None else ""
        options = self.options(asked.context)
        if value and value not in {option.value for option in options}:
            options = (*options, Option(value, value[:75]))
        return Choice(
            name=asked.name, label=asked.label, required=not self.optional, hint=asked.hint,
            options=options, value=value,
        )  # fmt: skip

    def read(self, name: str, form: FormReader) -> Any:
        if self.optional and not form.context.typed(name):
            return self.nothing
        return form.one_of(name, [option.value for option in self.options(form.context)])


@dataclass(frozen=True, slots=True)
class Truth:
    def say(self, value: Any, context: Context) -> str:
        return context.text("rules.yes" if value else "rules.no")

    def field(self, asked: FieldSpec) -> Field:
        value = "yes" if asked.value else "no"
        options = tuple(
            Option(option, asked.context.text(f"rules.{option}")) for option in ("yes", "no")
        )
        return Choice(
            name=asked.name, label=asked.label, required=True, hint=asked.hint, options=options,
            value=value,
        )  # fmt: skip

    def read(self, name: str, form: FormReader) -> Any:
        return form.one_of(name, ("yes", "no")) == "yes"


@dataclass(frozen=True, slots=True)
class SomeOf:
    options: Options

    def say(self, value: Any, context: Context) -> str:
        return _labels(self.options(context), value or (), context)

    def field(self, asked: FieldSpec) -> Field:
        return MultiChoice(
            name=asked.name, label=asked.label, hint=asked.hint,
            options=self.options(asked.context), value=tuple(asked.value or ()),
        )  # fmt: skip

    def read(self, name: str, form: FormReader) -> Any:
        return list(form.some_of(name, [option.value for option in self.options(form.context)]))


def kind_of(slot: Slot) -> Kind | None:
    """How a field is written and read; None for one that can only be changed in the file."""
    of = next((mark.what for mark in slot.marks if isinstance(mark, NameOf)), None)
    match slot.type:
        case _ if is_list(slot.type):
            return _kind_of_list(inner(slot.type, "0"), of)
        case _ if of:
            return OneOf(_names(of), optional=slot.default == "", nothing="")
        case bool_ if bool_ is bool:
            return Truth()
        case int_ if int_ is int and is_marked(slot, WorkTime):
            whole = _whole(slot)
            return WorkingTime(whole.low, whole.high)
        case int_ if int_ is int:
            return _whole(slot)
        case decimal if decimal is Decimal:
            return Amount(slot.optional)
        case text if text is str:
            longest = next((m.max_length for m in slot.marks if isinstance(m, MaxLen)), None)
            return Line(min(longest or LONGEST_LINE, LONGEST_LINE), slot.default is None)
        case moment if moment is time:
            return TIME
        case choice if get_origin(choice) is Literal or _is_enum(choice):
            return OneOf(_members(choice), optional=slot.optional)
    return None


def _kind_of_list(item: Any, of: str | None) -> Kind | None:
    if of:
        return SomeOf(_names(of))
    if _is_enum(item) or get_origin(item) is Literal:
        return SomeOf(_members(item))
    return {date: DAYS, Block: HOURS, PoolMember: MEMBERS, Term: TERMS}.get(item)


def _whole(slot: Slot) -> Whole:
    low = next((int(str(m.ge)) for m in slot.marks if isinstance(m, Ge)), 0)
    high = next((int(str(m.le)) for m in slot.marks if isinstance(m, Le)), LARGEST)
    example = slot.default if isinstance(slot.default, int) else max(low, min(high, 480))
    return Whole(low, high, example, slot.optional)


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _members(kind: Any) -> Options:
    members = tuple(kind) if _is_enum(kind) else get_args(kind)
    return lambda context: tuple(
        Option(str(member), member_label(member, context)[:75]) for member in members
    )


def member_label(member: Any, context: Context) -> str:
    match member:
        case TaskKind():
            return context.text(f"task.kind_{member}")
        case StrEnum():
            return enum_label(member, context.language)
        case _:
            return context.text(f"rules.value.{member}")


def _names(of: str) -> Options:
    def options(context: Context) -> tuple[Option, ...]:
        match of:
            case "team":
                return _plain(team.name for team in context.uow.people.teams())
            case "person":
                everyone = context.uow.people.everyone()
                return _plain(person.name for person in everyone if person.active)
            case _:
                return term_options(getattr(context.playbook.vocabulary, of), context.language)

    return options


def _plain(names: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(name, name[:75]) for name in names)


def _labels(options: tuple[Option, ...], values: Iterable[str], context: Context) -> str:
    labels = {option.value: option.label for option in options}
    return context.language.listing([labels.get(value, value) for value in values])
