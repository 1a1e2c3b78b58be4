"""Finds whom an erasure is about, carries it out, and repeats it after a restore.

Draws nothing; the command line uses it as the chat does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from handlers.core.context import Context
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.erasure import (
    ErasedKind,
    Erasure,
    ErasureNotFound,
    ErasureReason,
    ErasureState,
    ErasureSubjectNotFound,
    PersonForms,
    StillActive,
)
from sales.erasure.names import full_names, names_in, same_name
from sales.jobs import AdvanceErasure, HandOverWork, Job
from sales.leads import Lead, parse_lead_number
from sales.notices import PersonErased
from sales.people import Person

MOST: Final = 30
"""Leads of which one can choose."""
SMALL: Final = 5_000
"""Rows up to which a preview in chat looks through everything: about a second."""


_NOBODY: Final = PersonForms()


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Who may be meant by what was typed: contacts of leads, colleagues, or only the words."""

    leads: tuple[Lead, ...] = ()
    colleagues: tuple[Person, ...] = ()
    forms: PersonForms = _NOBODY

    @property
    def is_clear(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.leads) + len(self.colleagues) <= 1


def find_people(typed: str, context: Context) -> FoundPeople:
    """Find whom a phone, an e-mail, a lead's number or a name stands for.

    Raises ErasureSubjectNotFound for words that are none of these and nobody's.
    """
    forms = _typed_forms(typed, context)
    number = parse_lead_number(typed)
    if number is not None:
        lead = context.leads.get(number)
        return FoundPeople(leads=(lead,))
    leads = context.leads.search(typed, MOST * 3)
    leads = [lead for lead in leads if _is_contact(lead, typed, forms)][:MOST]
    known = [*forms.contacts, ""]
    phone, email = ("", known[0]) if "@" in known[0] else (known[0], "")
    people = context.uow.contacts.find(phone, email) if forms.contacts else []
    wanted = same_name(typed)
    people += [one for one in context.uow.people.everyone() if same_name(one.name) == wanted]
    colleagues = tuple({one.id: one for one in people}.values())
    if not (leads or colleagues or forms):
        raise ErasureSubjectNotFound
    return FoundPeople(tuple(leads), colleagues, forms)


def preview(
    found: FoundPeople, reason: ErasureReason, context: Context, *, everywhere: bool = False
) -> tuple[Erasure, Mapping[str, int], bool]:
    """Store an erasure of whoever was chosen, before it is confirmed, with what it would change.

    The rows by heading, and whether everything was looked through: ``everywhere``, or where little
    is stored. Raises StillActive, and ErasureSubjectNotFound when there is nothing to erase.
    """
    if found.colleagues and found.colleagues[0].active:
        raise StillActive(name=found.colleagues[0].name)
    erasures = context.uow.erasures
    new = _prepared(found, context)
    whole = everywhere or erasures.size() <= SMALL
    count = erasures.count(new, everywhere=whole)
    if not new.forms or (whole and not count):
        raise ErasureSubjectNotFound
    return erasures.add(replace(new, reason=reason)), count, whole


def collect(found: FoundPeople, context: Context) -> dict[str, Any]:
    """Collect what is stored of whoever was chosen, to be given to them: their own leads or entry,
    and every text that names them, with its place. The caller says who was chosen."""
    erasure = _prepared(found, context)
    mentions = context.uow.erasures.mentions(erasure)
    by = {"leads": " ".join(map(str, erasure.lead_ids)), "texts": str(len(mentions))}
    subject = f"person:{erasure.person_id}" if erasure.person_id else "erasure:export"
    context.uow.audit.record(context.actor, "person.export", subject, by)
    return {
        "names": list(erasure.forms.names),
        "contacts": list(erasure.forms.contacts),
        "accounts": list(erasure.forms.accounts),
        "leads": [
            {"number": lead.number, "customer": lead.customer, "title": lead.title}
            | {"stage": lead.stage.value, "created_at": lead.created_at.isoformat()}
            for lead in found.leads
        ],
        "texts": [{"place": place, "text": text} for place, text in mentions],
    }


def _prepared(found: FoundPeople, context: Context) -> Erasure:
    """Build the erasure of whoever was chosen, with their forms; it is not stored."""
    erasures = context.uow.erasures
    lead_ids = [lead.id for lead in found.leads]
    person_id, kind = None, ErasedKind.CONTACT
    if found.colleagues:
        [person] = found.colleagues
        person_id, kind = person.id, ErasedKind.COLLEAGUE
        forms = erasures.forms_of_colleague(person.id)
    elif lead_ids:
        forms = erasures.forms_of_contact(lead_ids)
    else:
        forms = erasures.among_others(found.forms, ())
    return erasures.prepare(kind, forms, context.actor, lead_ids=lead_ids, person_id=person_id)


def carry_out(erasure: Erasure, context: Context) -> Erasure:
    """Begin a previewed erasure: remove the person's own data now, and search the rest as jobs."""
    if erasure.state is not ErasureState.PREVIEWED:
        raise ErasureNotFound
    uow = context.uow
    if erasure.person_id is not None:
        uow.people.hold()
        person = uow.people.get(erasure.person_id)
        if person.active:
            raise StillActive(name=person.name)
    subjects = uow.erasures.cards_of(erasure)
    label = context.text("erasure.former_colleague", n=erasure.person_id or 0)
    begun = uow.erasures.begin(erasure, label)
    uow.people.forget()
    if erasure.person_id is not None:
        uow.outbox.forget_lanes()
    detail = {"kind": begun.kind.value, "reason": begun.reason.value, "uid": begun.uid}
    detail |= {"leads": " ".join(map(str, begun.lead_ids)), "replayed": str(begun.replayed)}
    uow.audit.record(context.actor, "erasure.carry_out", begun.subject, detail)
    for subject in (*subjects, begun.subject):
        uow.outbox.refresh(subject)
    _plan(begun, context)
    return begun


def advance(job: Job[AdvanceErasure], context: Context) -> None:
    """Due work: search the next rows."""
    try:
        erasure = context.uow.erasures.get(job.args.erasure_id)
    except ErasureNotFound:
        return
    go_on(erasure, context)


def go_on(erasure: Erasure, context: Context) -> Erasure:
    """Search the next rows; at the end, record it and tell whoever asked."""
    if erasure.state is not ErasureState.RUNNING:
        return erasure
    moved = context.uow.erasures.go_on(erasure)
    if moved.state is ErasureState.RUNNING:
        _plan(moved, context)
        return moved
    uow = context.uow
    by = uow.people.get(moved.asked_by) if moved.asked_by else context.actor
    detail = {name: str(n) for name, n in moved.tally} | {"uid": moved.uid}
    uow.audit.record(by, "erasure.done", moved.subject, detail)
    if by.id and by.active:
        uow.outbox.add(PersonErased(moved.id), by.id)
    uow.outbox.refresh(moved.subject)
    return moved


def replay(ledger: Iterable[Erasure], context: Context) -> list[Erasure]:
    """Erase again whoever is in the ledger and back in a database that was restored.

    Returns what was begun or only noted, since nobody was there. Erasures that this database knows
    are left alone, so that it may be called at every start.
    """
    entries = list(ledger)
    if entries:
        # Of processes that start together one repeats it.
        context.uow.people.hold()
    repeated = []
    for entry in entries:
        here = context.uow.erasures.match(entry)
        if here is None:
            continue
        stored = context.uow.erasures.add(here)
        if stored.person_id is not None:
            _close_account(stored.person_id, context)
        if stored.forms or stored.leads:
            repeated.append(carry_out(stored, context))
            continue
        done = replace(stored, state=ErasureState.DONE, done_at=context.now)
        repeated.append(context.uow.erasures.save(done))
    return repeated


def _close_account(person_id: int, context: Context) -> None:
    """Close the account of somebody who had not left yet when the backup was made; the rules give
    their leads to others, as for everybody who leaves."""
    person = context.uow.people.get(person_id)
    if not person.active:
        return
    context.uow.people.save(replace(person, active=False))
    due_at = context.calendar.add(context.now, context.playbook.assignment.hand_over_within)
    key = f"leaver:{person_id}:{context.now.timestamp():.0f}"
    context.uow.jobs.add(Job(HandOverWork(person_id), due_at, key))


def _plan(erasure: Erasure, context: Context) -> None:
    args = AdvanceErasure(erasure.id, erasure.step)
    key = f"erasure:{erasure.uid}:{erasure.step}"
    context.uow.jobs.add(Job(args, context.now, key))


def _typed_forms(typed: str, context: Context) -> PersonForms:
    """What was typed, as forms to search for: a phone, an e-mail, or a full name."""
    try:
        if "@" in typed:
            return PersonForms(contacts=(parse_email(typed),))
        return PersonForms(contacts=(parse_phone(typed, context.country),))
    except (NotAnEmail, NotAPhone):
        names = full_names(names_in(typed))
        return PersonForms(names=names) if names else PersonForms()


def _is_contact(lead: Lead, typed: str, forms: PersonForms) -> bool:
    """Whether a lead that was found has the person for its contact, and not only in its words."""
    contacts = {*lead.phones, *lead.emails, lead.wechat}
    if any(contact in contacts for contact in forms.contacts) or typed.strip() == lead.wechat:
        return True
    wanted = same_name(typed)
    return any(same_name(name) == wanted for name in names_in(lead.contact))
