"""The actions of ``/discovery``: open the form for a lead, save a version, show all versions."""

from dataclasses import replace

from handlers.assignment.service import accept_by_acting
from handlers.core.context import Context
from handlers.core.events import LeadRegraded
from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM
from handlers.discovery.cards import SHOWN, discovery_card
from handlers.discovery.forms import discovery_form, pick_form, read_needs
from sales.discovery import Discovery, Needs
from sales.leads import Lead, lead_id_of, parse_lead_number
from sales.scoring import scored


def open_command(context: Context) -> Reply:
    """``/discovery``: ask for the lead. With a number, or a name that matches only one, open its
    form."""
    text = context.request.text.strip()
    if (lead_id := parse_lead_number(text)) is not None:
        return _form(context.leads.get(lead_id), context)
    leads = context.leads.search(text, 2) if text else []
    return _form(leads[0], context) if len(leads) == 1 else Reply(form=pick_form(context))


def choose(context: Context) -> Reply:
    """Form: a lead was chosen; open its discovery form."""
    return _form(context.leads.get(lead_id_of(context.typed("lead"))), context)


def log(context: Context) -> Reply:
    """Button on a card: open the discovery form."""
    return _form(context.leads.get(lead_id_of(context.pressed)), context)


def show(context: Context) -> Reply:
    """Button: the latest discovery notes and their earlier versions."""
    lead = context.leads.get(lead_id_of(context.pressed))
    versions = context.discoveries.of_lead(lead.id, SHOWN)
    return Reply(card=discovery_card(lead, versions, context))


def save(context: Context) -> Reply:
    """Form: save a new version, without silently overwriting what somebody else saved meanwhile."""
    lead = context.leads.get(lead_id_of(context.request.state.get("lead", "")))
    needs = read_needs(context, lead)
    latest = context.discoveries.latest(lead.id)
    version = latest.version if latest else 0
    if str(version) != context.request.state.get("version"):
        form = discovery_form(lead, needs, version, context)
        return Reply(form=form, errors={WHOLE_FORM: context.text("discovery.changed_meanwhile")})
    changed = needs.differences(_needs_of(lead, latest))
    if not changed:
        return Reply(update=context.lead_card(lead), toast=context.text("discovery.nothing_new"))
    _store(Discovery(
        lead_id=lead.id, version=version + 1, written_by=context.actor.id, written_at=context.now,
        needs=needs,
    ), lead, changed, context)  # fmt: skip
    saved = context.leads.get(lead.id)
    return Reply(
        update=context.lead_card(saved), toast=context.text("discovery.saved", lead=lead.number)
    )


def _store(discovery: Discovery, lead: Lead, changed: tuple[str, ...], context: Context) -> None:
    """Save the version. The budget heard last becomes the lead's own, and counts in its score."""
    context.discoveries.add(discovery)
    detail = {"version": str(discovery.version), "fields": ",".join(changed)}
    context.uow.audit.record(context.actor, "discovery.save", lead.subject, detail)
    accept_by_acting(lead, context)
    if "budget" in changed:
        graded = scored(_with_budget(lead, discovery.needs), context.playbook.scoring)
        saved = context.leads.save(graded)
        context.publish(LeadRegraded(saved, lead))
    context.uow.outbox.refresh(lead.subject)


def _form(lead: Lead, context: Context) -> Reply:
    latest = context.discoveries.latest(lead.id)
    version = latest.version if latest else 0
    return Reply(form=discovery_form(lead, _needs_of(lead, latest), version, context))


def _needs_of(lead: Lead, latest: Discovery | None) -> Needs:
    """The notes with the lead's current budget, which may have been edited since."""
    needs = latest.needs if latest else Needs()
    return replace(needs, budget_low=lead.budget_low, budget_high=lead.budget_high)


def _with_budget(lead: Lead, needs: Needs) -> Lead:
    return replace(lead, budget_low=needs.budget_low, budget_high=needs.budget_high)
