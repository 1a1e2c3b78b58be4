"""Checks the database, its keys and its files, for ``HealthMonitor``.

Writing one row detects a read-only disk, an unreachable server and, mostly, a full one; errors that
other users of the database met tell the rest. Corruption is checked at the start, once a day, since
that reads the whole file, and whenever somebody met it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.clock import Clock
from bot.health import Condition, ConditionSource
from sales.errors import StorageUnavailable
from storage.database.engine import Database
from storage.database.keys import Keys
from storage.database.private_files import exposed
from storage.database.probe import is_damaged, room_left, write_probe
from storage.database.schema import check
from storage.database.troubles import Trouble

_AHEAD: Final = "database_ahead"
"""A newer version migrated the database, and this one may go on meanwhile."""
_REMEMBERED: Final = timedelta(minutes=5).total_seconds()
"""A big write may hit a full disk while the small one of the probe still finds room."""
_CHECKED_EVERY: Final = timedelta(days=1).total_seconds()
_CHECKED_AGAIN: Final = timedelta(minutes=5).total_seconds()
_NONE: Final = 500_000
"""Free bytes at which the next bigger write may fail, though the probe finds room in old pages."""
_LOW: Final = 100_000_000
"""Free bytes on the disk below which the admins are alerted while there is still time."""


class DatabaseHealth:
    """Health of the database. ``look`` is a ``ConditionSource`` and blocks for some queries.

    With ``writes`` False nothing is written, which finds less.
    """

    def __init__(self, database: Database, clock: Clock, *, writes: bool = True) -> None:
        self._database = database
        self._clock = clock
        self._writes = writes
        self._met: dict[Trouble, float] = {}
        self._damaged = False
        self._checked_at: float | None = None
        self._file: tuple[int, int] | None = None

    def look(self) -> Iterable[Condition]:
        if self._is_elsewhere():
            return [Condition("database_moved")]  # explains all the others
        now = self._clock.now()
        state = check(self._database)
        problems = [problem for problem in state.problems if problem != _AHEAD]
        if not problems:
            problems += [f"database_{trouble}" for trouble in self._troubles(now)]
        room = room_left(self._database)
        if room is not None and room < _NONE and "database_full" not in problems:
            problems.append("database_full")
        low = room is not None and room < _LOW and "database_full" not in problems
        return [
            *(Condition(problem) for problem in problems),
            *([Condition("disk_low", serious=False)] if low else []),
            *([Condition(_AHEAD, serious=False)] if _AHEAD in state.problems else []),
        ]

    def _troubles(self, now: datetime) -> Iterable[Trouble]:
        tried, at = self._probe(now), self._clock.monotonic()
        if tried is None:
            # The write worked; only a full disk may still refuse other writes.
            self._met.pop("readonly", None)
            self._met.pop("denied", None)
            self._met.pop("unreachable", None)
        for trouble in tuple(self._database.seen):
            self._database.seen.discard(trouble)
            if tried is not None or trouble in ("full", "io", "damaged"):
                self._met[trouble] = at
        self._check(at)
        self._met = {trouble: met for trouble, met in self._met.items() if at - met < _REMEMBERED}
        troubles = {trouble for trouble in (*self._met, tried) if trouble and trouble != "damaged"}
        return sorted(troubles | ({"damaged"} if self._damaged else set()))

    def _probe(self, now: datetime) -> Trouble | None:
        if not self._writes:
            return None
        try:
            write_probe(self._database, now)
        except StorageUnavailable as error:
            return self._database.trouble(error)
        return None

    def _check(self, now: float) -> None:
        """Check the file for corruption: rarely, and again soon after somebody met damage."""
        every = _CHECKED_AGAIN if self._damaged or "damaged" in self._met else _CHECKED_EVERY
        if self._checked_at is not None and now - self._checked_at < every:
            # Damage that was just met counts until the check has looked for it.
            self._damaged = self._damaged or "damaged" in self._met
            return
        try:
            self._damaged = is_damaged(self._database)
        except StorageUnavailable:
            return
        self._checked_at = now
        self._met.pop("damaged", None)

    def _is_elsewhere(self) -> bool:
        """Whether the file being written to was replaced or removed.

        Connections stay with the old file, which nobody will find again.
        """
        if not self._writes or (path := self._database.path) is None:
            return False
        try:
            here = path.stat().st_dev, path.stat().st_ino
        except OSError:
            here = None
        self._file = self._file or here
        return here != self._file


def known_flaws(database: Database) -> Iterable[Condition]:
    """A ``ConditionSource`` of what is not wrong yet but may become so."""
    return [Condition("sqlite_wal_bug", serious=False)] if database.has_wal_bug else []


def file_conditions(data_dir: Path, database: Database) -> ConditionSource:
    """A ``ConditionSource`` for files that other accounts on this machine can read."""

    def look() -> Iterable[Condition]:
        for path in exposed(data_dir, database.path):
            yield Condition("files_exposed", str(path), {"path": str(path)}, serious=False)

    return look


def key_conditions(keys: Keys) -> ConditionSource:
    """A ``ConditionSource`` for missing, wrong or unusable keys and undecryptable values.

    The source raises StorageUnavailable.
    """
    return lambda: [Condition(one.key, "", one.params, one.serious) for one in keys.problems()]
