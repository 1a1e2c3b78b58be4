"""Leads: log, show, search, edit and reassign them."""

from dataclasses import replace

from handlers.assignment.service import (
    accept_by_acting,
    create_and_assign,
    create_and_keep,
    leave_to_rules,
    offer_to,
)
from handlers.contact_alerts import record_matches, watch_reveals
from handlers.core.cards import lead_gone_card
from handlers.core.choices import assignable, lead_options, person_option
from handlers.core.commands import echoed, parse_command
from handlers.core.context import Context
from handlers.core.events import LeadRegraded
from handlers.core.form_reader import FormReader
from handlers.core.guards import lead_to_decide
from handlers.core.labels import enum_label, lead_title, why_text
from handlers.core.lead_facts import next_step_text
from handlers.core.recipients import delivery_note
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.core.ui import Button, Card, Choice, Fact, Form, Option, PersonPick, Section
from handlers.lead_lists.actions import listed_by_words
from handlers.leads.captured import capture
from handlers.leads.duplicates import (
    refuse_same,
    refuse_same_contact,
    similar_lead,
    visible_lead,
)
from handlers.leads.forms import BY_RULES, KEEP, lead_form, read_lead, usual_owner
from handlers.response_clocks.service import expect_record
from handlers.signals.cards import intent_mark
from sales.assignments import Offer, Why
from sales.capture import read_message
from sales.contacts import holds_contact, split_extension
from sales.duplicates import DIFFERENT, SAME
from sales.errors import Conflict, DuplicateLead, InvalidInput, LeadNotFound, Problem
from sales.lead_lines import is_message
from sales.leads import (
    Grade,
    Lead,
    Stage,
    lead_id_of,
    lead_number,
    parse_lead_number,
)
from sales.people import SYSTEM, Role, called_in
from sales.permissions import LEADERS, may_decide_on
from sales.routing import Assignee
from sales.scoring import scored

FOUND = 8
"""Maximum number of leads a search shows; nobody would read more."""
_TAKEN = 1900
"""Characters that a button carries."""
_MOST_BUTTONS = 5


def open_command(context: Context) -> Reply:
    """``/lead``: the form; with a number, that lead's card; with words that are all filters, the
    list of those leads; with a text, the search results.

    A text that tells of a customer we do not have, with contact data or a name and a need, fills
    the form.
    """
    text = context.request.text.strip()
    if (lead_id := parse_lead_number(text)) is not None:
        return Reply(card=context.lead_card(context.leads.get(lead_id)))
    if not text:
        return Reply(form=lead_form(context, None, ask_owner=True))
    if not _is_to_be_logged(context) and (listed := listed_by_words(text, context)):
        return listed
    leads = context.leads.search(text, FOUND + 1)
    if len(leads) == 1:
        return Reply(card=context.lead_card(leads[0]))
    if not leads and (_is_to_be_logged(context) or is_message(text, read_message(text))):
        return capture(context)
    return Reply(card=_results_card(text, leads, context))


def _is_to_be_logged(context: Context) -> bool:
    """Whether the command said so: ``录线索`` and ``new lead`` do, ``/lead`` may be a search."""
    typed = parse_command(context.request.typed)
    return typed is not None and typed.certain


def show(context: Context) -> Reply:
    """Button: a lead's card."""
    return Reply(card=context.lead_card(context.leads.get(lead_id_of(context.pressed))))


def found(text: str, matches: list[Lead], context: Context) -> Reply:
    """The card of the one lead that a text means, or the choice between several."""
    if len(matches) == 1:
        return Reply(card=context.lead_card(matches[0]))
    return Reply(card=_results_card(text, matches, context))


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
    owner = _owner_asked(context)
    keeps_it = owner == KEEP
    try:
        lead, offer = (
            (create_and_keep(draft, context), None)
            if keeps_it
            else create_and_assign(draft, context, owner if isinstance(owner, Assignee) else None)
        )
    except DuplicateLead:
        if refused := refuse_same_contact(draft, context):
            return refused
        raise
    context.uow.audit.record(context.actor, "lead.create", lead.subject, {"grade": lead.grade})
    _note_different(lead, context)
    if keeps_it:
        shown = _as_stored(lead, context)
        return Reply(card=_kept_card(shown, context), toast=_saved(shown, context))
    if lead.owner_id == context.actor.id:
        # Its card is already on the way as the assignment; a second one would only be noise.
        return Reply(toast=_saved(lead, context))
    return Reply(card=_assigned_card(lead, offer, context))


def _owner_asked(context: Context) -> Assignee | str:
    """``KEEP``, ``BY_RULES``, or the person whom a leader named. Raises InvalidInput."""
    asked = context.typed("owner") or usual_owner(context)
    if asked in (KEEP, BY_RULES):
        return asked
    people = assignable(context) if context.actor.role in LEADERS else []
    person = next((person for person in people if str(person.id) == asked), None)
    if person is None:
        raise InvalidInput({"owner": Problem("choose_one")})
    return Assignee(person, Why("chosen", context.actor.name), last=person.role is not Role.REP)


def _kept_card(lead: Lead, context: Context) -> Card:
    """The card of a lead that its rep keeps, with the rules' choice one press away."""
    card = context.lead_card(lead)
    if context.actor.role is not Role.REP:
        return card
    pass_on = Button("lead.by_rules", context.text("button.by_rules"), lead.number)
    if len(card.buttons) < _MOST_BUTTONS:
        return replace(card, buttons=(*card.buttons, pass_on))
    return replace(card, more=(pass_on, *card.more))


def by_rules(context: Context) -> Reply:
    """Button: leave a lead that one logged and kept to the person whom the rules choose."""
    lead = context.leads.get(lead_id_of(context.pressed))
    is_kept = lead.owner_id == lead.created_by == context.actor.id
    if not (is_kept and lead.is_open):
        return Reply(update=context.lead_card(lead), toast=context.text("lead.not_yours_now"))
    person = leave_to_rules(lead, context)
    if person is None:
        return Reply(toast=context.text("lead.rules_chose_you", lead=lead.number))
    context.uow.audit.record(context.actor, "lead.assign", lead.subject, {"to": str(person.id)})
    return Reply(
        update=lead_gone_card(lead, context),
        toast=context.text("lead.reassigned", lead=lead.number, name=person.name),
    )


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
    context.publish(LeadRegraded(saved, lead))
    context.uow.audit.record(
        context.actor, "lead.update", lead.subject, {"fields": ",".join(changed)}
    )
    _note_different(saved, context)
    context.uow.outbox.refresh(saved.subject)
    shown = _as_stored(saved, context)
    key = "lead.updated" if shown.stage is lead.stage else "nurture.updated"
    return Reply(update=context.lead_card(shown), toast=context.text(key, lead=saved.number))


def _as_stored(lead: Lead, context: Context) -> Lead:
    """The lead after what followed: one of low value may have entered nurture."""
    return context.leads.get(lead.id) if lead.grade is Grade.LOW else lead


def reassign(context: Context) -> Reply:
    """Button: choose who gets the lead."""
    return reassign_as_said("", context)


def reassign_as_said(said: str, context: Context) -> Reply:
    """Choose who gets the lead; filled in with the only one whom the words call by name."""
    lead = lead_to_decide(lead_id_of(context.pressed), context)
    people = assignable(context)
    named = called_in(said, people)
    field = PersonPick(
        name="person",
        label=context.text("lead.new_owner"),
        required=True,
        options=tuple(person_option(person, context) for person in people),
        value=str(named[0].id) if len(named) == 1 else "",
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
    neither applies; contacts that another lead gets meanwhile are detected when it is stored.
    """
    answer = context.typed("different")
    is_told = answer in DIFFERENT or (stored and stored.customer == draft.customer)
    like = None if is_told else similar_lead(draft, context)
    if refused := refuse_same_contact(draft, context, stored):
        return refused
    if like is None:
        return None
    if answer == SAME:
        return refuse_same("different", context.uow.leads(SYSTEM).get(like.lead_id), context)
    seen = visible_lead(like.lead_id, context)
    name = lead_title(seen) if seen else context.text("lead.someone_elses")
    form = lead_form(context, draft, ask_owner=stored is None, confirm=name, stored=stored)
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
    key = "nurture.saved" if lead.stage is Stage.NURTURE else "lead.saved"
    return context.text(key, lead=lead_title(lead), grade=grade, n=lead.score)


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
        named = read_message(text).names_somebody
        label = context.text("button.capture" if named else "button.new_lead")
        new = Button("lead.capture", label, text[:_TAKEN], "primary")
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
    return ask_for_contact(context.leads.get(lead_id_of(context.pressed)), context)


def ask_for_contact(lead: Lead, context: Context) -> Reply:
    """Ask why the contact of a lead is needed, which is then shown."""
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
    return _revealed(lead, reason, context)


def call(context: Context) -> Reply:
    """Button beside a step that is due: the unmasked contact at once, since it is to be called."""
    return _revealed(context.leads.get(lead_id_of(context.pressed)), CALL, context)


def _revealed(lead: Lead, reason: str, context: Context) -> Reply:
    context.uow.audit.record(context.actor, "contact.reveal", lead.subject, {"reason": reason})
    accept_by_acting(lead, context)
    watch_reveals(context)
    if reason == CALL:
        expect_record(lead, context)
    phones = [
        Fact(
            context.text("lead.phone"), _spoken(phone, context), f"tel:{split_extension(phone)[0]}"
        )
        for phone in lead.phones
    ]
    emails = [Fact(context.text("lead.email"), one, f"mailto:{one}") for one in lead.emails]
    # A contact that somebody typed into the need is masked on the card as well.
    need = lead.need if holds_contact(lead.need) else ""
    rows = (
        ("lead.wechat", lead.wechat),
        ("lead.need", need),
    )
    others = [Fact(context.text(key), value) for key, value in rows if value]
    name = [Fact(context.text("lead.contact"), lead.contact)] if lead.contact else []
    facts = (*name, *phones, *emails, *others)
    return Reply(
        card=Card(
            title=lead_title(lead),
            facts=facts,
            buttons=(Button("followup.log", context.text("button.log"), lead.number, "primary"),),
            footnote=context.text("contact.recorded"),
            exact=tuple(fact.value for fact in facts),
        )
    )


def _spoken(phone: str, context: Context) -> str:
    """A number with its extension in words."""
    number, extension = split_extension(phone)
    return context.text("lead.extension", phone=number, ext=extension) if extension else number
