"""How long an instant in the future may be believed.

A wall clock that was set back leaves instants behind that lie far ahead. What is never meant
to be further away than ``FARTHEST`` is then treated as reached, so that nothing waits for the
clock to catch up.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, or_

from storage.database.types import Instant

FARTHEST: Final = timedelta(minutes=20)
"""No wait, back-off or lease is longer than this less five minutes for clocks that differ."""

LONGEST_WAIT: Final = timedelta(minutes=15)


def reached(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the instant has come, or is too far ahead to be one that was meant; what time
    it is stands in the parameters (``instants``)."""
    now, farthest = bindparam("now", type_=Instant), bindparam("farthest", type_=Instant)
    return or_(column <= now, column > farthest)


def instants(now: datetime) -> dict[str, datetime]:
    """The parameters of ``reached``."""
    return {"now": now, "farthest": now + FARTHEST}
