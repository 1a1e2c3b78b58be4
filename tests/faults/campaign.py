"""The campaign of faults: how often each is played, what is counted, and the table of it.

``make faults`` (``python -m tests.faults.campaign``) plays every test marked ``campaign`` in full
and writes the table of ``docs/faults.md``; the suite plays a tenth of each. A test asks for
``tally``, plays ``rounds(whole)`` rounds, and calls ``Tally.check`` at its end.
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pytest

WHOLE: Final = "GENJIN_FAULTS"
"""Set to 1: the whole campaign."""
EVERY_WAY: Final = "GENJIN_EVERY_WAY"
"""Each on both databases (``tests/pairs.py``)."""
SEED: Final = os.environ.get("GENJIN_FAULTS_SEED", "1")
"""Another seed kills at other moments, and in another order."""
PAGE: Final = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- written by make faults -->\n", "<!-- end -->"
_ROW: Final = "fault_row"

Kind = Literal[
    "kill -9",
    "stop of PostgreSQL",
    "replica cut off",
    "outage",
    "throttled",
    "answer lost",
    "clock",
    "disk",
]


@dataclass
class Tally:
    """What was counted on the far side, or in the database, after the rounds of one fault.

    ``accepted`` is what a person or a far side was told is done; ``lost`` and ``once_twice`` (what
    goes out at most once, and was there twice) have to be 0. ``repeated`` has to be, unless
    ``may_repeat``. ``unknown`` is what goes out at most once, did not arrive, and is shown as
    unknown. ``recovered``: seconds from the fault until all was well again, one for each round.
    """

    place: str
    database: str
    kind: Kind = "kill -9"
    may_repeat: bool = False
    runs: int = 0
    accepted: int = 0
    lost: int = 0
    once_twice: int = 0
    repeated: int = 0
    unknown: int = 0
    recovered: list[float] = field(default_factory=list)

    @contextmanager
    def recovering(self) -> Iterator[None]:
        """One round: what is inside repairs what the fault left."""
        began = time.monotonic()
        yield
        self.recovered.append(round(time.monotonic() - began, 3))
        self.runs += 1

    def check(self, runs: int) -> None:
        """Fail unless ``runs`` rounds were played and every count is as promised."""
        assert self.accepted, f"{self.place}: nothing was accepted"
        assert (self.runs, self.lost, self.once_twice) == (runs, 0, 0), self
        assert self.may_repeat or not self.repeated, self


NewTally = Callable[..., Tally]


def is_whole() -> bool:
    return bool(os.environ.get(WHOLE))


def rounds(whole: int) -> range:
    """The rounds to play of ``whole``: all of them, or the suite's tenth."""
    return range(whole if is_whole() else -(-whole // 10))


def dice(*of: object) -> random.Random:
    """Chance that is the same for the same seed and the same place."""
    return random.Random("/".join(map(str, (SEED, *of))))  # noqa: S311 - no secret


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Iterator[NewTally]:
    """Make tallies, whose rows go into the table whatever they say."""
    made: list[Tally] = []

    def new(place: str, database: str, **more: Any) -> Tally:
        made.append(Tally(place, database, **more))
        return made[-1]

    yield new
    for one in made:
        record_property(_ROW, asdict(one))


class Table:
    """A plugin of pytest that collects the rows of all workers."""

    def __init__(self) -> None:
        self.rows: list[Tally] = []
        self.failed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed += report.failed
        if report.when == "teardown":
            rows = (value for name, value in report.user_properties if name == _ROW)
            played = [Tally(**dict(row)) for row in rows]  # type: ignore[call-overload]
            self.rows += [row for row in played if row.runs]

    def lines(self) -> list[str]:
        head = (
            "| fault | place | database | runs | accepted | lost | at most once, twice "
            "| at least once, twice | shown as unknown | well again, median (longest) |"
        )
        ordered = sorted(self.rows, key=lambda row: (row.kind, row.place, row.database))
        return [head, "|---|---|---|--:|--:|--:|--:|--:|--:|--:|", *map(_line, ordered)]

    def summary(self) -> list[str]:
        """How many of each kind of fault there were."""
        kinds = dict.fromkeys(row.kind for row in self.rows)
        return [
            f"{kind}: {sum(row.runs for row in self.rows if row.kind == kind)}" for kind in kinds
        ]


def _line(row: Tally) -> str:
    said = f"{row.repeated}" if row.may_repeat or row.repeated else "0"
    times = row.recovered or [0.0]
    well = f"{statistics.median(times):.1f} s ({max(times):.1f} s)"
    cells = (
        row.kind, row.place, row.database, row.runs, row.accepted, row.lost, row.once_twice, said,
        row.unknown, well,
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def write_table(lines: list[str], page: Path = PAGE) -> None:
    """Put the table between the marks of the page."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text("\n".join((before + BEGIN.rstrip(), *lines, END + after)), "utf-8")


def main(arguments: list[str]) -> int:
    """Play all of it, or what ``arguments`` (pytest's) choose; only all of it is written down."""
    os.environ[WHOLE] = os.environ[EVERY_WAY] = "1"
    table, began = Table(), time.monotonic()
    chosen = arguments or ["tests"]
    status = pytest.main(
        ["-m", "campaign", "-n", "2", "--dist", "worksteal", "-p", "no:randomly", *chosen], [table]
    )
    took = f"{(time.monotonic() - began) / 60:.1f} minutes"
    lines = [f"{', '.join(table.summary())}; seed {SEED}, {took}.", "", *table.lines()]
    print("\n".join(lines))
    if not arguments:
        write_table(lines)
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
