"""Snapshots table rows as JSON, to restore them exactly; and finds references to a row.

Knows tables and column types, not what they mean.
"""

import base64
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Connection, Table, select
from sqlalchemy.exc import IntegrityError

from storage.tables import metadata

Row = dict[str, Any]


def references(to: Table) -> Iterator[Column[Any]]:
    """Yield every column, of any table, that refers to a table's rows by foreign key."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is to for key in column.foreign_keys):
                yield column


def rows_where(connection: Connection, column: Column[Any], value: int) -> list[Row]:
    """List the rows whose column has the value, in key order."""
    query = select(column.table).where(column == value).order_by(*column.table.primary_key)
    return [dict(row) for row in connection.execute(query).mappings()]


def row_at(connection: Connection, table: Table, key: Row) -> Row | None:
    row = connection.execute(select(table).where(*at(table, key))).mappings().first()
    return None if row is None else dict(row)


def at(table: Table, key: Mapping[str, Any]) -> list[Any]:
    return [table.c[name] == value for name, value in key.items()]


def key_of(table: Table, row: Mapping[str, Any]) -> Row:
    return {column.name: row[column.name] for column in table.primary_key}


def to_json(row: Row) -> Row:
    return {name: _packed(value) for name, value in row.items()}


def from_json(stored: Row) -> Row:
    return {name: _unpacked(value) for name, value in stored.items()}


def move_row(connection: Connection, column: Column[Any], row: Row, to: int) -> bool:
    """Point a row to another parent.

    False when ``to`` already has an equivalent row that carries no further information, such as
    being shared with somebody: the row is deleted. Rows numbered within a lead were renumbered
    before (``renumbering``).
    """
    here = at(column.table, key_of(column.table, row))
    try:
        with connection.begin_nested():
            connection.execute(column.table.update().where(*here).values({column.name: to}))
    except IntegrityError:
        connection.execute(column.table.delete().where(*here))
        return False
    return True


def _packed(value: Any) -> Any:
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Decimal():
            return {"number": str(value)}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case dict() | list():
            return {"json": value}
        case _:
            return value


def _unpacked(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    match kind:
        case "moment":
            return datetime.fromisoformat(text)
        case "day":
            return date.fromisoformat(text)
        case "number":
            return Decimal(text)
        case "bytes":
            return base64.b64decode(text)
        case _:
            return text
