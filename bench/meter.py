"""Times what is asked of a database: elapsed, and by processor, PostgreSQL's processes included."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import text

from storage.database.engine import Database


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a request."""

    elapsed: float
    processor: float


class Meter:
    """Measures calls that use one database, on the calling thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._backends: list[Path] = []

    def time(self, ask: Callable[[], object]) -> Cost:
        servers, own, began = self._of_servers(), time.thread_time(), time.perf_counter()
        ask()
        took, spent = time.perf_counter() - began, time.thread_time() - own
        return Cost(took * 1000, (spent + self._of_servers() - servers) * 1000)

    def find_backends(self) -> None:
        """Find PostgreSQL's processes for this database: its connections may have changed."""
        if self._database.dialect == "postgresql":
            with self._database.read() as connection:
                pids = connection.execute(text(_BACKENDS)).scalars().all()
            self._backends = [Path(f"/proc/{pid}/schedstat") for pid in pids]

    def _of_servers(self) -> float:
        """Seconds of processor time that PostgreSQL has spent for this database."""
        if not self._backends:
            return 0.0
        time.sleep(0.0005)  # A process that has answered is a moment later asleep, and accounted.
        return sum(int(one.read_text().split()[0]) for one in self._backends) / 1e9


_BACKENDS: Final = (
    "SELECT pid FROM pg_stat_activity "
    "WHERE datname = current_database() AND backend_type = 'client backend'"
)


def median_of(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(one.elapsed for one in costs),
        statistics.median(one.processor for one in costs),
    )
