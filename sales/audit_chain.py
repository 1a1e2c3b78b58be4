"""The hash chain of the audit log: what is hashed, in which form, and how a chain goes on.

Pure computation on entries and seals; knows no table and no key. Every entry extends the *chain*,
``SHA-256(chain so far | the entry's canonical form)``. A *seal* names a point of it, and extends
the *head*, ``SHA-256(head so far | the seal's canonical form)``, which commits to everything
before it. Who knows one head can tell whether anything older was changed since.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

START: Final = bytes(32)
"""Chain and head before the first entry."""


class SealKind(StrEnum):
    """What a seal marks: entries that were sealed, the oldest ones deleted by retention, or a new
    chain begun by an admin after a break."""

    ENTRIES = "entries"
    PURGE = "purge"
    RESTART = "restart"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An entry of the audit log as it is stored: ids, names of fields and reasons, never what a
    customer or colleague is called, so that erasing a person leaves it alone.

    ``mark`` is the keyed hash that it was written with; None from before there were marks.
    """

    id: int
    at: datetime
    actor_id: int
    act: str
    subject: str
    detail: Mapping[str, str]
    mark: bytes | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """A point of the chain: ``chain`` after the entry ``last_id``.

    ``kind`` is a ``SealKind``, unless somebody wrote another one into the database.
    ``rows``: how many entries it adds (a purge: takes away). ``forged``: how many of them did not
    carry the mark of this system when they were sealed.
    """

    number: int
    kind: str
    sealed_at: datetime
    last_id: int
    rows: int
    forged: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class Purge:
    """Entries that retention deleted at once: ``rows`` of them from ``first_id`` to ``last_id``,
    all from before ``until``."""

    id: int
    purged_at: datetime
    first_id: int
    last_id: int
    rows: int
    until: datetime


def canonical_content(entry: AuditEntry) -> bytes:
    """Return the bytes that stand for what an entry says: equal on every database, whatever its
    order of keys. Its id and mark are not known yet when these are signed."""
    return _bytes(_content(entry))


def canonical_entry(entry: AuditEntry) -> bytes:
    """Return the bytes that stand for all of a stored entry."""
    return _bytes([entry.id, *_content(entry), entry.mark.hex() if entry.mark else None])


def _content(entry: AuditEntry) -> list[object]:
    return [_moment(entry.at), entry.actor_id, entry.act, entry.subject, dict(entry.detail)]


def extend(chain: bytes, entries: Iterable[AuditEntry]) -> bytes:
    """Return the chain after these entries, given in the order of their ids."""
    for entry in entries:
        chain = sha256(chain + canonical_entry(entry)).digest()
    return chain


def head_after(head: bytes, seal: Seal) -> bytes:
    """Return the head after a seal."""
    values = [
        seal.number,
        seal.kind,
        _moment(seal.sealed_at),
        seal.last_id,
        seal.rows,
        seal.forged,
        seal.chain.hex(),
    ]
    return sha256(head + _bytes(values)).digest()


def past_digest(purges: Iterable[Purge], oldest: tuple[Seal, bytes] | None) -> str:
    """Return the hash of what the chain itself cannot show: what was deleted, by the order of ids,
    and the ``oldest`` seal with its head, from which a check goes on when those before it are
    gone."""
    digest = sha256()
    for one in purges:
        moments = [_moment(one.purged_at), _moment(one.until)]
        digest.update(_bytes([one.id, one.first_id, one.last_id, one.rows, *moments]))
    if oldest:
        seal, head = oldest
        digest.update(head_after(head, seal))
    return digest.hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _bytes(values: list[object]) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()
