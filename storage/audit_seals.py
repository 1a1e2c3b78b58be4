"""Seals the audit log into its hash chain, in batches, and signs the chain's head.

Runs beside everything else, in any number of processes: each seal is a number, and the one process
that moves the head from the number before wins. Writers of entries never wait for it, except that
on PostgreSQL a lock is held for the moment in which nobody is writing one.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, bindparam, func, select, text
from sqlalchemy.exc import DBAPIError

from sales.audit_chain import (
    START,
    AuditEntry,
    Seal,
    SealKind,
    canonical_entry,
    extend,
    head_after,
)
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.tables import audit, audit_head, audit_seal

log = structlog.get_logger(__name__)
_BATCH: Final = 1000
_MARK: Final = 16
"""Bytes of an entry's mark."""
_LOCKED: Final = "55P03"
"""PostgreSQL: the lock was not to be had in time."""
_TRIES: Final = 20

_HEAD = select(audit_head)
_LOCKED_HEAD = _HEAD.with_for_update()
_LAST_SEAL = select(audit_seal).order_by(audit_seal.c.id.desc()).limit(1)
_NEWEST = select(func.max(audit.c.id))
_ENTRIES = (
    select(audit)
    .where(audit.c.id > bindparam("after"), audit.c.id <= bindparam("upto"))
    .order_by(audit.c.id)
    .limit(bindparam("most"))
)


class ChainBroken(Exception):
    """The head of the chain is missing, was not signed by this system's keys, or does not belong
    to the newest seal: nothing is sealed on top of it."""


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest point of the chain.

    ``digest`` (64 hexadecimal digits) commits to all ``number`` seals; ``last_id`` is the newest
    sealed entry; ``unmarked`` the newest one from before entries had marks.
    """

    number: int
    last_id: int
    digest: str
    chain: bytes
    unmarked: int
    key_id: str
    signature: bytes

    @property
    def message(self) -> bytes:
        """What is signed."""
        parts = ("head", self.number, self.last_id, self.digest, self.chain.hex(), self.unmarked)
        return "|".join(map(str, parts)).encode()


def mark_of(entry: AuditEntry, fields: Fields) -> bytes:
    """Return the keyed hash that an entry carries until it is sealed."""
    return fields.sign(_marked(entry))[:_MARK]


def is_marked(entry: AuditEntry, mark: bytes | None, fields: Fields) -> bool:
    return mark is not None and len(mark) == _MARK and fields.is_signed(_marked(entry), mark)


def _marked(entry: AuditEntry) -> bytes:
    return b"entry|" + canonical_entry(entry, with_id=False)


def entry_of(row: Row[Any]) -> AuditEntry:
    return AuditEntry(row.id, row.at, row.actor_id, row.act, row.subject, row.detail)


def entries_between(
    connection: Connection, after: int, upto: int, most: int = _BATCH
) -> Sequence[Row[Any]]:
    """Read entries with ids above ``after``, in order."""
    return connection.execute(_ENTRIES, {"after": after, "upto": upto, "most": most}).all()


def head_of(connection: Connection, *, lock: bool = False) -> AuditHead:
    """Read the head; ``lock`` keeps it where it is until the transaction ends. Raises ChainBroken
    when it is missing."""
    row = connection.execute(_LOCKED_HEAD if lock else _HEAD).one_or_none()
    if row is None:
        raise ChainBroken("the head is missing")
    return AuditHead(
        row.number, row.last_id, row.head.hex(), row.chain, row.unmarked, row.key_id, row.signature
    )


def is_genuine(head: AuditHead, fields: Fields) -> bool:
    """Tell whether this system signed the head, or nothing was sealed yet."""
    if not head.signature:
        return head.number == 0 and head.last_id == 0 and head.digest == START.hex()
    return len(head.signature) == 32 and fields.is_signed(head.message, head.signature)


def seal_entries(database: Database, now: datetime, *, tries: int = 1) -> int:
    """Seal all entries committed until now; returns how many.

    Fewer, or none, while entries are being written without a gap: the next call continues; a
    backup asks more often (``tries``). Raises ChainBroken, StorageUnavailable, KeysUnavailable.
    """
    with database.read() as connection:
        newest = connection.scalar(_NEWEST) or 0
        if newest <= head_of(connection).last_id:
            return 0
    upto, sealed = _settled(database, newest, tries), 0
    while batch := _seal_batch(database, upto, now):
        sealed += batch
    return sealed


def _settled(database: Database, newest: int, tries: int) -> int:
    """Return an id up to which no further entry can appear.

    PostgreSQL hands out ids before it commits: an entry may appear below one that is there already.
    While this lock is held, nobody is about to commit one.
    """
    if database.dialect == "sqlite":
        return newest
    for _ in range(max(1, tries)):
        try:
            with database.writer.begin() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
                connection.execute(text("LOCK TABLE audit IN SHARE MODE"))
                return connection.scalar(_NEWEST) or 0
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCKED:
                with database.answering():
                    raise
        time.sleep(0.05)
    return 0


def _seal_batch(database: Database, upto: int, now: datetime) -> int:
    """Seal the next entries; 0 when there are none, or another process was first."""
    fields = database.fields
    with database.read() as connection:
        head = head_of(connection)
        rows = entries_between(connection, head.last_id, upto)
    if not rows:
        return 0
    entries = [entry_of(row) for row in rows]
    forged = sum(
        row.id > head.unmarked and not is_marked(entry, row.mark, fields)
        for row, entry in zip(rows, entries, strict=True)
    )
    if forged:
        log.error("audit.entries_forged", n=forged, first=rows[0].id, last=rows[-1].id)
    chain = extend(head.chain, entries)
    seal = Seal(head.number + 1, SealKind.ENTRIES, now, entries[-1].id, len(entries), forged, chain)
    with database.write() as connection:
        return len(rows) if add_seal(connection, head, seal, fields) else 0


def add_seal(connection: Connection, head: AuditHead, seal: Seal, fields: Fields) -> bool:
    """Add a seal after ``head``; False when another process was first.

    Raises ChainBroken: what nobody here signed is not signed by going on from it.
    """
    if head_of(connection, lock=True) != head:
        return False
    check_head(connection, head, fields)
    return append_seal(connection, head, seal, bytes.fromhex(head.digest), fields)


def append_seal(
    connection: Connection, head: AuditHead, seal: Seal, digest: bytes, fields: Fields
) -> bool:
    """Add a seal after the one with this ``digest``, without asking who signed the head; False
    when the head was moved meanwhile."""
    digest = head_after(digest, seal)
    moved = replace(head, number=seal.number, digest=digest.hex())
    if seal.kind is not SealKind.PURGE:
        moved = replace(moved, last_id=seal.last_id, chain=seal.chain)
    if not _move(connection, head, _signed(moved, fields)):
        return False
    connection.execute(
        audit_seal.insert(),
        {
            "id": seal.number,
            "kind": seal.kind.value,
            "sealed_at": seal.sealed_at,
            "last_id": seal.last_id,
            "rows": seal.rows,
            "forged": seal.forged,
            "chain": seal.chain,
            "head": digest,
        },
    )
    return True


def check_head(connection: Connection, head: AuditHead, fields: Fields) -> None:
    """Raise ChainBroken unless the head, locked, is genuine and names the newest seal."""
    if not is_genuine(head, fields):
        raise ChainBroken("the head is not signed by a key of this system")
    newest = connection.execute(_LAST_SEAL).one_or_none()
    named = (newest.id, newest.head.hex()) if newest else (0, START.hex())
    if named != (head.number, head.digest):
        raise ChainBroken("the newest seal is not the one that the head names")


def sign_head_again(database: Database) -> bool:
    """Sign the head with the newest key, so that the other keys may be removed.

    False when it is not genuine: that stays as it is. Raises ChainBroken without a head.
    """
    fields = database.fields
    while True:
        with database.write() as connection:
            head = head_of(connection)
            if not is_genuine(head, fields):
                return False
            if not head.signature or head.key_id == fields.newest:
                return True
            if _move(connection, head, _signed(head, fields)):
                return True


def _signed(head: AuditHead, fields: Fields) -> AuditHead:
    return replace(head, key_id=fields.newest, signature=fields.sign(head.message))


def _move(connection: Connection, before: AuditHead, after: AuditHead) -> bool:
    """Move the head; False when it is no longer where it was."""
    same = (audit_head.c.number == before.number) & (audit_head.c.key_id == before.key_id)
    moved = connection.execute(
        audit_head.update()
        .where(same)
        .values(
            number=after.number,
            last_id=after.last_id,
            chain=after.chain,
            head=bytes.fromhex(after.digest),
            key_id=after.key_id,
            signature=after.signature,
        )
    )
    return moved.rowcount == 1
