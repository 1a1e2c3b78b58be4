"""The ledger beside the database, and ``genjin erase``."""

from pathlib import Path

import pytest
import structlog

from bot.erasure.ledger import LedgerKeeper
from sales.erasure import ErasedKind, Erasure
from storage.database.encryption import Fields
from storage.database.keyring import new_key, parse_keyring
from storage.erasure.ledger import append_to_ledger, line_of, read_ledger
from tests.clock import MovableClock

FIELDS = Fields(parse_keyring(new_key("k1")))


def entry(uid: str = "u1") -> Erasure:
    return Erasure(
        uid=uid,
        kind=ErasedKind.CONTACT,
        leads=((1, "2024-03-01T02:00:00+00:00"),),
        marks=(FIELDS.mark("+8613955551234", "contact", "k1") or "",),
        key_id="k1",
        asked_by=1,
        asked_at=MovableClock().now(),
    )


class TestLedger:
    def test_reads_what_was_written(self, tmp_path: Path) -> None:
        path = tmp_path / "genjin.erasures.jsonl"
        append_to_ledger(path, [line_of(entry(), FIELDS)])
        append_to_ledger(path, [line_of(entry("u2"), FIELDS)])
        assert LedgerKeeper(path, FIELDS).read() == [entry(), entry("u2")]
        assert path.stat().st_mode & 0o077 == 0

    def test_is_empty_without_a_file(self, tmp_path: Path) -> None:
        assert LedgerKeeper(tmp_path / "none", FIELDS).read() == []

    def test_survives_a_line_that_was_cut_off(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger"
        path.write_text(line_of(entry(), FIELDS) + "\n" + line_of(entry("u2"), FIELDS)[:50])
        append_to_ledger(path, [line_of(entry("u3"), FIELDS)])
        with structlog.testing.capture_logs() as logs:
            assert [one.uid for one in LedgerKeeper(path, FIELDS).read()] == ["u1", "u3"]
        assert [one["event"] for one in logs] == ["erasure.ledger_line_unreadable"]

    @pytest.mark.parametrize(
        ("old", "new"), [("u1", "u9"), ("[1, ", "[2, "), ('"by": 1', '"by": 2')]
    )
    def test_notices_a_changed_line(self, tmp_path: Path, old: str, new: str) -> None:
        path = tmp_path / "ledger"
        line = line_of(entry(), FIELDS)
        assert old in line
        append_to_ledger(path, [line.replace(old, new)])
        assert LedgerKeeper(path, FIELDS).read() == []

    def test_needs_the_key(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger"
        append_to_ledger(path, [line_of(entry(), FIELDS)])
        other = Fields(parse_keyring(new_key("k2")))
        assert LedgerKeeper(path, other).read() == []

    def test_holds_no_name_and_no_contact(self) -> None:
        line = line_of(entry(), FIELDS)
        assert "5555" not in line.replace(entry().marks[0], "")
        assert read_ledger(Path("/nonexistent/ledger")) == []
