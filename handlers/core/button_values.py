"""The codec for button values with several parts: ``LX001:3``.

A value comes back from outside, so it may be anything: each part has its own parser, and a part
whose parser raises ValueError is refused.
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
    """Join the parts into one value. A list is one part. Colons are kept only in the last part."""
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
    """Split a value and parse each part; a missing part is parsed as empty.

    Raises ``refusal``, or UnknownAction, for a part that cannot be parsed. ``former`` is the
    separator used on buttons of earlier versions, which are still in chats; it is recognised
    because it comes before any colon.
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
    parsed_id = record_id(text)
    if parsed_id is None:
        raise ValueError(text[:20])
    return parsed_id


def offset(text: str) -> int:
    """The page or position at which a list continues; 0 for anything invalid."""
    return record_id(text) or 0


def record_ids(text: str) -> tuple[int, ...]:
    """The ids listed in a part; invalid ones are left out."""
    return tuple(
        parsed_id for part in text.split(_WITHIN) if (parsed_id := record_id(part)) is not None
    )
