"""Column types with guarantees: UTC instants on both databases, and encrypted user input.

The keys come with the database: ``Database.seal_with`` attaches them to its dialect, which
SQLAlchemy passes to each type.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, LargeBinary, MetaData
from sqlalchemy.types import TypeDecorator

from sales.errors import KeysUnavailable
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime. Refuses naive values; SQLite returns aware ones too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: every instant is aware")
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        # A report reads a hundred thousand: the usual way takes four times as long.
        return _instant_of if dialect.name == "sqlite" else _in_utc


def _instant_of(stored: str | None) -> datetime | None:
    """Read an instant as SQLite holds it: ``2026-11-23 02:00:00.000000``."""
    return datetime.fromisoformat(stored + "+00:00") if stored else None


def _in_utc(read: datetime | None) -> datetime | None:
    """Read an instant as PostgreSQL's driver gives it: aware, in the session's timezone."""
    return read and read.astimezone(UTC)


class SealedBytes(LargeBinary):
    """Bytes that a repository seals and opens itself. ``place`` is the column's
    ``table.column``."""

    __visit_name__ = "large_binary"

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place


class SealedText(TypeDecorator[str]):
    """A text that is encrypted when written and decrypted when read.

    It cannot be searched, sorted or compared in SQL, except with the empty text, which stays empty.
    One that cannot be decrypted is read as an UnreadableText, which saving leaves unchanged.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return _fields_of(dialect).keep(value, self.place) if value else b""

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _fields_of(dialect).read(value, self.place) if value else ""


class SealedJSON(SealedText):
    """As SealedText, for JSON values; one that cannot be decrypted is None."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return super().process_bind_param(json.dumps(value, ensure_ascii=False), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        opened = super().process_result_value(value, dialect)
        return None if not opened or isinstance(opened, UnreadableText) else json.loads(opened)


def seal_with(dialect: Dialect, fields: Fields) -> None:
    """Encrypt and decrypt with these keys on connections of this dialect."""
    setattr(dialect, _KEYS, fields)


_KEYS = "genjin_fields"


def _fields_of(dialect: Dialect) -> Fields:
    fields: Fields | None = getattr(dialect, _KEYS, None)
    if fields is None:
        raise KeysUnavailable
    return fields


def sealed_columns(metadata: MetaData) -> Iterator[tuple[Column[Any], str]]:
    """Yield every sealed column, with its place."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, SealedBytes | SealedText):
                yield column, column.type.place


def keep_unreadable(row: dict[str, Any], known: Mapping[Any, Any]) -> dict[str, Any]:
    """Return ``row``, about to be saved over ``known``, with unreadable texts kept.

    A form returns the placeholder for an unreadable text as if it had been typed; the text itself
    stays.
    """
    for name, value in row.items():
        before = known.get(name)
        if isinstance(before, UnreadableText) and value == before:
            row[name] = before
    return row
