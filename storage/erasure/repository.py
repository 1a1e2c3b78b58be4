"""Stores erasures and carries them out, some rows at a time."""

import secrets
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from sales.erasure import (
    ErasedKind,
    Erasure,
    ErasureNotFound,
    ErasurePreview,
    ErasureState,
    PersonForms,
)
from sales.erasure.names import full_names, names_in, same_name
from sales.people import Person
from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.database.rows import Codec, RowMapper
from storage.erasure.removal import (
    forms_of_leads,
    leads_named,
    leads_reached_by,
    remove_colleague,
    remove_contact,
)
from storage.erasure.search import RowEraser
from storage.erasure.text_columns import OF_LEADS, PLACES
from storage.leads.repository import EMAIL, OTHERS, PHONE, WECHAT, others_of
from storage.people import EMAIL as PERSON_EMAIL
from storage.people import PHONE as PERSON_PHONE
from storage.tables import erasure as table
from storage.tables import (
    identity,
    lead,
    lead_alias,
    memory,
    person,
    posting,
    proposal,
    proposal_visit,
)

AT_ONCE: Final = 500
"""Rows searched in one transaction."""
SCRUB: Final = "storage.database.scrub"


_LISTS: Final = ("names", "contacts", "accounts", "namesakes", "shared", "sharing")


def _read_forms(stored: dict[str, Any] | None) -> PersonForms:
    if not stored:
        return PersonForms()
    return PersonForms(
        **{name: tuple(stored.get(name, ())) for name in _LISTS},
        is_shared=bool(stored.get("is_shared")),
    )


def _write_forms(forms: PersonForms) -> dict[str, Any] | None:
    if not forms:
        return None
    return {name: list(getattr(forms, name)) for name in _LISTS} | {"is_shared": forms.is_shared}


_ROWS: Final = RowMapper(
    Erasure,
    leads=Codec(lambda stored: tuple((one, at) for one, at in stored), list),
    marks=Codec(tuple, list),
    forms=Codec(_read_forms, _write_forms),
    cursor=Codec(tuple, list),
    tally=Codec(lambda stored: tuple(stored.items()), dict),
)


class ErasureRepository:
    """Erasures. ``now`` is when the unit of work began; ``locks``: a second one waits."""

    def __init__(
        self, connection: Connection, fields: Fields, now: datetime, *, locks: bool
    ) -> None:
        self._connection = connection
        self._fields = fields
        self._now = now
        self._locks = locks
        self.changed_steps: list[str] = []
        """The subjects of the next steps that were cleaned, which other systems may show."""

    def forms_of_contact(self, lead_ids: Collection[int]) -> PersonForms:
        """What the contact of these leads is called and reached by."""
        return forms_of_leads(self._connection, self._fields, lead_ids)

    def forms_of_colleague(self, person_id: int) -> PersonForms:
        row = self._connection.execute(
            select(person.c.name, person.c.phone, person.c.email).where(person.c.id == person_id)
        ).one()
        contacts = [
            self._fields.read(value, place)
            for value, place in ((row.phone, PERSON_PHONE), (row.email, PERSON_EMAIL))
            if value
        ]
        accounts = self._connection.scalars(
            select(identity.c.external_id).where(identity.c.person_id == person_id)
        )
        readable = tuple(one for one in contacts if not isinstance(one, UnreadableText))
        return PersonForms((row.name,), readable, tuple(accounts))

    def among_others(self, forms: PersonForms, lead_ids: Collection[int]) -> PersonForms:
        """Add who else has the name or is reached by the same contacts: leads, and colleagues."""
        reached = leads_reached_by(self._connection, self._fields, forms.contacts)
        others = {at: theirs for at, theirs in reached.items() if at not in lead_ids}
        shared = tuple(one for one in forms.contacts if any(one in it for it in others.values()))
        forms = replace(forms, shared=shared, sharing=tuple(sorted(others)))
        wanted = {same_name(name) for typed in forms.names for name in full_names(names_in(typed))}
        if not wanted:
            return forms
        named = leads_named(self._connection, wanted)
        namesakes = tuple(lead_id for lead_id in named if lead_id not in lead_ids)
        people = self._connection.execute(select(person.c.name).where(person.c.active))
        is_shared = any(same_name(name) in wanted for (name,) in people)
        return replace(forms, namesakes=namesakes, is_shared=is_shared)

    def leads_reached_by(self, contacts: Collection[str]) -> list[int]:
        """List the leads whose contact is reached by one of these, newest first."""
        return sorted(leads_reached_by(self._connection, self._fields, contacts), reverse=True)

    def leads_named(self, names: Collection[str]) -> list[int]:
        """List the leads whose contact has one of these names (``same_name``), newest first."""
        return leads_named(self._connection, names)

    def prepare(
        self,
        kind: ErasedKind,
        forms: PersonForms,
        actor: Person,
        *,
        lead_ids: Collection[int] = (),
        person_id: int | None = None,
    ) -> Erasure:
        """Build an erasure that is not stored yet."""
        created = select(lead.c.id, lead.c.created_at).where(lead.c.id.in_(sorted(lead_ids)))
        rows = self._connection.execute(created.order_by(lead.c.id))
        key_id = self._fields.newest
        return Erasure(
            uid=secrets.token_hex(16),
            kind=kind,
            leads=tuple((row.id, row.created_at.isoformat()) for row in rows),
            person_id=person_id,
            marks=tuple(self._marks(forms, key_id)),
            key_id=key_id,
            asked_by=actor.id,
            asked_at=self._now,
            forms=forms,
        )

    def add(self, new: Erasure) -> Erasure:
        insert = table.insert().returning(table.c.id)
        new_id = self._connection.execute(insert, _ROWS.write(new)).scalar_one()
        return replace(new, id=new_id)

    def get(self, erasure_id: int) -> Erasure:
        """Return an erasure, locked until the unit of work ends. Raises ErasureNotFound."""
        query = select(table).where(table.c.id == erasure_id)
        held = query.with_for_update() if self._locks else query
        row = self._connection.execute(held).mappings().first()
        if row is None:
            raise ErasureNotFound
        return _ROWS.read(row)

    def save(self, known: Erasure) -> Erasure:
        update = table.update().where(table.c.id == known.id)
        self._connection.execute(update.values(_ROWS.write(known)))
        return known

    def forget(self, known: Erasure) -> None:
        """Delete a preview."""
        self._connection.execute(table.delete().where(table.c.id == known.id))

    def latest(self, limit: int) -> list[Erasure]:
        """List what was carried out or is under way, newest first."""
        begun = table.c.state != ErasureState.PREVIEWED.value
        query = select(table).where(begun).order_by(table.c.id.desc()).limit(limit)
        return [_ROWS.read(row) for row in self._connection.execute(query).mappings()]

    def carried_out(self) -> list[Erasure]:
        """List everything that belongs in the ledger, oldest first."""
        begun = table.c.state != ErasureState.PREVIEWED.value
        rows = self._connection.execute(select(table).where(begun).order_by(table.c.id))
        return [_ROWS.read(row) for row in rows.mappings()]

    def preview(self, known: Erasure, *, everywhere: bool) -> ErasurePreview:
        """Count the rows that would change; ``everywhere``: not only in the rows of the person's
        leads, which takes about a minute for a million rows."""
        eraser = self._eraser(known)
        count: Counter[str] = Counter()
        for place in OF_LEADS:
            for lead_id in () if everywhere else known.lead_ids:
                count[place.heading] += eraser.of_lead(place, lead_id, write=False)
        for place in PLACES if everywhere else ():
            key: tuple[Any, ...] = ()
            read = AT_ONCE
            while read == AT_ONCE:
                changed, read, key = eraser.after(place, key, AT_ONCE, write=False)
                count[place.heading] += changed
        # Each lead loses its contact, whether its other texts name the person or not.
        count["leads"] = max(count["leads"], len(known.leads))
        count["people"] += known.person_id is not None
        return ErasurePreview(+count, eraser.examples, everywhere)

    def mentions(self, known: Erasure) -> list[tuple[str, str, str]]:
        """List every text that names the person, in clear, each with its heading, and its table and
        column."""
        eraser = self._eraser(known)
        return [(place.heading, *found) for place in PLACES for found in eraser.mentions(place)]

    def visits(self, known: Erasure) -> list[datetime]:
        """List when proposals to the person's leads were opened, by them or who had the link."""
        query = (
            select(proposal_visit.c.at)
            .join(proposal, proposal.c.id == proposal_visit.c.proposal_id)
            .where(proposal.c.lead_id.in_(known.lead_ids))
            .order_by(proposal_visit.c.at)
        )
        return list(self._connection.scalars(query))

    def size(self) -> int:
        """Estimate how many rows there are to search: by the largest tables."""
        largest = ("lead", "followup", "message", "transcript")
        tables = [place.table for place in PLACES if place.name in largest]
        return sum(
            self._connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in tables
        )

    def cards_of(self, known: Erasure) -> list[str]:
        """List the subjects of posted cards that show the person."""
        subjects = [f"lead:{lead_id}" for lead_id in known.lead_ids]
        if known.person_id is None:
            return subjects
        theirs = select(lead.c.id).where(lead.c.owner_id == known.person_id)
        owned = [f"lead:{lead_id}" for lead_id in self._connection.scalars(theirs)]
        posted = select(posting.c.subject).distinct().where(posting.c.subject.like("lead:%"))
        there = set(self._connection.scalars(posted))
        return [one for one in owned if one in there]

    def begin(self, known: Erasure, label: str) -> Erasure:
        """Remove the person's own columns and the forms in the rows of their leads.

        ``label`` becomes a colleague's name.
        """
        count: Counter[str] = Counter()
        eraser = self._eraser(known)
        for place in OF_LEADS:
            for lead_id in known.lead_ids:
                count[place.heading] += eraser.of_lead(place, lead_id)
        self.changed_steps += [f"followup:{step}" for step in eraser.steps]
        if known.leads:
            # Counted as a lead already where its other texts were changed.
            removed = remove_contact(self._connection, self._fields, known.lead_ids, self._now)
            count.update({name: n for name, n in removed.items() if name != "leads"})
            count["leads"] = max(count["leads"], removed["leads"])
        if known.person_id is not None:
            accounts = known.forms.accounts
            count.update(remove_colleague(self._connection, known.person_id, accounts, label))
        begun = replace(known, state=ErasureState.RUNNING, tally=tuple(sorted((+count).items())))
        return self.save(begun)

    def progress(self, known: Erasure) -> int:
        """How much of what is stored was searched, in per cent of the kinds of entries."""
        done = known.state is ErasureState.DONE
        return 100 if done else 100 * _position(known.cursor)[0] // len(PLACES)

    def go_on(self, known: Erasure, limit: int = AT_ONCE) -> Erasure:
        """Search the next rows; done when there are no more."""
        index, key = _position(known.cursor)
        place = PLACES[index]
        eraser = self._eraser(known)
        changed, read, key = eraser.after(place, key, limit)
        self.changed_steps += [f"followup:{step}" for step in eraser.steps]
        tally = Counter(dict(known.tally))
        tally[place.heading] += changed
        index, key = (index, key) if read == limit else (index + 1, ())
        moved = replace(
            known,
            cursor=(index, list(key)),
            tally=tuple(sorted((+tally).items())),
            step=known.step + 1,
        )
        if index == len(PLACES):
            moved = replace(moved, state=ErasureState.DONE, forms=PersonForms(), done_at=self._now)
            self._wipe_later()
        return self.save(moved)

    def match(self, entry: Erasure) -> Erasure | None:
        """Find whom an entry of the ledger is about, in a database that was restored; None when
        this database knows the erasure. ``forms`` are empty when the person is not here."""
        if self._connection.scalar(select(table.c.id).where(table.c.uid == entry.uid)):
            return None
        ids = tuple(self._leads_of(entry)) if entry.kind is ErasedKind.CONTACT else ()
        here = replace(entry, id=0, person_id=None, leads=ids, replayed=True)
        if ids:
            forms = self.forms_of_contact(here.lead_ids)
            return replace(here, forms=self.among_others(forms, here.lead_ids))
        if entry.person_id is not None and self._is_colleague(entry):
            forms = self.among_others(self.forms_of_colleague(entry.person_id), ())
            return replace(here, person_id=entry.person_id, forms=forms)
        return here

    def _leads_of(self, entry: Erasure) -> Iterator[tuple[int, str]]:
        """The leads of an entry: by number and the instant of creation, or by a contact."""
        marks = frozenset(entry.marks)
        known = frozenset(entry.leads)
        columns = lead.c.phone, lead.c.email, lead.c.wechat, lead.c.others
        query = select(lead.c.id, lead.c.created_at, *columns).order_by(lead.c.id)
        for row in self._connection.execute(query):
            named = (row.id, row.created_at.isoformat())
            if named in known or not marks.isdisjoint(self._contact_marks(row, entry.key_id)):
                yield named

    def _contact_marks(self, row: Any, key_id: str) -> Iterator[str]:
        read = self._fields.read
        stored = ((row.phone, PHONE), (row.email, EMAIL), (row.wechat, WECHAT))
        contacts = [read(value, place) for value, place in stored if value]
        contacts += others_of(read(row.others, OTHERS)) if row.others else ()
        return self._marks(PersonForms(contacts=tuple(contacts)), key_id)

    def _is_colleague(self, entry: Erasure) -> bool:
        found = self._connection.scalar(select(person.c.id).where(person.c.id == entry.person_id))
        if found is None:
            return False
        forms = self.forms_of_colleague(found)
        return not frozenset(entry.marks).isdisjoint(self._marks(forms, entry.key_id))

    def _marks(self, forms: PersonForms, key_id: str) -> Iterator[str]:
        own = (contact for contact in forms.contacts if contact not in forms.shared)
        values = [("contact", contact.casefold()) for contact in own]
        values += [("account", account) for account in forms.accounts]
        for typed in forms.names:
            values += [("name", same_name(name)) for name in full_names(names_in(typed))]
        for kind, value in values:
            if mark := self._fields.mark(value, kind, key_id):
                yield mark

    def _eraser(self, known: Erasure) -> RowEraser:
        customers = self._connection.scalars(
            select(lead.c.customer).where(lead.c.id.in_(known.lead_ids))
        )
        merged = select(lead_alias.c.lead_id).where(lead_alias.c.winner_id.in_(known.lead_ids))
        numbers = (*known.lead_ids, *self._connection.scalars(merged))
        return RowEraser(
            self._connection,
            self._fields,
            known.forms,
            leads=known.lead_ids,
            customers=[one for one in customers if not isinstance(one, UnreadableText)],
            numbers=numbers,
        )

    def _wipe_later(self) -> None:
        """Have what was in clear wiped from the files' free space at the next start."""
        for name in ("lead", "library_item", "message"):
            key = f"{SCRUB}:{name}"
            if self._connection.scalar(select(memory.c.key).where(memory.c.key == key)) is None:
                row = {"key": key, "value": None, "total": 0, "forget_at": _NEVER}
                self._connection.execute(memory.insert(), row)


_NEVER: Final = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def _position(cursor: tuple[Any, ...]) -> tuple[int, tuple[Any, ...]]:
    if not cursor:
        return 0, ()
    index, key = cursor
    return int(index), tuple(key)
