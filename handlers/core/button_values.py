"""The codec of button values that have several parts: ``LX001:3``.

A value comes back from outside, and so may be anything: each part has a reader of its own, and
what a reader raises ValueError for is refused.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, overload

from handlers.core.requests import record_id
from sales.errors import GenjinError, UnknownAction

_APART: Final = ":"
_WITHIN: Final = ","
_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_D = TypeVar("_D")
Read: TypeAlias = Callable[[str], _A]
Refusal: TypeAlias = GenjinError | None


def pack(*parts: object) -> str:
    """The parts as one value. A list stands in one part. Only in the last part a colon stays."""
    *first, last = [
        _WITHIN.join(map(str, part)) if isinstance(part, list | tuple) else str(part)
        for part in parts
    ]
    return _APART.join([*(part.replace(_APART, " ") for part in first), last])


@overload
def unpack(
    value: str, a: Read[_A], b: Read[_B], /, *, refusal: Refusal = None, former: str = ""
) -> tuple[_A, _B]: ...
@overload
def unpack(
    value: str,
    a: Read[_A],
    b: Read[_B],
    c: Read[_C],
    /,
    *,
    refusal: Refusal = None,
    former: str = "",
) -> tuple[_A, _B, _C]: ...
@overload
def unpack(
    value: str,
    a: Read[_A],
    b: Read[_B],
    c: Read[_C],
    d: Read[_D],
    /,
    *,
    refusal: Refusal = None,
    former: str = "",
) -> tuple[_A, _B, _C, _D]: ...
def unpack(
    value: str, *readers: Read[Any], refusal: Refusal = None, former: str = ""
) -> tuple[Any, ...]:
    """The parts as they are read; a part that is missing is read as empty. Raises ``refusal``,
    or UnknownAction, for a part that cannot be read.

    ``former`` is what stood between the parts on buttons of earlier versions, which are still
    in chats; it tells itself by standing before any colon.
    """
    head = value.partition(_APART)[0]
    texts = value.split(former if former and former in head else _APART, len(readers) - 1)
    texts += [""] * (len(readers) - len(texts))
    try:
        return tuple(read(text) for read, text in zip(readers, texts, strict=True))
    except ValueError:
        raise refusal or UnknownAction(action="") from None


def strict_id(text: str) -> int:
    """A record's id; raises ValueError for anything else."""
    found = record_id(text)
    if found is None:
        raise ValueError(text[:20])
    return found


def offset(text: str) -> int:
    """At which page or place a list goes on; its beginning for anything else."""
    return record_id(text) or 0


def record_ids(text: str) -> tuple[int, ...]:
    """The ids in a part that lists them; what is none is left out."""
    return tuple(found for one in text.split(_WITHIN) if (found := record_id(one)) is not None)
