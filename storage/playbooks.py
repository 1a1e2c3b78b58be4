"""The playbook's versions; the newest is in force, the shipped one before any was stored."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from sales.errors import Conflict
from sales.people import Person
from sales.playbook import Playbook
from storage.inserts import insert_into
from storage.tables import person
from storage.tables import playbook as table

_NEWEST = select(table.c.version, table.c.stored_at).order_by(table.c.version.desc()).limit(1)
_DOCUMENT = select(table.c.document).where(table.c.version == bindparam("wanted"))


class ReadPlaybooks:
    """The playbook read last, for all units of work on one database: to read a document takes
    longer than all else in a request. Which version is in force is asked every time."""

    def __init__(self) -> None:
        self._last: tuple[tuple[int, datetime] | None, Playbook] = (None, Playbook())

    def read(self, connection: Connection) -> Playbook:
        newest = connection.execute(_NEWEST).first()
        name = None if newest is None else (newest.version, newest.stored_at)
        known, playbook = self._last
        if name != known:
            playbook = self._validated(connection, name)
            self._last = (name, playbook)
        return playbook

    @staticmethod
    def _validated(connection: Connection, name: tuple[int, datetime] | None) -> Playbook:
        if name is None:
            return Playbook()
        document = connection.execute(_DOCUMENT, {"wanted": name[0]}).scalar_one()
        return Playbook.model_validate(document)


class PlaybookRows:
    """``sales.ports.Playbooks``."""

    def __init__(self, connection: Connection, read: ReadPlaybooks) -> None:
        self._connection = connection
        self._read = read

    def current(self) -> Playbook:
        return self._read.read(self._connection)

    def version(self, number: int) -> Playbook | None:
        """A stored version; None when there is none with this number."""
        document = self._connection.scalar(
            select(table.c.document).where(table.c.version == number)
        )
        return None if document is None else Playbook.model_validate(document)

    def versions(self) -> list[tuple[int, datetime, str]]:
        """Number, when and by whom, the newest first; "" for the command line."""
        query = (
            select(table.c.version, table.c.stored_at, func.coalesce(person.c.name, ""))
            .join(person, person.c.id == table.c.stored_by, isouter=True)
            .order_by(table.c.version.desc())
        )
        return [(number, at, by) for number, at, by in self._connection.execute(query)]

    def store(self, playbook: Playbook, by: Person, now: datetime) -> int:
        """Raises Conflict when another version was stored in the same moment."""
        newest = self._connection.scalar(select(func.max(table.c.version)))
        insert = insert_into(table, self._connection.dialect.name).values(
            version=(newest or 0) + 1,
            document=playbook.model_dump(mode="json"),
            stored_at=now,
            stored_by=by.id,
        )
        version = self._connection.scalar(
            insert.on_conflict_do_nothing(index_elements=["version"]).returning(table.c.version)
        )
        if version is None:
            raise Conflict
        stored: int = version
        return stored
