"""What is told to whoever calls while the database is away, or the process only starting."""

from typing import Final

from sales.errors import StorageStarting, StorageUnavailable

_BACK: Final = 30
"""Seconds after which a database that was away may be back."""
_STARTED: Final = 5


def is_starting(error: StorageUnavailable) -> bool:
    return isinstance(error, StorageStarting)


def wait_for(error: StorageUnavailable) -> int:
    """Seconds after which it is worth to try again, for ``Retry-After``."""
    return _STARTED if is_starting(error) else _BACK


def away_key(error: StorageUnavailable) -> str:
    """What a page says, as the last part of a key: ``unavailable`` or ``starting``."""
    return "starting" if is_starting(error) else "unavailable"
