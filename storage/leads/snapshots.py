"""Records what an act changes of a lead, and can take exactly that back.

A snapshot holds the lead's row and the rows that an act on it may change. Two of them give the
changes, which are JSON; the lead's words are among them only where the act changed them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, bindparam, select

from sales.unreadable import UnreadableText
from storage.database import row_snapshots
from storage.database.row_snapshots import Row
from storage.database.types import SealedBytes, SealedText
from storage.tables import (
    clock,
    collaborator,
    followup,
    lead,
    metadata,
    offer,
    pool_stay,
    stage_interval,
    task,
)

Changes = dict[str, Any]
"""What an act changed, as JSON: ``lead`` (its columns before), ``version`` (after), and ``rows``,
each a table's name, the row's key, and the changed columns before and after (None: no row)."""
Snapshot = dict[tuple[str, tuple[Any, ...]], Row]
"""Rows by table and key."""

_WORDS: Final = ("next_step", "lost_reason", "contract", "specification", "payment", "liability")
"""Sealed columns of a lead that an act may change."""
_BY_ITSELF: Final = (offer.name, clock.name, stage_interval.name)
"""Tables in which a change since is nobody's work on the lead, or follows from one that is."""


def _columns(table: Table) -> list[Column[Any]]:
    """The columns to look at: those that are not sealed, and a lead's words."""
    sealed = SealedBytes | SealedText
    words = _WORDS if table is lead else ()
    return [one for one in table.columns if not isinstance(one.type, sealed) or one.name in words]


def _of_lead(table: Table) -> Select[Any]:
    of_lead = (lead.c.id if table is lead else table.c.lead_id) == bindparam("wanted")
    query = select(*_columns(table)).where(of_lead)
    if table is followup:
        # Only an open step is ever changed, and it has been open before.
        query = query.where(table.c.next_at.is_not(None))
    return query


_QUERIES: Final = {
    table.name: _of_lead(table)
    for table in (lead, offer, clock, pool_stay, stage_interval, followup, task, collaborator)
}


class LeadSnapshotRepository:
    """Snapshots of leads. The lead is to be locked by the caller (``LeadRepository.get``)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, lead_id: int) -> Snapshot:
        """Return the rows of a lead that an act may change."""
        rows: Snapshot = {}
        for name, query in _QUERIES.items():
            keys = [column.name for column in metadata.tables[name].primary_key]
            for row in self._connection.execute(query, {"wanted": lead_id}).mappings():
                rows[name, tuple(row[key] for key in keys)] = dict(row)
        return rows

    def is_unchanged(self, lead_id: int, changes: Changes) -> bool:
        """Whether nobody has changed the lead since: neither itself nor what the act changed."""
        here = self.take(lead_id)
        row = here.get((lead.name, (lead_id,)))
        if row is None or row["version"] != changes["version"]:
            return False
        return all(
            _has(here.get((name, tuple(key))), after)
            for name, key, _, after in changes["rows"]
            if name not in _BY_ITSELF
        )

    def restore(self, lead_id: int, changes: Changes) -> None:
        """Take the changes back. New clocks stay, since notices may name them: the caller ends them
        before, and withdraws new offers, so that they are counted for nobody."""
        for name, key, before, after in changes["rows"]:
            table = metadata.tables[name]
            here = row_snapshots.at(table, _named(table, key))
            if before is None:
                if name != clock.name:
                    self._connection.execute(table.delete().where(*here))
            elif after is None:
                self._connection.execute(table.insert(), row_snapshots.from_json(before))
            elif name != offer.name:
                values = row_snapshots.from_json(before)
                if "version" in values:
                    values["version"] = after["version"] + 1
                self._connection.execute(table.update().where(*here).values(values))
        values = row_snapshots.from_json(changes["lead"]) | {"version": changes["version"] + 1}
        self._connection.execute(lead.update().where(lead.c.id == lead_id).values(values))


def changes_between(lead_id: int, before: Snapshot, after: Snapshot) -> Changes:
    """Return what happened to a lead between two snapshots."""
    mine = (lead.name, (lead_id,))
    was, is_now = before[mine], after[mine]
    rows = [
        [name, list(key), *_changed(before.get((name, key)), after.get((name, key)))]
        for name, key in _in_order(before.keys() | after.keys())
        if (name, key) != mine and before.get((name, key)) != after.get((name, key))
    ]
    columns = _differing(was, is_now)
    # One that cannot be read cannot be restored either, and no act depends on it.
    columns = [name for name in columns if not isinstance(was[name], UnreadableText)]
    return {
        "lead": row_snapshots.to_json({name: was[name] for name in columns}),
        "version": is_now["version"],
        "rows": rows,
    }


def new_rows(changes: Changes, table: str) -> list[int]:
    """The ids of the rows that the act added to a table, such as ``clock``."""
    return [key[0] for name, key, before, _ in changes["rows"] if name == table and before is None]


def _changed(before: Row | None, after: Row | None) -> tuple[Row | None, Row | None]:
    if before is None or after is None:
        packed = row_snapshots.to_json
        return (packed(before) if before else None), (packed(after) if after else None)
    names = _differing(before, after)
    return (
        row_snapshots.to_json({name: before[name] for name in names}),
        row_snapshots.to_json({name: after[name] for name in names}),
    )


def _differing(before: Row, after: Row) -> list[str]:
    return [name for name, value in before.items() if value != after[name]]


def _has(row: Row | None, after: Row | None) -> bool:
    """Whether a row has the values that it had after the act; None for no row."""
    if row is None or after is None:
        return row is None and after is None
    return all(row[name] == value for name, value in row_snapshots.from_json(after).items())


def _in_order(keys: Iterable[tuple[str, tuple[Any, ...]]]) -> list[tuple[str, tuple[Any, ...]]]:
    return sorted(keys)


def _named(table: Table, key: Iterable[Any]) -> Mapping[str, Any]:
    names = (column.name for column in table.primary_key)
    return dict(zip(names, key, strict=True))
