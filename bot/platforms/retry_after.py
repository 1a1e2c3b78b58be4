"""How long a response asks to wait: its ``Retry-After``, in every form that servers send.

RFC 9110 (10.2.3) allows whole seconds and an HTTP date; some servers send fractions. Pure: a date
is compared with the response's own ``Date``, since our clock may be wrong.
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_to_wait(retry_after: str | None, date: str | None = None) -> float | None:
    """The seconds that ``Retry-After`` names, at least 0; None if it is missing or makes no sense.

    ``date`` is the ``Date`` header of the same response; a date without it makes no sense.
    """
    given = (retry_after or "").strip()
    try:
        seconds = float(given)
    except ValueError:
        until, now = _moment(given), _moment(date or "")
        if until is None or now is None:
            return None
        seconds = (until - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
