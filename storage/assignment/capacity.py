"""Capacity check: can this person take another open lead? Serialised per person.

Each person is locked separately: leads for others do not wait. The lock lasts until the unit of
work is done, so that the lead it was acquired for counts in the next check.
"""

from typing import Final

from sqlalchemy import Connection, Integer, bindparam, func, select

from sales.people import Person
from storage.scoping import IS_OPEN
from storage.tables import lead

_LOCK_NAMESPACE: Final = 0x726F6F6D
"""The namespace of these locks among advisory locks."""
_HOLD = select(func.pg_advisory_xact_lock(_LOCK_NAMESPACE, bindparam("person", type_=Integer)))
_OPEN_LEADS = select(func.count()).where(IS_OPEN, lead.c.owner_id == bindparam("person"))


def reserve_capacity(connection: Connection, person: Person) -> bool:
    """See ``OfferRepository.reserve_capacity``. Who takes any number costs nothing."""
    if person.capacity is None:
        return True
    if connection.dialect.name != "postgresql":
        # SQLite has a single writer anyway.
        return not _is_full(connection, person)
    with connection.begin_nested() as held:
        connection.execute(_HOLD, {"person": person.id})
        if not _is_full(connection, person):
            return True
        # Releases the lock, too: whoever tries the next person must not keep this one from
        # others, who may be trying them the other way round.
        held.rollback()
        return False


def _is_full(connection: Connection, person: Person) -> bool:
    return person.is_full(connection.execute(_OPEN_LEADS, {"person": person.id}).scalar_one())
