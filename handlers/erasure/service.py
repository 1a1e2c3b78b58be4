"""Finds whom an erasure is about, carries it out, and repeats it after a restore.

Draws nothing; the command line uses it as the chat does.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from handlers.core.context import Context
from sales.contacts import (
    NotAnEmail,
    NotAPhone,
    NotAWechat,
    parse_email,
    parse_phone,
    parse_wechat,
)
from sales.erasure import (
    ErasedKind,
    Erasure,
    ErasureNotFound,
    ErasurePreview,
    ErasureReason,
    ErasureState,
    ErasureSubjectNotFound,
    PersonForms,
    StillActive,
)
from sales.erasure.names import full_names, names_in, same_name
from sales.jobs import AdvanceErasure, HandOverWork, Job
from sales.leads import Lead, mask_email, mask_phone, mask_wechat, parse_lead_number
from sales.notices import PersonErased
from sales.people import Person

MOST: Final = 30
"""People of whom one can choose."""
SMALL: Final = 5_000
"""Rows up to which a preview in chat looks through everything: about a second."""
REDRAWN_EVERY: Final = 10
"""Steps after which the card shows how far it is."""
_FEWEST_LETTERS: Final = 2
"""Of a customer's name."""
_ROUNDS: Final = 3
"""How far the same contacts are followed from lead to lead."""


_NOBODY: Final = PersonForms()


@dataclass(frozen=True, slots=True)
class CustomerContact:
    """A customer's contact, by the leads that have it: the same name, reached the same way."""

    leads: tuple[Lead, ...]

    @property
    def key(self) -> str:
        return f"lead-{self.leads[0].id}"

    @property
    def label(self) -> str:
        """Name, a masked contact, numbers and customers."""
        first = self.leads[0]
        masked = (mask_phone(first.phone), mask_email(first.email), mask_wechat(first.wechat))
        numbers = ", ".join(lead.number for lead in self.leads)
        customers = ", ".join(dict.fromkeys(lead.customer for lead in self.leads))
        reached = next(filter(None, masked), "")
        return " · ".join(filter(None, (first.contact, reached, customers, numbers)))


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Who may be meant by what was typed: customers' contacts, colleagues, or only the words.

    ``is_guess``: only the customer was named.
    """

    contacts: tuple[CustomerContact, ...] = ()
    colleagues: tuple[Person, ...] = ()
    forms: PersonForms = _NOBODY
    is_guess: bool = False

    @property
    def is_clear(self) -> bool:
        """Whether there is nothing to choose."""
        return len(self.contacts) + len(self.colleagues) <= 1 and not self.is_guess

    @property
    def leads(self) -> tuple[Lead, ...]:
        return tuple(lead for contact in self.contacts for lead in contact.leads)


def find_people(typed: str, context: Context, also: str = "") -> FoundPeople:
    """Find whom a phone, an e-mail, a WeChat id, a lead's number, a name or a customer stands for.

    ``also``: what else the person is called or reached by, which is erased with the rest. Raises
    ErasureSubjectNotFound for words that are none of these and nobody's.
    """
    forms = _typed_forms(typed, context)
    contacts = _contacts_for(typed, forms, context)
    of_customer = [] if contacts else _contacts_of_customer(typed, context)
    phone, email = _first(forms, "+"), _first(forms, "@")
    people = context.uow.contacts.find(phone, email) if phone or email else []
    wanted = {same_name(name) for name in names_in(typed)}
    people += [one for one in context.uow.people.everyone() if same_name(one.name) in wanted]
    colleagues = tuple({one.id: one for one in people}.values())
    is_guess = bool(of_customer) and not colleagues
    if is_guess:
        contacts = of_customer
    if not (contacts or colleagues) and (not forms or _is_customer(typed, context)):
        raise ErasureSubjectNotFound
    further = PersonForms()
    for one in also.splitlines():
        further |= _typed_forms(one, context) or PersonForms(names=names_in(one))
    known = further if contacts or colleagues else forms | further
    return FoundPeople(tuple(contacts[:MOST]), colleagues, known, is_guess)


def preview(
    found: FoundPeople, reason: ErasureReason, context: Context, *, everywhere: bool = False
) -> tuple[Erasure, ErasurePreview]:
    """Store an erasure of whoever was chosen, before it is confirmed, with what it would change:
    ``everywhere``, or where little is stored.

    Raises StillActive, and ErasureSubjectNotFound when there is nothing to erase.
    """
    if found.colleagues and found.colleagues[0].active:
        raise StillActive(name=found.colleagues[0].name)
    erasures = context.uow.erasures
    new = _prepared(found, context)
    seen = erasures.preview(new, everywhere=everywhere or erasures.size() <= SMALL)
    if not new.forms or (seen.is_whole and not seen.count):
        raise ErasureSubjectNotFound
    return erasures.add(replace(new, reason=reason)), seen


def collect(found: FoundPeople, context: Context) -> dict[str, Any]:
    """Collect what is stored of whoever was chosen, to be given to them: their own leads or entry,
    when they opened a proposal, and every text that names them, with its place. The caller says who
    was chosen."""
    erasure = _prepared(found, context)
    mentions = context.uow.erasures.mentions(erasure)
    visits = context.uow.erasures.visits(erasure)
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
        "visits": [moment.isoformat() for moment in visits],
        "texts": [
            {"where": context.text(f"erasure.in_{heading}"), "place": place, "text": text}
            for heading, place, text in mentions
        ],
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
    else:
        forms = erasures.forms_of_contact(lead_ids)
    forms = erasures.among_others(forms | found.forms, lead_ids)
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
    # Steps stand in people's calendars and to-do lists, too.
    for subject in (*subjects, *uow.erasures.changed_steps, begun.subject):
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
    for subject in context.uow.erasures.changed_steps:
        context.uow.outbox.refresh(subject)
    if moved.state is ErasureState.RUNNING:
        if moved.step % REDRAWN_EVERY == 0:
            context.uow.outbox.refresh(moved.subject)
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


def _contacts_for(typed: str, forms: PersonForms, context: Context) -> list[CustomerContact]:
    """The customers' contacts that are meant, with all leads on which they are reached."""
    erasures = context.uow.erasures
    number = parse_lead_number(typed)
    if number is not None:
        ids = [context.leads.get(number).id]
    else:
        names = {same_name(name) for name in names_in(typed)} - {""}
        reached = erasures.leads_reached_by((*forms.contacts, typed.strip()))
        ids = [*reached, *(erasures.leads_named(names) if names and not forms.contacts else ())]
    return _with_same_contacts(ids, context)


def _contacts_of_customer(typed: str, context: Context) -> list[CustomerContact]:
    words = " ".join(typed.casefold().split())
    if len(words) < _FEWEST_LETTERS:
        return []
    found = context.leads.search(typed, MOST * 3)
    ids = [lead.id for lead in found if words in lead.customer.casefold()]
    return _with_same_contacts(ids, context)


def _is_customer(typed: str, context: Context) -> bool:
    """Whether the words are a customer's name, which is not erased as a person's would be."""
    words = " ".join(typed.casefold().split())
    found = context.leads.search(typed, MOST)
    return any(lead.customer.casefold() == words for lead in found)


def _with_same_contacts(ids: Collection[int], context: Context) -> list[CustomerContact]:
    erasures = context.uow.erasures
    leads = dict(context.leads.some(ids))
    for _ in range(_ROUNDS):
        contacts = {one for lead in leads.values() for one in _contacts_of(lead)}
        more = [one for one in erasures.leads_reached_by(contacts) if one not in leads]
        if not more:
            break
        leads |= context.leads.some(more)
    return _grouped([leads[one] for one in sorted(leads, reverse=True)])


def _grouped(leads: Iterable[Lead]) -> list[CustomerContact]:
    """Put leads together whose contact has one name and is reached in one way."""
    groups: list[list[Lead]] = []
    for lead in leads:
        if not (lead.contact or lead.is_reachable):
            continue
        same = [group for group in groups if any(_is_same(lead, other) for other in group)]
        groups = [group for group in groups if group not in same]
        groups.append([*(one for group in same for one in group), lead])
    return [CustomerContact(tuple(group)) for group in groups]


def _is_same(one: Lead, other: Lead) -> bool:
    names = [{same_name(name) for name in names_in(lead.contact)} for lead in (one, other)]
    if all(names) and names[0].isdisjoint(names[1]):
        return False
    ways = [_contacts_of(lead) for lead in (one, other)]
    if all(ways):
        return not ways[0].isdisjoint(ways[1])
    return all(names) and one.customer == other.customer


def _contacts_of(lead: Lead) -> frozenset[str]:
    return frozenset(filter(None, (*lead.phones, *lead.emails, lead.wechat)))


def _first(forms: PersonForms, sign: str) -> str:
    return next((one for one in forms.contacts if sign in one), "")


def _typed_forms(typed: str, context: Context) -> PersonForms:
    """What was typed, as forms to search for: a phone, an e-mail, a WeChat id, or a full name."""
    try:
        if "@" in typed:
            return PersonForms(contacts=(parse_email(typed),))
        return PersonForms(contacts=(parse_phone(typed, context.country),))
    except (NotAnEmail, NotAPhone):
        pass
    with suppress(NotAWechat):
        wechat = parse_wechat(typed)
        # A word of letters alone may as well be a name or a company.
        if not wechat.replace("-", "").isalpha():
            return PersonForms(contacts=(wechat,))
    return PersonForms(names=full_names(names_in(typed)))
