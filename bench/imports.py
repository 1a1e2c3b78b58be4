"""``python -m bench.imports``: measures preview, import and undo of a file, in seconds and memory.

Each run is a process of its own, so that its memory is its own.
"""

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from handlers.core.requests import Upload
from handlers.core.spreadsheets import xlsx_bytes
from storage.database.encryption import Fields
from storage.database.engine import open_database
from storage.database.keyring import new_key, parse_keyring
from tests.databases import Databases, Kind
from tests.imports.opportunities import invented, staff
from tests.office import Office, open_office

RUNS = ((8_800, "csv"), (100_000, "csv"), (100_000, "xlsx"))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Measured = dict[str, float]


def main() -> int:
    head = ("database", "file", "read", "look through", "import", "undo", "longest page", "MB")
    print(("{:<12}{:<16}" + "{:>14}" * 6).format(*head))
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as directory:
        for rows, ending in RUNS:
            path = str(Path(directory) / f"{rows}.{ending}")
            _run("make", path, str(rows))
            for database in get_args(Kind):
                figures = json.loads(_run(database, path).splitlines()[-1])
                name = f"{rows:,} {ending}"
                print(f"{database:<12}{name:<16}" + "".join(f"{value:>14.2f}" for value in figures))
    return 0


def _run(*arguments: str) -> str:
    command = [sys.executable, "-m", "bench.imports", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make(path: Path, rows: int) -> None:
    """Make the file in a process of its own: making it takes more memory than importing it."""
    opportunities = invented(rows)
    content = opportunities.content
    if path.suffix == ".xlsx":
        table = [tuple(opportunities.rows[0]), *(tuple(r.values()) for r in opportunities.rows)]
        content = xlsx_bytes(table)
    path.write_bytes(content)


def measure_file(kind: Kind, file: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as directory:
        databases = Databases(Path(directory))
        database = open_database(databases.new(kind), Path(directory))
        upload = Upload(file.name, file.read_bytes())
        fields = Fields(parse_keyring(new_key("bench")))
        with open_office(database, fields, NOW, genjin_currency="USD") as office:
            print(json.dumps(list(asyncio.run(measure(office, upload)).values())))
        database.dispose()
        databases.stop()


async def measure(office: Office, upload: Upload) -> Measured:
    staff(office, invented(1_000))
    figures = {"read": await _timed(lambda: _ask(office, "take", upload=upload))}
    await _pages(office)
    # Previewed twice, as by a person who changes a default; the second time is reported.
    values = {"source": "other", "unowned": "pool", "likely": "take", "clocks": "no",
              "order": "mdy", "customer": "Unknown", "team": "1"}  # fmt: skip
    await _ask(office, "decide", pressed="1", values=values)
    figures["check"], _ = await _pages(office)
    await _ask(office, "start", pressed="1")
    figures["import"], longest = await _pages(office)
    await _ask(office, "undo", pressed="1")
    figures["undo"], _ = await _pages(office)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures | {"page": longest, "memory": peak}


async def _ask(office: Office, action: str, **asked: Any) -> None:
    reply = office.ask("ada", f"import.{action}", **asked)
    assert not reply.errors, reply.errors


async def _timed(doing: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await doing()
    return time.perf_counter() - began


async def _pages(office: Office) -> tuple[float, float]:
    """Time all pages of a phase one after the other, in seconds.

    Also the longest of them, during which others wait on SQLite.
    """
    spent = longest = 0.0
    while True:
        began = time.perf_counter()
        if not office.world.jobs._do_next():  # noqa: SLF001 - page by page, to time each
            return spent, longest
        took = time.perf_counter() - began
        spent, longest = spent + took, max(longest, took)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", path, count]:
            make(Path(path), int(count))
        case [database, path]:
            measure_file("sqlite" if database == "sqlite" else "postgresql", Path(path))
        case _:
            sys.exit(main())
