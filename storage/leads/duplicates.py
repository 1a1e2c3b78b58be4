"""Finds existing leads, whoever owns them. Callers must not reveal the owner."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, select, union_all

from sales.duplicates import head_of
from sales.errors import LeadNotFound
from sales.intake import Enquiry
from sales.leads import Lead
from sales.text_search import search_words
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields, Unreadable
from storage.database.rows import Codec, RowMapper
from storage.leads.repository import CONTRACT, DOMAIN, EMAIL, FURTHER, PHONE, lead_from_row
from storage.tables import enquiry as enquiry_table
from storage.tables import further_contact
from storage.tables import lead as table


@dataclass(frozen=True, slots=True)
class Namesake:
    """A lead that may belong to the same customer."""

    lead_id: int
    customer: str


_MOST = 50
# Selects by one index each, instead of OR: to find the oldest, SQLite would read all leads.
_WITH_CONTACT = union_all(
    select(table.c.id).where(table.c.phone_index.in_(bindparam("phones", expanding=True))),
    select(table.c.id).where(table.c.email_index.in_(bindparam("emails", expanding=True))),
    select(further_contact.c.lead_id).where(
        further_contact.c.contact_index.in_(bindparam("further", expanding=True))
    ),
)
_SAME_CONTACT = (
    select(table)
    .where(table.c.id.in_(_WITH_CONTACT), table.c.id != bindparam("but"))
    .order_by(table.c.id)
    .limit(1)
)
_SAME_CONTRACT = (
    select(table)
    .where(table.c.contract_index == bindparam("contract"))
    .order_by(table.c.id.desc())
    .limit(_MOST)
)
_NAMES = select(table.c.id, table.c.customer).where(table.c.id != bindparam("but"))
_NAMES = _NAMES.order_by(table.c.id.desc()).limit(_MOST)
# Two selects instead of OR: each finds its newest by its own index.
_NAMESAKES = union_all(
    select(_NAMES.where(table.c.email_domain_index == bindparam("domain")).subquery()),
    select(_NAMES.where(table.c.customer_head == bindparam("head")).subquery()),
)
_BY_ID = select(table).where(table.c.id == bindparam("lead"))
_REFERENCE = "lead.reference"
_LONGEST_REFERENCE = 200


class DuplicateRepository:
    def __init__(self, connection: Connection, fields: Fields) -> None:
        self._connection = connection
        self._fields = fields

    def by_contact(
        self, phone: str, email: str, others: Sequence[str] = (), *, but: int = 0
    ) -> Lead | None:
        """Find a lead with one of the phones or e-mails, be it as a further one.

        ``others`` are further contacts to look for; ``but`` is a lead id to leave out.
        """
        contacts = [one for one in (phone, email, *others) if one]
        contacts = [one for one in contacts if not isinstance(one, UnreadableText)]
        if not contacts:
            return None
        index = self._fields.index
        params = {
            "phones": [index(one, PHONE) for one in contacts if "@" not in one],
            "emails": [index(one, EMAIL) for one in contacts if "@" in one],
            "further": [index(one, FURTHER) for one in contacts],
            "but": but,
        }
        row = self._connection.execute(_SAME_CONTACT, params).mappings().first()
        return None if row is None else lead_from_row(row, self._fields)

    def namesakes(self, customer: str, email: str, *, but: int = 0) -> list[Namesake]:
        """Find leads with a similar customer name or the same company domain (≤ 50 of each, newest
        first).

        A similar name begins alike.
        """
        domain = self._fields.domain_index(email, DOMAIN)
        # NULL matches nothing: an empty name or a free-mail domain is never looked up.
        head = head_of(search_words(customer)) or None
        params = {"domain": domain or None, "head": head, "but": but}
        rows = self._connection.execute(_NAMESAKES, params)
        names: dict[int, str] = {lead_id: name for lead_id, name in rows}  # noqa: C416
        return [Namesake(lead_id, name) for lead_id, name in names.items()]

    def refer(self, lead_id: int, asker_id: int) -> str:
        """Return a lead's reference for one person, who cannot tell from it which lead it is."""
        sealed = self._fields.seal(f"{lead_id}:{asker_id}", _REFERENCE)
        return base64.urlsafe_b64encode(sealed).decode()

    def referred(self, reference: str, asker_id: int) -> Lead:
        """Resolve a reference. Raises LeadNotFound for one not made for this person."""
        try:
            sealed = base64.b64decode(reference[:_LONGEST_REFERENCE], altchars=b"-_", validate=True)
            lead_id, _, asker = self._fields.open(sealed, _REFERENCE).partition(":")
        except (binascii.Error, ValueError, Unreadable) as error:
            raise LeadNotFound(number="") from error
        row = None
        if asker == str(asker_id):
            row = self._connection.execute(_BY_ID, {"lead": int(lead_id)}).mappings().first()
        if row is None:
            raise LeadNotFound(number="")
        return lead_from_row(row, self._fields)

    def by_contract(self, contract: str) -> list[Lead]:
        """List leads with exactly this contract number (≤ 50, newest first)."""
        if not contract:
            return []
        params = {"contract": self._fields.index(contract, CONTRACT)}
        rows = self._connection.execute(_SAME_CONTRACT, params).mappings()
        return [lead_from_row(row, self._fields) for row in rows]


def _read_said(text: str) -> dict[str, str]:
    said: dict[str, str] = {"need": text} if isinstance(text, UnreadableText) else json.loads(text)
    return said


def _write_said(said: Mapping[str, str]) -> str:
    return json.dumps(dict(said), ensure_ascii=False)


_ENQUIRIES = RowMapper(Enquiry, said=Codec(_read_said, _write_said))
_ENQUIRY_BY_ID = select(enquiry_table).where(enquiry_table.c.id == bindparam("enquiry"))


class EnquiryRepository:
    """Enquiries. Not limited to an actor: read the lead with the actor's rights."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, enquiry: Enquiry) -> Enquiry:
        insert = enquiry_table.insert().returning(enquiry_table.c.id)
        added = self._connection.execute(insert, _ENQUIRIES.write(enquiry))
        return replace(enquiry, id=added.scalar_one())

    def get(self, enquiry_id: int) -> Enquiry:
        """Return an enquiry. Raises LeadNotFound."""
        row = self._connection.execute(_ENQUIRY_BY_ID, {"enquiry": enquiry_id}).mappings().first()
        if row is None:
            raise LeadNotFound(number="")
        return _ENQUIRIES.read(row)
