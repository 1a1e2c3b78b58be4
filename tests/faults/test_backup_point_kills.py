"""Backups and restores killed at named points, on both kinds of places.

What was verified before can be restored afterwards, whatever is listed is whole, and the next
backup leaves nothing behind of the one that was killed.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from storage.backups.sqlite.replacement import finish_restore
from storage.backups.sqlite.service import restore_file
from storage.database.keyring import new_key
from tests.clock import MONDAY
from tests.databases import Databases
from tests.doubles.bucket import Service, bucket_service
from tests.faults import backup_roles, replicas
from tests.faults.backup_roles import BackupSite
from tests.faults.campaign import NewTally, dice, rounds
from tests.faults.points import Point

pytestmark = [pytest.mark.slow, pytest.mark.campaign(cases=1)]
PlaceKind = Literal["directory", "bucket"]
WHOLE_TAKING, WHOLE_RESTORING, WHOLE_DISK = 60, 40, 30
DIRECTORY, BUCKET = "storage.backups.stores:DirectoryStore", "storage.backups.buckets:BucketStore"
SERVICE, REPOSITORY = "storage.backups.service", "storage.backups.repository"
SQLITE = "storage.backups.sqlite.service"


def points_of_store(store: str) -> dict[str, Point]:
    """Before and after each file is written, and around what is deleted."""
    written = {
        f"{'after' if after else 'before'} {name}": Point(f"{store}.put", about=name, after=after)
        for name in ("/data", "/pages", "/manifest", "/proof")
        for after in (False, True)
    }
    return {
        **written,
        "before anything is deleted": Point(f"{store}.delete"),
        "after the manifest was deleted": Point(f"{store}.delete", after=True),
        "before the last is deleted": Point(f"{store}.delete", count=3),
        "before what was left is removed": Point(f"{store}.tidy"),
        "after all": Point(f"{store}.tidy", after=True),
    }


TAKING: Mapping[str, Point] = {
    "before the copy": Point(f"{SERVICE}:copy_database"),
    "after the copy": Point(f"{SERVICE}:copy_database", after=True),
    "before the hashes": Point(f"{SQLITE}:page_hashes"),
    "before it is restored": Point(f"{SERVICE}:verify_file"),
    "before it is compared": Point(f"{SQLITE}:check_integrity"),
    "before the rules": Point(f"{REPOSITORY}:superfluous"),
}
TAKING_INTO: Mapping[PlaceKind, Mapping[str, Point]] = {
    "directory": {
        **TAKING,
        **points_of_store(DIRECTORY),
        "before a file is moved in": Point("pathlib:Path.replace", about="data"),
        "before the manifest is moved in": Point("pathlib:Path.replace", about="manifest"),
    },
    "bucket": {
        **TAKING,
        **points_of_store(BUCKET),
        "between two parts": Point(f"{BUCKET}._send", count=2),
        "before the parts are joined": Point(f"{BUCKET}._complete"),
    },
}
RESTORING: Mapping[str, Point] = {
    "before the pages": Point(f"{SQLITE}:write_file"),
    "after the pages": Point(f"{SQLITE}:write_file", after=True),
    "before it is compared": Point(f"{SERVICE}:check_file"),
    "before it is settled": Point(f"{SERVICE}:settle"),
    "after it was settled": Point(f"{SERVICE}:settle", after=True),
    "before the plan": Point("pathlib:Path.replace", about=".draft"),
    "after the plan": Point("pathlib:Path.replace", about=".draft", after=True),
    "before the journal is moved": Point("pathlib:Path.rename"),
    "after the journal was moved": Point("pathlib:Path.rename", after=True),
    "before the database is moved": Point("pathlib:Path.rename", count=2),
    "before the new one is moved in": Point("pathlib:Path.rename", about=".restored"),
    "after the new one was moved in": Point("pathlib:Path.rename", about=".restored", after=True),
    "before the plan is removed": Point("pathlib:Path.unlink", about=".restoring"),
}


@dataclass
class Watched:
    """A site, and the rows of each of its backups."""

    site: BackupSite
    rows: dict[datetime, str] = field(default_factory=dict)

    def write(self, words: bytes) -> None:
        with closing(sqlite3.connect(self.site.database)) as link, link:
            link.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, words BLOB)")
            for start in range(0, len(words), 997):
                row = (start % 40, words[start : start + 997])
                link.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", row)

    def take(self, now: datetime) -> None:
        self.rows[now] = rows_of(self.site.database)
        outcome = backup_roles.take(self.site, now)
        assert (outcome.problem, outcome.reason) == ("", "")
        assert outcome.proof

    def lost(self, scratch: Path, newest: int = 3) -> int:
        """How many of the newest listed backups are not what was there at their time."""
        repository, lost = self.site.repository(), 0
        for listed in repository.backups()[-newest:]:
            target = scratch / f"{listed.id}.db"
            assert listed.manifest, listed
            restore_file(repository, listed.manifest, target)
            lost += rows_of(target) != self.rows[listed.manifest.taken_at]
            target.unlink()
        return lost


def rows_of(path: Path) -> str:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as link:
        rows = link.execute("SELECT id, words FROM note ORDER BY id").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with bucket_service() as running:
        yield running


@pytest.fixture(params=["directory", "bucket"])
def kind(request: pytest.FixtureRequest) -> PlaceKind:
    chosen: PlaceKind = request.param
    return chosen


@pytest.fixture
def watched(
    databases: Databases, service: Service, kind: PlaceKind, tmp_path: Path
) -> Iterator[Watched]:
    place = str(tmp_path / "away")
    if kind == "bucket":
        place = f"s3://{service.new_bucket()}/backups"
    with databases.lent_new("sqlite", tmp_path) as database:
        assert database.path
        database.dispose()
        watched = Watched(BackupSite(database.path, place, service.account, new_key("k1")))
        watched.write(b"first" * 9000)
        yield watched


def nothing_left(site: BackupSite, kind: PlaceKind, service: Service) -> None:
    """Fail if there are files, drafts or uploads of no backup."""
    listed = {one.id for one in site.repository().backups()}
    assert {name.partition("/")[0] for name in site.store().names()} == listed
    if kind == "directory":
        assert not [*Path(site.place).rglob("*.part")]
        assert {path.name for path in Path(site.place).iterdir()} == listed
    else:
        bucket = site.place.split("/")[2]
        assert "Uploads" not in service.client.list_multipart_uploads(Bucket=bucket)
    scratch = site.data_dir / "backup-work"
    assert [path.name for path in scratch.iterdir()] == [".lock"]


def test_killed_while_taking(
    watched: Watched, kind: PlaceKind, service: Service, tally: NewTally, tmp_path: Path
) -> None:
    count = tally(f"a backup to a {kind}", "sqlite")
    site, points = watched.site, TAKING_INTO[kind]
    for number in rounds(WHOLE_TAKING):
        chance = dice(count.place, number)
        now = MONDAY + timedelta(days=number)
        watched.write(chance.randbytes(chance.choice((500, 30_000))))
        # Two of a day: the second is deleted a day later with the one that is killed, since it is
        # then older than 24 hours and not the newest of its day.
        for moment in (now, now + timedelta(minutes=30)):
            watched.take(moment)
            count.accepted += 1
        watched.write(chance.randbytes(500))
        killed_at = now + timedelta(hours=1)
        watched.rows[killed_at] = rows_of(site.database)
        where = chance.choice([*points])
        full = "/pages" in where or "part" in where or chance.random() < 0.3
        there = replicas.kill_at(points[where], backup_roles.take_it, site, killed_at, full)
        # The first day has nothing to delete.
        assert there or "delete" in where, where
        count.lost += watched.lost(tmp_path)
        with count.recovering():
            watched.take(now + timedelta(hours=2))
        count.accepted += 1
        count.lost += watched.lost(tmp_path)
    count.lost += watched.lost(tmp_path, newest=100)
    watched.take(MONDAY + timedelta(days=4000))
    nothing_left(site, kind, service)
    count.check(len(rounds(WHOLE_TAKING)))


def test_killed_while_restoring(
    watched: Watched, kind: PlaceKind, tally: NewTally, tmp_path: Path
) -> None:
    count = tally(f"a restore from a {kind}", "sqlite")
    live = watched.site.database
    watched.take(MONDAY)
    [backup] = watched.site.repository().backups()
    old = rows_of(live)
    for number in rounds(WHOLE_RESTORING):
        chance = dice(count.place, number)
        watched.write(chance.randbytes(3000))
        new = rows_of(live)
        before = set(live.parent.glob(f"{live.name}.before-*Z"))
        name = chance.choice([*RESTORING])
        where = RESTORING[name]
        now = MONDAY + timedelta(days=1, minutes=number)
        # Somebody who was killed left a journal beside the database.
        link = sqlite3.connect(live)
        link.execute("PRAGMA journal_mode = WAL")
        link.execute("INSERT OR REPLACE INTO note VALUES (100, ?)", (str(number).encode(),))
        link.commit()
        new = rows_of(live)
        assert replicas.kill_at(where, backup_roles.restore, watched.site, backup.id, now), name
        link.close()
        with count.recovering():
            finish_restore(live)
        kept = set(live.parent.glob(f"{live.name}.before-*Z")) - before
        count.accepted += 1
        present, aside = rows_of(live), [rows_of(path) for path in kept]
        # Either all of it happened, and the former one is kept, or nothing did.
        count.lost += (present, aside) not in ((old, [new]), (new, []))
        assert not live.with_name(f"{live.name}.restoring").exists()
    count.check(len(rounds(WHOLE_RESTORING)))


FILLING: Mapping[str, int] = {
    f"{SERVICE}:copy_database": 1_000_000,
    f"{SERVICE}:take_file": 40_000,
    f"{SQLITE}:_describe": 400,
    f"{SERVICE}:verify_file": 1_000_000,
    f"{SQLITE}:check_integrity": 100,
    f"{REPOSITORY}:superfluous": 100,
}
"""Where a disk fills up, and about how many bytes a file has that is written from there on."""
FILLING_RESTORE: Mapping[str, int] = {
    f"{SQLITE}:write_file": 1_000_000,
    f"{SERVICE}:settle": 100_000,
    f"{SERVICE}:replace_database": 100,
}


def test_that_runs_out_of_disk(
    watched: Watched, kind: PlaceKind, service: Service, tally: NewTally, tmp_path: Path
) -> None:
    count = tally(f"a backup to a {kind}", "sqlite", kind="disk")
    site, live = watched.site, watched.site.database
    for number in rounds(WHOLE_DISK):
        chance = dice(count.place, "disk", number)
        now = MONDAY + timedelta(days=number)
        watched.write(chance.randbytes(30_000))
        watched.take(now)
        count.accepted += 1
        watched.rows[now + timedelta(hours=1)] = before = rows_of(live)
        step, size = [*FILLING.items()][number % len(FILLING)]
        ended(
            backup_roles.take_on_full_disk,
            site,
            now + timedelta(hours=1),
            step,
            chance.randrange(size),
        )
        step, size = [*FILLING_RESTORE.items()][number % len(FILLING_RESTORE)]
        listed = site.repository().backups()[-1]
        later = now + timedelta(hours=1, minutes=number)
        ended(
            backup_roles.restore_on_full_disk, site, listed.id, later, step, chance.randrange(size)
        )
        assert not [*live.parent.glob("*.restoring")]
        count.lost += rows_of(live) not in {before, watched.rows[listed.taken_at]}
        count.lost += watched.lost(tmp_path)
        with count.recovering():
            watched.take(now + timedelta(hours=2))
    watched.take(MONDAY + timedelta(days=4000))
    nothing_left(site, kind, service)
    count.check(len(rounds(WHOLE_DISK)))


def ended(role: Callable[..., None], *given: object) -> None:
    """Run a role to its end, which has to be a good one."""
    process = replicas.start(role, *given)
    process.join(60)
    assert process.exitcode == 0, given[2:]
