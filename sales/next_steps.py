"""When a planned next step is overdue: the one rule for boards, cards, digests and reminders.

A date is not an instant. A step planned for a day is overdue once that day has ended where its
owner works; one planned for a time of day is overdue from that time on. Knows no calendar.
"""

from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)


def until_when(due: datetime, midnight: datetime, *, has_time: bool) -> datetime:
    """The last instant at which a step is not overdue yet, never before it is due.

    ``due`` is when it is reminded of, ``midnight`` the end of the day that was planned, where the
    owner works; ``has_time``: somebody named the time of day.
    """
    return due if has_time else max(due, midnight - _SECOND)


def has_time(due: datetime, until: datetime | None) -> bool:
    """Whether somebody named the time of day of a step that ``until_when`` bounds."""
    return until is None or until <= due


def is_past(due: datetime | None, until: datetime | None, now: datetime) -> bool:
    """Whether a step is overdue; without ``until`` it is from when it was due."""
    limit = until or due
    return limit is not None and limit < now
