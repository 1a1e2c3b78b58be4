"""Stores playbook versions. The newest is in force; until one is stored, the shipped one."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, select

from sales.errors import Conflict, DraftNotFound
from sales.people import Person
from sales.playbook import Playbook
from sales.playbook.changes import PlaybookDraft, document_of
from sales.playbook.shipped import shipped
from storage.database.rows import RowMapper
from storage.database.upsert import insert_into
from storage.tables import person
from storage.tables import playbook as table
from storage.tables import playbook_draft as draft_table


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the playbook; ``by`` is "" for the command line."""

    number: int
    stored_at: datetime
    by: str
    why: str


_NEWEST = select(table.c.version, table.c.stored_at).order_by(table.c.version.desc()).limit(1)
_DOCUMENT = select(table.c.document).where(table.c.version == bindparam("wanted"))


class ReadPlaybooks:
    """Cache of the last parsed playbook, shared by all units of work on one database.

    ``country`` (ISO code) decides on the shipped one.

    Parsing a document takes longer than the rest of a request. Which version is in force is queried
    every time.
    """

    def __init__(self, country: str) -> None:
        self.shipped = shipped(country)
        self._last: tuple[tuple[int, datetime] | None, Playbook] = (None, self.shipped)

    def read(self, connection: Connection) -> Playbook:
        newest = connection.execute(_NEWEST).first()
        name = None if newest is None else (newest.version, newest.stored_at)
        known, playbook = self._last
        if name != known:
            playbook = self._validated(connection, name)
            self._last = (name, playbook)
        return playbook

    def _validated(self, connection: Connection, name: tuple[int, datetime] | None) -> Playbook:
        if name is None:
            return self.shipped
        document = connection.execute(_DOCUMENT, {"wanted": name[0]}).scalar_one()
        return Playbook.model_validate(document)


class PlaybookRepository:
    def __init__(self, connection: Connection, read: ReadPlaybooks) -> None:
        self._connection = connection
        self._read = read

    def current(self) -> Playbook:
        return self._read.read(self._connection)

    def as_of(self, number: int) -> Playbook:
        """Return the rules of a version; the shipped ones for 0 and an unknown one."""
        return (self.version(number) if number else None) or self._read.shipped

    def version(self, number: int) -> Playbook | None:
        """Return a stored version; None when there is none with this number."""
        document = self._connection.scalar(
            select(table.c.document).where(table.c.version == number)
        )
        return None if document is None else Playbook.model_validate(document)

    def number(self) -> int:
        """Return the number of the version in force; 0 while it is the shipped one."""
        return self._connection.scalar(select(func.max(table.c.version))) or 0

    def versions(self) -> list[Version]:
        """List the versions, newest first."""
        by = func.coalesce(person.c.name, "")
        query = (
            select(table.c.version, table.c.stored_at, by, table.c.why)
            .join(person, person.c.id == table.c.stored_by, isouter=True)
            .order_by(table.c.version.desc())
        )
        return [Version(*row) for row in self._connection.execute(query)]

    def store(self, playbook: Playbook, by: Person, now: datetime, why: str = "") -> int:
        """Store a new version. Raises Conflict when another was stored at the same moment."""
        insert = insert_into(table, self._connection.dialect.name).values(
            version=self.number() + 1,
            document=document_of(playbook),
            stored_at=now,
            stored_by=by.id,
            why=why,
        )
        version = self._connection.scalar(
            insert.on_conflict_do_nothing(index_elements=["version"]).returning(table.c.version)
        )
        if version is None:
            raise Conflict
        stored: int = version
        return stored


_DRAFTS = RowMapper(PlaybookDraft, given=("playbook",))


class DraftRepository:
    """Playbook drafts. ``locks`` True locks the drafts this unit of work has read."""

    def __init__(self, connection: Connection, *, locks: bool) -> None:
        self._connection = connection
        self._locks = locks

    def add(self, draft: PlaybookDraft) -> PlaybookDraft:
        insert = draft_table.insert().values(_row(draft)).returning(draft_table.c.id)
        return replace(draft, id=self._connection.execute(insert).scalar_one())

    def get(self, draft_id: int) -> PlaybookDraft:
        """Return a draft, locked for a writing unit of work, as a lead is. Raises DraftNotFound."""
        query = select(draft_table).where(draft_table.c.id == draft_id)
        held = query.with_for_update() if self._locks else query
        row = self._connection.execute(held).mappings().one_or_none()
        if row is None:
            raise DraftNotFound
        return _draft(row)

    def save(self, draft: PlaybookDraft) -> None:
        self._connection.execute(
            draft_table.update().where(draft_table.c.id == draft.id).values(_row(draft))
        )

    def open(self) -> list[PlaybookDraft]:
        """List drafts not yet put in force or discarded, newest first."""
        query = (
            select(draft_table)
            .where(draft_table.c.closed_at.is_(None))
            .order_by(draft_table.c.id.desc())
        )
        return [_draft(row) for row in self._connection.execute(query).mappings()]


def _draft(row: RowMapping) -> PlaybookDraft:
    return _DRAFTS.read(row, playbook=Playbook.model_validate(row["document"]))


def _row(draft: PlaybookDraft) -> dict[str, Any]:
    return _DRAFTS.write(draft) | {"document": document_of(draft.playbook)}
