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
from sqlalchemy import Connection, Row, bindparam, exists, func, select, text
from sqlalchemy.exc import DBAPIError

from sales.audit_chain import (
    START,
    AuditEntry,
    Purge,
    Seal,
    SealKind,
    canonical_content,
    extend,
    head_after,
    past_digest,
)
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.tables import audit, audit_head, audit_purge, audit_seal, secret_key

log = structlog.get_logger(__name__)
BATCH: Final = 1000
"""Entries of a seal, at most."""
_MARK: Final = 16
"""Bytes of an entry's mark."""
_LOCKED: Final = "55P03"
"""PostgreSQL: the lock was not to be had in time."""
_TRIES: Final = 20

_HEAD = select(audit_head).where(audit_head.c.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()
_LAST_SEAL = select(audit_seal).order_by(audit_seal.c.id.desc()).limit(1)
_FIRST_SEAL = select(audit_seal).order_by(audit_seal.c.id).limit(1)
_NEWEST = select(func.max(audit.c.id))
_PURGES = select(audit_purge).order_by(audit_purge.c.id)
_HAS_KEYS = select(exists(select(secret_key.c.key_id)))
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
    sealed entry; ``unmarked`` the newest one from before entries had marks. ``past`` is the hash of
    what is on record about deleted entries and seals. ``has_keys`` says whether the database ever
    had keys to sign with.
    """

    number: int
    last_id: int
    digest: str
    chain: bytes
    unmarked: int
    key_id: str
    signature: bytes
    past: str
    has_keys: bool

    @property
    def message(self) -> bytes:
        """What is signed."""
        parts = (
            "head", self.number, self.last_id, self.digest, self.chain.hex(), self.unmarked,
            self.key_id, self.past,
        )  # fmt: skip
        return "|".join(map(str, parts)).encode()

    @property
    def anchor(self) -> str:
        """What to keep elsewhere, such as in a backup's manifest: ``12:9c…``."""
        return f"{self.number}:{self.digest}"


def mark_of(entry: AuditEntry, fields: Fields) -> bytes:
    """Return the keyed hash that an entry is written with."""
    return fields.sign(_marked(entry))[:_MARK]


def is_marked(entry: AuditEntry, fields: Fields) -> bool:
    mark = entry.mark
    return mark is not None and len(mark) == _MARK and fields.is_signed(_marked(entry), mark)


def _marked(entry: AuditEntry) -> bytes:
    return b"entry|" + canonical_content(entry)


def entry_of(row: Row[Any]) -> AuditEntry:
    return AuditEntry(row.id, row.at, row.actor_id, row.act, row.subject, row.detail, row.mark)


def entries_between(
    connection: Connection, after: int, upto: int, most: int = BATCH
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
        number=row.number, last_id=row.last_id, digest=row.head.hex(), chain=row.chain,
        unmarked=row.unmarked, key_id=row.key_id, signature=row.signature,
        past=_past(connection), has_keys=bool(connection.scalar(_HAS_KEYS)),
    )  # fmt: skip


def _past(connection: Connection) -> str:
    purges = (Purge(*row) for row in connection.execute(_PURGES))
    row = connection.execute(_FIRST_SEAL).one_or_none()
    # Nothing comes before the first one of all: what it says shows by its head.
    oldest = (seal_of(row), row.head) if row and row.id > 1 else None
    return past_digest(purges, oldest)


def seal_of(row: Row[Any]) -> Seal:
    return Seal(row.id, row.kind, row.sealed_at, row.last_id, row.rows, row.forged, row.chain)


def is_genuine(head: AuditHead, fields: Fields) -> bool:
    """Tell whether this system signed the head. Unsigned it is only before there are keys."""
    if not head.signature:
        return _is_first(head) and not head.has_keys
    return len(head.signature) == 32 and fields.is_signed(head.message, head.signature)


def _is_first(head: AuditHead) -> bool:
    return (head.number, head.last_id, head.digest, head.chain) == (0, 0, START.hex(), START)


def sign_first_head(connection: Connection, fields: Fields) -> None:
    """Sign the head that a migration left unsigned, when the keys are first recorded: from then
    on an unsigned one is not genuine.

    Left alone once an entry has a mark, since it should have been signed before that one. A broken
    log keeps nobody from starting: the check tells the admins.
    """
    try:
        head = head_of(connection, lock=True)
    except ChainBroken:
        return
    if head.signature or not _is_first(head):
        return
    if connection.scalar(select(exists().where(audit.c.id > head.unmarked))):
        log.error("audit.head_unsigned")
        return
    _move(connection, head, _signed(head, fields))


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
    if sealed:
        with database.read() as connection:
            # Logs are often kept elsewhere: `genjin audit verify --head` compares with this.
            log.info("audit.sealed", n=sealed, head=head_of(connection).anchor)
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
    forged = sum(entry.id > head.unmarked and not is_marked(entry, fields) for entry in entries)
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
    append_seal(connection, head, seal, bytes.fromhex(head.digest), fields)
    return True


def append_seal(
    connection: Connection, head: AuditHead, seal: Seal, digest: bytes, fields: Fields
) -> None:
    """Add a seal after the one with this ``digest``, without asking who signed the head, which
    is locked."""
    digest = head_after(digest, seal)
    connection.execute(
        audit_seal.insert(),
        {
            "id": seal.number,
            "kind": seal.kind,
            "sealed_at": seal.sealed_at,
            "last_id": seal.last_id,
            "rows": seal.rows,
            "forged": seal.forged,
            "chain": seal.chain,
            "head": digest,
        },
    )
    moved = replace(head, number=seal.number, digest=digest.hex(), past=_past(connection))
    if seal.kind != SealKind.PURGE:
        moved = replace(moved, last_id=seal.last_id, chain=seal.chain)
    if not _move(connection, head, _signed(moved, fields)):
        raise ChainBroken("the head moved while it was locked")


def sign_past(connection: Connection, fields: Fields) -> None:
    """Sign the head anew after seals were deleted, in the transaction that did so."""
    head = head_of(connection, lock=True)
    _move(connection, head, _signed(head, fields))


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
    named = replace(head, key_id=fields.newest)
    return replace(named, signature=fields.sign(named.message))


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
