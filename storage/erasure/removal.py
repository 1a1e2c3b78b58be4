"""What an erasure removes at once: the person's own columns and rows.

Figures stay: leads keep their numbers, stages, amounts and owners, and a colleague's rows stay
theirs under another name.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from sales.erasure import ERASED, PersonForms
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.leads.repository import (
    EMAIL,
    FURTHER,
    OTHERS,
    PHONE,
    WECHAT,
    found_by,
    lead_from_row,
    others_of,
    sealed_contacts,
    sealed_others,
)
from storage.tables import (
    admin_attempt,
    bulk_lead,
    further_contact,
    identity,
    lane,
    lead,
    merge,
    message,
    newcomer,
    notice_choice,
    person,
    posting,
    proposal,
    proposal_link,
    proposal_visit,
    refusal,
    saved_view,
    transcript,
    view_posting,
)

_DM = "dm:"
"""The web chat's prefix of a person's own conversation."""


def remove_contact(
    connection: Connection, fields: Fields, lead_ids: Collection[int], now: datetime
) -> Mapping[str, int]:
    """Remove the contact of leads; returns the changed rows by heading."""
    ids = sorted(lead_ids)
    rows = connection.execute(select(lead).where(lead.c.id.in_(ids))).mappings().all()
    for row in rows:
        values = sealed_contacts("", "", fields) | sealed_others("", (), fields)
        values |= {"contact": "", "title": "", "version": row["version"] + 1}
        values |= found_by(row["customer"], "", row["need"])
        connection.execute(update(lead).where(lead.c.id == row["id"]).values(values))
    connection.execute(delete(further_contact).where(further_contact.c.lead_id.in_(ids)))
    theirs = select(proposal.c.id).where(proposal.c.lead_id.in_(ids))
    visits = delete(proposal_visit).where(proposal_visit.c.proposal_id.in_(theirs))
    links = update(proposal_link).where(
        proposal_link.c.proposal_id.in_(theirs), proposal_link.c.expires_at > now
    )
    undo = update(merge).where(
        or_(merge.c.winner_id.in_(ids), merge.c.loser_id.in_(ids)), merge.c.kept.is_not(None)
    )
    acts = update(bulk_lead).where(bulk_lead.c.lead_id.in_(ids), bulk_lead.c.changes.is_not(None))
    return {
        "leads": len(rows),
        "visits": connection.execute(visits).rowcount,
        "links": connection.execute(links.values(expires_at=now)).rowcount,
        "lists": connection.execute(undo.values(kept=None)).rowcount
        + connection.execute(acts.values(changes=None)).rowcount,
    }


def remove_contacts_elsewhere(
    connection: Connection, fields: Fields, forms: PersonForms, but: Collection[int]
) -> int:
    """Remove the person's phones and e-mails from other leads that hold one of them; returns how
    many leads."""
    indexes = [fields.index(contact, FURTHER) for contact in forms.contacts]
    further = select(further_contact.c.lead_id).where(further_contact.c.contact_index.in_(indexes))
    query = select(lead).where(
        or_(
            lead.c.phone_index.in_([fields.index(one, PHONE) for one in forms.contacts]),
            lead.c.email_index.in_([fields.index(one, EMAIL) for one in forms.contacts]),
            lead.c.id.in_(further),
        ),
        lead.c.id.not_in(sorted(but)),
    )
    rows = connection.execute(query).mappings().all()
    gone = frozenset(forms.contacts)
    for row in rows:
        known = lead_from_row(row, fields)
        phone = "" if known.phone in gone else known.phone
        email = "" if known.email in gone else known.email
        wechat = "" if known.wechat in gone else known.wechat
        others = tuple(one for one in known.others if one not in gone)
        values = sealed_contacts(phone, email, fields) | sealed_others(wechat, others, fields)
        values["version"] = row["version"] + 1
        connection.execute(update(lead).where(lead.c.id == row["id"]).values(values))
        here = further_contact.c.lead_id == row["id"]
        theirs = further_contact.c.contact_index.in_(indexes)
        connection.execute(delete(further_contact).where(here, theirs))
    return len(rows)


def remove_colleague(
    connection: Connection, person_id: int, accounts: Collection[str], label: str
) -> Mapping[str, int]:
    """Remove what identifies a colleague, and what was said between them and the bot."""
    count: dict[str, int] = {}

    def do(heading: str, statement: Any) -> None:
        count[heading] = count.get(heading, 0) + connection.execute(statement).rowcount

    nameless = {"name": label, "phone": None, "phone_index": None, "email": None}
    nameless |= {"email_index": None, "hours": "", "locale": "", "away_until": None}
    do("people", update(person).where(person.c.id == person_id).values(nameless))
    lanes = {
        row.lane
        for table in (message, posting)
        for row in connection.execute(
            select(table.c.lane).distinct().where(table.c.person_id == person_id)
        )
    }
    lanes |= {
        f"{row.platform}:person:{row.external_id}"
        for row in connection.execute(select(identity).where(identity.c.person_id == person_id))
    }
    lanes = {one for one in lanes if ":person:" in one}
    do("people", delete(identity).where(identity.c.person_id == person_id))
    for row in connection.execute(select(newcomer.c.id).where(newcomer.c.person_id == person_id)):
        unknown = {"name": ERASED, "external_id": f"erased:{row.id}", "phone": None, "email": None}
        do("people", update(newcomer).where(newcomer.c.id == row.id).values(unknown))
    do("people", delete(notice_choice).where(notice_choice.c.person_id == person_id))
    do("people", delete(admin_attempt).where(admin_attempt.c.external_id.in_(accounts)))
    do("lists", delete(view_posting).where(view_posting.c.person_id == person_id))
    do("lists", delete(saved_view).where(saved_view.c.person_id == person_id))
    do("messages", delete(posting).where(posting.c.lane.in_(lanes)))
    do("messages", delete(message).where(message.c.lane.in_(lanes)))
    do("messages", delete(lane).where(lane.c.key.in_(lanes)))
    do("messages", delete(refusal).where(refusal.c.key.in_(lanes)))
    dms = [f"{_DM}{account}" for account in accounts]
    do("chat", delete(transcript).where(transcript.c.conversation.in_(dms)))
    author = update(transcript).where(transcript.c.author.in_(accounts))
    do("chat", author.values(author=f"erased:{person_id}"))
    return count


def forms_of_leads(
    connection: Connection, fields: Fields, lead_ids: Collection[int]
) -> PersonForms:
    """What the contacts of leads are called and reached by."""
    forms = PersonForms()
    query = select(lead.c.contact, lead.c.phone, lead.c.email, lead.c.wechat, lead.c.others)
    for row in connection.execute(query.where(lead.c.id.in_(sorted(lead_ids)))):
        contacts = [
            fields.read(value, place)
            for value, place in ((row.phone, PHONE), (row.email, EMAIL), (row.wechat, WECHAT))
            if value
        ]
        contacts += others_of(fields.read(row.others, OTHERS)) if row.others else ()
        known = tuple(one for one in contacts if one and not isinstance(one, UnreadableText))
        names = (
            (row.contact,) if row.contact and not isinstance(row.contact, UnreadableText) else ()
        )
        forms |= PersonForms(names, known)
    return forms
