"""The acts of writing a proposal: choose the lead, compose, set quantities; a draft until it is
sent."""

from dataclasses import replace

from handlers.assignment.service import accept_by_acting
from handlers.core.context import Turn
from handlers.core.labels import lead_title
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM, record_id
from handlers.core.ui import Button, Card, Form, Link, Number
from handlers.library.actions import count_use
from handlers.proposals.cards import proposal_card
from handlers.proposals.forms import compose_form, pick_form, read_offering
from handlers.proposals.links import new_link
from handlers.proposals.sources import lay_out
from handlers.response_clocks.service import begin_feedback, end_feedback
from sales.errors import Conflict, InvalidInput, Problem, ProposalNotFound
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.library import Purpose
from sales.proposals import Proposal
from sales.quotes import MOST, with_quantities


def found(turn: Turn) -> Proposal:
    """Raises ProposalNotFound for anything that names none the person may see."""
    proposal_id = record_id(turn.pressed.partition(":")[0])
    if proposal_id is None:
        raise ProposalNotFound
    return turn.proposals.get(proposal_id)


def unchanged(proposal: Proposal, turn: Turn) -> bool:
    """Whether nobody changed it since the card was drawn whose button was pressed."""
    return turn.pressed.partition(":")[2] == str(proposal.version)


def open_command(turn: Turn) -> Reply:
    """``/proposal``: for which lead? With a number, or a name that only one has, its newest
    proposal, or the form for a first one."""
    text = turn.request.text.strip()
    if (lead_id := parse_lead_number(text)) is not None:
        return _opened(turn.leads.get(lead_id), turn)
    matching = turn.leads.search(text, 2) if text else []
    return _opened(matching[0], turn) if len(matching) == 1 else Reply(form=pick_form(turn))


def choose(turn: Turn) -> Reply:
    """Form: the lead is chosen."""
    return _opened(turn.leads.get(lead_id_of(turn.typed("lead"))), turn)


def write(turn: Turn) -> Reply:
    """Button: go on with the draft, or begin the next one from what was sent before."""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    return Reply(form=compose_form(lead, _newest(lead, turn), lay_out(lead, turn), turn))


def save(turn: Turn) -> Reply:
    """Form: the draft; what somebody else wrote meanwhile is not overwritten unseen."""
    lead = turn.leads.get(lead_id_of(turn.request.state.get("lead", "")))
    newest, shelf = _newest(lead, turn), lay_out(lead, turn)
    offering, locale = read_offering(lead, newest, shelf, turn)
    draft = newest if newest and newest.is_draft else None
    known = (str(draft.id), str(draft.version)) if draft else ("", "")
    if known != (turn.request.state.get("proposal"), turn.request.state.get("version")):
        if newest is None:
            raise Conflict(number=lead.number)
        mine = replace(newest, offering=offering, locale=locale)
        words = turn.text("proposal.changed_meanwhile")
        return Reply(form=compose_form(lead, mine, shelf, turn), errors={WHOLE_FORM: words})
    if draft is None:
        number = newest.number + 1 if newest else 1
        saved = turn.proposals.add(
            Proposal(
                lead_id=lead.id, number=number, locale=locale, offering=offering,
                written_by=turn.actor.id, written_at=turn.now,
            )
        )  # fmt: skip
    else:
        saved = turn.proposals.save(draft.written(offering, locale, turn.actor, turn.now))
    detail = {"number": str(saved.number)}
    turn.uow.audit.record(turn.actor, "proposal.save", lead.subject, detail)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(card=proposal_card(saved, lead, turn), toast=turn.text("proposal.saved"))


def count(turn: Turn) -> Reply:
    """Button: how many of each module?"""
    proposal = found(turn)
    lead = turn.leads.get(proposal.lead_id)
    if not proposal.is_draft or not unchanged(proposal, turn):
        return Reply(card=proposal_card(proposal, lead, turn), toast=turn.text("proposal.changed"))
    return Reply(form=_count_form(proposal, lead, turn))


def counted(turn: Turn) -> Reply:
    """Form: the quantities; a module of which nothing is wanted falls out."""
    lead = turn.leads.get(found(turn).lead_id)
    proposal = found(turn)
    if not proposal.is_draft or not unchanged(proposal, turn):
        return Reply(card=proposal_card(proposal, lead, turn), toast=turn.text("proposal.changed"))
    lines = with_quantities(proposal.offering.quote, _read_quantities(proposal, turn))
    quote = replace(proposal.offering.quote, lines=lines)
    offering = replace(proposal.offering, quote=quote)
    draft = proposal.written(offering, proposal.locale, turn.actor, turn.now)
    saved = turn.proposals.save(draft)
    detail = {"number": str(saved.number), "fields": "quantities"}
    turn.uow.audit.record(turn.actor, "proposal.save", lead.subject, detail)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(update=proposal_card(saved, lead, turn), toast=turn.text("proposal.saved"))


def _opened(lead: Lead, turn: Turn) -> Reply:
    newest = _newest(lead, turn)
    if newest is None:
        return Reply(form=compose_form(lead, None, lay_out(lead, turn), turn))
    return Reply(card=proposal_card(newest, lead, turn))


def _newest(lead: Lead, turn: Turn) -> Proposal | None:
    return next(iter(turn.proposals.of_lead(lead.id)), None)


def _count_form(proposal: Proposal, lead: Lead, turn: Turn) -> Form:
    return Form(
        action="proposal.counted",
        title=turn.text("proposal.count_title"),
        intro=turn.text("proposal.count_intro", lead=lead_title(lead)),
        fields=tuple(
            Number(name=f"quantity_{index}", label=line.name[:60], required=True,
                   value=str(line.quantity))
            for index, line in enumerate(proposal.offering.quote.lines)
        ),
        submit=turn.text("button.save"),
        cancel=turn.text("button.cancel"),
        state={"value": turn.pressed},
    )  # fmt: skip


def _read_quantities(proposal: Proposal, turn: Turn) -> list[int]:
    quantities, problems = [], {}
    for index in range(len(proposal.offering.quote.lines)):
        name = f"quantity_{index}"
        typed = turn.typed(name)
        whole = typed.isascii() and typed.isdecimal() and len(typed) <= len(str(MOST))
        if not whole or int(typed) > MOST:
            problems[name] = Problem("quantity", typed=typed[:20], n=MOST)
        quantities.append(int(typed) if whole else 0)
    if not problems and not any(quantities):
        problems["quantity_0"] = Problem("quantity_none")
    if problems:
        raise InvalidInput(problems)
    return quantities


def show(turn: Turn) -> Reply:
    """Button: the proposal's card."""
    proposal = found(turn)
    return Reply(card=proposal_card(proposal, turn.leads.get(proposal.lead_id), turn))


def preview(turn: Turn) -> Reply:
    """Button: the page as the customer will see it, by a link that counts as nobody's."""
    proposal, lead = _held(turn)
    url = new_link(proposal, turn, preview=True)
    return Reply(
        card=Card(
            title=turn.text("proposal.title", number=proposal.number, lead=lead_title(lead)),
            body=turn.text("proposal.preview_body"),
            links=(Link(turn.text("proposal.preview_link"), url),),
            buttons=(Button("proposal.show", turn.text("button.show_proposal"), str(proposal.id)),),
        )
    )


def send(turn: Turn) -> Reply:
    """Button: from now on it can be read; what was sent before leads here, and the clock for
    feedback starts."""
    proposal, lead = _held(turn)
    if not proposal.is_draft or not unchanged(proposal, turn):
        return _changed(proposal, lead, turn)
    if proposal.offering.valid_until < turn.today:
        return Reply(
            card=proposal_card(proposal, lead, turn), toast=turn.text("proposal.out_of_date")
        )
    url = new_link(proposal, turn, preview=False)
    for before in turn.proposals.of_lead(lead.id):
        if before.is_out:
            turn.proposals.save(before.replaced())
    sent = turn.proposals.save(proposal.send(turn.actor, turn.now))
    for item_id in sent.offering.items:
        count_use(item_id, lead.id, Purpose.PROPOSAL, turn)
    accept_by_acting(lead, turn)
    begin_feedback(lead, turn)
    _record("proposal.send", sent, lead, turn)
    return _with_link(sent, lead, url, turn)


def link(turn: Turn) -> Reply:
    """Button: one more link to pass on; those that were passed on before stay good."""
    proposal, lead = _held(turn)
    if not proposal.is_out:
        return _changed(proposal, lead, turn)
    url = new_link(proposal, turn, preview=False)
    _record("proposal.link", proposal, lead, turn)
    return _with_link(proposal, lead, url, turn)


def revoke(turn: Turn) -> Reply:
    """Button: nobody can read it any more."""
    proposal, lead = _held(turn)
    if not proposal.is_out or not unchanged(proposal, turn):
        return _changed(proposal, lead, turn)
    revoked = turn.proposals.save(proposal.revoke(turn.now))
    turn.proposals.close_links(revoked.id, turn.now)
    end_feedback(lead, turn)
    _record("proposal.revoke", revoked, lead, turn)
    return Reply(update=proposal_card(revoked, lead, turn), toast=turn.text("proposal.revoked"))


def _held(turn: Turn) -> tuple[Proposal, Lead]:
    """The proposal to be changed: its lead is locked first, as everywhere, and the proposal is
    read again, since somebody else may just have changed it."""
    lead = turn.leads.get(found(turn).lead_id)
    return found(turn), lead


def _with_link(proposal: Proposal, lead: Lead, url: str, turn: Turn) -> Reply:
    links = (Link(turn.text("proposal.link"), url),)
    body = turn.text("proposal.link_body")
    return Reply(card=proposal_card(proposal, lead, turn, links=links, body=body))


def _changed(proposal: Proposal, lead: Lead, turn: Turn) -> Reply:
    """An old card, or somebody was faster: how it stands now."""
    return Reply(update=proposal_card(proposal, lead, turn), toast=turn.text("proposal.changed"))


def _record(act: str, proposal: Proposal, lead: Lead, turn: Turn) -> None:
    turn.uow.audit.record(turn.actor, act, lead.subject, {"number": str(proposal.number)})
    turn.uow.outbox.refresh(lead.subject)
