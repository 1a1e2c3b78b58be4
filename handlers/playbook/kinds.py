"""How single values of the playbook are written in words, asked for in forms, and read.

A kind belongs to a type of the playbook's fields; ``kind_of`` finds it. Values are as JSON
holds them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, MaxLen

from handlers.labels import enum_label, term_options
from handlers.playbook.asking import Asked, Kind, refuse
from handlers.playbook.written import DAYS, HOURS, MEMBERS, TERMS, TIME, WorkingTime
from handlers.turns import Turn
from handlers.ui import Choice, Field, Money, MultiChoice, Number, Option, Text
from sales.amounts import NotAnAmount, parse_amount
from sales.playbook import Block, PoolMember, Term
from sales.playbook.shape import Slot, inner, is_list, is_marked
from sales.playbook.vocabulary import NameOf, WorkTime
from sales.tasks import TaskKind

LARGEST = 1_000_000
"""Whole numbers beyond this are slips of the finger."""
LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Whole:
    low: int
    high: int
    example: int
    optional: bool = False

    def say(self, value: Any, turn: Turn) -> str:
        return "" if value is None else turn.language.number(value)

    def field(self, asked: Asked) -> Field:
        return Number(
            name=asked.name, label=asked.label, required=not self.optional, hint=asked.hint,
            value="" if asked.value is None else str(asked.value),
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        typed = turn.typed(name)
        if self.optional and not typed:
            return None
        if typed.isascii() and typed.isdecimal() and len(typed) <= 9:
            number = int(typed)
            if self.low <= number <= self.high:
                return number
        raise refuse(name, "rules_number", low=self.low, high=self.high, example=self.example)


@dataclass(frozen=True, slots=True)
class Amount:
    optional: bool = False

    def say(self, value: Any, turn: Turn) -> str:
        return turn.language.money(Decimal(value)) if value is not None else ""

    def field(self, asked: Asked) -> Field:
        shown = "" if asked.value is None else f"{Decimal(asked.value):f}"
        return Money(
            name=asked.name, label=asked.label, required=not self.optional, hint=asked.hint,
            value=shown,
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        typed = turn.typed(name)
        if self.optional and not typed:
            return None
        try:
            return str(parse_amount(typed))
        except NotAnAmount:
            raise refuse(name, "amount", typed=typed[:30]) from None


@dataclass(frozen=True, slots=True)
class Line:
    longest: int
    required: bool = False

    def say(self, value: Any, _turn: Turn) -> str:
        return str(value or "")

    def field(self, asked: Asked) -> Field:
        return Text(
            name=asked.name, label=asked.label, required=self.required, hint=asked.hint,
            value=asked.value or "", max_length=self.longest,
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        typed = turn.line(name)
        if len(typed) > self.longest:
            raise refuse(name, "too_long", n=self.longest)
        if self.required and not typed:
            raise refuse(name, "rules_missing")
        return typed


Options = Callable[[Turn], tuple[Option, ...]]


@dataclass(frozen=True, slots=True)
class OneOf:
    options: Options
    optional: bool = False
    nothing: str | None = None
    """What an empty answer is."""

    def say(self, value: Any, turn: Turn) -> str:
        return _labels(self.options(turn), (str(value),), turn) if value not in (None, "") else ""

    def field(self, asked: Asked) -> Field:
        value = str(asked.value) if asked.value is not None else ""
        options = self.options(asked.turn)
        if value and value not in {option.value for option in options}:
            options = (*options, Option(value, value[:75]))
        return Choice(
            name=asked.name, label=asked.label, required=not self.optional, hint=asked.hint,
            options=options, value=value,
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        typed = turn.typed(name)
        if self.optional and not typed:
            return self.nothing
        if typed not in {option.value for option in self.options(turn)}:
            raise refuse(name, "choose_one")
        return typed


@dataclass(frozen=True, slots=True)
class Truth:
    def say(self, value: Any, turn: Turn) -> str:
        return turn.text("rules.yes" if value else "rules.no")

    def field(self, asked: Asked) -> Field:
        value = "yes" if asked.value else "no"
        options = tuple(Option(one, asked.turn.text(f"rules.{one}")) for one in ("yes", "no"))
        return Choice(
            name=asked.name, label=asked.label, required=True, hint=asked.hint, options=options,
            value=value,
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        typed = turn.typed(name)
        if typed not in ("yes", "no"):
            raise refuse(name, "choose_one")
        return typed == "yes"


@dataclass(frozen=True, slots=True)
class SomeOf:
    options: Options

    def say(self, value: Any, turn: Turn) -> str:
        return _labels(self.options(turn), value or (), turn)

    def field(self, asked: Asked) -> Field:
        return MultiChoice(
            name=asked.name, label=asked.label, hint=asked.hint, options=self.options(asked.turn),
            value=tuple(asked.value or ()),
        )  # fmt: skip

    def read(self, name: str, turn: Turn) -> Any:
        known = {option.value for option in self.options(turn)}
        ticked = [one for one in turn.ticked(name) if one]
        if not known.issuperset(ticked):
            raise refuse(name, "choose_one")
        return list(dict.fromkeys(ticked))


def kind_of(slot: Slot) -> Kind | None:
    """How a field is written and read; None for one that is changed in the file alone."""
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
    return lambda turn: tuple(Option(str(one), member_label(one, turn)[:75]) for one in members)


def member_label(member: Any, turn: Turn) -> str:
    match member:
        case TaskKind():
            return turn.text(f"task.kind_{member}")
        case StrEnum():
            return enum_label(member, turn.language)
        case _:
            return turn.text(f"rules.value.{member}")


def _names(of: str) -> Options:
    def options(turn: Turn) -> tuple[Option, ...]:
        match of:
            case "team":
                return _plain(team.name for team in turn.uow.people.teams())
            case "person":
                everyone = turn.uow.people.everyone()
                return _plain(person.name for person in everyone if person.active)
            case _:
                return term_options(getattr(turn.playbook.vocabulary, of), turn.language)

    return options


def _plain(names: Iterable[str]) -> tuple[Option, ...]:
    return tuple(Option(name, name[:75]) for name in names)


def _labels(options: tuple[Option, ...], values: Iterable[str], turn: Turn) -> str:
    known = {option.value: option.label for option in options}
    return turn.language.listing([known.get(value, value) for value in values])
