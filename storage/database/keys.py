"""Checks that the configured keys belong to this database, and says what is wrong if not.

Each key that ever sealed something leaves a proof in the database: a known text that only the same
key decrypts. A key is generated only for a database without sealed values; otherwise a new key
would make existing data unreadable and be mixed with it. Until the keys are proved, nothing is
encrypted or decrypted (``Fields``), and to recover it is enough to ask again later.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Column, Connection, Row, inspect, select, text

from sales.errors import KeysUnavailable
from storage.audit.seals import sign_first_head
from storage.backups.sqlite.replacement import finish_restore
from storage.database.encryption import Fields, Unreadable
from storage.database.engine import Database
from storage.database.keyring import BadKeyring, Keyring, KeySource
from storage.database.reseal import reindex
from storage.database.schema import migrate
from storage.database.scrub import scrub
from storage.database.types import sealed_columns
from storage.tables import lead, metadata, secret_key

log = structlog.get_logger(__name__)
_PROOF: Final = "secret_key.proof"
_PROVED: Final = "genjin"
_SAMPLE: Final = 20
"""Without a proof, this many of a column's oldest and of its newest values are tried."""

Proofs = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """A problem with the keys: ``health.<key>``, filled with ``params``.

    ``params`` holds ids and places of keys, never a key. ``serious``: nothing can be read or saved.
    """

    key: str
    params: Mapping[str, str] = field(default_factory=dict)
    serious: bool = True


class Keys:
    """The keys of one database, from ``source``, and the ``fields`` that they unlock."""

    def __init__(
        self,
        database: Database,
        fields: Fields,
        source: KeySource,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._fields = fields
        self._source = source
        self._now = now
        self._problem: KeyProblem | None = None
        database.seal_with(fields)

    def prove(self, *, make: bool = True) -> None:
        """Unlock the fields when the keys are this database's; any keys fit an empty database.

        ``make`` says whether keys may be generated for an empty one; otherwise the fields stay
        locked. Raises KeysUnavailable, and StorageUnavailable when the database does not answer.
        """
        if not self._fields.is_locked:
            return
        with self._database.read() as connection:
            keyring, index_by = self._proved(connection, make=make)
        if keyring:
            self._fields.use(keyring, index_by)
            self._problem = None

    def record(self) -> None:
        """Store a proof of every key in use; the schema must be current.

        Rebuilds the blind indexes when their key was retired. Raises as ``prove``.
        """
        keyring = self._read()
        if keyring is None:
            raise self._failed(self._missing(()))
        with self._database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("LOCK TABLE secret_key IN EXCLUSIVE MODE"))
            proofs = _proofs(connection)
            # Another process may have been first, with keys of its own.
            if problem := self._contradicted(keyring, proofs):
                self._fields.lock()
                raise self._failed(problem)
            _record(connection, keyring, proofs, self._fields, self._now())
            sign_first_head(connection, self._fields)

    def keyring(self) -> Keyring:
        """Return the configured keys, proved or not. Raises KeysUnavailable without any."""
        keyring = self._read()
        if keyring is None:
            raise self._failed(self._missing(()))
        return keyring

    def problems(self) -> Iterator[KeyProblem]:
        """Yield the present problems. Raises StorageUnavailable."""
        if self._fields.is_locked:
            yield from (self._problem,) if self._problem else ()
            return
        try:
            keyring = self._source.read()
            with self._database.read() as connection:
                proofs = _proofs(connection)
            found = self._contradicted(keyring, proofs) if keyring else None
        except BadKeyring as error:
            yield KeyProblem("keys_unusable", self._where() | {"reason": str(error)})
            return
        if keyring is None:
            yield KeyProblem("keys_gone", self._where(), serious=False)
        if found:
            yield found
        if unread := self._fields.unread:
            yield KeyProblem("values_unreadable", {"n": str(unread)}, serious=False)

    def _proved(self, connection: Connection, *, make: bool) -> tuple[Keyring | None, str]:
        """Return the keyring, and the id of the blind indexes' key."""
        keyring, proofs = self._read(), _proofs(connection)
        samples = [] if proofs else list(_samples(connection))
        if keyring is None:
            if proofs or samples:
                raise self._failed(self._missing(proofs))
            if not make:
                return None, ""
            keyring = self._made()
        problem = self._contradicted(keyring, proofs) if proofs else self._untrue(keyring, samples)
        if problem:
            raise self._failed(problem)
        return keyring, _index_key(connection, keyring, proofs)

    def _read(self) -> Keyring | None:
        try:
            return self._source.read()
        except BadKeyring as error:
            reason = {"reason": str(error)}
            raise self._failed(KeyProblem("keys_unusable", self._where() | reason)) from error

    def _made(self) -> Keyring:
        try:
            return self._source.make()
        except BadKeyring as error:
            reason = {"reason": str(error)}
            raise self._failed(KeyProblem("keys_unusable", self._where() | reason)) from error

    def _contradicted(self, keyring: Keyring, proofs: Proofs) -> KeyProblem | None:
        """Return the problem that the proofs show with a keyring, if any."""
        opened = Fields(keyring)
        wrong = [
            row.key_id
            for row in proofs
            if row.key_id in keyring.ids and not _opens(opened, row.proof, _PROOF)
        ]
        gone = [
            row.key_id for row in proofs if row.key_id not in keyring.ids and row.retired_at is None
        ]
        return self._problem_with(wrong, gone)

    def _untrue(self, keyring: Keyring, samples: Sequence[tuple[bytes, str]]) -> KeyProblem | None:
        """Return the problem that sealed values show with a keyring, in a database without
        proofs."""
        opened, tally = Fields(keyring), Counter[tuple[str, bool]]()
        for sealed, place in samples:
            tally[opened.key_id(sealed), _opens(opened, sealed, place)] += 1
        ids = sorted({key_id for key_id, _ in tally})
        # A key that decrypts one value is the right one; values it does not decrypt are damaged.
        failed = [key_id for key_id in ids if not tally[key_id, True]]
        return self._problem_with(
            [key_id for key_id in failed if key_id in keyring.ids],
            [key_id for key_id in failed if key_id not in keyring.ids],
        )

    def _problem_with(self, wrong: Sequence[str], gone: Sequence[str]) -> KeyProblem | None:
        if wrong:
            return KeyProblem("keys_wrong", self._where() | {"ids": ", ".join(wrong)})
        if gone:
            return KeyProblem("keys_incomplete", self._where() | {"ids": ", ".join(gone)})
        return None

    def _missing(self, proofs: Proofs) -> KeyProblem:
        ids = ", ".join(row.key_id for row in proofs if row.retired_at is None)
        return KeyProblem("keys_missing", self._where() | {"ids": ids or "?"})

    def _where(self) -> dict[str, str]:
        return {"where": str(self._source)}

    def _failed(self, problem: KeyProblem) -> KeysUnavailable:
        if problem != self._problem:
            log.error("keys.unusable", problem=problem.key, **problem.params)
        self._problem = problem
        return KeysUnavailable()


def _proofs(connection: Connection) -> Proofs:
    """Read the proofs; empty for a database without that table yet."""
    if not inspect(connection).has_table(secret_key.name):
        return ()
    return connection.execute(select(secret_key).order_by(secret_key.c.made_at)).all()


def _opens(fields: Fields, sealed: bytes, place: str) -> bool:
    try:
        fields.open(sealed, place)
    except Unreadable:
        return False
    return True


def _samples(connection: Connection) -> Iterator[tuple[bytes, str]]:
    """Yield the oldest and newest sealed values of every column that this database has."""
    inspector = inspect(connection)
    columns = {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
    }
    for column, place in sealed_columns(metadata):
        if column.name in columns.get(column.table.name, ()):
            for sealed in _ends(connection, column):
                # Text from a version that did not seal this column proves nothing.
                if isinstance(sealed, bytes) and len(sealed) > 1 and _is_sealed(sealed):
                    yield sealed, place


def _is_sealed(value: bytes) -> bool:
    try:
        Fields.key_id(value)
    except Unreadable:
        return False
    return True


def _ends(connection: Connection, column: Column[Any]) -> Iterator[object]:
    name, table = column.name, column.table.name
    key = next(iter(column.table.primary_key)).name
    for order in ("", " DESC"):
        query = (
            f'SELECT "{name}" FROM "{table}" WHERE "{name}" IS NOT NULL '  # noqa: S608 - own names
            f'ORDER BY "{key}"{order} LIMIT {_SAMPLE}'
        )
        yield from connection.execute(text(query)).scalars()


def _index_key(connection: Connection, keyring: Keyring, proofs: Proofs) -> str:
    """Return the id of the blind indexes' key: the recorded one, whatever the order of the ring.

    Without a record it is the one that matches what is indexed, else the oldest.
    """
    recorded = [row.key_id for row in proofs if row.indexes and row.key_id in keyring.ids]
    if recorded or proofs or not inspect(connection).has_table(lead.name):
        return recorded[0] if recorded else keyring.oldest
    query = select(lead.c.phone, lead.c.phone_index).where(lead.c.phone.is_not(None)).limit(_SAMPLE)
    rows = connection.execute(query).all()
    fields, place = Fields(keyring), "lead.phone"
    for key_id in reversed(keyring.ids):
        fields.use(keyring, key_id)
        for row in rows:
            if _opens(fields, row.phone, place) and row.phone_index == fields.index(
                fields.open(row.phone, place), place
            ):
                return key_id
    return keyring.oldest


def _record(
    connection: Connection, keyring: Keyring, proofs: Proofs, fields: Fields, now: datetime
) -> None:
    known = {row.key_id: row for row in proofs}
    index_by = next((row.key_id for row in proofs if row.indexes), "")
    if index_by not in keyring.ids:
        # None was recorded yet, or it was retired and taken away.
        new_index = _index_key(connection, keyring, proofs)
        if index_by:
            fields.use(keyring, new_index)
            log.info("keys.indexes_rebuilt", values=reindex(connection, fields))
            connection.execute(secret_key.update().values(indexes=False))
        index_by = new_index
        if index_by in known:
            here = secret_key.c.key_id == index_by
            connection.execute(secret_key.update().where(here).values(indexes=True))
    for key_id in keyring.ids:
        if key_id not in known:
            proof = Fields(keyring.only(key_id)).seal(_PROVED, _PROOF)
            row = {"key_id": key_id, "proof": proof, "indexes": key_id == index_by}
            connection.execute(secret_key.insert(), row | {"made_at": now})
    newest = known.get(keyring.newest)
    if newest is not None and newest.retired_at is not None:
        here = secret_key.c.key_id == keyring.newest
        connection.execute(secret_key.update().where(here).values(retired_at=None))


def bring_up(database: Database, keys: Keys | None) -> None:
    """Prepare a database for use: keys proved, schema current, no value left in clear text.

    Raises KeysUnavailable, StorageUnavailable and as ``migrate``; it may be tried again.
    """
    finish_restore(database.path)
    database.create()
    if keys:
        keys.prove()
    migrate(database)
    if keys:
        keys.record()
    scrub(database)


def retire(database: Database, newest: str, now: datetime) -> None:
    """Record that only this key is still in use: the others may be removed."""
    others = secret_key.update().where(
        secret_key.c.key_id != newest, secret_key.c.retired_at.is_(None)
    )
    with database.write() as connection:
        connection.execute(others.values(retired_at=now))
