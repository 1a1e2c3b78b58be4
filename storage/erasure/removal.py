"""Where a person's own columns and rows are, and what an erasure removes of them at once.

Figures stay: leads keep their numbers, stages, amounts and owners, and a colleague's rows stay
theirs under another name.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from sales.erasure import ERASED, PersonForms
from sales.erasure.names import names_in, same_name
from sales.leads import wechat_key
from sales.proposals import MailState
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.leads.repository import (
    EMAIL,
    FURTHER,
    OTHERS,
    PHONE,
    WECHAT,
    found_by,
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
    proposal_mail,
    proposal_reply,
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
    # That something was asked or accepted is the company's record; the words are the person's.
    replies = update(proposal_reply).where(proposal_reply.c.lead_id.in_(ids))
    of_lead = proposal_mail.c.lead_id.in_(ids)
    unsent = update(proposal_mail).where(of_lead, proposal_mail.c.state == MailState.WAITING.value)
    connection.execute(unsent.values(state=MailState.FAILED.value, problem="withdrawn"))
    mails = update(proposal_mail).where(of_lead)
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
        "proposals": connection.execute(replies.values(name="", words="")).rowcount
        + connection.execute(mails.values(address="", subject="", body="")).rowcount,
        "links": connection.execute(links.values(expires_at=now)).rowcount,
        "lists": connection.execute(undo.values(kept=None)).rowcount
        + connection.execute(acts.values(changes=None)).rowcount,
    }


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


def leads_reached_by(
    connection: Connection, fields: Fields, contacts: Collection[str]
) -> Mapping[int, frozenset[str]]:
    """Find the leads whose contact is reached by one of these phones, e-mails or WeChat ids; which
    ones, by the lead's id."""
    phones = {fields.index(one, PHONE): one for one in contacts}
    emails = {fields.index(one, EMAIL): one for one in contacts}
    keyed = [(key, one) for one in contacts for key in {one, wechat_key(one)} if key]
    further = {fields.index(key, FURTHER): one for key, one in keyed}
    found: dict[int, set[str]] = {}
    queries = (
        (lead.c.id, lead.c.phone_index, phones),
        (lead.c.id, lead.c.email_index, emails),
        (further_contact.c.lead_id, further_contact.c.contact_index, further),
    )
    for lead_id, column, known in queries:
        for at, index in connection.execute(select(lead_id, column).where(column.in_(known))):
            found.setdefault(at, set()).add(known[index])
    return {lead_id: frozenset(theirs) for lead_id, theirs in found.items()}


def leads_named(connection: Connection, names: Collection[str]) -> list[int]:
    """Find the leads whose contact has one of these names (``same_name``), newest first."""
    wanted = frozenset(names)
    begins = {name.split()[0] for name in wanted if name.isascii() and name}
    query = select(lead.c.id, lead.c.contact).where(lead.c.contact != "")
    found = []
    for lead_id, contact in connection.execute(query.order_by(lead.c.id.desc())):
        if isinstance(contact, UnreadableText):
            continue
        if contact.isascii() and not any(word in contact.lower() for word in begins):
            continue
        if not wanted.isdisjoint(same_name(name) for name in names_in(contact)):
            found.append(lead_id)
    return found


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
        if row.wechat and contacts[-1].isdecimal():
            contacts[-1] = wechat_key(contacts[-1])
        contacts += others_of(fields.read(row.others, OTHERS)) if row.others else ()
        known = tuple(one for one in contacts if one and not isinstance(one, UnreadableText))
        names = (
            (row.contact,) if row.contact and not isinstance(row.contact, UnreadableText) else ()
        )
        forms |= PersonForms(names, known)
    return forms
