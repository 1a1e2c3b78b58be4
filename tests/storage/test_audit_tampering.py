"""Whatever is done to any row or column of the audit's tables with the triggers off is found."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table, select

from sales.people import SYSTEM
from sales.playbook.retention import Retention
from storage.audit.check import AuditReport, KnownHead, begin_again, check_audit
from storage.audit.seals import ChainBroken, head_of, seal_entries, sign_first_head
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.keyring import KeyFile
from storage.database.keys import Keys, bring_up
from storage.database.retention import purge_old
from storage.tables import audit, audit_head, audit_purge, audit_seal, secret_key
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY, MovableClock
from tests.storage.test_audit_chain import record, without_triggers

TABLES = (audit, audit_seal, audit_purge, audit_head)
YEARS = timedelta(days=1200)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Tampering:
    """What somebody does to the rows of a table; ``entries`` are the sealed ones it concerns."""

    what: str
    table: Table
    rows: list[Row]
    entries: tuple[int, ...] = ()


@pytest.fixture
def lived(units: UnitOfWorkFactory, clock: MovableClock) -> Database:
    """A log that has seen three purges, three seals since, and has two entries not sealed yet."""
    clock.set_wall(MONDAY - 3 * YEARS)
    with units.database.write() as connection:
        proof = {"key_id": "k", "proof": b"", "indexes": True, "made_at": clock.now()}
        connection.execute(secret_key.insert(), proof)
        sign_first_head(connection, units.fields)
    for _ in range(3):
        record(units, 3)
        seal_entries(units.database, clock.now())
        # All of it is old then; SQLite would begin again with id 1 if the newest one went, too.
        clock.advance(timedelta(days=Retention().audit + 1))
        purge_old(units.database, Retention(), clock.now())
    for _ in range(3):
        record(units, 2)
        clock.advance(60)
        seal_entries(units.database, clock.now())
    record(units, 2)
    assert check_audit(units.database).problems == []
    return units.database


def rows_of(database: Database, table: Table) -> list[Row]:
    with database.read() as connection:
        found = connection.execute(select(table).order_by(table.c.id)).mappings()
        return [dict(row) for row in found]


def put(database: Database, table: Table, rows: list[Row]) -> None:
    """Replace all rows of a table, whatever forbids it."""
    with without_triggers(database) as connection:
        connection.execute(table.delete())
        if rows:
            connection.execute(table.insert(), rows)


def other_values(column: Column[Any], value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield not value
        case int():
            yield from (value + 1, value - 1, -value - 5, value + 1000)
        case datetime():
            yield from (value + timedelta(microseconds=1), value - timedelta(days=400))
        case str() if column.name == "kind":
            yield from {"entries", "purge", "restart", "x", ""} - {value}
        case str():
            yield from (f"{value}x", value[:-1] or "y")
        case dict():
            yield from (value | {"to": "lost"}, value | {"more": "1"}, {})
        case bytes():
            flipped = bytes([value[0] ^ 1]) + value[1:] if value else b"\0"
            yield from (flipped, value[:-1] if value else b"\0\0", value + b"\0")
    if column.nullable and value is not None:
        yield None


def tampered(database: Database) -> Iterator[Tampering]:
    with database.read() as connection:
        sealed = head_of(connection).last_id
    for table in TABLES:
        rows = rows_of(database, table)
        ids = {row["id"] for row in rows}
        for place, row in enumerate(rows):
            entry = (row["id"],) if table is audit and row["id"] <= sealed else ()
            rest = rows[:place] + rows[place + 1 :]
            for column in table.columns:
                for value in other_values(column, row[column.name]):
                    if column.name == "id" and (value in ids or (table is audit and not entry)):
                        continue  # The id of an entry is known only when it is sealed.
                    changed = dict(row) | {column.name: value}
                    what = f"{table.name} {row['id']}: {column.name} becomes {value!r}"
                    yield Tampering(what, table, [*rest, changed], entry)
            if table is not audit or entry:
                yield Tampering(f"{table.name} {row['id']} deleted", table, rest, entry)
            for new in {min(ids) - 1, max(ids) + 1, *(i + 1 for i in ids)} - ids:
                again = dict(row) | {"id": new}
                # Its own mark says that it was written, and nothing was sealed yet.
                if table is audit and new > sealed:
                    again["mark"] = None
                what = f"{table.name} {row['id']} again as {new}"
                yield Tampering(what, table, [*rows, again])
        for one, other in pairwise(rows):
            swapped = [
                dict(row) | {"id": other["id"] if row is one else one["id"]}
                if row in (one, other)
                else row
                for row in rows
            ]
            if table is not audit or one["id"] <= sealed:
                yield Tampering(f"{table.name} {one['id']} swapped with the next", table, swapped)


def names(report: AuditReport, entry: int) -> bool:
    """Whether a problem names an entry, or entries among which it is."""
    for problem in report.problems:
        params = problem.params
        first, last = params.get("first", params.get("n")), params.get("last", params.get("n"))
        if first and last and int(first) <= entry <= int(last):
            return True
    return False


def test_any_row_and_column(lived: Database) -> None:
    """Each value of each row of each table; rows deleted, put in, swapped. Verify says where."""
    before = {table: rows_of(lived, table) for table in TABLES}
    cases = list(tampered(lived))
    assert len(cases) > 300
    if lived.dialect == "postgresql" and not os.environ.get("GENJIN_EVERY_WAY"):
        cases = cases[::5]
    for case in cases:
        put(lived, case.table, case.rows)
        report = check_audit(lived)
        assert report.problems, case.what
        for entry in case.entries:
            assert names(report, entry), (case.what, report.problems)
        put(lived, case.table, before[case.table])
    assert check_audit(lived).problems == []


def test_everything_begun_anew_is_found(lived: Database) -> None:
    """Seals, purges and signature thrown away, as if nothing had been sealed yet."""
    start = {"number": 0, "last_id": 0, "chain": bytes(32), "head": bytes(32), "signature": b""}
    entries = rows_of(lived, audit)
    put(lived, audit, entries[1:])
    put(lived, audit_seal, [])
    for unmarked in (0, entries[-1]["id"]):
        put(lived, audit_head, [{"id": 1, "key_id": "", "unmarked": unmarked} | start])
        assert "head_forged" in [one.key for one in check_audit(lived).problems]
        with pytest.raises(ChainBroken):
            seal_entries(lived, MONDAY)


def test_a_broken_log_keeps_nobody_from_starting(lived: Database, tmp_path: Path) -> None:
    put(lived, audit_head, [])
    put(lived, secret_key, [])
    keys = KeyFile(tmp_path / "secret.keys")
    bring_up(lived, Keys(lived, Fields(), keys, now=lambda: MONDAY))
    assert "head_missing" in [one.key for one in check_audit(lived).problems]


class TestPutBack:
    """An earlier state of all tables is a genuine log; only a head kept elsewhere tells."""

    @pytest.fixture
    def heads(self, lived: Database, units: UnitOfWorkFactory, clock: MovableClock) -> list[str]:
        """The anchor of the state that was put back, and of a later one."""
        earlier, anchors = {table: rows_of(lived, table) for table in TABLES}, []
        for _ in range(2):
            with lived.read() as connection:
                anchors.append(head_of(connection).anchor)
            record(units, 3)
            clock.advance(60)
            seal_entries(lived, clock.now())
        for table, rows in earlier.items():
            put(lived, table, rows)
        assert check_audit(lived).problems == []
        return anchors

    def test_a_later_head_tells(self, lived: Database, heads: list[str]) -> None:
        earlier, later = map(KnownHead.parse, heads)
        assert check_audit(lived, [earlier]).problems == []
        [problem] = check_audit(lived, [earlier, later]).problems
        assert (problem.key, problem.params["number"]) == ("head_later", str(later.number))

    def test_so_it_does_when_the_log_went_on(
        self, lived: Database, units: UnitOfWorkFactory, heads: list[str]
    ) -> None:
        for _ in range(3):
            record(units, 1, "lead:9")
            seal_entries(lived, MONDAY)
        [problem] = check_audit(lived, map(KnownHead.parse, heads)).problems
        assert problem.key == "head_differs"
        # Once an admin has begun again, heads from before say nothing any more.
        begin_again(lived, MONDAY + YEARS)
        known = [KnownHead.parse(one, at=MONDAY) for one in heads]
        assert check_audit(lived, known).problems == []

    @pytest.mark.parametrize("anchor", ["", "3", "x:00", "3:zz", "-1:" + "0" * 64, "3:" + "0" * 65])
    def test_an_anchor_is_read_or_refused(self, anchor: str) -> None:
        with pytest.raises(ValueError, match=re.escape(anchor)):
            KnownHead.parse(anchor)


class TestNeverAccused:
    """What happens to a log in its life is no tampering."""

    def test_a_clock_that_is_set_back(
        self, lived: Database, units: UnitOfWorkFactory, clock: MovableClock
    ) -> None:
        now = clock.now()
        for hours in (1, -30, 0, -1):
            clock.set_wall(now + timedelta(hours=hours))
            record(units, 2)
            seal_entries(lived, clock.now())
        assert check_audit(lived).problems == []

    def test_an_office_that_never_seals(self, units: UnitOfWorkFactory) -> None:
        record(units, 5)
        report = check_audit(units.database)
        assert (report.problems, report.unsealed) == ([], 5)

    def test_keys_recorded_again_and_again(self, lived: Database) -> None:
        with lived.write() as connection:
            sign_first_head(connection, lived.fields)
        assert check_audit(lived).problems == []

    def test_ids_that_postgresql_left_out(self, lived: Database, units: UnitOfWorkFactory) -> None:
        with units() as uow:
            uow.audit.record(SYSTEM, "lead.create", "lead:1", {})
            # Not committed: PostgreSQL has handed out the id all the same.
        record(units, 1)
        seal_entries(lived, MONDAY)
        assert check_audit(lived).problems == []
