"""Checks the audit log against its hash chain, and names what was tampered with.

Reads in small slices, so that a log of a million entries can be checked beside everything else:
a process takes one slice now and then (``AuditCheck.advance``), a command all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, text

from sales.audit_chain import START, AuditEntry, Seal, SealKind, extend, head_after
from storage.audit.log import RESTORED, RESUMED
from storage.audit.seals import (
    BATCH,
    AuditHead,
    ChainBroken,
    append_seal,
    entries_between,
    entry_of,
    head_of,
    is_genuine,
    is_marked,
    seal_of,
)
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.tables import audit, audit_head, audit_seal

_SLICE: Final = 2000
"""Entries after which a slice ends."""
_SEALS: Final = 200
_BELOW_ALL: Final = -(1 << 31)
_ABOVE_ALL: Final = (1 << 31) - 1
_MOST: Final = 20
"""Problems that are listed one by one."""

_NEXT_SEALS = (
    select(audit_seal)
    .where(audit_seal.c.id > bindparam("after"))
    .order_by(audit_seal.c.id)
    .limit(_SEALS)
)
_FIRST_SEALS = (
    select(audit_seal)
    .where(audit_seal.c.id >= bindparam("first"))
    .order_by(audit_seal.c.id)
    .limit(1)
)
_SEALS_BETWEEN = select(audit_seal).where(
    audit_seal.c.kind == SealKind.ENTRIES.value,
    audit_seal.c.id > bindparam("after"),
    audit_seal.c.last_id.between(bindparam("first"), bindparam("last")),
)
_LAST_SEAL = select(audit_seal).order_by(audit_seal.c.id.desc()).limit(1)
_FIRST_HEAD: Final = {
    "id": 1,
    "number": 0,
    "last_id": 0,
    "chain": START,
    "head": START,
    "key_id": "",
    "signature": b"",
}
_LATEST = (
    select(audit_seal)
    .where(audit_seal.c.kind == bindparam("kind"))
    .order_by(audit_seal.c.id.desc())
    .limit(1)
)
_STRAY_HEADS = select(func.count()).select_from(audit_head).where(audit_head.c.id != 1)
_HEADS = select(audit_seal.c.id, audit_seal.c.head).where(
    audit_seal.c.id.in_(bindparam("numbers", expanding=True))
)
_STRAY_SEALS = select(func.count()).select_from(audit_seal).where(audit_seal.c.id < 1)
_RESTORES = select(audit).where(audit.c.act.in_((RESTORED, RESUMED))).order_by(audit.c.id)
_IN_PLACE: Final = timedelta(days=7)
"""A restored database is looked at, put in the place of the other and started within this time."""
_BEFORE = (
    select(func.count(), func.min(audit.c.id), func.max(audit.c.id))
    .select_from(audit)
    .where(audit.c.id <= bindparam("start"))
)


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """Something that was tampered with: ``audit.problem.<key>``, filled with ``params``.

    ``since`` and ``until`` limit when the entries concerned were sealed, where that is known.
    """

    key: str
    params: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownHead:
    """A head that was written down elsewhere, such as in a backup's manifest: the chain must have
    gone through it. ``source`` says where, ``at`` when; None if unknown."""

    number: int
    digest: str
    source: str = ""
    at: datetime | None = None

    @classmethod
    def parse(cls, anchor: str, source: str = "", at: datetime | None = None) -> "KnownHead":
        """Read ``12:9c…`` (``AuditHead.anchor``). Raises ValueError."""
        number, _, digest = anchor.strip().lower().partition(":")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise ValueError(anchor)
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise ValueError(anchor)
        return cls(int(number), digest, source, at)


@dataclass(slots=True)
class AuditReport:
    """The result of a check. ``problems`` lists the first twenty, ``more`` counts the others."""

    checked: int = 0
    seals: int = 0
    unsealed: int = 0
    head: AuditHead | None = None
    begun_again: datetime | None = None
    purged_at: datetime | None = None
    problems: list[AuditProblem] = field(default_factory=list)
    more: int = 0

    def add(self, problem: AuditProblem) -> None:
        if len(self.problems) < _MOST:
            self.problems.append(problem)
        else:
            self.more += 1


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a check begins: after the last purge or the last new chain."""

    number: int = 0
    last_id: int = _BELOW_ALL
    chain: bytes = START
    restart: int = 0


class AuditCheck:
    """One check of the whole log, slice by slice; also whether it still leads through ``known``
    heads."""

    def __init__(self, database: Database, known: Iterable[KnownHead] = ()) -> None:
        self._database = database
        self._known: dict[int, list[KnownHead]] = {}
        for head in known:
            self._known.setdefault(head.number, []).append(head)
        self._reset()

    def _reset(self) -> None:
        self.report = AuditReport()
        self._begin: Begin | None = None
        self._number, self._head = 0, START
        self._last_id, self._chain = _BELOW_ALL, START
        self._sealed_at: datetime | None = None

    def run(self) -> AuditReport:
        """Check everything. Raises StorageUnavailable and KeysUnavailable."""
        while not self.advance():
            pass
        return self.report

    def advance(self) -> bool:
        """Check the next slice; True when that was the last one. Raises as ``run``."""
        with self._database.read() as connection:
            begin = begin_of(connection)
            if begin != self._begin:
                # Retention deleted the oldest entries meanwhile: what was read is out of date.
                self._reset()
                self._start(connection, begin)
            seals = connection.execute(_NEXT_SEALS, {"after": self._number}).all()
            until = self.report.checked + _SLICE
            for row in seals:
                self._check_seal(connection, seal_of(row), row.head)
                if self.report.checked >= until:
                    return False
            if len(seals) == _SEALS:
                return False
            self._end(connection)
        return True

    def _start(self, connection: Connection, begin: Begin) -> None:
        self._begin = begin
        self._last_id, self._chain = begin.last_id, begin.chain
        for kind in (SealKind.PURGE, SealKind.RESTART):
            row = connection.execute(_LATEST, {"kind": kind.value}).one_or_none()
            at = row.sealed_at if row else None
            if kind is SealKind.PURGE:
                self.report.purged_at = at
            else:
                self.report.begun_again = at
        count, first, last = connection.execute(_BEFORE, {"start": begin.last_id}).one()
        if count and not begin.restart:
            self.report.add(_problem("entries_added", n=count, first=first, last=last))
        first_seal = connection.execute(_FIRST_SEALS, {"first": begin.restart}).one_or_none()
        if begin.restart:
            self._number = begin.restart - 1
        elif first_seal is not None and first_seal.id > 1:
            # Those before went with the entries that they sealed. What this one says is not
            # checked, so nothing may rest on it.
            self._number, self._head = first_seal.id, first_seal.head
            if first_seal.last_id > begin.last_id or first_seal.id >= begin.number:
                self.report.add(_problem("seals_missing", first=1, last=first_seal.id - 1))

    def _check_seal(self, connection: Connection, seal: Seal, stored: bytes) -> None:
        if seal.number != self._number + 1:
            self.report.add(_problem("seals_missing", first=self._number + 1, last=seal.number - 1))
        elif head_after(self._head, seal) != stored:
            self.report.add(_problem("seal_changed", n=seal.number, at=seal.sealed_at))
        if seal.kind == SealKind.ENTRIES:
            self._check_entries(connection, seal)
        for known in self._relevant(seal.number):
            if known.digest != stored.hex():
                problem = _problem("head_differs", number=known.number, source=known.source)
                self.report.add(replace(problem, since=self._sealed_at, until=seal.sealed_at))
        self._number, self._head = seal.number, stored
        self._sealed_at = seal.sealed_at
        self.report.seals += 1

    def _relevant(self, number: int) -> Iterator[KnownHead]:
        """Yield known heads with this number, but for those from before the latest new chain."""
        begun = self.report.begun_again
        for known in self._known.get(number, ()):
            if not (begun and known.at and known.at <= begun):
                yield known

    def _check_entries(self, connection: Connection, seal: Seal) -> None:
        begin = self._begin or Begin()
        if seal.number <= begin.restart or seal.last_id <= self._last_id:
            return
        if seal.forged:
            self.report.add(
                _problem("entries_forged", n=seal.forged, last=seal.last_id, at=seal.sealed_at)
            )
        # A batch whose beginning was purged has fewer.
        is_whole = self._last_id != begin.last_id or begin.number == begin.restart
        # What the seal says may be anything, and never has one more than a batch.
        most = min(max(seal.rows, 0), BATCH) + 1
        rows = entries_between(connection, self._last_id, seal.last_id, most)
        chain = extend(self._chain, (entry_of(row) for row in rows))
        if chain != seal.chain:
            self.report.add(self._mismatch(seal, len(rows), is_whole=is_whole))
        self.report.checked += len(rows)
        # Goes on from what was sealed, so that another break is found as well.
        self._last_id, self._chain = seal.last_id, seal.chain

    def _mismatch(self, seal: Seal, found: int, *, is_whole: bool) -> AuditProblem:
        first = max(self._last_id + 1, 1)
        place = {"first": str(first), "last": str(seal.last_id)}
        key = "entries_changed"
        if is_whole and found < seal.rows:
            key, place["n"] = "entries_missing", str(seal.rows - found)
        elif is_whole and found > seal.rows:
            key = "entries_added_between"
        return AuditProblem(key, place, self._sealed_at, seal.sealed_at)

    def _end(self, connection: Connection) -> None:
        """Check the head, and the entries that no seal covers yet."""
        fields, report = self._database.fields, self.report
        try:
            head = report.head = head_of(connection)
        except ChainBroken:
            report.add(AuditProblem("head_missing"))
            return
        if not is_genuine(head, fields):
            is_known = not head.key_id or fields.has_key(head.key_id)
            key = "head_forged" if is_known else "key_missing"
            report.add(AuditProblem(key, {"key": head.key_id}))
        elif head.number > self._number:
            report.add(_problem("seals_missing", first=self._number + 1, last=head.number))
        elif head.number < self._number:
            report.add(_problem("seals_added", first=head.number + 1, last=self._number))
        elif head.digest != self._head.hex():
            report.add(_problem("seal_changed", n=head.number, at=self._sealed_at))
        if stray := connection.scalar(_STRAY_HEADS):
            report.add(_problem("heads_added", n=stray))
        if stray := connection.scalar(_STRAY_SEALS):
            report.add(_problem("seals_added", first=1 - stray, last=0))
        for number in sorted(self._known):
            for known in self._relevant(number) if number > self._number else ():
                report.add(_problem("head_later", number=number, source=known.source))
        self._count_unsealed(connection, head, fields)

    def _count_unsealed(self, connection: Connection, head: AuditHead, fields: Fields) -> None:
        after = max(head.last_id, self._last_id)
        while rows := entries_between(connection, after, _ABOVE_ALL):
            unmarked = [
                row
                for row in rows
                if row.id > head.unmarked and not is_marked(entry_of(row), fields)
            ]
            for row in unmarked:
                self.report.add(_problem("entry_forged", n=row.id))
            self.report.unsealed += len(rows)
            after = rows[-1].id


def check_audit(database: Database, known: Iterable[KnownHead] = ()) -> AuditReport:
    """Check the whole log now. Raises StorageUnavailable and KeysUnavailable."""
    return AuditCheck(database, known).run()


def left_out(database: Database, known: Iterable[KnownHead]) -> list[KnownHead]:
    """List the heads that the chain does not go through, oldest first: an earlier state of the
    database was put back since. Those of deleted seals and from before a new chain are skipped.

    Whether that was a restore is said by ``given_up_until``. Raises StorageUnavailable.
    """
    heads = {head.number: head for head in known if head.number}
    with database.read() as connection:
        begin = begin_of(connection)
        restart = connection.execute(_LATEST, {"kind": SealKind.RESTART}).one_or_none()
        first = connection.scalar(select(func.min(audit_seal.c.id))) or 0
        here = {
            row.id: row.head.hex() for row in connection.execute(_HEADS, {"numbers": list(heads)})
        }
    return [
        head
        for number, head in sorted(heads.items())
        if number >= max(first, begin.restart)
        and not (restart and head.at and head.at <= restart.sealed_at)
        and here.get(number) != head.digest
    ]


def given_up_until(database: Database) -> datetime | None:
    """Until when what was written may be missing because a backup was restored, as is on record;
    None if none was.

    Only entries with a genuine mark count: who has the files alone cannot write one. Raises
    StorageUnavailable and KeysUnavailable.
    """
    fields = database.fields
    restored = until = None
    with database.read() as connection:
        entries = [entry_of(row) for row in connection.execute(_RESTORES)]
    for entry in entries:
        if not is_marked(entry, fields):
            continue
        if entry.act == RESTORED:
            restored = until = entry.at
        elif restored and entry.at - restored <= _IN_PLACE:
            # On PostgreSQL the other database goes on until the two are exchanged.
            until = entry.at
    return until


def begin_again(database: Database, now: datetime) -> int:
    """Begin a new chain after a break that was looked into; returns the number of its seal.

    What was there stays, and is no longer checked; every check shows when it was begun again. Only
    here the head is signed whoever signed it before. Raises StorageUnavailable and
    KeysUnavailable.
    """
    fields = database.fields
    with database.write() as connection:
        last = connection.scalar(select(func.max(audit.c.id))) or 0
        if connection.dialect.name == "postgresql":
            # An entry that somebody put in by its id must not hide those to come.
            ahead = "setval(pg_get_serial_sequence('audit', 'id'), :last)"
            connection.execute(text(f"SELECT {ahead} WHERE :last > 0"), {"last": last})
        _ensure_head(connection, last)
        head = head_of(connection, lock=True)
        row = connection.execute(_LAST_SEAL).one_or_none()
        number = max(row.id if row else 0, head.number) + 1
        seal = Seal(number, SealKind.RESTART, now, last, 0, 0, START)
        append_seal(connection, head, seal, START, fields)
    return number


def _ensure_head(connection: Connection, last: int) -> None:
    ids = connection.scalars(select(audit_head.c.id).order_by(audit_head.c.id)).all()
    if not ids:
        connection.execute(audit_head.insert(), _FIRST_HEAD | {"unmarked": last})
    elif 1 not in ids:
        connection.execute(audit_head.update().where(audit_head.c.id == ids[0]).values(id=1))


def chain_at(connection: Connection, entries: Sequence[AuditEntry]) -> bytes:
    """Return the chain after the oldest entries there are, about to be deleted.

    Raises ChainBroken when they are not what was sealed.
    """
    begin = begin_of(connection)
    last_id, chain = begin.last_id, begin.chain
    if begin.restart == begin.number:
        # Nobody can check what is older than a new chain.
        entries = [entry for entry in entries if entry.id > last_id]
    elif entries[0].id <= last_id:
        raise ChainBroken("there are entries older than the deleted ones")
    ends = {
        row.last_id: row.chain
        for row in connection.execute(
            _SEALS_BETWEEN, {"first": entries[0].id, "last": entries[-1].id, "after": begin.restart}
        )
    } if entries else {}  # fmt: skip
    for entry in entries:
        chain = extend(chain, (entry,))
        if ends.get(entry.id, chain) != chain:
            raise ChainBroken(f"the entries up to {entry.id} are not those that were sealed")
    return chain


def _problem(key: str, **params: object) -> AuditProblem:
    at = params.pop("at", None)
    until = at if isinstance(at, datetime) else None
    return AuditProblem(key, {name: str(value) for name, value in params.items()}, until=until)


def begin_of(connection: Connection) -> Begin:
    """Return where the log begins: after what was purged, or with a new chain."""
    latest: dict[SealKind, Seal] = {}
    for kind in (SealKind.PURGE, SealKind.RESTART):
        row = connection.execute(_LATEST, {"kind": kind.value}).one_or_none()
        if row is not None:
            latest[kind] = seal_of(row)
    restart, purge = latest.get(SealKind.RESTART), latest.get(SealKind.PURGE)
    if restart and not (purge and purge.last_id > restart.last_id):
        return Begin(restart.number, restart.last_id, START, restart.number)
    if purge:
        return Begin(purge.number, purge.last_id, purge.chain, restart.number if restart else 0)
    return Begin()
