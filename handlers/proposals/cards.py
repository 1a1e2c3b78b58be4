"""A proposal's card and its section on the lead's card: content, state, and reads."""

from decimal import Decimal

from handlers.core.button_values import pack
from handlers.core.context import Context
from handlers.core.labels import enum_label, lead_title
from handlers.core.ui import Button, Card, Confirm, Fact, Link, Section, Table, Tone
from handlers.proposals.links import reach_of
from handlers.stages.service import open_criteria
from sales.leads import Lead, Stage, mask_email
from sales.permissions import may
from sales.proposal_views import Openings, tally
from sales.proposals import CustomerReply, Proposal
from sales.quotes import Edition, Quote

_BEFORE_PROPOSAL = (Stage.CAPTURED, Stage.SCREENED, Stage.DISCOVERY)


def proposal_card(
    proposal: Proposal,
    lead: Lead,
    context: Context,
    *,
    links: tuple[Link, ...] = (),
    body: str = "",
) -> Card:
    """Card of the proposal in its present state.

    ``links`` and ``body`` are what an action has just produced.
    """
    return Card(
        title=context.text("proposal.title", number=proposal.number, lead=lead_title(lead)),
        facts=_facts(proposal, context),
        body=body or (context.text("proposal.draft_body") if proposal.is_draft else ""),
        sections=(
            *_replies(proposal, context),
            *_mails(proposal, context),
            *_solutions(proposal, context),
            *_quote(proposal.offering.quote, context),
        ),
        links=links,
        buttons=_buttons(proposal, lead, context),
        more=_more(proposal, lead, context),
        footnote="" if proposal.is_draft else context.text("proposal.how_counted"),
        tone=_tone(proposal),
    )


def forward_section(proposal: Proposal, lead: Lead, url: str, context: Context) -> Section:
    """The text to pass the link on with."""
    text = forward_text(proposal, lead, url, context)
    heading = context.text("proposal.forward_heading")
    return Section(heading, tuple(text.splitlines()), copies=True)


def forward_text(proposal: Proposal, lead: Lead, url: str, context: Context) -> str:
    """A text with the link, in the customer's language, signed by the owner."""
    words = context.language.to(proposal.locale)
    sender = context.uow.people.get(lead.owner_id).name if lead.owner_id else context.actor.name
    return words.text(
        "proposal.forward",
        customer=lead.customer,
        url=url,
        day=words.full_day(proposal.offering.valid_until),
        sender=sender,
    )


def moved_text(lead: Lead, before: Stage, context: Context) -> str:
    """What sending did to the lead's stage, and what nobody has confirmed about it yet."""
    stages = {
        key: enum_label(stage, context.language)
        for key, stage in (("before", before), ("after", lead.stage))
    }
    moved = context.text("proposal.moved", **stages)
    missing = [term.label(context.language.locale) for term in open_criteria(lead, context)]
    if not missing:
        return moved
    criteria = context.language.listing(missing)
    return f"{moved} {context.text('proposal.moved_open', criteria=criteria)}"


def proposal_section(lead: Lead, context: Context) -> tuple[Section, ...]:
    """Section of the newest proposal on the lead's card: its state, and whether it was read."""
    proposals = context.proposals.of_lead(lead.id)
    if not proposals:
        return ()
    newest = proposals[0]
    told = [context.text("proposal.line", number=newest.number, state=_state(newest, context))]
    told += [
        context.text("proposal.sum", edition=enum_label(edition, context.language), amount=amount)
        for edition, amount in _totals(newest.offering.quote, context).items()
    ]
    read = [] if newest.is_draft else [openings_text(_openings(newest, context), context)]
    if replies := context.proposals.replies(lead.id):
        read.append(reply_line(replies[-1], context, longest=160))
    show = Button("proposal.show", context.text("button.show_proposal"), str(newest.id))
    buttons = (show,) if may(context.actor, show.action) else ()
    lines = (" · ".join(told), *read)
    return (Section(context.text("proposal.heading"), lines, buttons=buttons),)


def reply_line(reply: CustomerReply, context: Context, longest: int = 1000) -> str:
    """``Nov 24, Tue 10:00 · accepted (Advanced ¥45,000) · Robin: from May, please``."""
    at, what = context.language.moment(reply.at), context.text(f"proposal.reply_{reply.kind}")
    if edition := accepted_amount(reply, context):
        what = f"{what} ({edition})"
    words = " ".join(reply.words.split())
    words = words if len(words) <= longest else words[: longest - 1] + "…"
    if not words:
        return " · ".join(filter(None, (at, what, reply.name)))
    said = context.text("proposal.reply_said", who=reply.name, words=words)
    return " · ".join((at, what, said if reply.name else words))


def accepted_amount(reply: CustomerReply, context: Context) -> str:
    """``Advanced ¥45,000``: what the customer accepted; "" for a question."""
    if reply.edition is None:
        return ""
    total = context.proposals.get(reply.proposal_id).offering.quote.total(reply.edition)
    edition = enum_label(reply.edition, context.language)
    return context.text("proposal.sum", edition=edition, amount=context.language.price(total.net))


def _replies(proposal: Proposal, context: Context) -> tuple[Section, ...]:
    lines = tuple(
        reply_line(reply, context)
        for reply in context.proposals.replies(proposal.lead_id)
        if reply.proposal_id == proposal.id
    )
    return (Section(context.text("proposal.replies"), lines),) if lines else ()


def _mails(proposal: Proposal, context: Context) -> tuple[Section, ...]:
    lines = tuple(
        context.text(
            f"proposal.mail_{mail.state}",
            address=mask_email(mail.address),
            at=context.language.moment(mail.tried_at or mail.written_at),
        )
        for mail in context.proposals.mails(proposal.lead_id)
        if mail.proposal_id == proposal.id
    )
    return (Section(context.text("proposal.mails"), lines),) if lines else ()


def mail_button(proposal: Proposal, lead: Lead, context: Context) -> tuple[Button, ...]:
    """Sends the link to the customer; none without a mail server, an address or a public page."""
    usable = context.uow.outbox.mails and reach_of(context.public_url) != "machine"
    if not (usable and lead.email and proposal.is_out):
        return ()
    text = context.text
    ask = Confirm(
        text("proposal.mail_title"),
        text("proposal.mail_question", address=mask_email(lead.email)),
        text("button.mail_proposal"),
        text("button.cancel"),
    )
    value = pressed_value(proposal)
    return (Button("proposal.mail", text("button.mail_proposal"), value, "primary", ask),)


def openings_text(openings: Openings, context: Context) -> str:
    """``opened 3 times, last Nov 24, Tue 10:00, read for 4 minutes in all``."""
    if openings.last_at is None:
        return context.text("proposal.unopened")
    return context.text(
        "proposal.opened",
        n=openings.times,
        at=context.language.moment(openings.last_at),
        duration=context.language.time_spent(openings.seconds),
    )


def pressed_value(proposal: Proposal) -> str:
    """Value of a button that acts only on the proposal version that is shown."""
    return pack(proposal.id, proposal.version)


def _facts(proposal: Proposal, context: Context) -> tuple[Fact, ...]:
    offering, text = proposal.offering, context.text
    facts = [Fact(text("proposal.state"), _state(proposal, context))]
    if not proposal.is_draft:
        facts.append(
            Fact(text("proposal.read"), openings_text(_openings(proposal, context), context))
        )
    facts += [
        Fact(text("proposal.total", edition=enum_label(edition, context.language)), amount)
        for edition, amount in _totals(offering.quote, context).items()
    ]
    if offering.quote.discount:
        share = context.language.number(offering.quote.discount)
        facts.append(Fact(text("proposal.discount"), f"{share}%"))
    facts.append(
        Fact(text("proposal.valid_until"), context.language.full_day(offering.valid_until))
    )
    facts.append(Fact(text("proposal.language"), text(f"proposal.language_{proposal.locale[:2]}")))
    if cases := [case.title for case in offering.cases]:
        facts.append(Fact(text("proposal.cases"), context.language.listing(cases)))
    return tuple(facts)


def _solutions(proposal: Proposal, context: Context) -> tuple[Section, ...]:
    lines = tuple(
        f"{solution.pain} → {solution.answer}"[:300] for solution in proposal.offering.solutions
    )
    return (Section(context.text("proposal.solutions"), lines),) if lines else ()


def _quote(quote: Quote, context: Context) -> tuple[Section, ...]:
    if not quote.lines:
        return ()
    editions = quote.editions
    names = (enum_label(edition, context.language) for edition in editions)
    columns = (context.text("proposal.module"), context.text("proposal.quantity"), *names)
    rows = tuple(
        (line.name, str(line.quantity), *(_amount(line.amount(e), context) for e in editions))
        for line in quote.lines
    )
    return (Section(context.text("proposal.modules"), table=Table(columns, rows)),)


def _amount(amount: Decimal | None, context: Context) -> str:
    return "—" if amount is None else context.language.price(amount)


def _totals(quote: Quote, context: Context) -> dict[Edition, str]:
    return {edition: context.language.price(quote.total(edition).net) for edition in quote.editions}


def _openings(proposal: Proposal, context: Context) -> Openings:
    visits = context.proposals.visits(proposal.lead_id)
    return tally([visit for visit in visits if visit.proposal_id == proposal.id])


def _state(proposal: Proposal, context: Context) -> str:
    state = enum_label(proposal.state, context.language)
    at = proposal.revoked_at or proposal.sent_at or proposal.written_at
    return f"{state} · {context.language.moment(at)}"


def _tone(proposal: Proposal) -> Tone:
    if proposal.is_draft:
        return "warning"
    return "good" if proposal.is_out else "plain"


def _buttons(proposal: Proposal, lead: Lead, context: Context) -> tuple[Button, ...]:
    text, value = context.text, str(proposal.id)
    open_lead = Button("lead.show", text("button.open"), lead.number)
    preview = Button("proposal.preview", text("button.preview"), value)
    if proposal.is_draft:
        count = Button("proposal.count", text("button.quantities"), pressed_value(proposal))
        edit = Button("proposal.write", text("button.edit"), lead.number)
        counting = (count,) if proposal.offering.quote.lines else ()
        return (_send(proposal, context), preview, *counting, edit, open_lead)
    if not proposal.is_out:
        return (_new_version(lead, context), preview, open_lead)
    mail = mail_button(proposal, lead, context)
    log = Button("followup.log", text("button.log"), lead.number, "plain" if mail else "primary")
    link = Button("proposal.link", text("button.link_again"), value)
    return (*mail, log, link) if mail else (log, link, open_lead)


def _more(proposal: Proposal, lead: Lead, context: Context) -> tuple[Button, ...]:
    """Buttons for a sent proposal that are needed less often than recording feedback."""
    if not proposal.is_out:
        return ()
    preview = Button("proposal.preview", context.text("button.preview"), str(proposal.id))
    move = Button("stage.advance", context.text("button.stage"), lead.number)
    moving = (move,) if lead.stage in _BEFORE_PROPOSAL else ()
    return (*moving, preview, _new_version(lead, context), _revoke(proposal, context))


def _new_version(lead: Lead, context: Context) -> Button:
    return Button("proposal.write", context.text("button.new_version"), lead.number)


def _send(proposal: Proposal, context: Context) -> Button:
    ask = Confirm(
        context.text("proposal.send_title"),
        context.text("proposal.send_question"),
        context.text("button.send"),
        context.text("button.cancel"),
    )
    value = pressed_value(proposal)
    return Button("proposal.send", context.text("button.send_proposal"), value, "primary", ask)


def _revoke(proposal: Proposal, context: Context) -> Button:
    ask = Confirm(
        context.text("proposal.revoke_title"),
        context.text("proposal.revoke_question"),
        context.text("button.revoke"),
        context.text("button.cancel"),
    )
    value = pressed_value(proposal)
    return Button("proposal.revoke", context.text("button.revoke"), value, "danger", ask)
