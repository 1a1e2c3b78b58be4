"""Whether somebody takes one more open lead, decided by one unit of work after the other.

Each person is held for themselves: leads for others do not wait. A hold lasts until the unit of
work is done, so that the lead it was asked for counts for who asks next.
"""

from typing import Final

from sqlalchemy import Connection, Integer, bindparam, func, select

from sales.leads import OPEN_STAGES
from sales.people import Person
from storage.tables import lead

_ROOMS: Final = 0x726F6F6D
"""The name space of these holds among advisory locks."""
_HOLD = select(func.pg_advisory_xact_lock(_ROOMS, bindparam("person", type_=Integer)))
_OPEN_LEADS = select(func.count()).where(
    lead.c.owner_id == bindparam("person"),
    lead.c.stage.in_([stage.value for stage in OPEN_STAGES]),
)


def reserve_capacity(connection: Connection, person: Person) -> bool:
    """See ``OfferRepository.reserve_capacity``. Who takes any number costs nothing."""
    if person.capacity is None:
        return True
    if connection.dialect.name != "postgresql":
        # SQLite's writer is alone anyway.
        return not _is_full(connection, person)
    with connection.begin_nested() as held:
        connection.execute(_HOLD, {"person": person.id})
        if not _is_full(connection, person):
            return True
        # Lets go of the hold, too: whoever tries the next person must not keep this one from
        # others, who may be trying them the other way round.
        held.rollback()
        return False


def _is_full(connection: Connection, person: Person) -> bool:
    return person.is_full(connection.execute(_OPEN_LEADS, {"person": person.id}).scalar_one())
