"""Rows of any table as JSON, to be put back later exactly as they were; and what refers to a row.

Knows tables and column types, and nothing of what they mean.
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
    """Every column, of whatever table, that refers to a table's rows by foreign key."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is to for key in column.foreign_keys):
                yield column


def rows_where(connection: Connection, column: Column[Any], value: int) -> list[Row]:
    """The rows whose column has the value, in the order of their keys."""
    query = select(column.table).where(column == value).order_by(*column.table.primary_key)
    return [dict(row) for row in connection.execute(query).mappings()]


def row_at(connection: Connection, table: Table, key: Row) -> Row | None:
    found = connection.execute(select(table).where(*at(table, key))).mappings().first()
    return None if found is None else dict(found)


def at(table: Table, key: Mapping[str, Any]) -> list[Any]:
    return [table.c[name] == value for name, value in key.items()]


def key_of(table: Table, row: Mapping[str, Any]) -> Row:
    return {column.name: row[column.name] for column in table.primary_key}


def to_json(row: Row) -> Row:
    return {name: _packed(value) for name, value in row.items()}


def from_json(stored: Row) -> Row:
    return {name: _unpacked(value) for name, value in stored.items()}


def move_row(connection: Connection, column: Column[Any], row: Row, to: int) -> bool:
    """Let a row refer to another. False for one that ``to`` has already and that says nothing
    more, such as that it is shared with somebody: it goes. What is numbered within a lead was
    numbered through before (``renumbering``)."""
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
