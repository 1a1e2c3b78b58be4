"""The acts of ``/discovery``: open the form for a lead, save a version, read them all."""

from dataclasses import replace

from handlers.assignment.service import accept_by_acting
from handlers.core.context import Turn
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.discovery.cards import SHOWN, discovery_card
from handlers.discovery.forms import discovery_form, pick_form, read_needs
from handlers.lead_card.card import lead_card
from handlers.response_clocks.service import settle_clock
from sales.discovery import Discovery, Needs
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.scoring import scored


def open_command(turn: Turn) -> Reply:
    """``/discovery``: for which lead? With a number, or a name that only one has, its form."""
    text = turn.request.text.strip()
    if (lead_id := parse_lead_number(text)) is not None:
        return _form(turn.leads.get(lead_id), turn)
    found = turn.leads.search(text, 2) if text else []
    return _form(found[0], turn) if len(found) == 1 else Reply(form=pick_form(turn))


def choose(turn: Turn) -> Reply:
    """Form: the lead is chosen."""
    return _form(turn.leads.get(lead_id_of(turn.typed("lead"))), turn)


def log(turn: Turn) -> Reply:
    """Button on a card."""
    return _form(turn.leads.get(lead_id_of(turn.pressed)), turn)


def show(turn: Turn) -> Reply:
    """Button: all that is known, and what was written before."""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    versions = turn.discoveries.versions(lead.id, SHOWN)
    return Reply(card=discovery_card(lead, versions, turn))


def save(turn: Turn) -> Reply:
    """Form: one more version; what somebody else wrote meanwhile is not overwritten unseen."""
    lead = turn.leads.get(lead_id_of(turn.request.state.get("lead", "")))
    needs = read_needs(turn, lead)
    latest = turn.discoveries.latest(lead.id)
    version = latest.version if latest else 0
    if str(version) != turn.request.state.get("version"):
        form = discovery_form(lead, needs, version, turn)
        return Reply(form=form, errors={WHOLE_FORM: turn.text("discovery.changed_meanwhile")})
    changed = needs.differences(_as_known(lead, latest))
    if not changed:
        return Reply(update=lead_card(lead, turn), toast=turn.text("discovery.nothing_new"))
    _store(Discovery(
        lead_id=lead.id, version=version + 1, written_by=turn.actor.id, written_at=turn.now,
        needs=needs,
    ), lead, changed, turn)  # fmt: skip
    saved = turn.leads.get(lead.id)
    return Reply(
        update=lead_card(saved, turn), toast=turn.text("discovery.saved", lead=lead.number)
    )


def _store(discovery: Discovery, lead: Lead, changed: tuple[str, ...], turn: Turn) -> None:
    """The lead's own budget is the one that was heard last, and counts in its score."""
    turn.discoveries.add(discovery)
    detail = {"version": str(discovery.version), "fields": ",".join(changed)}
    turn.uow.audit.record(turn.actor, "discovery.save", lead.subject, detail)
    accept_by_acting(lead, turn)
    if "budget" in changed:
        graded = scored(_with_budget(lead, discovery.needs), turn.playbook.scoring)
        saved = turn.leads.save(graded)
        if saved.grade is not lead.grade:
            settle_clock(saved, turn)
    turn.uow.outbox.refresh(lead.subject)


def _form(lead: Lead, turn: Turn) -> Reply:
    latest = turn.discoveries.latest(lead.id)
    version = latest.version if latest else 0
    return Reply(form=discovery_form(lead, _as_known(lead, latest), version, turn))


def _as_known(lead: Lead, latest: Discovery | None) -> Needs:
    """The notes with the budget as the lead has it, which may have been edited since."""
    needs = latest.needs if latest else Needs()
    return replace(needs, budget_low=lead.budget_low, budget_high=lead.budget_high)


def _with_budget(lead: Lead, needs: Needs) -> Lead:
    return replace(lead, budget_low=needs.budget_low, budget_high=needs.budget_high)
