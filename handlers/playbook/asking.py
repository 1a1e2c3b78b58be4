"""What every kind of value can do: be said in words, be asked for in a field, be read."""

from dataclasses import dataclass
from typing import Any, Protocol

from handlers.turns import Turn
from handlers.ui import Field
from sales.errors import InvalidInput, Problem

LONGEST_LIST = 2000
"""Characters of a list that is typed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A field to draw: its name and words, and what stands in it."""

    name: str
    label: str
    hint: str
    value: Any
    turn: Turn


class Kind(Protocol):
    def say(self, value: Any, turn: Turn, /) -> str:
        """The value in words; "" for nothing."""

    def field(self, asked: Asked) -> Field: ...

    def read(self, name: str, turn: Turn) -> Any:
        """The answer as JSON holds it. Raises InvalidInput."""


def refuse(name: str, key: str, **params: Any) -> InvalidInput:
    return InvalidInput({name: Problem(key, **params)})
