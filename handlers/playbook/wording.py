"""The playbook in plain words: labels of its parts, single values, whole records, differences."""

from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from handlers.automations.cards import rule_name
from handlers.core.context import Context
from handlers.playbook.field_types import Amount, Kind, kind_of, member_label
from sales.playbook import Automation, Playbook, Quiet
from sales.playbook.changes import MISSING, Difference, Path, name_of
from sales.playbook.shape import (
    Slot,
    inner,
    is_list,
    is_mapping,
    is_record,
    keys_of,
    slots,
    type_at,
)

NOTHING = "—"


def label_key(model: type[Any], field: str) -> str:
    """The catalogue key of a field's label."""
    return f"rules.{model.__name__.lower()}.{field}"


def label(path: Path, context: Context, part: Any = None) -> str:
    """The last step of a path in words; ``part`` is the value there."""
    parent, step = type_at(path[:-1]), path[-1]
    if is_record(parent):
        return context.text(label_key(parent, step))
    if is_mapping(parent):
        return key_label(parent, step, context)
    return title(type_at(path), part, context) or step


def trail(path: Path, context: Context) -> str:
    """Every step of a path in words: ``Clocks › High value › Within``.

    Records of a list appear by their names.
    """
    steps = []
    for end, step in enumerate(path):
        parent = type_at(path[:end])
        named = is_list(parent)
        steps.append(_by_name(parent, step, context) if named else label(path[: end + 1], context))
    return " › ".join(steps)


def title(kind: Any, part: Any, context: Context) -> str:
    """The title of a record of a list; never a key that nobody typed."""
    if not isinstance(part, dict):
        return ""
    if kind is Automation:
        return rule_name(Automation.model_validate(part), context)
    if {"en", "zh", "key"} <= part.keys():
        return str(part["zh" if context.language.locale == "zh_CN" else "en"])
    name = name_of(part) or ""
    first = next((slot for slot in slots(kind) if part.get(slot.name) == name), None)
    value_kind = kind_of(first) if first else None
    return value_kind.say(name, context) if value_kind else name


def say(slot: Slot, value: Any, context: Context) -> str:
    """A field's value in words, whatever it holds; a dash for nothing."""
    if value is MISSING:
        return NOTHING
    if value_kind := kind_of(slot):
        return value_kind.say(value, context) or NOTHING
    return say_part(slot.type, value, context) or NOTHING


def say_part(kind: Any, part: Any, context: Context) -> str:
    """A record in one line, or a list's records by their names."""
    if not part:
        return ""
    if is_list(kind) or isinstance(part, list):
        item = inner(kind, "0") if is_list(kind) else str
        named = [
            title(item, record, context) or _one_record(item, record, context)
            for record in part
            if record is not None
        ]
        return context.language.listing(named)
    if is_mapping(kind):
        return context.language.listing([key_label(kind, key, context) for key in part])
    return " · ".join(lines_of(kind, part, context))


def _one_record(kind: Any, record: Any, context: Context) -> str:
    """A record of a list that has no name, or a bare value."""
    if isinstance(record, dict):
        return " · ".join(lines_of(kind, record, context))
    return str(record)


def lines_of(kind: Any, part: Any, context: Context) -> list[str]:
    """``label: value`` for each field of a record that holds something."""
    lines = [context.text("rules.quiet_off")] if is_never_quiet(kind, part) else []
    for slot, _ in fields_of(kind):
        if lines and is_never_quiet(kind, part) and slot.name in _SPAN:
            continue
        text = "" if slot.name == "key" else say(slot, part.get(slot.name), context)
        if text not in ("", NOTHING):
            lines.append(
                context.text("rules.line", label=slot_label(kind, slot, context), value=text)
            )
    return lines


_SPAN = ("start", "end")


def is_never_quiet(kind: Any, part: Any) -> bool:
    """Whether quiet hours are empty: they begin and end at the same time."""
    return kind is Quiet and part["start"] == part["end"]


def slot_label(kind: Any, slot: Slot, context: Context) -> str:
    if is_record(kind):
        return context.text(label_key(kind, slot.name))
    return key_label(kind, slot.name, context)


def key_label(mapping: Any, key: str, context: Context) -> str:
    """A key of a mapping in words; unchanged where any key is allowed."""
    names: Any = get_args(mapping)[0]
    if key not in keys_of(names):
        return key
    return member_label(key if get_origin(names) is Literal else names(key), context)


def fields_of(kind: Any) -> list[tuple[Slot, Kind]]:
    """The single values of a record, which one form asks for."""
    kinds = ((slot, kind_of(slot)) for slot in slots(kind))
    return [(slot, one) for slot, one in kinds if one is not None]


def difference_line(difference: Difference, context: Context) -> str:
    """A difference in one line: ``Clocks › High value › Within: 480 → 240``."""
    path = difference.path
    kind = _slot(path)
    if difference.reordered:
        old, new = (
            " → ".join(_by_name(kind.type, name, context) for name in names)
            for names in (difference.old, difference.new)
        )
        return context.text("rules.reordered", part=trail(path, context), old=old, new=new)
    parent = type_at(path[:-1])
    if is_list(parent):
        part, key = difference.new, "rules.added"
        if part is MISSING:
            part, key = difference.old, "rules.removed"
        where = trail(path[:-1], context)
        text = say_part(kind.type, part, context)
        return context.text(key, part=where, name=title(kind.type, part, context), what=text)
    old, new = (say(kind, value, context) for value in (difference.old, difference.new))
    if old == new:
        # Rounded, or shortened, they would look alike.
        old, new = (_exactly(kind, value, context) for value in (difference.old, difference.new))
    return context.text("rules.changed", part=trail(path, context), old=old, new=new)


def _exactly(slot: Slot, value: Any, context: Context) -> str:
    """A value to its last digit."""
    if value in (None, "", MISSING):
        return NOTHING
    if isinstance(kind_of(slot), Amount):
        return context.language.price(Decimal(value))
    return str(value)


def _slot(path: Path) -> Slot:
    """The field in which a path of a difference ends, with its markers."""
    parent = type_at(path[:-1]) if path else Playbook
    if is_record(parent) or (is_mapping(parent) and slots(parent)):
        return next(slot for slot in slots(parent) if slot.name == path[-1])
    return Slot(path[-1], type_at(path))


def _by_name(kind: Any, name: str, context: Context) -> str:
    """A record's name in words; a kind of task is named by the enumeration's member."""
    item = inner(kind, "0")
    if item is Automation:
        rules = context.playbook.automations.rules
        named_rule = next((rule for rule in rules if rule.key == name), None)
        return rule_name(named_rule, context) if named_rule else context.text("rules.one_rule")
    for slot in slots(item):
        if slot.name in ("key", "name", "person", "kind"):
            value_kind = kind_of(slot)
            return value_kind.say(name, context) if value_kind else name
    return name
