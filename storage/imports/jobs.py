"""Stores imports with the rows of their files; rows are encrypted, since they hold contacts."""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, func, select

from sales.imports.plan import Choices, Finding, Import, ImportNotFound, ImportState, Tally
from sales.imports.sheet import Row
from sales.people import SYSTEM, Person
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.database.rows import Codec, RowMapper
from storage.tables import import_job as table
from storage.tables import import_page as page
from storage.tables import imported, lead

CONTENT = "import_page.content"
_UNREAD = -1
"""The page number of the whole file, until it is parsed."""
_UNREADABLE = Choices(columns={}, source="", detail="", team_id=0)
"""Choices that were sealed with keys that are not available."""


def _read_choices(stored: dict[str, Any] | None) -> Choices:
    return Choices(**stored) if stored else _UNREADABLE


def _read_tally(stored: dict[str, Any]) -> Tally:
    found = stored["findings"].items()
    findings = {name: Finding(one["n"], tuple(one["rows"])) for name, one in found}
    return Tally(**stored | {"findings": findings})


_IMPORTS = RowMapper(
    Import,
    choices=Codec(_read_choices, asdict),
    tally=Codec(_read_tally, asdict),
    sheets=Codec(lambda stored: tuple(stored or ()), list),
    unknown=Codec(lambda stored: stored or {}, dict),
    made=Codec(lambda stored: stored or {}, dict),
)


class ImportRepository:
    """``sales.ports.Imports`` for one person. ``locks``: a second person who changes the same
    import waits."""

    def __init__(
        self, connection: Connection, fields: Fields, actor: Person, *, locks: bool
    ) -> None:
        self._connection = connection
        self._fields = fields
        self._actor = actor
        self._locks = locks

    def add(self, imported: Import, pages: Sequence[str], content: bytes = b"") -> Import:
        """Store a file's rows, encrypted, page by page, as ``pages_of`` writes them.

        ``content`` is kept besides while another sheet of it may be chosen.
        """
        added = self._added(imported)
        self._keep(added.id, pages)
        if content:
            self._keep(added.id, [base64.b64encode(content).decode()], first=_UNREAD)
        return added

    def add_unread(self, imported: Import, content: bytes) -> Import:
        """Store a file, encrypted, until it is parsed."""
        added = self._added(imported)
        self._keep(added.id, [base64.b64encode(content).decode()], first=_UNREAD)
        return added

    def unread(self) -> int | None:
        """Find the import whose file has waited longest to be parsed; None for none."""
        waiting = table.c.state == ImportState.READING.value
        query = select(table.c.id).where(waiting).order_by(table.c.id).limit(1)
        return self._connection.scalar(query)

    def count_unread(self) -> int:
        """Count this person's files that wait to be parsed."""
        mine = table.c.person_id == self._actor.id, table.c.state == ImportState.READING.value
        return self._connection.scalar(select(func.count()).select_from(table).where(*mine)) or 0

    def content(self, import_id: int) -> bytes | None:
        """Return a file that waits to be parsed; None for one that no longer does."""
        sealed = self._sealed_page(import_id, _UNREAD)
        return None if sealed is None else base64.b64decode(self._fields.open(sealed, CONTENT))

    def take_pages(self, import_id: int, pages: Sequence[str], *, keep_file: bool = False) -> None:
        """Replace a file with its rows; ``keep_file``: another sheet of it may be chosen."""
        unread = [page.c.number != _UNREAD] if keep_file else []
        self._connection.execute(page.delete().where(page.c.job_id == import_id, *unread))
        self._keep(import_id, pages)

    def get(self, import_id: int) -> Import:
        """Return an import, locked until the unit of work ends. Raises ImportNotFound."""
        query = select(table).where(table.c.id == import_id)
        if self._actor != SYSTEM:
            query = query.where(table.c.person_id == self._actor.id)
        held = query.with_for_update(key_share=True) if self._locks else query
        row = self._connection.execute(held).mappings().first()
        if row is None:
            raise ImportNotFound
        return _IMPORTS.read(row)

    def save(self, imported: Import) -> Import:
        update = table.update().where(table.c.id == imported.id)
        self._connection.execute(update.values(_IMPORTS.write(imported)))
        return imported

    def columns(self, import_id: int) -> tuple[str, ...]:
        """Return the column names. Raises ImportNotFound once the rows are deleted."""
        content = self._content(import_id, 0)
        if content is None:
            raise ImportNotFound
        return tuple(content)

    def owner_of(self, lead_id: int) -> str:
        """Return the name that a file gave for a lead's owner who was not here; "" for none."""
        query = select(imported.c.owner).where(imported.c.lead_id == lead_id)
        return self._connection.scalar(query) or ""

    def kept_names(self, team_id: int | None) -> dict[str, list[int]]:
        """Map the names that files gave for owners to their leads, as far as nobody owns them.

        ``team_id`` None: of every team.
        """
        here = () if team_id is None else (lead.c.team_id == team_id,)
        query = (
            select(imported.c.owner, imported.c.lead_id)
            .join(lead, lead.c.id == imported.c.lead_id)
            .where(lead.c.owner_id.is_(None), imported.c.owner.is_not(None), imported.c.owner != "")
            .where(*here)
            .order_by(imported.c.lead_id)
        )
        names: dict[str, list[int]] = {}
        for name, lead_id in self._connection.execute(query):
            if not isinstance(name, UnreadableText):
                names.setdefault(name, []).append(lead_id)
        return names

    def page(self, import_id: int, number: int) -> list[Row]:
        """Return the rows of a page, counted from 0; none past the last."""
        content = self._content(import_id, number + 1) or ()
        return [
            Row(row, tuple(cells), mark == 1, mark if isinstance(mark, str) else "")
            for row, mark, cells in content
        ]

    def forget_rows(self, import_id: int) -> None:
        self._connection.execute(page.delete().where(page.c.job_id == import_id))

    def _added(self, imported: Import) -> Import:
        insert = table.insert().returning(table.c.id)
        job_id: int = self._connection.execute(insert, _IMPORTS.write(imported)).scalar_one()
        return replace(imported, id=job_id)

    def _keep(self, import_id: int, pages: Sequence[str], first: int = 0) -> None:
        sealed = [
            {"job_id": import_id, "number": number, "content": self._fields.seal(text, CONTENT)}
            for number, text in enumerate(pages, first)
        ]
        if sealed:
            self._connection.execute(page.insert(), sealed)

    def _content(self, import_id: int, number: int) -> Any:
        sealed = self._sealed_page(import_id, number)
        return None if sealed is None else json.loads(self._fields.open(sealed, CONTENT))

    def _sealed_page(self, import_id: int, number: int) -> bytes | None:
        query = select(page.c.content).where(page.c.job_id == import_id, page.c.number == number)
        return self._connection.scalar(query)
