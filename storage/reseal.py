"""Seals every stored value with the newest key and indexes it anew, after keys have changed.

To rotate: put a new key in front, restart, run this. To retire the oldest key after that: take
it out of the ring, restart, run this again, since the blind indexes go by the oldest.
"""

from typing import Any, Final

from sqlalchemy import Column, Connection, Row, select

from storage import newcomers, person_contacts
from storage.discoveries import NEEDS
from storage.engine import Database
from storage.enquiries import SAID
from storage.fields import Fields
from storage.imports import CONTENT
from storage.leads import DOMAIN, EMAIL, PHONE
from storage.memory import VALUE
from storage.merging import KEPT
from storage.notice_choices import ADDRESS
from storage.proposals import OFFERING
from storage.tables import (
    discovery,
    enquiry,
    import_page,
    lead,
    memory,
    merge,
    newcomer,
    notice_choice,
    person,
    proposal,
    transcript,
)
from storage.transcripts import BODY

_BATCH: Final = 500


def reseal(database: Database, fields: Fields) -> int:
    """Work through all rows, a batch in each transaction; gives how many were changed.

    May run beside everything else, be broken off and be begun again. Raises Unreadable when a
    value was sealed with a key that is not in the ring; nothing of its batch is changed then.
    """
    changed, after = 0, 0
    while True:
        with database.write() as connection:
            rows = _leads_after(connection, after)
            changed += sum(_reseal_lead(connection, fields, row) for row in rows)
        if not rows:
            break
        after = rows[-1].id
    changed += _reseal_column(database, fields, transcript.c.body, BODY)
    changed += _reseal_column(database, fields, enquiry.c.said, SAID)
    changed += _reseal_column(database, fields, import_page.c.content, CONTENT)
    changed += _reseal_column(database, fields, merge.c.kept, KEPT)
    changed += _reseal_column(database, fields, discovery.c.needs, NEEDS)
    changed += _reseal_column(database, fields, proposal.c.offering, OFFERING)
    changed += _reseal_column(database, fields, notice_choice.c.email, ADDRESS)
    changed += _reseal_column(database, fields, newcomer.c.phone, newcomers.PHONE)
    changed += _reseal_column(database, fields, newcomer.c.email, newcomers.EMAIL)
    with database.write() as connection:
        changed += sum(_reseal_person(connection, fields, row) for row in _people(connection))
    with database.write() as connection:
        return changed + _reseal_memory(connection, fields)


def _leads_after(connection: Connection, lead_id: int) -> list[Row[*tuple[Any, ...]]]:
    query = (
        select(
            lead.c.id,
            lead.c.phone,
            lead.c.phone_index,
            lead.c.email,
            lead.c.email_index,
            lead.c.email_domain_index,
        )
        .where(lead.c.id > lead_id)
        .order_by(lead.c.id)
        .limit(_BATCH)
    )
    return list(connection.execute(query.with_for_update(key_share=True)))


def _reseal_lead(connection: Connection, fields: Fields, row: Row[*tuple[Any, ...]]) -> bool:
    fresh: dict[str, Any] = {}
    if row.phone:
        phone = fields.open(row.phone, PHONE)
        fresh |= {"phone_index": fields.index(phone, PHONE)}
        fresh |= _newly_sealed(fields, "phone", row.phone, phone, PHONE)
    if row.email:
        email = fields.open(row.email, EMAIL)
        fresh |= {
            "email_index": fields.index(email, EMAIL),
            "email_domain_index": fields.domain_index(email, DOMAIN),
        }
        fresh |= _newly_sealed(fields, "email", row.email, email, EMAIL)
    if all(getattr(row, name) == value for name, value in fresh.items()):
        return False
    connection.execute(lead.update().where(lead.c.id == row.id).values(**fresh))
    return True


def _people(connection: Connection) -> list[Row[*tuple[Any, ...]]]:
    """Those with contacts; a company has few people."""
    columns = (person.c.id, person.c.phone, person.c.phone_index)
    query = select(*columns, person.c.email, person.c.email_index).with_for_update(key_share=True)
    return [row for row in connection.execute(query) if row.phone or row.email]


def _reseal_person(connection: Connection, fields: Fields, row: Row[*tuple[Any, ...]]) -> bool:
    fresh: dict[str, Any] = {}
    places = (("phone", person_contacts.PHONE), ("email", person_contacts.EMAIL))
    for name, place in places:
        if sealed := getattr(row, name):
            value = fields.open(sealed, place)
            fresh |= {f"{name}_index": fields.index(value, place)}
            fresh |= _newly_sealed(fields, name, sealed, value, place)
    if all(getattr(row, name) == value for name, value in fresh.items()):
        return False
    connection.execute(person.update().where(person.c.id == row.id).values(**fresh))
    return True


def _newly_sealed(
    fields: Fields, column: str, sealed: bytes, value: str, place: str
) -> dict[str, Any]:
    return {} if fields.is_current(sealed) else {column: fields.seal(value, place)}


def _reseal_column(database: Database, fields: Fields, column: Column[Any], place: str) -> int:
    """A sealed column that nothing is found by: what the local web chat shows (its revisions
    stay, since no reader sees a difference), what customers sent again or told of their needs, and
    what they were offered."""
    table, changed, after = column.table, 0, 0
    while True:
        wanted = select(table.c.id, column.label("sealed")).where(table.c.id > after)
        wanted = wanted.order_by(table.c.id).limit(_BATCH).with_for_update()
        with database.write() as connection:
            rows = connection.execute(wanted).all()
            old = [row for row in rows if row.sealed and not fields.is_current(row.sealed)]
            for row in old:
                fresh = fields.seal(fields.open(row.sealed, place), place)
                here = table.update().where(table.c.id == row.id)
                connection.execute(here.values({column.name: fresh}))
        if not rows:
            return changed
        changed, after = changed + len(old), rows[-1].id


def _reseal_memory(connection: Connection, fields: Fields) -> int:
    """Forms that are open right now; few, and forgotten soon."""
    query = select(memory.c.key, memory.c.value).where(memory.c.value.is_not(None))
    old = [
        row
        for row in connection.execute(query.with_for_update())
        if not fields.is_current(row.value)
    ]
    for row in old:
        value = fields.seal(fields.open(row.value, VALUE), VALUE)
        connection.execute(memory.update().where(memory.c.key == row.key).values(value=value))
    return len(old)
