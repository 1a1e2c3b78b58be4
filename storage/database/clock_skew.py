"""How far in the future a stored instant may be and still be believed.

A wall clock that was set back leaves instants behind that lie far ahead. One further away than
``FARTHEST`` is treated as reached, so that nothing waits for the clock to catch up.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, or_

from storage.database.types import Instant

FARTHEST: Final = timedelta(minutes=20)
"""Every wait, back-off and lease is at most this less five minutes for clocks that differ."""

LONGEST_WAIT: Final = timedelta(minutes=15)


def reached(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that the instant has come, or lies too far ahead to be meant.

    The current time is in the parameters (``instants``).
    """
    now, farthest = bindparam("now", type_=Instant), bindparam("farthest", type_=Instant)
    return or_(column <= now, column > farthest)


def instants(now: datetime) -> dict[str, datetime]:
    """The parameters of ``reached``."""
    return {"now": now, "farthest": now + FARTHEST}
