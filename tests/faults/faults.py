"""Faults that block the product, one after the other, and who is notified of them.

``python -m tests.faults.faults`` prints the table of ``docs/operations.md``: what ``/health``,
``doctor`` and the admin's 1:1 said while each fault lasted, and after it was fixed. The whole
process runs in this one, on the local Slack; the clock is moved, so that nobody waits for minutes.
"""

import asyncio
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import make_url, text

from bot.app import Genjin, build
from bot.doctor import examine
from bot.settings import Settings
from sales.people import Identity, Person, Role, Team
from tests.clock import MovableClock
from tests.conversations.slack import SlackUser
from tests.databases import Databases
from tests.doubles.slack import LocalSlack
from tests.faults.relay import Relay
from tests.world import TestSettings

KEYS = "k:" + "A" * 43 + "="
_LONG = timedelta(minutes=6)
"""Longer than any condition has to last until admins are alerted."""


@dataclass
class Told:
    """What was reported about a fault, and whether ``/health`` was ok during and after it."""

    fault: str
    ok: bool = True
    health: list[str] = field(default_factory=list)
    doctor: list[str] = field(default_factory=list)
    admin: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    ok_after: bool = False


class Patient:
    """A process with an admin who can be alerted."""

    def __init__(self, genjin: Genjin, slack: LocalSlack, data: Path, relay: Relay | None) -> None:
        self.genjin, self.slack, self.data, self.relay = genjin, slack, data, relay

    @property
    def file(self) -> Path:
        return self.data / "genjin.db"

    def let_go(self) -> None:
        """Close every connection that is not in use. SQLite closes one only with its last cursor,
        and some of those live on in tracebacks and other garbage."""
        gc.collect()
        self.genjin.database.dispose()

    async def told(self) -> list[str]:
        """The texts of the messages in the admin's 1:1."""
        return [message.text for message in await SlackUser(self.slack, "ADA").messages()]

    async def look(self) -> dict[str, Any]:
        """What ``/health`` says now."""
        self.genjin.monitor._looked_at = None
        return await asyncio.to_thread(self.genjin.health)

    async def pass_time(self, by: timedelta = _LONG) -> None:
        clock: Any = self.genjin.clock
        steps = int(by / timedelta(seconds=30))
        for _ in range(steps):
            clock.advance(timedelta(seconds=30))
            self.genjin.monitor._looked_at = None
            lasting = await asyncio.to_thread(self.genjin.monitor.conditions)
            await self.genjin.alerts.tell(lasting)

    def write(self, size: int = 0) -> None:
        """Write the given number of bytes, as people cause it."""
        from sales.errors import StorageUnavailable

        try:
            with self.genjin.new_uow() as uow:
                uow.people.add_team(Team(name=f"Team {os.urandom(4).hex()}{'x' * size}"))
                uow.commit()
        except StorageUnavailable:
            return


@dataclass(frozen=True)
class Fault:
    """A fault.

    ``apply`` returns what fixes it again. ``place`` makes the data directory. ``lasts``: how long
    after the fault the reports are read.
    """

    name: str
    apply: Callable[[Patient], Any]
    database: str = "sqlite"
    place: Callable[[], Any] | None = None
    lasts: timedelta = _LONG


@contextmanager
def small_disk() -> Any:
    """A disk of 4 MB in memory; requires root."""
    path = Path(mkdtemp(prefix="genjin-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=False)
        path.rmdir()


@contextmanager
def directory() -> Any:
    path = Path(mkdtemp(prefix="genjin-faults-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


async def disk_full(patient: Patient) -> Callable[[], None]:
    filler = patient.data.parent / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"x" * 65_536)
                file.flush()
        except OSError:
            pass
    for _ in range(50):
        await asyncio.to_thread(patient.write)
    return filler.unlink


async def page_limit(patient: Patient) -> Callable[[], None]:
    """A full disk as SQLite sees it, for users who may not mount one: only big writes fail."""

    def limit(pages: int) -> None:
        with patient.genjin.database.writer.begin() as connection:
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    await asyncio.to_thread(limit, 1)  # SQLite makes it the size that the file has
    await asyncio.to_thread(patient.write, 100_000)
    return lambda: limit(1_000_000)


async def read_only_disk(patient: Patient) -> Callable[[], None]:
    """A read-only disk, as after a disk error or when a container restarts with a read-only
    volume."""
    mount = patient.data.parent
    for _ in range(1000):
        # Files that are open for writing keep a disk from becoming read-only.
        patient.let_go()
        if _remount(mount, "ro"):
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("the disk did not turn read-only")
    await asyncio.to_thread(patient.write)

    def mend() -> None:
        _remount(mount, "rw")

    return mend


def _remount(mount: Path, mode: str) -> bool:
    done = subprocess.run(
        ["mount", "-o", f"remount,{mode}", mount], check=False, capture_output=True
    )
    return done.returncode == 0


async def damaged(patient: Patient) -> Callable[[], None]:
    patient.let_go()
    whole = patient.file.read_bytes()
    holes = bytearray(whole)
    for page in range(8, len(whole) // 4096 - 4, 5):
        holes[page * 4096 : page * 4096 + 2048] = b"\xa5" * 2048
    _overwrite(patient.file, bytes(holes))
    patient.let_go()
    await asyncio.to_thread(patient.write)

    def restore() -> None:
        patient.let_go()
        _overwrite(patient.file, whole)
        # A connection that was opened meanwhile would go on with the journal that is gone.
        patient.let_go()

    return restore


def _overwrite(path: Path, content: bytes) -> None:
    for ending in ("-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()


async def deleted(patient: Patient) -> Callable[[], None]:
    aside = patient.file.with_name("aside")
    patient.let_go()
    patient.file.rename(aside)

    def put_back() -> None:
        patient.let_go()  # as the end of a process does
        aside.rename(patient.file)

    return put_back


async def newer_schema(patient: Patient) -> Callable[[], None]:
    def stamp(revision: str) -> str:
        with patient.genjin.database.write() as connection:
            before = connection.scalar(text("SELECT version_num FROM alembic_version"))
            stamped = text("UPDATE alembic_version SET version_num = :revision")
            connection.execute(stamped, {"revision": revision})
        return str(before)

    before = await asyncio.to_thread(stamp, "9999")

    def mend() -> None:
        stamp(before)

    return mend


async def server_away(patient: Patient) -> Callable[[], Any]:
    assert patient.relay
    await patient.relay.cut()
    return patient.relay.open


async def token_revoked(patient: Patient) -> Callable[[], Any]:
    """A revoked token: alerted by mail or another chat if there is one; here there is none until it
    works."""
    patient.slack.refused_tokens[patient.slack.bot_token] = "token_revoked"
    slack: Any = patient.genjin.platforms["slack"]
    slack._connection.token_refused()

    async def mend() -> None:
        patient.slack.refused_tokens.clear()
        slack._connection._token = await slack._connection._check_token()

    return mend


async def task_fails(patient: Patient) -> Callable[[], Any]:
    """A failing task: a table is gone that only the delivery needs, by a bug or by hand."""

    def rename(old: str, new: str) -> None:
        with patient.genjin.database.write() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    await asyncio.to_thread(rename, "lane", "lane_away")
    patient.genjin.delivery.wake()
    while not list(patient.genjin.supervisor.conditions()):  # noqa: ASYNC110
        await asyncio.sleep(0.02)

    async def mend() -> None:
        # Stopped, it counts as recovered, which takes 20 s by itself; an attempt under way would
        # be recorded as failed after that.
        await patient.genjin.supervisor.stop("delivery")
        await asyncio.to_thread(rename, "lane_away", "lane")
        await patient.genjin.delivery.start()

    return mend


FAULTS = (
    Fault("disk full", disk_full, place=small_disk),
    Fault("no room for big writes", page_limit, lasts=timedelta(minutes=3)),
    Fault("disk turned read-only", read_only_disk, place=small_disk),
    Fault("file damaged", damaged),
    Fault("file moved away", deleted),
    Fault("newer schema, SQLite", newer_schema),
    Fault("newer schema, PostgreSQL", newer_schema, database="postgresql"),
    Fault("PostgreSQL away", server_away, database="postgresql"),
    Fault("Slack's token revoked", token_revoked),
    Fault("a background task fails", task_fails),
)


@asynccontextmanager
async def patient(fault: Fault, databases: Databases) -> AsyncIterator[tuple[Patient, Settings]]:
    slack = LocalSlack()
    await slack.start()
    slack.add_user("ADA", "Ada Admin", admin=True)
    given: dict[str, Any] = {
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_api_url": slack.api_url,
        "web_port": 0,
    }
    with (fault.place or directory)() as place:
        relay = None
        given["genjin_data_dir"] = place / "data"
        if fault.database == "postgresql":
            found = make_url(databases.empty("postgresql"))
            relay = Relay.to_socket(f"{found.query['host']}/.s.PGSQL.5432")
            await relay.open()
            url = f"postgresql://postgres@127.0.0.1:{relay.port}/{found.database}"
            given |= {"database_url": url, "genjin_secret_keys": KEYS}
        settings = TestSettings.of(**given)
        genjin = build(settings, MovableClock())
        genjin.boot._pause = genjin.supervisor._pause = lambda _: 0.05
        await genjin.start()
        try:
            await genjin.ready.wait()
            await asyncio.to_thread(_hire, genjin)
            yield Patient(genjin, slack, place / "data", relay), settings
        finally:
            await genjin.stop()
            if relay:
                await relay.cut()
            await slack.stop()


def _hire(genjin: Genjin) -> None:
    with genjin.new_uow() as uow:
        team = uow.people.add_team(Team(name="East"))
        ada = uow.people.add(
            Person(name="Ada Admin", role=Role.ADMIN, team_id=team.id, locale="en")
        )
        uow.people.link(Identity("slack", "ADA", ada.id), genjin.clock.now())
        uow.commit()
    while not genjin.platforms["slack"].health().ok:
        asyncio.run(asyncio.sleep(0.05))


async def suffer(fault: Fault, databases: Databases, *, doctor: bool = True) -> Told:
    """Apply the fault, read the reports, fix it, read them again."""
    told = Told(fault.name)
    async with patient(fault, databases) as (sick, settings):
        await sick.pass_time(timedelta(minutes=1))
        mend = await fault.apply(sick)
        await sick.pass_time(fault.lasts)
        health = await sick.look()
        told.ok = health["ok"]
        told.health = [one["problem"] for one in health["conditions"] if one["serious"]]
        if doctor:
            told.doctor = [one.said for one in await examine(settings) if not one.ok]
        told.admin = await sick.told()
        await (mend() if asyncio.iscoroutinefunction(mend) else asyncio.to_thread(mend))
        await sick.pass_time(timedelta(minutes=12))
        told.ok_after = (await sick.look())["ok"]
        told.over = (await sick.told())[len(told.admin) :]
    return told


async def _main() -> None:
    with directory() as place:
        databases = Databases(place)
        try:
            for fault in FAULTS:
                told = await suffer(fault, databases)
                print(f"## {told.fault}")
                for name in ("ok", "health", "doctor", "admin", "over", "ok_after"):
                    print(f"{name:9} {getattr(told, name)}")
        finally:
            databases.stop()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
