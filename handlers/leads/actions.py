"""Leads: log, show, search, edit and reassign them."""

from collections.abc import Iterable
from dataclasses import replace

from handlers.assignment.service import (
    accept_by_acting,
    create_and_assign,
    create_and_keep,
    offer_to,
)
from handlers.contact_alerts import record_matches, watch_reveals
from handlers.core.cards import lead_gone_card
from handlers.core.choices import assignable, lead_options, person_option
from handlers.core.commands import echoed
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.guards import lead_to_decide
from handlers.core.labels import enum_label, lead_title, why_text
from handlers.core.lead_facts import next_step_text
from handlers.core.recipients import delivery_note
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.core.ui import Button, Card, Choice, Fact, Form, Option, PersonPick, Section
from handlers.leads.duplicates import (
    known_reply,
    refuse_same,
    refuse_same_contact,
    similar_lead,
    visible_lead,
)
from handlers.leads.forms import KEEP, LONGEST, lead_form, read_lead
from handlers.response_clocks.service import expect_record, settle_clock
from handlers.signals.cards import intent_mark
from sales.amounts import parse_budget
from sales.assignments import Offer, Why
from sales.capture import LONG_ENOUGH, Captured, read_message
from sales.contacts import holds_contact, split_extension
from sales.duplicates import DIFFERENT, SAME
from sales.errors import Conflict, DuplicateLead, LeadNotFound
from sales.job_titles import authority_of
from sales.leads import Lead, lead_id_of, lead_number, parse_lead_number
from sales.people import SYSTEM, Role
from sales.permissions import may_decide_on
from sales.playbook import Term
from sales.routing import Assignee
from sales.scoring import scored

_AT_LEAST = 2
_LOOKED_UP = 5
_SHORT = 4


def capture(context: Context) -> Reply:
    """A message, quoted or pasted: the lead form filled from its text. A known customer's lead is
    shown instead, or the person is told whom to ask for it."""
    text = (context.request.text or context.pressed).strip()
    message = read_message(text)
    return _known_customer(message, context) or Reply(form=_filled(text, message, context))


def _known_customer(message: Captured, context: Context) -> Reply | None:
    phones, emails = message.phones[:_LOOKED_UP], message.emails[:_LOOKED_UP]
    contacts = [*((phone, "") for phone in phones), *(("", email) for email in emails)]
    for phone, email in contacts:
        if existing := context.uow.duplicates.by_contact(phone, email):
            return known_reply(existing, context)
    return None


def _filled(text: str, message: Captured, context: Context) -> Form:
    words = context.playbook.vocabulary
    budget = parse_budget(message.budget) if message.budget else (None, None)
    draft = Lead(
        source=_mentioned(words.sources, text),
        customer=message.customer[: LONGEST["customer"]],
        contact=message.contact[: LONGEST["contact"]],
        title=message.title[: LONGEST["title"]],
        authority=authority_of(message.title),
        phone=next(iter(message.phones), ""),
        email=next(iter(message.emails), ""),
        budget_low=budget[0],
        budget_high=budget[1],
        need=message.need[: LONGEST["need"]],
        industry=_mentioned(words.industries, text),
        region=_mentioned(words.regions, text),
        product=_mentioned(words.products, text),
        stage_since=context.now,
        team_id=context.actor.team_id,
        created_at=context.now,
        created_by=context.actor.id,
    )
    form = lead_form(context, draft, ask_owner=context.actor.role is Role.REP)
    return replace(form, intro=_intro(text, message, context))


def _intro(text: str, message: Captured, context: Context) -> str:
    if not text:
        return context.text("capture.nothing")
    others = [*message.phones[1:_LOOKED_UP], *message.emails[1:_LOOKED_UP]]
    more = context.text("capture.others", others=", ".join(others)) if others else ""
    return context.text("capture.intro") + more


def _mentioned(terms: Iterable[Term], text: str) -> str:
    """The key of the term that the text mentions; "" when it mentions none or several."""
    lowered = text.lower()
    named = {
        term.key
        for term in terms
        if any(len(word) >= _AT_LEAST and word.lower() in lowered for word in _words_of(term))
    }
    return named.pop() if len(named) == 1 else ""


def _words_of(term: Term) -> tuple[str, ...]:
    """The words to look for. Short English ones are left out, since they occur inside others
    (``it`` in ``with``)."""
    return (term.zh if not term.zh.isascii() else "", term.en if len(term.en) > _SHORT else "")


FOUND = 8
"""Maximum number of leads a search shows; nobody would read more."""


def open_command(context: Context) -> Reply:
    """``/lead``: the form; with a number, that lead's card; with a text, the search results.

    A whole pasted message from a customer we do not have fills the form.
    """
    text = context.request.text.strip()
    if (lead_id := parse_lead_number(text)) is not None:
        return Reply(card=context.lead_card(context.leads.get(lead_id)))
    if not text:
        return Reply(form=lead_form(context, None, ask_owner=context.actor.role is Role.REP))
    leads = context.leads.search(text, FOUND + 1)
    if len(leads) == 1:
        return Reply(card=context.lead_card(leads[0]))
    if not leads and len(text) >= LONG_ENOUGH and read_message(text).names_somebody:
        return capture(context)
    return Reply(card=_results_card(text, leads, context))


def show(context: Context) -> Reply:
    """Button: a lead's card."""
    return Reply(card=context.lead_card(context.leads.get(lead_id_of(context.pressed))))


def options(context: Context) -> Reply:
    """The lead picker's options while somebody types."""
    return Reply(options=lead_options(context, context.request.text))


def create(context: Context) -> Reply:
    """Form: score the lead, check for duplicates, and assign it to its owner."""
    blank = Lead(
        source="",
        customer="",
        stage_since=context.now,
        team_id=context.actor.team_id,
        created_at=context.now,
        created_by=context.actor.id,
    )
    draft = scored(read_lead(context, blank), context.playbook.scoring)
    if refused := _refuse_known(draft, None, context):
        return refused
    keeps_it = context.typed("owner") == KEEP
    try:
        lead, offer = (
            (create_and_keep(draft, context), None)
            if keeps_it
            else create_and_assign(draft, context)
        )
    except DuplicateLead:
        if refused := refuse_same_contact(draft, context):
            return refused
        raise
    context.uow.audit.record(context.actor, "lead.create", lead.subject, {"grade": lead.grade})
    _note_different(lead, context)
    if keeps_it:
        return Reply(card=context.lead_card(lead), toast=_saved(lead, context))
    if lead.owner_id == context.actor.id:
        # Its card is already on the way as the assignment; a second one would only be noise.
        return Reply(toast=_saved(lead, context))
    return Reply(card=_assigned_card(lead, offer, context))


def edit(context: Context) -> Reply:
    """Button: the form filled with what is known."""
    lead = context.leads.get(lead_id_of(context.pressed))
    return Reply(form=lead_form(context, lead, stored=lead))


def update(context: Context) -> Reply:
    """Form: edit a lead, without silently overwriting what somebody else saved meanwhile."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    draft = scored(read_lead(context, lead), context.playbook.scoring)
    if str(lead.version) != context.request.state.get("version"):
        form = lead_form(context, draft, stored=lead)
        return Reply(form=form, errors={WHOLE_FORM: context.text("lead.changed_meanwhile")})
    if refused := _refuse_known(draft, lead, context):
        return refused
    changed = [
        name for name in Lead.__dataclass_fields__ if getattr(draft, name) != getattr(lead, name)
    ]
    saved = context.leads.save(draft)
    accept_by_acting(saved, context)
    if saved.grade is not lead.grade:
        settle_clock(saved, context)
    context.uow.audit.record(
        context.actor, "lead.update", lead.subject, {"fields": ",".join(changed)}
    )
    _note_different(saved, context)
    context.uow.outbox.refresh(saved.subject)
    return Reply(
        update=context.lead_card(saved), toast=context.text("lead.updated", lead=saved.number)
    )


def reassign(context: Context) -> Reply:
    """Button: choose who gets the lead."""
    lead = lead_to_decide(lead_id_of(context.pressed), context)
    people = tuple(person_option(person, context) for person in assignable(context))
    field = PersonPick(
        name="person", label=context.text("lead.new_owner"), required=True, options=people
    )
    return Reply(
        form=Form(
            action="lead.assign",
            title=context.text("lead.reassign_title"),
            intro=context.text("lead.reassign_intro", lead=lead_title(lead)),
            fields=(field,),
            submit=context.text("lead.reassign_submit"),
            cancel=context.text("button.cancel"),
            state={"lead": lead.number, "owner": _owner_value(lead)},
        )
    )


def assign(context: Context) -> Reply:
    """Form: assign the lead to the person a manager chose, overruling the rules. The person is told
    who chose. A choice that another manager made meanwhile stands."""
    lead = lead_to_decide(lead_id_of(context.request.state.get("lead", "")), context)
    if context.request.state.get("owner", "") != _owner_value(lead):
        raise Conflict(number=lead.number)
    with FormReader(context) as form:
        person = form.person(assignable(context))
    chosen = Assignee(person, Why("chosen", context.actor.name), last=person.role is not Role.REP)
    lead = offer_to(lead, chosen, context)
    context.uow.audit.record(context.actor, "lead.assign", lead.subject, {"to": str(person.id)})
    try:
        card = context.lead_card(context.leads.get(lead.id))
    except LeadNotFound:
        card = lead_gone_card(lead, context)
    return Reply(
        update=card, toast=context.text("lead.reassigned", lead=lead.number, name=person.name)
    )


def _owner_value(lead: Lead) -> str:
    return str(lead.owner_id or "")


def _refuse_known(draft: Lead, stored: Lead | None, context: Context) -> Reply | None:
    """Refuse a lead with the same contacts, and ask about one with a similar name.

    The question is skipped once the person has said why it is a different customer. None when
    neither applies; for a new lead, contacts that another lead has are detected when it is stored.
    """
    answer = context.typed("different")
    is_told = answer in DIFFERENT or (stored and stored.customer == draft.customer)
    like = None if is_told else similar_lead(draft, context)
    if (stored or like) and (refused := refuse_same_contact(draft, context)):
        return refused
    if like is None:
        return None
    if answer == SAME:
        return refuse_same("different", context.uow.leads(SYSTEM).get(like.lead_id), context)
    seen = visible_lead(like.lead_id, context)
    name = lead_title(seen) if seen else context.text("lead.someone_elses")
    ask_owner = stored is None and context.actor.role is Role.REP
    form = lead_form(context, draft, ask_owner=ask_owner, confirm=name, stored=stored)
    problem = context.text("problem.maybe_same", lead=name)
    record = None if seen else record_matches()
    return Reply(form=form, errors={"different": problem}, record=record)


def _note_different(lead: Lead, context: Context) -> None:
    """Record in the audit log that a lead was saved despite a similar name, and the reason
    given."""
    reason = context.typed("different")
    if reason in DIFFERENT and (like := similar_lead(lead, context)):
        detail = {"reason": reason, "like": lead_number(like.lead_id)}
        context.uow.audit.record(context.actor, "lead.different", lead.subject, detail)


def _saved(lead: Lead, context: Context) -> str:
    grade = enum_label(lead.grade, context.language)
    return context.text("lead.saved", lead=lead_title(lead), grade=grade, n=lead.score)


def _assigned_card(lead: Lead, offer: Offer | None, context: Context) -> Card:
    """What the person who logged a lead sees when it was assigned to somebody else."""
    log_another = Button("lead.new", context.text("button.another_lead"))
    buttons: tuple[Button, ...] = (log_another,)
    if may_decide_on(context.actor, lead) or visible_lead(lead.id, context):
        buttons = (Button("lead.show", context.text("button.open"), lead.number), log_another)
    if offer is None:
        return Card(
            title=_saved(lead, context),
            body=context.text("lead.nobody_there"),
            buttons=buttons,
            tone="warning",
        )
    person = context.uow.people.get(offer.person_id)
    why = why_text(offer.why, context.language, person.name)
    delivery = delivery_note(person, context)
    return Card(
        title=_saved(lead, context),
        body=context.text("lead.goes_to", name=person.name, told=delivery, why=why),
        buttons=buttons,
        tone="good",
    )


def _results_card(text: str, leads: list[Lead], context: Context) -> Card:
    if not leads:
        new = Button("lead.new", context.text("button.new_lead"))
        if read_message(text).names_somebody:
            new = Button("lead.capture", context.text("button.capture"), text, "primary")
        return Card(
            title=context.text("lead.none_found", text=echoed(text)),
            body=context.text("lead.none_found_hint"),
            buttons=(new,),
        )
    sections = tuple(_result_section(lead, context) for lead in leads[:FOUND])
    footnote = context.text("lead.more_found", n=FOUND) if len(leads) > FOUND else ""
    title = context.text("lead.found", n=min(len(leads), FOUND), text=echoed(text))
    return Card(title=title, sections=sections, footnote=footnote)


def _result_section(lead: Lead, context: Context) -> Section:
    stage = enum_label(lead.stage, context.language)
    line = " · ".join(
        part
        for part in (
            intent_mark(lead, context),
            stage,
            lead.contact,
            next_step_text(lead, context),
        )
        if part
    )
    button = Button("lead.show", context.text("button.open_lead", lead=lead.number), lead.number)
    return Section(heading=lead_title(lead), lines=(line,), buttons=(button,))


CALL = "call"
REASONS = (CALL, "send", "visit", "check")


def ask(context: Context) -> Reply:
    """Button: ask why the contact is needed."""
    lead = context.leads.get(lead_id_of(context.pressed))
    reasons = tuple(Option(reason, context.text(f"contact.reason_{reason}")) for reason in REASONS)
    field = Choice(
        name="reason",
        label=context.text("contact.reason"),
        required=True,
        value=CALL,
        options=reasons,
    )
    return Reply(
        form=Form(
            action="contact.reveal",
            title=context.text("contact.title"),
            intro=context.text("contact.intro", lead=lead_title(lead)),
            fields=(field,),
            submit=context.text("contact.submit"),
            cancel=context.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def reveal(context: Context) -> Reply:
    """Form: the unmasked contact, for the person who asked only; the reveal is recorded."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    with FormReader(context) as form:
        reason = form.one_of("reason", REASONS)
    context.uow.audit.record(context.actor, "contact.reveal", lead.subject, {"reason": reason})
    accept_by_acting(lead, context)
    watch_reveals(context)
    if reason == CALL:
        expect_record(lead, context)
    phones = tuple(_spoken(phone, context) for phone in lead.phones)
    # A contact that somebody typed into the need is masked on the card as well.
    need = lead.need if holds_contact(lead.need) else ""
    rows = (
        ("lead.contact", lead.contact),
        ("lead.phone", "\n".join(phones)),
        ("lead.email", "\n".join(lead.emails)),
        ("lead.wechat", lead.wechat),
        ("lead.need", need),
    )
    return Reply(
        card=Card(
            title=lead_title(lead),
            facts=tuple(Fact(context.text(key), value) for key, value in rows if value),
            buttons=(Button("followup.log", context.text("button.log"), lead.number, "primary"),),
            footnote=context.text("contact.recorded"),
            exact=tuple(value for _, value in rows if value),
        )
    )


def _spoken(phone: str, context: Context) -> str:
    """A number with its extension in words."""
    number, extension = split_extension(phone)
    return context.text("lead.extension", phone=number, ext=extension) if extension else number
