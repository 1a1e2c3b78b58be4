"""Actions on proposals: choose the lead, compose, set quantities, preview, send, share, revoke."""

from dataclasses import replace

from handlers.assignment.service import accept_by_acting
from handlers.core.button_values import pack, unpack
from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM, record_id
from handlers.core.ui import Button, Card, Form, Link, Number, Tone
from handlers.library.service import count_use
from handlers.proposals.cards import (
    forward_section,
    forward_text,
    mail_button,
    moved_text,
    proposal_card,
)
from handlers.proposals.forms import compose_form, pick_form, read_offering
from handlers.proposals.links import new_link, reach_of
from handlers.proposals.sources import lay_out
from handlers.response_clocks.service import begin_feedback, end_feedback
from handlers.stages.service import move_once_sent
from sales.errors import Conflict, ProposalNotFound
from sales.leads import Lead, Stage, lead_id_of, mask_email, parse_lead_number
from sales.library import Purpose
from sales.proposals import MailState, Proposal, ProposalMail
from sales.quotes import MOST, with_quantities


def pressed_proposal(context: Context) -> Proposal:
    """Find the proposal of a request.

    Raises ProposalNotFound for anything that names none the person may see.
    """
    proposal_id, _ = unpack(context.pressed, record_id, str)
    if proposal_id is None:
        raise ProposalNotFound
    return context.proposals.get(proposal_id)


def is_unchanged(proposal: Proposal, context: Context) -> bool:
    """Whether nobody has changed the proposal since the card with the pressed button was drawn."""
    _, version = unpack(context.pressed, str, str)
    return version == str(proposal.version)


def open_command(context: Context) -> Reply:
    """``/proposal``: choose a lead.

    With a number, or a name that only one lead has, its newest proposal, or the form for its first
    one.
    """
    text = context.request.text.strip()
    if (lead_id := parse_lead_number(text)) is not None:
        return _opened(context.leads.get(lead_id), context)
    matching = context.leads.search(text, 2) if text else []
    return _opened(matching[0], context) if len(matching) == 1 else Reply(form=pick_form(context))


def choose(context: Context) -> Reply:
    """Form: the lead is chosen."""
    return _opened(context.leads.get(lead_id_of(context.typed("lead"))), context)


def write(context: Context) -> Reply:
    """Button: continue the draft, or begin the next one from what was sent before."""
    lead = context.leads.get(lead_id_of(context.pressed))
    return Reply(form=compose_form(lead, _newest(lead, context), lay_out(lead, context), context))


def save(context: Context) -> Reply:
    """Form: save the draft; what somebody else wrote meanwhile is not overwritten unseen."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    newest, shelf = _newest(lead, context), lay_out(lead, context)
    offering, locale = read_offering(lead, newest, shelf, context)
    draft = newest if newest and newest.is_draft else None
    stored = (str(draft.id), str(draft.version)) if draft else ("", "")
    if stored != (context.request.state.get("proposal"), context.request.state.get("version")):
        if newest is None:
            raise Conflict(number=lead.number)
        mine = replace(newest, offering=offering, locale=locale)
        words = context.text("proposal.changed_meanwhile")
        return Reply(form=compose_form(lead, mine, shelf, context), errors={WHOLE_FORM: words})
    if draft is None:
        number = newest.number + 1 if newest else 1
        saved = context.proposals.add(
            Proposal(
                lead_id=lead.id, number=number, locale=locale, offering=offering,
                written_by=context.actor.id, written_at=context.now,
            )
        )  # fmt: skip
    else:
        saved = context.proposals.save(draft.written(offering, locale, context.actor, context.now))
    detail = {"number": str(saved.number)}
    context.uow.audit.record(context.actor, "proposal.save", lead.subject, detail)
    context.uow.outbox.refresh(lead.subject)
    return Reply(card=proposal_card(saved, lead, context), toast=context.text("proposal.saved"))


def count(context: Context) -> Reply:
    """Button: ask for the quantity of each module."""
    proposal = pressed_proposal(context)
    lead = context.leads.get(proposal.lead_id)
    if not proposal.is_draft or not is_unchanged(proposal, context):
        return Reply(
            card=proposal_card(proposal, lead, context), toast=context.text("proposal.changed")
        )
    return Reply(form=_count_form(proposal, lead, context))


def save_quantities(context: Context) -> Reply:
    """Form: save the quantities; a module with quantity 0 is removed."""
    lead = context.leads.get(pressed_proposal(context).lead_id)
    proposal = pressed_proposal(context)
    if not proposal.is_draft or not is_unchanged(proposal, context):
        return Reply(
            card=proposal_card(proposal, lead, context), toast=context.text("proposal.changed")
        )
    lines = with_quantities(proposal.offering.quote, _read_quantities(proposal, context))
    quote = replace(proposal.offering.quote, lines=lines)
    offering = replace(proposal.offering, quote=quote)
    draft = proposal.written(offering, proposal.locale, context.actor, context.now)
    saved = context.proposals.save(draft)
    detail = {"number": str(saved.number), "fields": "quantities"}
    context.uow.audit.record(context.actor, "proposal.save", lead.subject, detail)
    context.uow.outbox.refresh(lead.subject)
    return Reply(update=proposal_card(saved, lead, context), toast=context.text("proposal.saved"))


def _opened(lead: Lead, context: Context) -> Reply:
    newest = _newest(lead, context)
    if newest is None:
        return Reply(form=compose_form(lead, None, lay_out(lead, context), context))
    return Reply(card=proposal_card(newest, lead, context))


def _newest(lead: Lead, context: Context) -> Proposal | None:
    return next(iter(context.proposals.of_lead(lead.id)), None)


def _count_form(proposal: Proposal, lead: Lead, context: Context) -> Form:
    return Form(
        action="proposal.counted",
        title=context.text("proposal.count_title"),
        intro=context.text("proposal.count_intro", lead=lead_title(lead)),
        fields=tuple(
            Number(name=f"quantity_{index}", label=line.name[:60], required=True,
                   value=str(line.quantity))
            for index, line in enumerate(proposal.offering.quote.lines)
        ),
        submit=context.text("button.save"),
        cancel=context.text("button.cancel"),
        state={"value": context.pressed},
    )  # fmt: skip


def _read_quantities(proposal: Proposal, context: Context) -> list[int]:
    with FormReader(context) as form:
        names = [f"quantity_{index}" for index in range(len(proposal.offering.quote.lines))]
        quantities = [_read_quantity(name, form) for name in names]
        if not any(quantities) and not any(form.refused(name) for name in names):
            form.refuse("quantity_0", "quantity_none")
    return quantities


def _read_quantity(name: str, form: FormReader) -> int:
    typed = form.context.typed(name)
    whole = typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST))
    if not whole or int(typed) > MOST:
        form.refuse(name, "quantity" if typed else "quantity_missing", typed=typed[:20], n=MOST)
    return int(typed) if whole else 0


def show(context: Context) -> Reply:
    """Button: show the proposal's card."""
    proposal = pressed_proposal(context)
    return Reply(card=proposal_card(proposal, context.leads.get(proposal.lead_id), context))


def preview(context: Context) -> Reply:
    """Button: preview the customer's page by a link whose visits are not counted."""
    proposal, lead = _held(context)
    url = new_link(proposal, context, preview=True)
    return Reply(
        card=Card(
            title=context.text("proposal.title", number=proposal.number, lead=lead_title(lead)),
            body=context.text("proposal.preview_body"),
            links=(Link(context.text("proposal.preview_link"), url),),
            buttons=(
                Button("proposal.show", context.text("button.show_proposal"), str(proposal.id)),
            ),
        )
    )


def send(context: Context) -> Reply:
    """Button: send the proposal.

    From now on it can be read, earlier versions redirect to it, the lead is in that stage, and the
    feedback clock starts.
    """
    proposal, lead = _held(context)
    if not proposal.is_draft or not is_unchanged(proposal, context):
        return _changed(proposal, lead, context)
    if proposal.offering.valid_until < context.today:
        return Reply(
            card=proposal_card(proposal, lead, context), toast=context.text("proposal.out_of_date")
        )
    url = new_link(proposal, context, preview=False)
    for before in context.proposals.of_lead(lead.id):
        if before.is_out:
            context.proposals.save(before.replaced())
    sent = context.proposals.save(proposal.send(context.actor, context.now))
    for item_id in sent.offering.items:
        count_use(item_id, lead.id, Purpose.PROPOSAL, context)
    accept_by_acting(lead, context)
    moved = move_once_sent(context.leads.get(lead.id), sent.offering.worth, context)
    begin_feedback(moved, context)
    _record("proposal.send", sent, moved, context)
    return _with_link(sent, moved, url, context, before=lead.stage)


def link(context: Context) -> Reply:
    """Button: create one more link to share; earlier links stay valid."""
    proposal, lead = _held(context)
    if not proposal.is_out:
        return _changed(proposal, lead, context)
    url = new_link(proposal, context, preview=False)
    _record("proposal.link", proposal, lead, context)
    return _with_link(proposal, lead, url, context)


def mail(context: Context) -> Reply:
    """Button: mail a link to the customer. It is sent after this is saved."""
    proposal, lead = _held(context)
    waiting = any(
        one.state is MailState.WAITING and one.proposal_id == proposal.id
        for one in context.proposals.mails(lead.id)
    )
    usable = is_unchanged(proposal, context) and mail_button(proposal, lead, context)
    if waiting or not usable:
        return _changed(proposal, lead, context)
    url = new_link(proposal, context, preview=False)
    words = context.language.to(proposal.locale)
    context.proposals.add_mail(
        ProposalMail(
            lead_id=lead.id,
            proposal_id=proposal.id,
            address=lead.email,
            subject=words.text("reader.title", customer=lead.customer),
            body=forward_text(proposal, lead, url, context),
            written_by=context.actor.id,
            written_at=context.now,
        )
    )
    _record("proposal.mail", proposal, lead, context)
    toast = context.text("proposal.mail_on_its_way", address=mask_email(lead.email))
    return Reply(update=proposal_card(proposal, lead, context), toast=toast)


def revoke(context: Context) -> Reply:
    """Button: revoke the proposal, so that nobody can read it any more."""
    proposal, lead = _held(context)
    if not proposal.is_out or not is_unchanged(proposal, context):
        return _changed(proposal, lead, context)
    revoked = context.proposals.save(proposal.revoke(context.now))
    context.proposals.close_links(revoked.id, context.now)
    end_feedback(lead, context)
    _record("proposal.revoke", revoked, lead, context)
    return Reply(
        update=proposal_card(revoked, lead, context), toast=context.text("proposal.revoked")
    )


def _held(context: Context) -> tuple[Proposal, Lead]:
    """Load the proposal to change it.

    Its lead is locked first, as everywhere, and the proposal is reread, since somebody else may
    just have changed it.
    """
    lead = context.leads.get(pressed_proposal(context).lead_id)
    return pressed_proposal(context), lead


def _with_link(
    proposal: Proposal, lead: Lead, url: str, context: Context, *, before: Stage | None = None
) -> Reply:
    """The link to share; ``before`` is the stage that the lead had until it was sent."""
    links = (Link(context.text("proposal.link"), url),)
    lines = [context.text("proposal.link_body")]
    if (reach := reach_of(url)) != "everybody":
        lines.insert(0, context.text(f"proposal.link_{reach}", setting="PUBLIC_URL"))
    if not context.playbook.proposals.seller.of(proposal.locale):
        lines.append(context.text("proposal.no_seller"))
    if before is not None and before is not lead.stage:
        lines.append(moved_text(lead, before, context))
    drawn = proposal_card(proposal, lead, context, links=links, body="\n".join(lines))
    tone: Tone = drawn.tone if reach == "everybody" else "warning"
    # What is in it stood on the draft's card, just above.
    sections = (forward_section(proposal, lead, url, context),)
    card = replace(drawn, facts=(), sections=sections, exact=(url,), tone=tone)
    if before is None or before is lead.stage:
        return Reply(card=card)
    value = pack(lead.number, lead.version, before)
    undo = Button("stage.undo", context.text("button.undo_move"), value)
    return Reply(card=replace(card, more=(undo, *card.more)))


def _changed(proposal: Proposal, lead: Lead, context: Context) -> Reply:
    """The present state, in answer to an old card or when somebody was faster."""
    return Reply(
        update=proposal_card(proposal, lead, context), toast=context.text("proposal.changed")
    )


def _record(act: str, proposal: Proposal, lead: Lead, context: Context) -> None:
    context.uow.audit.record(context.actor, act, lead.subject, {"number": str(proposal.number)})
    context.uow.outbox.refresh(lead.subject)
