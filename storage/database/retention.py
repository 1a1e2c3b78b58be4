"""Deletes records past their retention period (``sales.playbook.retention``).

Runs in small transactions, so that nobody waits for one: rows are looked up while others write, and
deleted a few at a time. What is still to be done or to be delivered stays, however old.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Connection, Table, and_, func, select, text

from sales.audit_chain import Seal, SealKind
from sales.playbook.retention import Retention
from storage.audit.check import chain_at
from storage.audit.seals import (
    ChainBroken,
    append_seal,
    check_head,
    entry_of,
    head_of,
    seal_entries,
    sign_past,
)
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.outbox import OPENED, TOLD
from storage.tables import (
    audit,
    audit_purge,
    audit_seal,
    automation_event,
    automation_run,
    message,
    newcomer,
    posting,
    reminder,
    transcript,
    work,
)

log = structlog.get_logger(__name__)
_BATCH: Final = 500
_LOOKED_UP: Final = 5000
_DONE: Final = ("sent", "moot", TOLD, OPENED)
_GIVEN_UP: Final = ("dead", "unknown")


@dataclass(frozen=True, slots=True)
class _Old:
    """The rows of a table past their retention."""

    table: Table
    condition: ColumnElement[bool]


def purge_old(database: Database, keep: Retention, now: datetime) -> Mapping[str, int]:
    """Delete everything past its retention; returns the number of rows by table.

    May run beside everything else and beside itself. Raises StorageUnavailable; what was deleted
    until then stays deleted.
    """
    gone: dict[str, int] = {}
    for old in _traces(keep, now):
        gone[old.table.name] = gone.get(old.table.name, 0) + _purge(database, old)
    gone[audit.name] = _purge_audit(database, _before(now, keep.audit), now)
    return gone


def count_old(database: Database, keep: Retention, now: datetime) -> Mapping[str, int]:
    """Count what ``purge_old`` would delete."""
    counts: dict[str, int] = {}
    with database.read() as connection:
        newest = select(func.max(audit.c.id)).scalar_subquery()
        entries = and_(audit.c.at < _before(now, keep.audit), audit.c.id < newest)
        for old in (*_traces(keep, now), _Old(audit, entries)):
            query = select(func.count()).select_from(old.table).where(old.condition)
            count = connection.execute(query).scalar_one()
            counts[old.table.name] = counts.get(old.table.name, 0) + count
    return counts


def _before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _traces(keep: Retention, now: datetime) -> Iterator[_Old]:
    done = _before(now, keep.work)
    yield _Old(work, and_(work.c.done_at < done, work.c.due_at < done))
    for states, days in ((_DONE, keep.notices), (_GIVEN_UP, keep.undelivered)):
        over = message.c.created_at < _before(now, days)
        yield _Old(message, and_(message.c.state.in_(states), over))
    yield _Old(posting, posting.c.posted_at < _before(now, keep.cards))
    shown = func.coalesce(transcript.c.edited_at, transcript.c.posted_at)
    # The next revision is counted from the newest.
    newest = select(func.max(transcript.c.revision)).scalar_subquery()
    yield _Old(transcript, and_(shown < _before(now, keep.chat), transcript.c.revision < newest))
    yield _Old(reminder, reminder.c.due_at < _before(now, keep.reminders))
    outside = newcomer.c.person_id.is_(None)
    yield _Old(newcomer, and_(newcomer.c.asked_at < _before(now, keep.newcomers), outside))
    automated = _before(now, keep.automations)
    yield _Old(automation_run, automation_run.c.at < automated)
    ran = select(automation_run.c.event_id)
    yield _Old(
        automation_event,
        and_(automation_event.c.at < automated, automation_event.c.id.not_in(ran)),
    )


def _purge(database: Database, old: _Old) -> int:
    deleted = 0
    query = select(old.table.c.id).where(old.condition).order_by(old.table.c.id)
    while True:
        with database.read() as connection:
            ids = list(connection.scalars(query.limit(_LOOKED_UP)))
        for start in range(0, len(ids), _BATCH):
            some = old.table.c.id.in_(ids[start : start + _BATCH])
            with database.write() as connection:
                # Checked again: the row may have become current again.
                gone = connection.execute(old.table.delete().where(some, old.condition))
                deleted += gone.rowcount
        if len(ids) < _LOOKED_UP:
            return deleted


def _purge_audit(database: Database, until: datetime, now: datetime) -> int:
    """Delete sealed audit rows, oldest first, each batch with its ledger entry and a seal.

    Without the entry the database refuses (revision 0040), without the seal a check finds that rows
    are missing. Where the chain is broken nothing is deleted, since it may be needed to find out
    why.
    """
    deleted = 0
    try:
        seal_entries(database, now)
        while True:
            with database.write() as connection:
                gone = _purge_audit_part(connection, database.fields, until, now)
            deleted += gone
            if gone < _BATCH:
                return deleted
    except ChainBroken as error:
        log.warning("retention.audit_not_deleted", reason=str(error))
        return deleted


def _purge_audit_part(
    connection: Connection, fields: Fields, until: datetime, now: datetime
) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE audit_purge IN EXCLUSIVE MODE"))
    head = head_of(connection, lock=True)
    # The newest one stays: SQLite would give its id to the next entry.
    oldest = select(audit).where(audit.c.id < head.last_id).order_by(audit.c.id).limit(_BATCH)
    rows = list(takewhile(lambda row: row.at < until, connection.execute(oldest)))
    if not rows:
        return 0
    check_head(connection, head, fields)
    first, last = rows[0].id, rows[-1].id
    chain = chain_at(connection, [entry_of(row) for row in rows])
    entry: dict[str, Any] = {"first_id": first, "last_id": last, "rows": len(rows)}
    connection.execute(audit_purge.insert(), entry | {"purged_at": now, "until": until})
    gone = connection.execute(audit.delete().where(audit.c.id.between(first, last)))
    seal = Seal(head.number + 1, SealKind.PURGE, now, last, len(rows), 0, chain)
    append_seal(connection, head, seal, bytes.fromhex(head.digest), fields)
    _prune_seals(connection, last)
    sign_past(connection, fields)
    return gone.rowcount


def _prune_seals(connection: Connection, last_id: int) -> None:
    """Delete the seals of entries that are gone, but for the last, from which a check goes on."""
    over = and_(audit_seal.c.kind != SealKind.PURGE.value, audit_seal.c.last_id <= last_id)
    newest = connection.scalar(select(func.max(audit_seal.c.id)).where(over))
    if newest is not None:
        old = and_(audit_seal.c.id < newest, audit_seal.c.last_id < last_id)
        connection.execute(audit_seal.delete().where(old))
