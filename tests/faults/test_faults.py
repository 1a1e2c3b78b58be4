"""Faults that block the product: ``/health``, ``doctor`` and the admin report each, and its end."""

import os
import subprocess
import sys

import pytest

from tests.databases import Databases
from tests.faults.faults import FAULTS, Fault, suffer

EXPECTED = {
    "disk full": "The disk is full: nothing is saved.",
    "no room for big writes": "The disk is full: nothing is saved.",
    "disk turned read-only": "The database can only be read: nothing is saved.",
    "file damaged": "The database file is damaged.",
    "file moved away": "The database file was moved, replaced or deleted while Genjin runs: "
    "what is saved now will be lost.",
    "newer schema, SQLite": "This database was written by a newer Genjin.",
    "newer schema, PostgreSQL": "This database was written by a newer Genjin.",
    "PostgreSQL away": "The database does not answer.",
    "Slack's token revoked": "Slack refuses the bot token.",
    "a background task fails": "A part of Genjin keeps failing: delivery (OperationalError).",
}
SEEN_FROM_INSIDE = {"a background task fails", "no room for big writes", "file moved away"}
"""Only the running process can know."""
UNREACHABLE = {"Slack's token revoked"}
"""The only way to the admin is what is broken."""


def may_mount() -> bool:
    if sys.platform != "linux" or os.geteuid():
        return False
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, check=False, capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
async def test_is_said_by_all_and_is_over(
    fault: Fault, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.doctor._PATIENCE", 1.0)
    if fault.place and not may_mount():
        pytest.skip("takes a disk of its own, which only root may mount")
    told = await suffer(fault, databases)
    words = EXPECTED[fault.name]
    assert not told.ok
    assert told.health == [words]
    assert fault.name in SEEN_FROM_INSIDE or any(words in said for said in told.doctor)
    if fault.name not in UNREACHABLE:
        assert sum(f"Genjin needs you\n{words}\n→" in said for said in told.admin) == 1
        assert sum(f"No longer the case: {words}" in said for said in told.over) == 1
    assert told.ok_after
