"""Entry point beside the router for requests from outside, with no person behind them.

Handles signed calls, public forms and webhooks, and is the only place that commits for them. A lead
received here is parsed, scored, checked for duplicates and routed as if it had been logged in a
chat. Knows no HTTP.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto

from handlers.assignment.service import create_and_assign
from handlers.core.context import Context, ContextFactory
from handlers.core.field_limits import refuse_too_long
from handlers.core.form_reader import FormReader
from handlers.core.language import Languages
from handlers.core.requests import Conversation, Request, Sender, Value, clean_request
from handlers.leads.duplicates import record_enquiry, similar_lead
from handlers.leads.forms import read_lead
from handlers.webhooks import take_behavior, take_signing
from sales.assignments import Why
from sales.errors import DuplicateLead, InvalidInput, Problem
from sales.intake import home_team
from sales.leads import Lead
from sales.people import SYSTEM, Person, Role, Team
from sales.playbook import Playbook
from sales.routing import Assignee
from sales.scoring import scored
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory


class Via(StrEnum):
    """The entry point used: a signed call, a public form or a step of a workflow carrying a lead,
    or a webhook."""

    CALL = "call"
    FORM = "form"
    WORKFLOW = "workflow"
    BEHAVIOR = "behavior"
    ESIGN = "esign"

    @property
    def family(self) -> str:
        """The namespace for event ids; entry points of one family share it."""
        return "intake" if self.brings_a_lead else "hook"

    @property
    def brings_a_lead(self) -> bool:
        return self in (Via.CALL, Via.FORM, Via.WORKFLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadArrival:
    """A request from outside.

    Each of ``ids`` is the same for every redelivery of this request and for no other. ``values``
    are keyed by the lead form's field names, as typed; ``problems`` are errors that the entry point
    itself found in them. ``reachable``: a phone number or e-mail is required. ``owner_id`` is the
    person who shall lead it, 0 for the one whom the rules choose.
    """

    via: Via
    ids: tuple[str, ...]
    values: Mapping[str, Value]
    problems: Mapping[str, Problem] = field(default_factory=dict)
    reachable: bool = False
    locale: str = ""
    owner_id: int = 0


class Outcome(Enum):
    """The result, for internal use only. The answer sent outside must not reveal whether a customer
    is new or known."""

    NEW = auto()
    AGAIN = auto()
    REPEATED = auto()


class Reception:
    """Processes requests from outside, each in a unit of work of its own."""

    def __init__(self, new_uow: UnitOfWorkFactory, contexts: ContextFactory) -> None:
        self._new_uow = new_uow
        self._contexts = contexts

    def playbook(self) -> Playbook:
        """The current playbook. Raises StorageUnavailable."""
        with self._new_uow(read_only=True) as uow:
            return uow.playbooks.current()

    def take(self, arrival: LeadArrival) -> Outcome:
        """Create a lead, or notify the owner of the existing one; redeliveries have no effect.

        Raises InvalidInput, LeadNotFound and StorageUnavailable; nothing is saved then. Input from
        outside is parsed before the write transaction begins, so that it does not block other
        writers.
        """
        refuse_too_long(arrival.values)
        draft = self._draft(arrival) if arrival.via.brings_a_lead else None
        with self._new_uow() as uow:
            context = self._turn(arrival, uow)
            fresh = [
                uow.seen_requests.is_new(arrival_id, context.now) for arrival_id in arrival.ids
            ]
            if not all(fresh):
                return Outcome.REPEATED
            if isinstance(draft, InvalidInput):
                raise draft
            if draft is None:
                _HOOKS[arrival.via](context, arrival.problems)
                outcome = Outcome.AGAIN
            else:
                outcome = _receive(draft, arrival, context, self._contexts.languages)
            uow.commit()
            return outcome

    def _draft(self, arrival: LeadArrival) -> Lead | InvalidInput:
        """Parse the lead, returning an InvalidInput instead of raising it. It is raised only once
        the request is known not to be a redelivery, which gets the same answer as the first
        delivery."""
        with self._new_uow(read_only=True) as uow:
            try:
                return _read(arrival, self._turn(arrival, uow))
            except InvalidInput as error:
                return error

    def _turn(self, arrival: LeadArrival, uow: UnitOfWork) -> Context:
        source = str(arrival.values.get("source", ""))[:30]
        request = Request(
            id=arrival.ids[0],
            action=f"intake.{arrival.via}",
            sender=Sender("intake", source, locale=arrival.locale),
            conversation=Conversation("intake", source, private=True),
            values=arrival.values,
        )
        # The system acts, under a name that shows everybody which entry point was used.
        actor = replace(SYSTEM, name=f"intake {arrival.via}")
        language = self._contexts.languages(arrival.locale)
        return self._contexts.of_request(clean_request(request), actor, uow, language)


_HOOKS: Mapping[Via, Callable[[Context, Mapping[str, Problem]], None]] = {
    Via.BEHAVIOR: take_behavior,
    Via.ESIGN: take_signing,
}


def _receive(draft: Lead, arrival: LeadArrival, context: Context, languages: Languages) -> Outcome:
    draft = replace(draft, created_at=context.now, stage_since=context.now)
    draft = replace(draft, team_id=_team_of(draft, context, languages))
    contacts = (*draft.others, draft.wechat_key)
    if existing := context.uow.duplicates.by_contact(draft.phone, draft.email, contacts):
        return _record_repeat_enquiry(existing, draft, arrival, context)
    try:
        first = _named(arrival, context) or _colleague(draft, context)
        lead, _ = create_and_assign(draft, context, first=first)
    except DuplicateLead:
        # Somebody logged the same contact in the meantime.
        raced = context.uow.duplicates.by_contact(draft.phone, draft.email, contacts)
        if raced is None:
            raise
        return _record_repeat_enquiry(raced, draft, arrival, context)
    context.uow.audit.record(
        context.actor,
        "lead.create",
        lead.subject,
        {"grade": lead.grade} | _audit_detail(arrival, draft),
    )
    return Outcome.NEW


def _read(arrival: LeadArrival, context: Context) -> Lead:
    """Parse the draft. Raises InvalidInput naming every problem, found here or by the entry
    point."""
    blank = Lead(
        source="",
        customer="",
        stage_since=context.now,
        team_id=0,
        created_at=context.now,
        created_by=context.actor.id,
    )
    with FormReader(context) as form:
        draft = form.attempt(lambda: read_lead(context, blank), blank)
        form.include(arrival.problems)
        reachable = context.typed("phone") or context.typed("email")
        if arrival.reachable and not reachable and not form.refused("phone"):
            form.refuse("phone", "reach_missing")
    return scored(draft, context.playbook.scoring)


def _team_of(draft: Lead, context: Context, languages: Languages) -> int:
    people = context.uow.people
    name = context.playbook.intake.team_of(_channel(draft))
    if team := home_team(name, people.teams(), people.everyone()):
        return team.id
    # Nobody has written to the bot yet: the lead waits for the first person who does.
    people.hold()
    first = home_team(name, people.teams(), people.everyone())
    return (first or people.add_team(Team(name=languages().text("team.first")))).id


def _named(arrival: LeadArrival, context: Context) -> Assignee | None:
    """The person whom the request names, unless they are away or take no leads."""
    if not arrival.owner_id:
        return None
    person: Person = context.uow.people.get(arrival.owner_id)
    if not (person.sells and person.is_there(context.today)):
        return None
    return Assignee(person, Why("named"), last=person.role is not Role.REP)


def _colleague(draft: Lead, context: Context) -> Assignee | None:
    """The owner of an open lead for the same customer (by name), who is offered this one first."""
    like = similar_lead(draft, context)
    if like is not None:
        other = context.uow.leads(SYSTEM).get(like.lead_id)
        if other.owner_id and other.is_open:
            owner: Person = context.uow.people.get(other.owner_id)
            if owner.is_there(context.today) and owner.role in (Role.REP, Role.MANAGER):
                why = Why("same_customer", other.number)
                return Assignee(owner, why, last=owner.role is not Role.REP)
    return None


def _record_repeat_enquiry(
    existing: Lead, draft: Lead, arrival: LeadArrival, context: Context
) -> Outcome:
    record_enquiry(existing, draft, context)
    context.uow.audit.record(
        context.actor, "intake.again", existing.subject, _audit_detail(arrival, draft)
    )
    return Outcome.AGAIN


def _audit_detail(arrival: LeadArrival, draft: Lead) -> dict[str, str]:
    return {"via": arrival.via, "source": _channel(draft)}


def _channel(lead: Lead) -> str:
    return lead.source.partition("-")[0]
