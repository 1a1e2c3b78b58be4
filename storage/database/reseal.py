"""Re-encrypts every stored value with the newest key and re-indexes it, after a key change.

To rotate: put a new key in front, restart, run this. Then the other keys may be removed: blind
indexes are rebuilt at the next start (``storage.database.keys``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    bindparam,
    select,
    type_coerce,
)

from sales.leads import wechat_key
from storage import people as person_contacts
from storage.database.encryption import Fields, Unreadable
from storage.database.engine import Database
from storage.database.types import sealed_columns
from storage.leads.repository import (
    CONTRACT,
    DOMAIN,
    EMAIL,
    FURTHER,
    OTHERS,
    PHONE,
    WECHAT,
    others_of,
)
from storage.tables import further_contact, lead, metadata, person

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were re-encrypted, and how many could not be decrypted and stayed."""

    changed: int = 0
    unreadable: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.changed + other.changed, self.unreadable + other.unreadable)


def reseal(database: Database, fields: Fields) -> Resealed:
    """Re-encrypt all rows, one batch per transaction.

    May run beside everything else, be interrupted and be started again. A value sealed with a key
    that is not in the ring stays as it is, and is counted.
    """
    done = Resealed()
    for column, place in sealed_columns(metadata):
        done += _reseal_column(database, fields, column, place)
    return done


def _reseal_column(database: Database, fields: Fields, column: Column[Any], place: str) -> Resealed:
    [key] = column.table.primary_key
    # The stored bytes, without the column type's processing.
    sealed = type_coerce(column, LargeBinary).label("sealed")
    update = column.table.update().where(key == bindparam("row"))
    update = update.values({column.name: bindparam("new", type_=LargeBinary)})
    done, after = Resealed(), None
    while True:
        query = select(key.label("key"), sealed).order_by(key).limit(_BATCH)
        query = query if after is None else query.where(key > after)
        with database.write() as connection:
            rows = connection.execute(query.with_for_update(key_share=True)).all()
            old = [row for row in rows if row.sealed]
            fresh = {row.key: _resealed(fields, row.sealed, place) for row in old}
            changed = [{"row": key, "new": new} for key, new in fresh.items() if new]
            if changed:
                connection.execute(update, changed)
            unreadable = sum(new is None for new in fresh.values())
            done += Resealed(len(changed), unreadable)
        if not rows:
            return done
        after = rows[-1].key


def _resealed(fields: Fields, sealed: bytes, place: str) -> bytes | None:
    """Re-encrypt a value with the newest key; empty when it already is, None when it cannot be
    decrypted."""
    try:
        return b"" if fields.is_current(sealed) else fields.seal(fields.open(sealed, place), place)
    except Unreadable:
        return None


_INDEXES: Final = (
    (lead.c.phone, PHONE, lead.c.phone_index, PHONE),
    (lead.c.email, EMAIL, lead.c.email_index, EMAIL),
    (lead.c.email, EMAIL, lead.c.email_domain_index, DOMAIN),
    (lead.c.contract, CONTRACT, lead.c.contract_index, CONTRACT),
    (person.c.phone, person_contacts.PHONE, person.c.phone_index, person_contacts.PHONE),
    (person.c.email, person_contacts.EMAIL, person.c.email_index, person_contacts.EMAIL),
)


def reindex(connection: Connection, fields: Fields) -> int:
    """Rebuild every blind index in one transaction, since a half-built index would be worse than
    none.

    Returns how many were rebuilt. A value that cannot be decrypted can no longer be found.
    """
    done = 0
    for column, place, index, index_place in _INDEXES:
        update = column.table.update().where(column.table.c.id == bindparam("row"))
        update = update.values({index.name: bindparam("new")})
        fresh = [
            {"row": row_id, "new": value and _index(fields, value, index_place)}
            for row_id, value in _opened(connection, fields, column, place)
        ]
        if fresh:
            connection.execute(update, fresh)
        done += len(fresh)
    return done + _reindex_others(connection, fields)


def _reindex_others(connection: Connection, fields: Fields) -> int:
    """Rebuild the rows by which leads are found by their further contacts."""
    connection.execute(further_contact.delete())
    contacts = {
        (row_id, contact): None
        for row_id, text in _opened(connection, fields, lead.c.others, OTHERS)
        for contact in (others_of(text) if text else ())
    }
    contacts |= {
        (row_id, wechat_key(wechat)): None
        for row_id, wechat in _opened(connection, fields, lead.c.wechat, WECHAT)
        if wechat
    }
    rows = [
        {"lead_id": row_id, "contact_index": fields.index(contact, FURTHER)}
        for row_id, contact in contacts
    ]
    if rows:
        connection.execute(further_contact.insert(), rows)
    return len(rows)


def _index(fields: Fields, value: str, place: str) -> str | None:
    return fields.domain_index(value, place) if place == DOMAIN else fields.index(value, place)


def _opened(
    connection: Connection, fields: Fields, column: ColumnElement[Any], place: str
) -> Iterator[tuple[int, str | None]]:
    table = column.table
    sealed = type_coerce(column, LargeBinary).label("sealed")
    for row in connection.execute(select(table.c.id, sealed).where(column.is_not(None))):
        if row.sealed:
            try:
                yield row.id, fields.open(row.sealed, place)
            except Unreadable:
                yield row.id, None
