"""Changes of the playbook that are prepared."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from sales.errors import DraftNotFound
from sales.playbook import Playbook
from sales.playbook.changes import document_of
from sales.playbook.drafts import Draft
from storage.tables import playbook_draft as table

_PLAIN = ("base", "author_id", "created_at", "closed_at")


class DraftRepository:
    """``locks`` True keeps others from changing what this unit of work has got."""

    def __init__(self, connection: Connection, *, locks: bool) -> None:
        self._connection = connection
        self._locks = locks

    def add(self, draft: Draft) -> Draft:
        insert = table.insert().values(_row(draft)).returning(table.c.id)
        return replace(draft, id=self._connection.execute(insert).scalar_one())

    def get(self, draft_id: int) -> Draft:
        """Raises DraftNotFound. Who writes holds it, as with a lead."""
        query = select(table).where(table.c.id == draft_id)
        held = query.with_for_update() if self._locks else query
        row = self._connection.execute(held).mappings().one_or_none()
        if row is None:
            raise DraftNotFound
        return _draft(row)

    def save(self, draft: Draft) -> None:
        self._connection.execute(table.update().where(table.c.id == draft.id).values(_row(draft)))

    def open(self) -> list[Draft]:
        """Those that wait to be put in force or discarded, the newest first."""
        query = select(table).where(table.c.closed_at.is_(None)).order_by(table.c.id.desc())
        return [_draft(row) for row in self._connection.execute(query).mappings()]


def _draft(row: RowMapping) -> Draft:
    playbook = Playbook.model_validate(row["document"])
    return Draft(id=row["id"], playbook=playbook, **{name: row[name] for name in _PLAIN})


def _row(draft: Draft) -> dict[str, Any]:
    document = document_of(draft.playbook)
    return {"document": document} | {name: getattr(draft, name) for name in _PLAIN}
