"""Seals every stored value with the newest key and indexes it anew, after keys have changed.

To rotate: put a new key in front, restart, run this. Then the other keys may be taken away: blind
indexes are made anew at the next start (``storage.keys``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, select, type_coerce

from storage import person_contacts
from storage.columns import sealed_columns
from storage.engine import Database
from storage.fields import Fields, Unreadable
from storage.leads import CONTRACT, DOMAIN, EMAIL, PHONE
from storage.tables import lead, metadata, person

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew, and how many could not be opened and stayed."""

    changed: int = 0
    unreadable: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.changed + other.changed, self.unreadable + other.unreadable)


def reseal(database: Database, fields: Fields) -> Resealed:
    """Work through all rows, a batch in each transaction.

    May run beside everything else, be broken off and be begun again. What was sealed with a key
    that is not in the ring stays as it is, and is counted.
    """
    done = Resealed()
    for column, place in sealed_columns(metadata):
        done += _reseal_column(database, fields, column, place)
    return done


def _reseal_column(database: Database, fields: Fields, column: Column[Any], place: str) -> Resealed:
    [key] = column.table.primary_key
    # As it is stored, whatever the column makes of it.
    sealed = type_coerce(column, LargeBinary).label("sealed")
    done, after = Resealed(), None
    while True:
        query = select(key.label("key"), sealed).order_by(key).limit(_BATCH)
        query = query if after is None else query.where(key > after)
        with database.write() as connection:
            rows = connection.execute(query.with_for_update(key_share=True)).all()
            done += sum(
                (_reseal_value(connection, fields, row, column, place) for row in rows),
                Resealed(),
            )
        if not rows:
            return done
        after = rows[-1].key


def _reseal_value(
    connection: Connection, fields: Fields, row: Any, column: Column[Any], place: str
) -> Resealed:
    if not row.sealed:
        return Resealed()
    try:
        if fields.is_current(row.sealed):
            return Resealed()
        fresh = fields.seal(fields.open(row.sealed, place), place)
    except Unreadable:
        return Resealed(unreadable=1)
    [key] = column.table.primary_key
    update = column.table.update().where(key == row.key)
    connection.execute(update.values({column.name: type_coerce(fresh, LargeBinary)}))
    return Resealed(changed=1)


_INDEXES: Final = (
    (lead.c.phone, PHONE, lead.c.phone_index, PHONE),
    (lead.c.email, EMAIL, lead.c.email_index, EMAIL),
    (lead.c.email, EMAIL, lead.c.email_domain_index, DOMAIN),
    (lead.c.contract, CONTRACT, lead.c.contract_index, CONTRACT),
    (person.c.phone, person_contacts.PHONE, person.c.phone_index, person_contacts.PHONE),
    (person.c.email, person_contacts.EMAIL, person.c.email_index, person_contacts.EMAIL),
)


def reindex(connection: Connection, fields: Fields) -> int:
    """Make every blind index anew, all in one transaction, since half of them would be worse than
    none; gives how many. What cannot be opened is found no more."""
    done = 0
    for column, place, index, index_place in _INDEXES:
        table = column.table
        for row_id, value in list(_opened(connection, fields, column, place)):
            fresh = None
            if value is not None and index_place == DOMAIN:
                fresh = fields.domain_index(value, DOMAIN)
            elif value is not None:
                fresh = fields.index(value, index_place)
            connection.execute(
                table.update().where(table.c.id == row_id).values({index.name: fresh})
            )
            done += 1
    return done


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
