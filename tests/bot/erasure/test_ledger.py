"""The ledger beside the database, and ``genjin erase``."""

from datetime import UTC
from pathlib import Path

import pytest
import structlog
import yaml

from bot.erasure.ledger import LedgerKeeper
from bot.retention import retention_lines
from handlers.core.language import Languages
from handlers.erasure.cards import FIXED
from sales.bulk_acts import KEPT
from sales.erasure import ErasedKind, Erasure
from sales.imports.plan import KEPT as IMPORT_KEPT
from sales.playbook.retention import Retention
from storage.database.encryption import Fields
from storage.database.keyring import new_key, parse_keyring
from storage.database.purge import KEEP_PREVIEWS, KEEP_REQUESTS
from storage.erasure.ledger import (
    Ledger,
    add_missing,
    append_to_ledger,
    line_of,
    read_ledger,
)
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
        assert LedgerKeeper(path, FIELDS).read().entries == (entry(), entry("u2"))
        assert path.stat().st_mode & 0o077 == 0

    def test_is_empty_without_a_file(self, tmp_path: Path) -> None:
        assert LedgerKeeper(tmp_path / "none", FIELDS).read() == Ledger()

    def test_survives_a_line_that_was_cut_off(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger"
        path.write_text(line_of(entry(), FIELDS) + "\n" + line_of(entry("u2"), FIELDS)[:50])
        append_to_ledger(path, [line_of(entry("u3"), FIELDS)])
        with structlog.testing.capture_logs() as logs:
            assert [one.uid for one in LedgerKeeper(path, FIELDS).read().entries] == ["u1", "u3"]
        assert [one["event"] for one in logs] == ["erasure.ledger_lines_unreadable"]

    @pytest.mark.parametrize(
        ("old", "new"), [("u1", "u9"), ("[1, ", "[2, "), ('"by": 1', '"by": 2')]
    )
    def test_notices_a_changed_line(self, tmp_path: Path, old: str, new: str) -> None:
        path = tmp_path / "ledger"
        line = line_of(entry(), FIELDS)
        assert old in line
        append_to_ledger(path, [line.replace(old, new)])
        keeper = LedgerKeeper(path, FIELDS)
        assert keeper.read() == Ledger(damaged=1)
        assert [one.key for one in keeper.conditions()] == ["ledger_damaged"]
        append_to_ledger(path, [line])
        if old != "u1":
            assert keeper.conditions() == [], "it is there as a whole, too"

    @pytest.mark.parametrize("kept", [1, 40, -2])
    def test_takes_a_line_for_whole_that_was_written_again(self, tmp_path: Path, kept: int) -> None:
        path = tmp_path / "ledger"
        line = line_of(entry(), FIELDS)
        path.write_text(line[:kept])
        keeper = LedgerKeeper(path, FIELDS)
        assert [one.key for one in keeper.conditions()] == ["ledger_damaged"]
        append_to_ledger(path, [line])
        assert keeper.conditions() == []
        assert keeper.read().entries == (entry(),)

    def test_is_joined_with_another_copy(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger"
        lines = [line_of(entry(uid), FIELDS) for uid in ("u1", "u2", "u3")]
        append_to_ledger(path, lines[:2])
        assert add_missing(path, [lines[2], lines[1], lines[2], ""]) == 1
        assert read_ledger(path) == lines

    def test_says_when_it_cannot_be_read(self, tmp_path: Path) -> None:
        keeper = LedgerKeeper(tmp_path, FIELDS)
        assert [one.key for one in keeper.conditions()] == ["ledger_unreadable"]

    def test_needs_the_key(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger"
        append_to_ledger(path, [line_of(entry(), FIELDS)])
        other = Fields(parse_keyring(new_key("k2")))
        keeper = LedgerKeeper(path, other)
        assert keeper.read() == Ledger(missing_keys=("k1",))
        assert [one.key for one in keeper.conditions()] == ["ledger_key_missing"]

    def test_holds_no_name_and_no_contact(self) -> None:
        line = line_of(entry(), FIELDS)
        assert "5555" not in line.replace(entry().marks[0], "")
        assert read_ledger(Path("/nonexistent/ledger")) == []


class TestRetention:
    def test_is_listed_alike_everywhere(self) -> None:
        keep = Retention()
        text = (Path(__file__).parents[3] / "docs" / "retention.md").read_text("utf-8")
        listed = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
        assert listed == {"retention": keep.model_dump()}
        for locale in ("en", "zh_CN"):
            lines = retention_lines(keep, Languages(UTC, default=locale)())
            assert len(lines) == 2 + len(Retention.model_fields) + len(FIXED)
            assert not any("erasure." in line or "{" in line for line in lines)
        fixed = text.partition("Fixed periods:")[2].partition("`genjin retention`")[0]
        for period in (KEEP_REQUESTS, IMPORT_KEPT, KEPT, KEEP_PREVIEWS):
            assert f"{period.days} day" in fixed
