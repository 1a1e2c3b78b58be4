"""A clock that a test moves."""

from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class MovableClock:
    """A clock that stands still until moved.

    ``advance`` moves wall clock and monotonic time together, as passing time does; ``set_wall``
    moves the wall clock alone, as when somebody corrects it.
    """

    def __init__(self, start: datetime = MONDAY) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, by: timedelta | float) -> None:
        """Advance by ``by``, in seconds if it is a number."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        self._now += step
        self._monotonic += step.total_seconds()

    def set_wall(self, to: datetime) -> None:
        self._now = to
