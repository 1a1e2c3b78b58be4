"""Builds the SQL condition of a lead search. Knows no actor and no order."""

import re

from sqlalchemy import ColumnElement, String, case, cast, false, or_, select, true

from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.leads import parse_lead_number
from storage.database.encryption import Fields
from storage.tables import further_contact, lead

_PART_OF_NUMBER = re.compile(r"(?:lx)?\d{1,9}", re.IGNORECASE)
_LONGEST = 100

# LX001, as sales.leads.lead_number writes it.
_NUMBER = case((lead.c.id < 10, "LX00"), (lead.c.id < 100, "LX0"), else_="LX") + cast(
    lead.c.id, String
)


def lead_matches(text: str, fields: Fields) -> ColumnElement[bool]:
    """The condition for leads whose number, customer, contact or need contains the text.

    Ignores case. A phone or an e-mail matches only in full. Empty text matches everything.
    """
    needle = text.strip()[:_LONGEST]
    if not needle:
        return true()
    return or_(
        *(
            column.icontains(needle, autoescape=True)
            for column in (lead.c.customer_words, lead.c.other_words)
        ),
        _has_number(needle),
        _is_contact(needle, fields),
    )


def _has_number(text: str) -> ColumnElement[bool]:
    lead_id = parse_lead_number(text)
    if lead_id is not None:
        return lead.c.id == lead_id
    return _NUMBER.contains(text.upper()) if _PART_OF_NUMBER.fullmatch(text) else false()


def _is_contact(text: str, fields: Fields) -> ColumnElement[bool]:
    try:
        return _has_contact(lead.c.email_index, parse_email(text), "lead.email", fields)
    except NotAnEmail:
        pass
    try:
        return _has_contact(lead.c.phone_index, parse_phone(text), "lead.phone", fields)
    except NotAPhone:
        return false()


def _has_contact(
    column: ColumnElement[str], contact: str, place: str, fields: Fields
) -> ColumnElement[bool]:
    index = fields.index(contact, "further_contact.contact")
    further = select(further_contact.c.lead_id).where(further_contact.c.contact_index == index)
    return or_(column == fields.index(contact, place), lead.c.id.in_(further))
