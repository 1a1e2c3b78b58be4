"""Every point of a long history of backups is what was there, and no damaged byte goes unnoticed.

On both kinds of places. ``make faults`` plays all of it, the suite a tenth.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage.backups.sqlite.service import verify_file
from storage.backups.stores import BackupStore, DirectoryStore
from tests.clock import MONDAY
from tests.doubles.bucket import Service, bucket_service
from tests.faults.campaign import dice, rounds
from tests.storage.backups.source import Source, is_sound

pytestmark = [pytest.mark.slow, pytest.mark.campaign(cases=1)]
POINTS, BYTES = 100, 1000
BYTES_OF_BUCKET = 400
"""Each costs some twenty requests."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with bucket_service() as running:
        yield running


@pytest.fixture(params=["directory", "bucket"])
def source(request: pytest.FixtureRequest, service: Service, tmp_path: Path) -> Iterator[Source]:
    store: BackupStore | None = service.new_store() if request.param == "bucket" else None
    source = Source(tmp_path, store, dice(request.param, "source").randrange(1000))
    yield source
    source.link.close()


def test_every_point_is_what_was_there(source: Source) -> None:
    chance, now = dice("points"), MONDAY
    points = []
    for _ in rounds(POINTS):
        now += timedelta(days=chance.choice((1, 1, 1, 2, 5)), hours=chance.randrange(5))
        source.change(chance.choice((0, 1, 3, 20, 300)))
        if chance.random() < 0.05:
            source.link.execute("VACUUM")
        points.append((source.take(now), now, source.rows()))
    assert {manifest.kind for manifest, _, _ in points} == {"full", "changes"}
    chance.shuffle(points)
    for manifest, at, rows in points:
        assert source.repository().find(at).id == manifest.id
        assert source.restored(manifest) == rows


def test_every_damaged_byte_is_noticed(source: Source) -> None:
    whole = BYTES if isinstance(source.store, DirectoryStore) else BYTES_OF_BUCKET
    chance = dice("bytes")
    for day in range(2):
        source.change(3)
        newest = source.take(MONDAY + timedelta(days=day))
        verify_file(source.repository(), newest, source.scratch, at(day))
    files = {name: b"".join(source.store.get(name)) for name in source.store.names()}
    kinds = {name.rpartition("/")[2] for name in files}
    assert kinds == {"data", "pages", "manifest", "proof"}
    for number in rounds(whole):
        name = [*files][number % len(files)]
        place = chance.randrange(len(files[name]))
        damaged = bytearray(files[name])
        damaged[place] ^= chance.randint(1, 255)
        source.store.put(name, [bytes(damaged)])
        if name.endswith("/proof"):
            # It counts as not verified then, and is proved anew.
            proofs = [one.proof is None for one in source.repository().backups()]
            assert sum(proofs) == 1, (name, place)
        else:
            assert not is_sound(source, newest), (name, place)
        source.store.put(name, [files[name]])
    assert is_sound(source, newest)


def at(day: int) -> datetime:
    return MONDAY + timedelta(days=day, hours=1)
