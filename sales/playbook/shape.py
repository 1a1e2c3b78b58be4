"""The types of the playbook's parts: which fields a record has, what a list holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from sales.playbook import Playbook
from sales.playbook.changes import Path


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a record: its type, its markers, and its default as JSON.

    The default is None without one. ``optional``: it may hold nothing.
    """

    name: str
    type: Any
    marks: tuple[Any, ...] = ()
    default: Any = None
    optional: bool = False


def type_at(path: Path) -> Any:
    """The type of a part; raises LookupError where the playbook has no such part."""
    kind: Any = Playbook
    for step in path:
        kind = inner(kind, step)
    return kind


def inner(kind: Any, step: str) -> Any:
    """The type after one step: a field, a key or a list position."""
    if is_record(kind):
        fields = kind.model_fields
        if step not in fields:
            raise LookupError(step)
        return bare(fields[step].annotation)
    if is_list(kind):
        return bare(get_args(kind)[0])
    if get_origin(kind) is dict:
        return bare(get_args(kind)[1])
    raise LookupError(step)


@cache
def slots(kind: Any) -> tuple[Slot, ...]:
    """The places of a record, or of a mapping whose keys are known."""
    if is_record(kind):
        return tuple(
            Slot(
                name,
                bare(field.annotation),
                (*field.metadata, *_marks(field.annotation)),
                _default(kind, name),
                optional=_is_optional(field.annotation),
            )
            for name, field in kind.model_fields.items()
        )
    key, value = get_args(kind)
    return tuple(Slot(name, bare(value), _marks(value)) for name in keys_of(key))


def is_marked(slot: Slot, mark: type) -> bool:
    return any(isinstance(one, mark) for one in slot.marks)


def keys_of(kind: Any) -> tuple[str, ...]:
    """The keys that a mapping may have, where its type knows them."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(member.value for member in kind)
    return get_args(kind) if get_origin(kind) is Literal else ()


def is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def is_mapping(kind: Any) -> bool:
    return get_origin(kind) is dict


def is_list(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is Ellipsis


def bare(kind: Any) -> Any:
    """The type without its markers, and without None."""
    if get_origin(kind) is Annotated:
        return bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return bare(next(argument for argument in get_args(kind) if argument is not NoneType))
    return kind


def models(kind: Any = Playbook) -> Iterator[type[BaseModel]]:
    """Every kind of record in the playbook, the playbook first."""
    if is_record(kind):
        yield kind
        for slot in slots(kind):
            yield from models(slot.type)
    elif is_list(kind):
        yield from models(inner(kind, "0"))
    elif is_mapping(kind):
        yield from models(inner(kind, ""))


def _marks(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Annotated:
        return tuple(get_args(kind)[1:])
    return ()


def _is_optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind)


def _default(kind: type[BaseModel], name: str) -> Any:
    default = kind.model_fields[name].get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        return None
    blank = kind.model_construct(**{name: default})
    return blank.model_dump(mode="json", include={name}, warnings=False).get(name)
