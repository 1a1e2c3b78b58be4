"""How many rows a copy of a server may hold, which is made while others write."""

import pytest

from storage.backups.manifests import Contents, Manifest
from storage.backups.postgresql.contents import changed_meanwhile, compare
from storage.backups.sealing import BackupDamaged
from tests.clock import MONDAY

BEFORE = Contents("0063", {"work": 10, "team": 4, "setting": 2})
AFTER = Contents("0063", {"work": 12, "team": 4, "setting": 2})
IDS_BEFORE, IDS_AFTER = {"work": 100, "team": 4}, {"work": 105, "team": 4}


@pytest.fixture
def copied() -> Manifest:
    """Five jobs were added meanwhile, and three deleted."""
    return Manifest(
        id="20260101T000000Z-base-00000000",
        kind="base",
        taken_at=MONDAY,
        version="1.0",
        dialect="postgresql",
        engine="18",
        contents=BEFORE,
        files={},
        size=0,
        sha256="",
        meanwhile=changed_meanwhile(IDS_BEFORE, IDS_AFTER, AFTER),
    )


@pytest.mark.parametrize("rows", [7, 10, 12, 15])
def test_rows_that_come_and_go_meanwhile_are_no_fault(copied: Manifest, rows: int) -> None:
    compare(Contents("0063", {"work": rows, "team": 4, "setting": 2}), copied)


@pytest.mark.parametrize(
    "counts",
    [
        {"work": 6, "team": 4, "setting": 2},
        {"work": 16, "team": 4, "setting": 2},
        {"work": 10, "team": 3, "setting": 2},
        {"work": 10, "team": 5, "setting": 2},
        {"work": 10, "team": 4},
    ],
)
def test_others_are(copied: Manifest, counts: dict[str, int]) -> None:
    with pytest.raises(BackupDamaged):
        compare(Contents("0063", counts), copied)


def test_a_table_without_ids_may_grow_as_all_others_do(copied: Manifest) -> None:
    compare(Contents("0063", {"work": 10, "team": 4, "setting": 7}), copied)
    with pytest.raises(BackupDamaged):
        compare(Contents("0063", {"work": 10, "team": 4, "setting": 8}), copied)


def test_another_schema_is_a_fault(copied: Manifest) -> None:
    with pytest.raises(BackupDamaged):
        compare(Contents("0062", BEFORE.counts), copied)
