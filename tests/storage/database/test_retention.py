"""Rows past their retention are purged in small parts; the audit only by its ledger."""

from datetime import datetime, timedelta
from typing import Any, Self

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import DBAPIError

from sales.playbook.retention import Retention
from storage.database.engine import Database
from storage.database.retention import count_old, purge_old
from storage.tables import (
    audit,
    audit_purge,
    automation_event,
    automation_run,
    followup,
    message,
    metadata,
    newcomer,
    posting,
    reminder,
    transcript,
    work,
)
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company

KEEP = Retention()
LONG_AGO = MONDAY - timedelta(days=1500)


def put(database: Database, table: Any, *rows: dict[str, Any]) -> None:
    with database.write() as connection:
        for row in rows:
            connection.execute(table.insert(), row)


def ids(database: Database, table: Any) -> list[int]:
    with database.read() as connection:
        return list(connection.scalars(select(table.c.id).order_by(table.c.id)))


def days(number: int) -> datetime:
    return MONDAY - timedelta(days=number)


def an_act(at: datetime) -> dict[str, Any]:
    return {"at": at, "actor_id": 1, "act": "lead.create", "subject": "lead:1", "detail": {}}


def some_work(key: str, due: datetime, done: datetime | None) -> dict[str, Any]:
    row = {"key": key, "kind": "reminder", "subject": "1", "args": {}, "attempts": 0}
    return row | {"due_at": due, "done_at": done}


def a_message(state: str, at: datetime) -> dict[str, Any]:
    row = {"lane": "chat:person:1", "kind": "x", "fields": {}, "once": False, "state": state}
    return row | {"attempts": 0, "created_at": at, "ref": "", "problem": ""}


class TestPurgeOld:
    def test_deletes_what_is_over_and_nothing_that_waits(self, database: Database) -> None:
        lane = {"key": "chat:person:1", "ready_at": MONDAY, "epoch": 0, "pending": 0}
        put(database, metadata.tables["lane"], lane)
        put(
            database, work,
            some_work("a", days(121), days(121)), some_work("b", days(121), None),
            some_work("c", days(119), days(119)), some_work("d", days(-9), days(121)),
        )  # fmt: skip
        states = ("sent", "moot", "told", "opened", "kept", "waiting", "sending", "dead", "unknown")
        put(database, message, *(a_message(state, days(91)) for state in states))
        put(database, message, *(a_message(state, days(181)) for state in states))
        card = {"subject": "lead:1", "lane": "x", "ref": "1", "kind": "x", "fields": {}}
        put(database, posting, *(card | {"posted_at": days(n)} for n in (366, 364)))
        expected = {"work": 1, "message": 10, "posting": 1}
        assert {k: n for k, n in count_old(database, KEEP, MONDAY).items() if n} == expected
        assert ids(database, work) == [1, 2, 3, 4], "counting deletes nothing"
        assert {k: n for k, n in purge_old(database, KEEP, MONDAY).items() if n} == expected
        assert not any(purge_old(database, KEEP, MONDAY).values())
        assert ids(database, work) == [2, 3, 4]
        assert ids(database, message) == [5, 6, 7, 8, 9, 14, 15, 16]
        assert ids(database, posting) == [2]

    def test_the_chat_keeps_its_newest_revision(self, database: Database) -> None:
        line = {"conversation": "dm", "author": "genjin", "body": b"x", "posted_at": days(400)}
        put(database, transcript, *(line | {"revision": n} for n in (1, 2, 3)))
        edited = line | {"revision": 4, "edited_at": days(3)}
        put(database, transcript, edited)
        assert purge_old(database, KEEP, MONDAY)["transcript"] == 3
        assert purge_old(database, KEEP, MONDAY + timedelta(days=900))["transcript"] == 0
        assert ids(database, transcript) == [4]

    def test_automations_go_before_what_they_answered(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        database = units.database
        with units() as uow:
            lead = uow.leads(company.admin).add(company.lead())
            uow.commit()
        happened = {
            "lead_id": lead.id, "trigger": "created", "objection": "", "rule_key": "", "depth": 0,
        }  # fmt: skip
        put(database, automation_event, *(happened | {"at": days(n)} for n in (400, 390, 1)))
        run = {"event_id": 1, "lead_id": lead.id, "rule_key": "a", "rule": {}, "refused": ""}
        put(database, automation_run, run | {"at": days(400)})
        put(database, automation_run, run | {"event_id": 2, "at": days(1)})
        gone = purge_old(database, KEEP, MONDAY)
        assert (gone["automation_run"], gone["automation_event"]) == (1, 1)
        assert ids(database, automation_event) == [2, 3]

    def test_no_transaction_deletes_more_than_a_few_rows(self, database: Database) -> None:
        with database.write() as connection:
            rows = [some_work(f"k{n}", LONG_AGO, LONG_AGO) for n in range(1203)]
            connection.execute(work.insert(), rows)
            connection.execute(audit.insert(), [an_act(LONG_AGO)] * 1203)
        with Written(database.writer) as written:
            gone = purge_old(database, KEEP, MONDAY)
        # The newest entry stays: SQLite would give its id to the next.
        assert (gone["work"], gone["audit"]) == (1203, 1202)
        assert max(written.rows) == 500
        assert written.transactions >= 6


class TestPeriods:
    """Each period can be set, and counts to the day."""

    @pytest.mark.parametrize("rule", Retention.model_fields)
    def test_ends_when_the_playbook_says(
        self, rule: str, units: UnitOfWorkFactory, company: Company
    ) -> None:
        database, period = units.database, 1234
        # In the past: the database has a clock of its own for the audit.
        tables = put_aged(rule, units, company, MONDAY - timedelta(days=period))
        before = {table.name: ids(database, table) for table in tables}
        keep = Retention(**dict.fromkeys(Retention.model_fields, 3650) | {rule: period})
        just_before = MONDAY - timedelta(minutes=1)
        assert not any(count_old(database, keep, just_before).values())
        assert not any(purge_old(database, keep, just_before).values())
        later = just_before + timedelta(minutes=2)
        assert any(count_old(database, keep, later).values())
        assert sum(purge_old(database, keep, later).values()) == len(tables)
        after = {table.name: ids(database, table) for table in tables}
        assert {name: len(left) + 1 for name, left in after.items()} == {
            name: len(left) for name, left in before.items()
        }


def put_aged(rule: str, units: UnitOfWorkFactory, company: Company, at: datetime) -> list[Any]:
    """Store one record under a rule, of that instant; returns the tables that have one more."""
    database = units.database
    lane = {"key": "chat:person:1", "ready_at": at, "epoch": 0, "pending": 0}
    line = {"conversation": "dm", "author": "genjin", "body": b"x"}
    card = {"subject": "lead:1", "lane": "x", "ref": "1", "kind": "x", "fields": {}}
    match rule:
        case "work":
            put(database, work, some_work("a", at, at))
            return [work]
        case "notices" | "undelivered":
            put(database, metadata.tables["lane"], lane)
            put(database, message, a_message("sent" if rule == "notices" else "dead", at))
            return [message]
        case "cards":
            put(database, posting, card | {"posted_at": at})
            return [posting]
        case "chat":
            put(database, transcript, line | {"revision": 1, "posted_at": at})
            put(database, transcript, line | {"revision": 2, "posted_at": at})
            return [transcript]
        case "newcomers":
            row = {"platform": "chat", "name": "N", "locale": "", "state": "refused"}
            put(database, newcomer, row | {"external_id": "U1", "asked_at": at})
            return [newcomer]
        case "audit":
            put(database, audit, an_act(at), an_act(MONDAY))  # The newest entry always stays.
            return [audit]
    with units() as uow:
        lead = uow.leads(company.admin).add(company.lead())
        uow.commit()
    if rule == "automations":
        event = {"lead_id": lead.id, "trigger": "created", "objection": "", "depth": 0}
        put(database, automation_event, event | {"rule_key": "", "at": at})
        run = {"event_id": 1, "lead_id": lead.id, "rule_key": "a", "rule": {}, "refused": ""}
        put(database, automation_run, run | {"at": at})
        return [automation_run, automation_event]
    assert rule == "reminders", f"a rule without a record to test it: {rule}"
    said = {"lead_id": lead.id, "person_id": company.robin.id, "at": at, "method": "phone"}
    said |= {"summary": b"", "feedback": b"", "next_step": b"", "version": 1}
    put(database, followup, said)
    asked = {"followup_id": 1, "person_id": company.robin.id, "due_at": at, "late": False}
    put(database, reminder, asked)
    return [reminder]


class Written:
    """What a database's writer deletes, transaction by transaction."""

    def __init__(self, engine: Engine) -> None:
        self.rows = [0]
        self.transactions = 0
        self._listeners = ("after_cursor_execute", self.after), ("commit", self.commit)
        self._engine = engine

    def __enter__(self) -> Self:
        for name, listener in self._listeners:
            event.listen(self._engine, name, listener)
        return self

    def __exit__(self, *_exc: object) -> None:
        for name, listener in self._listeners:
            event.remove(self._engine, name, listener)

    def after(self, _c: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("DELETE"):
            self.rows[-1] += cursor.rowcount

    def commit(self, _connection: Any) -> None:
        self.rows.append(0)
        self.transactions += 1


class TestAudit:
    def test_goes_from_its_oldest_row_on_and_leaves_an_entry(self, database: Database) -> None:
        put(database, audit, *(an_act(days(n)) for n in (1200, 1100, 1000, 1100, 1)))
        assert purge_old(database, KEEP, MONDAY)["audit"] == 2
        assert ids(database, audit) == [3, 4, 5]
        with database.read() as connection:
            [entry] = connection.execute(select(audit_purge)).mappings()
        assert dict(entry) == {
            "id": 1, "purged_at": MONDAY, "first_id": 1, "last_id": 2, "rows": 2,
            "until": days(1095),
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("first", "last", "until"),
        [(1, 2, days(30)), (2, 2, days(1000)), (1, 3, days(1000))],
        ids=["too young", "out of its middle", "what is younger"],
    )
    def test_refuses_entries_that_would_let_more_go(
        self, database: Database, first: int, last: int, until: datetime
    ) -> None:
        put(database, audit, *(an_act(days(n)) for n in (1200, 1100, 900)))
        entry = {"purged_at": MONDAY, "first_id": first, "last_id": last, "rows": 1, "until": until}
        with pytest.raises(DBAPIError, match="half a year"):
            put(database, audit_purge, entry)

    @pytest.mark.parametrize(
        "attempt",
        [
            "DELETE FROM audit",
            "DELETE FROM audit WHERE id = 3",
            "UPDATE audit SET act = 'x'",
            "UPDATE audit_purge SET last_id = 9",
            "DELETE FROM audit_purge",
        ],
    )
    def test_can_be_changed_in_no_other_way(self, database: Database, attempt: str) -> None:
        put(database, audit, *(an_act(days(n)) for n in (1200, 1000, 1)))
        purge_old(database, KEEP, MONDAY)
        with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
            connection.execute(text(attempt))
        with database.read() as connection:
            assert connection.scalar(select(func.count()).select_from(audit)) == 2


class TestNewcomers:
    def test_are_deleted_unless_they_were_let_in(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        database, person_id = units.database, company.admin.id
        row = {"platform": "chat", "name": "N", "locale": "", "state": "refused"}
        asked = ((1, LONG_AGO, None), (2, LONG_AGO, person_id), (3, MONDAY, None))
        for number, at, who in asked:
            one = {"id": number, "external_id": f"U{number}", "asked_at": at, "person_id": who}
            put(database, newcomer, row | one)
        assert purge_old(database, KEEP, MONDAY)["newcomer"] == 1
        assert ids(database, newcomer) == [2, 3]
