"""Maps table rows to the dataclasses of ``sales`` and back: one mapper for each class.

Not pydantic's TypeAdapter: it makes a plain str of an UnreadableText, which would lose the sealed
value when the text is saved again, and it takes longer.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How a value is read from its column, and written to it."""

    read: Callable[[Any], T]
    write: Callable[[T], Any]


class RowMapper(Generic[T]):
    """Reads rows as instances of a dataclass, and writes instances as rows.

    A field is stored in the column of its name: an enum by its value, everything else as the
    column's type has it. A nested dataclass is stored in the columns of its own fields. ``own``
    says how a field is read and written that is stored otherwise. ``given`` are fields without a
    column: the caller supplies them. ``computed`` ones are read and never written, as is the id.
    """

    def __init__(
        self,
        cls: type[T],
        *,
        given: Collection[str] = (),
        computed: Collection[str] = (),
        **own: "Codec[Any] | RowMapper[Any]",
    ) -> None:
        hints = get_type_hints(cls)
        # Any dataclass has fields; a type variable cannot express that it is one.
        dataclass_type: Any = cls
        names = [field.name for field in fields(dataclass_type) if field.name not in given]
        mappers = {name: own.get(name) or _usual(hints[name]) for name in names}
        self._cls: Callable[..., T] = cls
        self._nested = {n: mapper for n, mapper in mappers.items() if isinstance(mapper, RowMapper)}
        self._codecs = {n: mapper for n, mapper in mappers.items() if isinstance(mapper, Codec)}
        self.names = tuple(name for name in names if name not in self._nested)
        """The columns that are read, except those of nested dataclasses."""
        self._written = tuple(n for n in self.names if n != "id" and n not in computed)

    def read(self, row: Mapping[Any, Any], **given: Any) -> T:
        """Read a row of a query, taken with ``.mappings()``."""
        values = {name: row[name] for name in self.names}
        for name, codec in self._codecs.items():
            values[name] = codec.read(values[name])
        for name, nested in self._nested.items():
            values[name] = nested.read(row)
        return self._cls(**values, **given)

    def write(self, instance: T) -> dict[str, Any]:
        """Write all columns but the id."""
        row = {name: getattr(instance, name) for name in self._written}
        for name, codec in self._codecs.items():
            row[name] = codec.write(row[name])
        for name, nested in self._nested.items():
            row |= nested.write(getattr(instance, name))
        return row


def _usual(hint: Any) -> "Codec[Any] | RowMapper[Any] | None":
    """Return how a type is stored in columns; None for unchanged."""
    is_union = get_origin(hint) in (Union, UnionType)
    kinds = [kind for kind in (get_args(hint) if is_union else (hint,)) if kind is not NoneType]
    if len(kinds) > 1 or not isinstance(kind := kinds[0], type):
        return None
    if issubclass(kind, Enum):
        return _optional(kind) if is_union else Codec(kind, attrgetter("value"))
    return RowMapper(kind) if is_dataclass(kind) else None


def _optional(kind: type[Enum]) -> Codec[Any]:
    return Codec(
        lambda value: kind(value) if value else None, lambda value: value.value if value else None
    )
