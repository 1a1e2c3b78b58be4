"""The audit log's hash chain: whatever somebody with the database alone changes is found."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError

from sales.audit_chain import START, AuditEntry, canonical_content, extend, head_after
from sales.people import SYSTEM
from sales.playbook.retention import Retention
from storage.audit.check import AuditCheck, begin_again, check_audit
from storage.audit.seals import ChainBroken, entry_of, seal_entries, seal_of, sign_head_again
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.keyring import new_key, parse_keyring
from storage.database.retention import purge_old
from storage.tables import audit, audit_head, audit_seal
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY, MovableClock

MINUTE = timedelta(minutes=1)
YEARS = timedelta(days=1200)


def record(units: UnitOfWorkFactory, n: int, subject: str = "lead:1") -> None:
    with units() as uow:
        for number in range(n):
            uow.audit.record(SYSTEM, "stage.move", subject, {"to": "won", "n": str(number)})
        uow.commit()


def problems(database: Database) -> list[str]:
    return [problem.key for problem in check_audit(database).problems]


@contextmanager
def without_triggers(database: Database) -> Iterator[Connection]:
    """As somebody who may do everything in the database, and has no key."""
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
            return
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit%'"
        triggers = connection.execute(text(query)).all()
        for trigger in triggers:
            connection.execute(text(f"DROP TRIGGER {trigger.name}"))
        yield connection
        for trigger in triggers:
            connection.execute(text(trigger.sql))


@pytest.fixture
def sealed(units: UnitOfWorkFactory, clock: MovableClock) -> Database:
    """Three seals of four entries each, and two entries that are not sealed yet."""
    for _ in range(3):
        record(units, 4)
        clock.advance(MINUTE)
        assert seal_entries(units.database, clock.now()) == 4
    record(units, 2)
    return units.database


def an_entry(at: datetime = MONDAY, **other: Any) -> dict[str, Any]:
    row = {"at": at, "actor_id": 1, "act": "lead.assign", "subject": "lead:1", "detail": {}}
    return row | other


def swap(connection: Connection) -> None:
    rows = connection.execute(select(audit).where(audit.c.id.in_((5, 6)))).mappings().all()
    for row, other in zip(rows, reversed(rows), strict=True):
        values = {name: value for name, value in other.items() if name != "id"}
        connection.execute(audit.update().where(audit.c.id == row["id"]).values(values))


def cut_tail(connection: Connection, seals: int) -> None:
    """Delete the newest entries with their seals, and have the head name the seal before."""
    kept = 3 - seals
    last = connection.execute(select(audit_seal).where(audit_seal.c.id == kept)).one()
    connection.execute(audit.delete().where(audit.c.id > last.last_id))
    connection.execute(audit_seal.delete().where(audit_seal.c.id > kept))
    values = {"number": kept, "last_id": last.last_id, "chain": last.chain, "head": last.head}
    connection.execute(audit_head.update().values(values))


def chain_again(connection: Connection) -> None:
    """Delete an entry and compute everything anew, as far as that goes without the key."""
    connection.execute(audit.delete().where(audit.c.id == 6))
    chain, head, after = START, START, 0
    for row in connection.execute(select(audit_seal).order_by(audit_seal.c.id)).all():
        between = (audit.c.id > after) & (audit.c.id <= row.last_id)
        rows = connection.execute(select(audit).where(between).order_by(audit.c.id)).all()
        chain = extend(chain, [entry_of(one) for one in rows])
        here = audit_seal.update().where(audit_seal.c.id == row.id)
        connection.execute(here.values(chain=chain, rows=len(rows)))
        fresh = connection.execute(select(audit_seal).where(audit_seal.c.id == row.id)).one()
        head = head_after(head, seal_of(fresh))
        connection.execute(here.values(head=head))
        after = row.last_id
    connection.execute(audit_head.update().values(chain=chain, head=head))


def head_again(connection: Connection, number: int) -> bytes:
    here = audit_seal.c.id == number
    fresh = connection.execute(select(audit_seal).where(here)).one()
    head = head_after(START, seal_of(fresh))
    connection.execute(audit_seal.update().where(here).values(head=head))
    return head


def change(table: Any, row_id: int, **values: Any) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(
        table.update().where(table.c.id == row_id).values(values)
    )


def delete(table: Any, *ids: int) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(table.delete().where(table.c.id.in_(ids)))


def insert(table: Any, **values: Any) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(table.insert(), values)


TAMPERING: dict[str, Callable[[Connection], Any]] = {
    **{f"an entry's {name} changed": change(audit, 6, **{name: value})
       for name, value in {
           "at": MONDAY - timedelta(microseconds=1), "actor_id": 7, "act": "lead.create",
           "subject": "lead:2", "detail": {"to": "lost", "n": "1"},
       }.items()},
    "the first entry changed": change(audit, 1, act="x"),
    "the last sealed entry changed": change(audit, 12, act="x"),
    "an unsealed entry changed": change(audit, 13, act="x"),
    "an entry's id changed": change(audit, 6, id=600),
    "an entry deleted": delete(audit, 6),
    "the first entry deleted": delete(audit, 1),
    "all sealed entries deleted": delete(audit, *range(1, 13)),
    "an entry put in the place of another": lambda connection: (
        delete(audit, 6)(connection), insert(audit, **an_entry(id=6))(connection)
    ),
    "an entry put before all others": insert(audit, **an_entry(id=-3)),
    "an entry put after all others": insert(audit, **an_entry(id=99)),
    "two entries swapped": swap,
    "the tail cut": lambda connection: cut_tail(connection, 1),
    "everything cut but the first": lambda connection: cut_tail(connection, 2),
    "the tail cut, the seals left": delete(audit, 12, 13, 14),
    "chained again": chain_again,
    "a seal deleted": delete(audit_seal, 2),
    "the first seal deleted": delete(audit_seal, 1),
    "the last seal deleted": delete(audit_seal, 3),
    "all seals deleted": delete(audit_seal, 1, 2, 3),
    "a seal's count changed": change(audit_seal, 2, rows=5),
    "a seal's time changed": change(audit_seal, 2, sealed_at=MONDAY - YEARS),
    "a seal's chain changed": change(audit_seal, 2, chain=START),
    "the last seal's head changed": change(audit_seal, 3, head=START),
    "a seal's end changed": change(audit_seal, 2, last_id=7),
    "a seal made a purge": change(audit_seal, 2, kind="purge"),
    "a seal made a new chain": change(audit_seal, 3, kind="restart"),
    "what is cut made a purge": lambda connection: (
        change(audit_seal, 3, kind="purge")(connection),
        delete(audit_seal, 1, 2)(connection), delete(audit, *range(1, 13))(connection),
    ),
    "a seal made a new chain by its head": lambda connection: (
        change(audit_seal, 2, kind="restart")(connection), head_again(connection, 2),
    ),
    "the last seal made a new chain by its head": lambda connection: (
        change(audit_seal, 3, kind="restart")(connection), head_again(connection, 3),
    ),
    "a seal added": insert(
        audit_seal, id=4, kind="restart", sealed_at=MONDAY, last_id=14, rows=0, forged=0,
        chain=START, head=START,
    ),
    "the head deleted": delete(audit_head, 1),
    "the head changed": change(audit_head, 1, last_id=14),
    "the head unsigned": change(audit_head, 1, signature=b""),
    "entries declared to be from before": change(audit_head, 1, unmarked=14),
}  # fmt: skip


class TestTampering:
    def test_an_untouched_log_is_whole(self, sealed: Database) -> None:
        report = check_audit(sealed)
        assert report.problems == []
        assert (report.checked, report.seals, report.unsealed) == (12, 3, 2)
        assert report.head is not None
        assert report.head.number == 3

    @pytest.mark.parametrize("what", TAMPERING)
    def test_is_found(self, sealed: Database, what: str) -> None:
        with without_triggers(sealed) as connection:
            TAMPERING[what](connection)
        found = check_audit(sealed)
        assert found.problems, what
        # Nor does it heal by going on, wherever that is possible.
        with suppress(ChainBroken):
            seal_entries(sealed, MONDAY + YEARS)
        assert check_audit(sealed).problems, what

    def test_names_the_entries_and_when_they_were_sealed(self, sealed: Database) -> None:
        with without_triggers(sealed) as connection:
            delete(audit, 6)(connection)
        [problem] = check_audit(sealed).problems
        assert problem.key == "entries_missing"
        assert problem.params == {"first": "5", "last": "8", "n": "1"}
        assert (problem.since, problem.until) == (MONDAY + MINUTE, MONDAY + 2 * MINUTE)

    def test_two_breaks_are_both_named(self, sealed: Database) -> None:
        with without_triggers(sealed) as connection:
            change(audit, 2, act="x")(connection)
            change(audit, 11, act="x")(connection)
        found = check_audit(sealed).problems
        assert [problem.params["last"] for problem in found] == ["4", "12"]

    @pytest.mark.parametrize(
        "attempt",
        [
            "UPDATE audit_seal SET rows = 1",
            "DELETE FROM audit_seal",
            "DELETE FROM audit_head",
            "UPDATE audit_head SET number = 1",
            "UPDATE audit_head SET unmarked = 9",
        ],
    )
    def test_the_database_refuses_it(self, sealed: Database, attempt: str) -> None:
        with pytest.raises(DBAPIError, match=r"append-only|only goes on"), sealed.write() as link:
            link.execute(text(attempt))

    def test_the_canonical_form_does_not_depend_on_the_order_of_keys(self) -> None:
        one = AuditEntry(1, MONDAY, 2, "a", "b", {"x": "1", "y": "2"})
        other = AuditEntry(1, MONDAY, 2, "a", "b", {"y": "2", "x": "1"})
        assert canonical_content(one) == canonical_content(other)


class TestSealing:
    def test_replicas_seal_each_entry_once(self, units: UnitOfWorkFactory) -> None:
        record(units, 30)
        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: seal_entries(units.database, MONDAY), range(8)))
        assert sum(done) == 30
        report = check_audit(units.database)
        assert (report.problems, report.checked, report.unsealed) == ([], 30, 0)

    def test_waits_for_an_entry_with_a_lower_id(self, units: UnitOfWorkFactory) -> None:
        if units.database.dialect == "sqlite":
            return  # Writers wait for each other.
        with units() as slow:
            slow.audit.record(SYSTEM, "lead.create", "lead:1", {})
            record(units, 1)
            assert seal_entries(units.database, MONDAY) == 0
            slow.commit()
        assert seal_entries(units.database, MONDAY) == 2
        assert problems(units.database) == []

    def test_the_head_is_what_a_manifest_records(self, sealed: Database) -> None:
        with UnitOfWorkFactory(sealed, sealed.fields, now=lambda: MONDAY)() as uow:
            head = uow.audit.head()
        assert (head.number, head.last_id, len(head.digest)) == (3, 12, 64)

    def test_what_was_there_before_needs_no_mark(self, sealed: Database) -> None:
        with without_triggers(sealed) as connection:
            connection.execute(audit.update().where(audit.c.id == 13).values(mark=None))
        assert problems(sealed) == ["entry_forged"]


class TestKeys:
    def test_a_new_key_signs_again(self, sealed: Database) -> None:
        both = parse_keyring(f"{new_key('later')},{new_key('now')}")
        sealed.seal_with(Fields(both.only("now")))
        assert problems(sealed)[0] == "key_missing"
        assert not sign_head_again(sealed), "what another key signed stays as it is"

    def test_the_old_key_may_be_removed(self, units: UnitOfWorkFactory) -> None:
        both = parse_keyring(f"{new_key('later')},{new_key('now')}")
        units.database.seal_with(Fields(both.only("now")))
        UnitOfWorkFactory(units.database, units.database.fields, now=units.now)
        with without_triggers(units.database) as connection:
            connection.execute(audit_head.update().values(unmarked=9))
        record(units, 2)
        seal_entries(units.database, MONDAY)
        units.database.seal_with(Fields(both))
        assert sign_head_again(units.database)
        units.database.seal_with(Fields(both.only("later")))
        assert problems(units.database) == []


class TestRetention:
    @pytest.fixture(autouse=True)
    def long_ago(self, clock: MovableClock) -> None:
        """The database itself keeps what is younger than half a year by its own clock."""
        clock.set_wall(MONDAY - 2 * YEARS)

    def test_leaves_a_chain_that_can_be_checked(
        self, units: UnitOfWorkFactory, clock: MovableClock
    ) -> None:
        keep = Retention()
        record(units, 3)
        clock.advance(timedelta(days=10))
        record(units, 2)
        seal_entries(units.database, clock.now())
        record(units, 3)
        seal_entries(units.database, clock.now())
        clock.advance(timedelta(days=keep.audit - 5))
        record(units, 1)
        assert purge_old(units.database, keep, clock.now())["audit"] == 3
        report = check_audit(units.database)
        assert (report.problems, report.checked) == ([], 6)
        clock.advance(timedelta(days=6))
        assert purge_old(units.database, keep, clock.now())["audit"] == 5
        report = check_audit(units.database)
        assert (report.problems, report.checked) == ([], 1)
        with units.database.read() as connection:
            assert connection.scalars(select(audit_seal.c.id)).all() == [2, 3, 4, 5]
        with without_triggers(units.database) as connection:
            insert(audit, **an_entry(id=2))(connection)
        assert problems(units.database) == ["entries_added"]

    def test_a_check_under_way_begins_anew(
        self, units: UnitOfWorkFactory, clock: MovableClock
    ) -> None:
        record(units, 2200)
        seal_entries(units.database, clock.now())
        check = AuditCheck(units.database)
        assert not check.advance()
        clock.advance(YEARS)
        purge_old(units.database, Retention(), clock.now())
        assert check.run().problems == []

    def test_deletes_nothing_from_a_broken_chain(
        self, sealed: Database, clock: MovableClock
    ) -> None:
        with without_triggers(sealed) as connection:
            change(audit, 6, act="x")(connection)
        clock.advance(YEARS)
        assert purge_old(sealed, Retention(), clock.now())["audit"] == 0
        assert "entries_changed" in problems(sealed)


class TestBeginAgain:
    @pytest.mark.parametrize("what", TAMPERING)
    def test_goes_on_after_any_break(self, sealed: Database, what: str) -> None:
        with without_triggers(sealed) as connection:
            TAMPERING[what](connection)
        begin_again(sealed, MONDAY + YEARS)
        report = check_audit(sealed)
        assert report.problems == []
        assert report.begun_again == MONDAY + YEARS
        units = UnitOfWorkFactory(sealed, sealed.fields, now=lambda: MONDAY + YEARS)
        record(units, 3)
        assert seal_entries(sealed, MONDAY + YEARS) == 3
        assert (problems(sealed), check_audit(sealed).checked) == ([], 3)
        with without_triggers(sealed) as connection:
            newest = connection.scalar(select(audit.c.id).order_by(audit.c.id.desc()).limit(1))
            change(audit, newest or 0, act="x")(connection)
        assert problems(sealed) == ["entries_changed"]


def test_the_tables_are_there(database: Database) -> None:
    with database.read() as connection:
        assert {"audit_seal", "audit_head"} <= set(inspect(connection).get_table_names())
