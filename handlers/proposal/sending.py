"""A proposal goes out: looked at first, sent once, its link passed on by a person, taken back.

Nothing is ever written to a customer from here: who sends gets the link, and passes it on.
"""

from handlers.clocks import begin_feedback, end_feedback
from handlers.labels import lead_title
from handlers.library.using import count_use
from handlers.offers import accept_by_acting
from handlers.proposal.card import proposal_card
from handlers.proposal.links import new_link
from handlers.proposal.opened import found, unchanged
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Button, Card, Link
from sales.leads import Lead
from sales.library import Purpose
from sales.proposals import Proposal


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
