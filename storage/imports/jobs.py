"""Imports with the rows of their files; rows are sealed, since they hold contacts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from sales.imports.plan import PAGE, Choices, Finding, Import, ImportNotFound, ImportState, Tally
from sales.imports.sheet import Row, Sheet
from sales.people import SYSTEM, Person
from storage.fields import Fields
from storage.tables import import_job as table
from storage.tables import import_page as page

CONTENT = "import_page.content"
_PLAIN = ("person_id", "name", "kind", "encoding", "rows", "run", "done", "created_at",
          "finished_at", "forget_at")  # fmt: skip


_UNREADABLE = Choices(columns={}, source="", detail="", team_id=0)
"""What was decided with keys that are not here."""


class ImportRows:
    """``sales.ports.Imports`` for one person. ``locks``: of two who change an import the second
    waits."""

    def __init__(
        self, connection: Connection, fields: Fields, actor: Person, *, locks: bool
    ) -> None:
        self._connection = connection
        self._fields = fields
        self._actor = actor
        self._locks = locks

    def add(self, imported: Import, sheet: Sheet) -> Import:
        insert = table.insert().returning(table.c.id)
        job_id: int = self._connection.execute(insert, _row(imported)).scalar_one()
        pages = [
            {"job_id": job_id, "number": number, "content": self._sealed(content)}
            for number, content in enumerate(_pages(sheet))
        ]
        self._connection.execute(page.insert(), pages)
        return replace(imported, id=job_id)

    def get(self, import_id: int) -> Import:
        query = select(table).where(table.c.id == import_id)
        if self._actor != SYSTEM:
            query = query.where(table.c.person_id == self._actor.id)
        held = query.with_for_update(key_share=True) if self._locks else query
        row = self._connection.execute(held).mappings().first()
        if row is None:
            raise ImportNotFound
        return _import(row)

    def save(self, imported: Import) -> Import:
        update = table.update().where(table.c.id == imported.id)
        self._connection.execute(update.values(**_row(imported)))
        return imported

    def columns(self, import_id: int) -> tuple[str, ...]:
        content = self._content(import_id, 0)
        if content is None:
            raise ImportNotFound
        return tuple(content)

    def page(self, import_id: int, number: int) -> list[Row]:
        content = self._content(import_id, number + 1) or ()
        return [Row(row, tuple(cells), bool(surplus)) for row, surplus, cells in content]

    def forget_rows(self, import_id: int) -> None:
        self._connection.execute(page.delete().where(page.c.job_id == import_id))

    def _content(self, import_id: int, number: int) -> Any:
        query = select(page.c.content).where(page.c.job_id == import_id, page.c.number == number)
        sealed = self._connection.scalar(query)
        return None if sealed is None else json.loads(self._fields.open(sealed, CONTENT))

    def _sealed(self, content: Any) -> bytes:
        return self._fields.seal(json.dumps(content, ensure_ascii=False), CONTENT)


def _pages(sheet: Sheet) -> Iterator[Sequence[Any]]:
    yield sheet.columns
    for start in range(0, len(sheet.rows), PAGE):
        yield [
            (row.number, int(row.surplus), row.cells) for row in sheet.rows[start : start + PAGE]
        ]


def _row(imported: Import) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(imported, name) for name in _PLAIN}
    return row | {
        "state": imported.state.value,
        "choices": asdict(imported.choices),
        "tally": asdict(imported.tally),
    }


def _import(row: RowMapping) -> Import:
    tally = dict(row["tally"])
    findings = {
        name: Finding(one["n"], tuple(one["rows"])) for name, one in tally.pop("findings").items()
    }
    return Import(
        id=row["id"],
        state=ImportState(row["state"]),
        choices=Choices(**row["choices"]) if row["choices"] else _UNREADABLE,
        tally=Tally(**tally, findings=findings),
        **{name: row[name] for name in _PLAIN},
    )
