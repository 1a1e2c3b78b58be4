"""Searches stored rows for a person and removes them from what is found.

A row at a time of any table in ``storage.erasure.text_columns``. Knows columns and how they are
sealed, not what an erasure is about.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, String, Table, and_, select, tuple_
from sqlalchemy.sql.elements import ColumnElement

from sales.contacts import mask_contacts
from sales.erasure import ERASED, PersonForms
from sales.erasure.forms import TextEraser
from sales.playbook import Playbook
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.database.row_snapshots import at, key_of
from storage.database.types import SealedBytes
from storage.erasure.text_columns import FILES, Place
from storage.leads.repository import CONTRACT, found_by
from storage.tables import followup, import_page, lead, playbook, transcript
from storage.transcripts import NEXT_REVISION, wait_in_line

log = structlog.get_logger(__name__)

EXAMPLES: Final = 2
"""Texts shown of each heading in a preview."""
_AROUND: Final = 24
"""Characters shown on both sides of what is erased."""
_NAMES_ONLY: Final = frozenset(
    (
        "lead.customer",
        "lead.source",
        "lead.contract",
        "signing.contract",
        "signal.event",
        "enquiry.source",
        "task.invoice",
        "task.why",
        "offer.why",
        "bulk_lead.why",
        "bulk_lead.changes",
        "pool_stay.detail",
        "automation_run.rule",
    )
)
"""Columns in which only the full forms are searched: names of companies, numbers and keys look like
a person's first name or a phone."""
_VERSIONED: Final = frozenset(("lead", "followup", "task", "objection", "proposal", "loss_review"))
"""Tables whose forms are refused when the row was changed since they were opened."""
_MADE_OF: Final = frozenset(("customer", "need", "contract"))


class RowEraser:
    """Removes one person from rows.

    ``leads`` are theirs: there all forms count. In the rows of ``namesakes``' leads no name does.
    ``customers`` are names of companies whose words are no names of the person; ``numbers`` those
    by which texts elsewhere are known to be about the person's leads.
    """

    examples: dict[str, list[str]]
    """Some texts that were cleaned, as they read now, by heading; contacts are masked."""
    steps: list[int]
    """The follow-ups that were cleaned."""

    def __init__(
        self,
        connection: Connection,
        fields: Fields,
        forms: PersonForms,
        *,
        leads: Collection[int],
        customers: Collection[str] = (),
        numbers: Collection[int] = (),
    ) -> None:
        self._connection = connection
        self._fields = fields
        self._leads = frozenset(leads)
        self._subjects = frozenset(f"lead:{lead_id}" for lead_id in numbers)
        self._namesakes = frozenset(forms.namesakes)
        own = tuple(one for one in forms.contacts if one not in forms.shared)
        far = replace(forms, contacts=own)
        nameless = replace(far, names=())
        self._far = TextEraser(nameless if forms.is_shared else far, customers, numbers)
        self._near = TextEraser(forms, customers, numbers)
        self._contacts = TextEraser(nameless)
        self.examples = {}
        self.steps = []

    def of_lead(self, place: Place, lead_id: int, *, write: bool = True) -> int:
        """Clean a lead's rows of a table; returns how many changed."""
        column = place.table.c.id if place.table is lead else place.table.c.lead_id
        rows = self._connection.execute(_query(place).where(column == lead_id)).mappings()
        return sum(self._clean(place, row, write=write) for row in rows.all())

    def after(
        self, place: Place, key: tuple[Any, ...], limit: int, *, write: bool = True
    ) -> tuple[int, int, tuple[Any, ...]]:
        """Clean the rows after a key, in the order of keys, at most ``limit``.

        Returns how many changed, how many were read, and the last one's key.
        """
        keys = list(place.table.primary_key.columns)
        query = _query(place).order_by(*keys).limit(limit)
        if key:
            query = query.where(_after(keys, key))
        if write and place.table is transcript:
            wait_in_line(self._connection)
        if write:
            query = query.with_for_update(key_share=True)
        rows = self._connection.execute(query).mappings().all()
        changed = sum(self._clean(place, row, write=write) for row in rows)
        last = tuple(rows[-1][column.name] for column in keys) if rows else key
        return changed, len(rows), last

    def mentions(self, place: Place) -> Iterator[tuple[str, str]]:
        """Yield every text of a table that names the person, in clear, with its column's place."""
        for row in self._connection.execute(_query(place)).mappings():
            for name in self._changes(place, row):
                value, kind = row[name], place.table.c[name].type
                if isinstance(kind, SealedBytes):
                    value = self._fields.read(value, kind.place)
                if not isinstance(value, str):
                    value = json.dumps(value, ensure_ascii=False)
                yield f"{place.name}.{name}", value

    def _clean(self, place: Place, row: Mapping[Any, Any], *, write: bool) -> bool:
        changed = self._changes(place, row)
        if changed and write:
            self._save(place.table, row, changed)
            if place.table is followup:
                self.steps.append(row["id"])
        return bool(changed)

    def _changes(self, place: Place, row: Mapping[Any, Any]) -> dict[str, Any]:
        """Return the columns that name the person, with their values without."""
        if place.table is import_page and row["number"] == FILES:
            return {}
        lead_id = row.get("id" if place.table is lead else "lead_id")
        about = row.get("subject") in self._subjects
        changed: dict[str, Any] = {}
        for column in place.columns:
            near = lead_id in self._leads and f"{place.name}.{column.name}" not in _NAMES_ONLY
            eraser = self._near if near else self._far
            if lead_id in self._namesakes:
                eraser = self._contacts
            before = row[column.name]
            after = self._cleaned(column.type, before, eraser, near=near, about=about)
            if after is not before and _is_allowed(place, column.name, after):
                changed[column.name] = after
                self._show(place, column.type, after)
        return changed

    def _show(self, place: Place, kind: Any, value: Any) -> None:
        shown = self.examples.setdefault(place.heading, [])
        if len(shown) == EXAMPLES:
            return
        if isinstance(kind, SealedBytes):
            value = self._fields.read(value, kind.place)
        if isinstance(value, str) and value[:1] not in ("{", "["):
            example = _around(mask_contacts(value))
            if example not in shown:
                shown.append(example)

    def _cleaned(
        self, kind: Any, value: Any, eraser: TextEraser, *, near: bool, about: bool
    ) -> Any:
        if not value or isinstance(value, UnreadableText):
            return value
        if isinstance(kind, SealedBytes):
            text = self._fields.read(value, kind.place)
            if isinstance(text, UnreadableText):
                return value
            cleaned = eraser.clean_stored(text, near=near, about=about)
            return value if cleaned is text else self._fields.seal(cleaned, kind.place)
        if not isinstance(value, str):
            cleaned = eraser.clean_json(value, near=near, about=about)
            return value if cleaned == value else cleaned
        cleaned = eraser.clean_stored(value, near=near, about=about)
        longest = kind.length if isinstance(kind, String) else None
        return cleaned if cleaned is value or longest is None else cleaned[:longest]

    def _save(self, table: Table, row: Mapping[Any, Any], changed: dict[str, Any]) -> None:
        if table.name in _VERSIONED:
            changed["version"] = row["version"] + 1
        if table is lead and not _MADE_OF.isdisjoint(changed):
            made_of = {name: changed.get(name, row[name]) for name in ("customer", "need")}
            changed |= found_by(made_of["customer"], row["contact"], made_of["need"])
            if contract := changed.get("contract"):
                changed["contract_index"] = self._fields.index(contract, CONTRACT)
        if table is playbook:
            # Processes hold the last one that they read, by its number and this instant.
            changed["stored_at"] = row["stored_at"] + timedelta.resolution
        if table is transcript:
            changed["revision"] = NEXT_REVISION  # Open windows show it without the person, too.
        here = at(table, key_of(table, row))
        self._connection.execute(table.update().where(*here).values(changed))


def _is_allowed(place: Place, column: str, value: Any) -> bool:
    """Whether a changed value can be read again: rules that name somebody in a wrong place would
    stop everything."""
    if column != "document":
        return True
    try:
        Playbook.model_validate(value)
    except ValidationError:
        log.warning("erasure.playbook_not_changed", table=place.name)
        return False
    return True


def _around(text: str) -> str:
    """The place in a text where something was erased, on one line."""
    text = " ".join(text.split())
    at = max(text.find(ERASED), 0)
    start, end = max(at - _AROUND, 0), at + len(ERASED) + _AROUND
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _query(place: Place) -> Any:
    table = place.table
    columns = {column.name: column for column in (*table.primary_key.columns, *place.columns)}
    for name in ("lead_id", "subject", "number", "contact", "stored_at", "version"):
        if name in table.c and (name != "version" or table.name in _VERSIONED):
            columns[name] = table.c[name]
    return select(*columns.values())


def _after(keys: list[Any], key: tuple[Any, ...]) -> ColumnElement[bool]:
    if len(keys) == 1:
        after: ColumnElement[bool] = keys[0] > key[0]
        return after
    return and_(tuple_(*keys) > tuple_(*key))
