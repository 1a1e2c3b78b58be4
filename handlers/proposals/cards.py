"""A proposal as its card, and in short on the lead's: what is offered, where it stands, who read
it."""

from decimal import Decimal

from handlers.core.context import Turn
from handlers.core.labels import enum_label, lead_title
from handlers.core.ui import Button, Card, Confirm, Fact, Link, Section, Table, Tone
from sales.leads import Lead, Stage
from sales.permissions import may
from sales.proposal_views import Openings, tally
from sales.proposals import Proposal
from sales.quotes import Edition, Quote

_BEFORE_PROPOSAL = (Stage.CAPTURED, Stage.SCREENED, Stage.DISCOVERY)


def proposal_card(
    proposal: Proposal, lead: Lead, turn: Turn, *, links: tuple[Link, ...] = (), body: str = ""
) -> Card:
    """The proposal as it stands; ``links`` and ``body`` are what an act has just brought."""
    return Card(
        title=turn.text("proposal.title", number=proposal.number, lead=lead_title(lead)),
        facts=_facts(proposal, turn),
        body=body or (turn.text("proposal.draft_body") if proposal.is_draft else ""),
        sections=(*_solutions(proposal, turn), *_quote(proposal.offering.quote, turn)),
        links=links,
        buttons=_buttons(proposal, lead, turn),
        more=_more(proposal, lead, turn),
        footnote="" if proposal.is_draft else turn.text("proposal.how_counted"),
        tone=_tone(proposal),
    )


def proposal_section(lead: Lead, turn: Turn) -> tuple[Section, ...]:
    """The newest proposal on the lead's card: where it stands, and whether it was read."""
    proposals = turn.proposals.of_lead(lead.id)
    if not proposals:
        return ()
    newest = proposals[0]
    told = [turn.text("proposal.line", number=newest.number, state=_state(newest, turn))]
    told += [
        turn.text("proposal.sum", edition=enum_label(edition, turn.language), amount=amount)
        for edition, amount in _totals(newest.offering.quote, turn).items()
    ]
    read = [] if newest.is_draft else [openings_text(_openings(newest, turn), turn)]
    show = Button("proposal.show", turn.text("button.show_proposal"), str(newest.id))
    buttons = (show,) if may(turn.actor, show.action) else ()
    lines = (" · ".join(told), *read)
    return (Section(turn.text("proposal.heading"), lines, buttons=buttons),)


def openings_text(openings: Openings, turn: Turn) -> str:
    """``opened 3 times, last Nov 24, Tue 10:00, read for 4 minutes in all``."""
    if openings.last_at is None:
        return turn.text("proposal.unopened")
    return turn.text(
        "proposal.opened",
        n=openings.times,
        at=turn.language.moment(openings.last_at),
        duration=turn.language.time_spent(openings.seconds),
    )


def pressed_value(proposal: Proposal) -> str:
    """What a button carries that acts on the proposal as it is shown and on no other."""
    return f"{proposal.id}:{proposal.version}"


def _facts(proposal: Proposal, turn: Turn) -> tuple[Fact, ...]:
    offering, text = proposal.offering, turn.text
    facts = [Fact(text("proposal.state"), _state(proposal, turn))]
    if not proposal.is_draft:
        facts.append(Fact(text("proposal.read"), openings_text(_openings(proposal, turn), turn)))
    facts += [
        Fact(text("proposal.total", edition=enum_label(edition, turn.language)), amount)
        for edition, amount in _totals(offering.quote, turn).items()
    ]
    if offering.quote.discount:
        share = turn.language.number(offering.quote.discount)
        facts.append(Fact(text("proposal.discount"), f"{share}%"))
    facts.append(Fact(text("proposal.valid_until"), turn.language.full_day(offering.valid_until)))
    facts.append(Fact(text("proposal.language"), text(f"proposal.language_{proposal.locale[:2]}")))
    if cases := [case.title for case in offering.cases]:
        facts.append(Fact(text("proposal.cases"), turn.language.listing(cases)))
    return tuple(facts)


def _solutions(proposal: Proposal, turn: Turn) -> tuple[Section, ...]:
    lines = tuple(f"{one.pain} → {one.answer}"[:300] for one in proposal.offering.solutions)
    return (Section(turn.text("proposal.solutions"), lines),) if lines else ()


def _quote(quote: Quote, turn: Turn) -> tuple[Section, ...]:
    if not quote.lines:
        return ()
    editions = quote.editions
    names = (enum_label(edition, turn.language) for edition in editions)
    columns = (turn.text("proposal.module"), turn.text("proposal.quantity"), *names)
    rows = tuple(
        (line.name, str(line.quantity), *(_amount(line.amount(e), turn) for e in editions))
        for line in quote.lines
    )
    return (Section(turn.text("proposal.modules"), table=Table(columns, rows)),)


def _amount(amount: Decimal | None, turn: Turn) -> str:
    return "—" if amount is None else turn.language.price(amount)


def _totals(quote: Quote, turn: Turn) -> dict[Edition, str]:
    return {one: turn.language.price(quote.total(one).net) for one in quote.editions}


def _openings(proposal: Proposal, turn: Turn) -> Openings:
    visits = turn.proposals.visits(proposal.lead_id)
    return tally([visit for visit in visits if visit.proposal_id == proposal.id])


def _state(proposal: Proposal, turn: Turn) -> str:
    state = enum_label(proposal.state, turn.language)
    at = proposal.revoked_at or proposal.sent_at or proposal.written_at
    return f"{state} · {turn.language.moment(at)}"


def _tone(proposal: Proposal) -> Tone:
    if proposal.is_draft:
        return "warning"
    return "good" if proposal.is_out else "plain"


def _buttons(proposal: Proposal, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    text, value = turn.text, str(proposal.id)
    open_lead = Button("lead.show", text("button.open"), lead.number)
    preview = Button("proposal.preview", text("button.preview"), value)
    if proposal.is_draft:
        count = Button("proposal.count", text("button.quantities"), pressed_value(proposal))
        edit = Button("proposal.write", text("button.edit"), lead.number)
        counting = (count,) if proposal.offering.quote.lines else ()
        return (_send(proposal, turn), preview, *counting, edit, open_lead)
    if not proposal.is_out:
        return (_new_version(lead, turn), preview, open_lead)
    log = Button("followup.log", text("button.log"), lead.number, "primary")
    link = Button("proposal.link", text("button.link_again"), value)
    return (log, link, open_lead)


def _more(proposal: Proposal, lead: Lead, turn: Turn) -> tuple[Button, ...]:
    """What a proposal that is out needs more rarely than what the customer said to it."""
    if not proposal.is_out:
        return ()
    preview = Button("proposal.preview", turn.text("button.preview"), str(proposal.id))
    move = Button("stage.advance", turn.text("button.stage"), lead.number)
    moving = (move,) if lead.stage in _BEFORE_PROPOSAL else ()
    return (*moving, preview, _new_version(lead, turn), _revoke(proposal, turn))


def _new_version(lead: Lead, turn: Turn) -> Button:
    return Button("proposal.write", turn.text("button.new_version"), lead.number)


def _send(proposal: Proposal, turn: Turn) -> Button:
    ask = Confirm(
        turn.text("proposal.send_title"),
        turn.text("proposal.send_question"),
        turn.text("button.send"),
        turn.text("button.cancel"),
    )
    value = pressed_value(proposal)
    return Button("proposal.send", turn.text("button.send_proposal"), value, "primary", ask)


def _revoke(proposal: Proposal, turn: Turn) -> Button:
    ask = Confirm(
        turn.text("proposal.revoke_title"),
        turn.text("proposal.revoke_question"),
        turn.text("button.revoke"),
        turn.text("button.cancel"),
    )
    value = pressed_value(proposal)
    return Button("proposal.revoke", turn.text("button.revoke"), value, "danger", ask)
