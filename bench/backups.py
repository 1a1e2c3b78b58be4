"""Measures what a backup under way costs the forms of a company with 100,000 leads, on SQLite.

Run with ``python -m bench.backups``. Genjin runs as a process of its own and takes submissions over
HTTP from this one, first alone, then while the process of the schedule copies, stores and verifies
a full backup, then beside a daily one; in between alone again, since the machine does other things
too. Prints submissions per second and the p99 of their acknowledgement, how long a backup, a
verification and a restore take, and how large they are. Exits 1 when submissions are slower by
``GOAL`` or more. The seeded database stays in ``/tmp/scale``. Bytes are those of files.
"""

import asyncio
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import aiohttp

from bench import forms
from bench.company import NOW, Size, fill, hire
from bench.slack import OkSlack, Sender
from bot.backups.destinations import repositories
from sales.people import Identity
from storage.backups.manifests import Manifest
from storage.backups.repository import BackupRepository
from storage.backups.sqlite.service import restore_file, verify_file
from storage.backups.stores import DirectoryStore
from storage.database.encryption import Fields
from storage.database.engine import open_database, sqlite_module
from storage.database.keyring import new_key, parse_keyring
from storage.database.schema import migrate
from storage.unit_of_work import UnitOfWorkFactory
from tests.office import open_office

PLACE: Final = Path("/tmp/scale")  # noqa: S108 - a cache, not for secrets
SIZE: Final = Size("backups", 100_000, kept=100_000)
LEVEL: Final = 10
"""Submissions at once."""
NEW: Final = 90_000_000
"""Numbers of phones that nobody in the seeded company has."""
ALONE_S: Final = 8.0
ROUND_S: Final = 1.0
GOAL: Final = 0.2


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="genjin-bench-", dir=PLACE.parent) as name:
        return asyncio.run(_compare(Path(name)))


async def _compare(folder: Path) -> int:
    keys = _seed(folder / "data" / "genjin.db")
    size = (folder / "data" / "genjin.db").stat().st_size
    print(f"{SIZE.leads:,} leads, {size / 1e6:,.0f} MB, {LEVEL} submissions at once\n")
    slack = OkSlack()
    await slack.start()
    process = forms.genjin_process(f"sqlite:///{folder / 'data' / 'genjin.db'}", folder / "data")
    process.environment.update({"GENJIN_SECRET_KEYS": keys, "GENJIN_BACKUP_TO": "off"})
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        forms.running(process, slack.url, session) as bot,
    ):
        sender = Sender(session, bot.url, itertools.count(NEW))
        await sender.command("/lead")
        async with asyncio.timeout(20):
            while not slack.form:  # noqa: ASYNC110 - the far side of another process
                await asyncio.sleep(0.01)
        load = Load(sender, bot.pid, slack.form)
        await load.alone(2.0)
        missed = await _beside(load, folder, process.environment)
    await slack.stop()
    _restore(folder, keys)
    return int(missed)


class Load:
    """Submissions to one bot."""

    def __init__(self, sender: Sender, pid: int, form: dict[str, object]) -> None:
        self._sender, self._pid, self._form = sender, pid, form

    async def alone(self, seconds: float) -> forms.Result:
        return await forms.load([self._sender], [self._pid], self._form, LEVEL, seconds)

    async def beside(self, process: asyncio.subprocess.Process) -> list[forms.Result]:
        """Go on for as long as a process runs."""
        results = []
        while process.returncode is None:
            results.append(await self.alone(ROUND_S))
        return results


async def _beside(load: Load, folder: Path, environment: Mapping[str, str]) -> bool:
    """Print a row for each kind of backup; True if one slows submissions by too much."""
    alone, beside = f"{'alone /s':>10}{'p99 ms':>8}", f"{'beside /s':>11}{'p99 ms':>8}"
    print(f"{'':<8}{alone}{beside}{'slower':>8}{'took':>8}")
    missed = False
    for kind in ("full", "daily"):
        before = await load.alone(ALONE_S)
        worker = await _worker(folder, environment)
        began = time.perf_counter()
        results = await load.beside(worker)
        took = time.perf_counter() - began
        if worker.returncode:
            raise RuntimeError(f"the worker ended with {worker.returncode}")
        after = await load.alone(ALONE_S)
        usual = (before.rate + after.rate) / 2
        busy = sum(result.rate for result in results) / len(results)
        slower = 1 - busy / usual
        missed |= slower >= GOAL
        print(
            f"{kind:<8}{usual:>10.0f}{max(before.p99, after.p99):>8.0f}{busy:>11.0f}"
            f"{_p99(results):>8.0f}{slower:>8.0%}{took:>7.1f}s",
            flush=True,
        )
    return missed


def _p99(results: Sequence[forms.Result]) -> float:
    """The worst of the seconds."""
    return max(result.p99 for result in results)


async def _worker(folder: Path, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """The process that the schedule runs."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.backups.worker",
        "2100-01-01T00:00:00+00:00",
        cwd=forms.ROOT,
        env={
            **os.environ,
            **environment,
            "WEB_PORT": "8700",
            "GENJIN_WEB_CHAT": "on",
            "GENJIN_BACKUP_TO": str(folder / "backups"),
        },
        stdout=asyncio.subprocess.DEVNULL,
    )


def _restore(folder: Path, keys: str) -> None:
    """Print how long it takes to verify and to restore the backups, and their sizes."""
    store = DirectoryStore(folder / "backups")
    [repository] = repositories([store], parse_keyring(keys))
    print(f"\n{'':<8}{'stored':>10}{'verify':>9}{'restore':>9}")
    for listed in repository.backups():
        if listed.manifest is None or listed.proof is None:
            raise RuntimeError(f"{listed.id} was not verified")
        verified = _timed(repository, listed.manifest, folder, verify=True)
        restored = _timed(repository, listed.manifest, folder, verify=False)
        stored = listed.manifest.stored / 1e6
        print(f"{listed.manifest.kind:<8}{stored:>7.1f} MB{verified:>8.1f}s{restored:>8.1f}s")


def _timed(
    repository: BackupRepository, manifest: Manifest, folder: Path, *, verify: bool
) -> float:
    began = time.perf_counter()
    if verify:
        verify_file(repository, manifest, folder, NOW)
    else:
        target = folder / "restored.db"
        restore_file(repository, manifest, target)
        target.unlink()
    return time.perf_counter() - began


def _seed(target: Path) -> str:
    """Copy the seeded company, whose admin is Slack's U1, and return its keys."""
    seeded, keys = PLACE / "backups.db", PLACE / "backups.key"
    if not keys.exists():
        PLACE.mkdir(exist_ok=True)
        for old in PLACE.glob("backups.db*"):
            old.unlink()
        key = new_key("bench")
        _found(seeded, key)
        keys.write_text(key)
    target.parent.mkdir(parents=True)
    shutil.copyfile(seeded, target)
    database = open_database(f"sqlite:///{target}", target.parent)
    migrate(database)
    database.dispose()
    return keys.read_text()


def _found(path: Path, key: str) -> None:
    fields = Fields(parse_keyring(key))
    database = open_database(f"sqlite:///{path}", path.parent)
    database.seal_with(fields)
    migrate(database)
    with open_office(database, fields, NOW, enter=hire) as office:
        fill(database, office, fields, SIZE)
        admin = office.people["ada"]
    with UnitOfWorkFactory(database, fields, now=lambda: NOW)() as uow:
        uow.people.link(Identity("slack", "U1", admin.id), NOW)
        uow.commit()
    database.dispose()
    with closing(sqlite_module().connect(path)) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    sys.exit(main())
