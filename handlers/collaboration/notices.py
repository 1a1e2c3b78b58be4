"""Notices about access requests: the request, the answer, and the end of sharing."""

from dataclasses import replace

from handlers.collaboration.cards import answered_by_name, request_card
from handlers.core.context import Context
from handlers.core.labels import home_button, lead_title
from handlers.core.ui import Button, Card, Fact
from sales.collaboration import AccessRequest, AccessState
from sales.errors import LeadNotFound
from sales.leads import Lead
from sales.notices import AccessAnswered, AccessAsked, SharingEnded
from sales.people import SYSTEM
from sales.permissions import may_decide_on


def _shared_card(asked: AccessRequest, lead: Lead, context: Context) -> Card:
    """For the requester: the lead is shared with them."""
    return Card(
        title=context.text("access.shared_title", lead=lead_title(lead)),
        body=context.text("access.shared_body", name=answered_by_name(asked, context)),
        buttons=(
            Button("lead.show", context.text("button.open"), lead.number, "primary"),
            Button("followup.log", context.text("button.log"), lead.number),
        ),
        tone="good",
        subject=lead.subject,
    )


def _declined_card(asked: AccessRequest, context: Context) -> Card:
    """For the requester: declined. Shows nothing of the lead except the explanation given."""
    word = context.text("access.said", word=asked.word) if asked.word else ""
    return Card(
        title=context.text("access.declined_title"),
        body=context.text("access.declined_body", name=answered_by_name(asked, context)) + word,
        facts=(Fact(context.text("access.your_why"), asked.why),),
        buttons=(home_button(context),),
    )


def asked_card(notice: AccessAsked, context: Context, *, again: bool) -> Card | None:
    """The notice for the owner and the leaders, as long as they are responsible for the lead."""
    request = context.uow.collaborators.get(notice.request_id)
    lead = context.uow.leads(SYSTEM).get(request.lead_id)
    if not _is_theirs(lead, context):
        return _gone_card(lead, request, context) if again else None
    return request_card(request, lead, context) if request.is_open or again else None


def answer_card(notice: AccessAnswered, context: Context, *, again: bool) -> Card | None:
    """The notice for the requester."""
    request = context.uow.collaborators.get(notice.request_id)
    if request.asker_id != context.actor.id or request.is_open:
        return None
    if request.state is AccessState.DECLINED:
        return _declined_card(request, context)
    try:
        return _shared_card(request, context.leads.get(request.lead_id), context)
    except LeadNotFound:
        gone = context.uow.leads(SYSTEM).get(request.lead_id)
        return replace(_gone_card(gone, request, context), subject=gone.subject) if again else None


def ended_card(notice: SharingEnded, context: Context, **_again: bool) -> Card | None:
    """The notice for people who worked on a lead with its former owner; reveals nothing of the
    lead."""
    try:
        context.leads.get(notice.lead_id)
    except LeadNotFound:
        lead = context.uow.leads(SYSTEM).get(notice.lead_id)
    else:
        return None
    return Card(
        title=context.text("access.over_title", lead=lead.number),
        body=context.text("access.over_pool" if lead.is_pooled else "access.over_owner"),
        buttons=(home_button(context),),
    )


def _is_theirs(lead: Lead, context: Context) -> bool:
    try:
        context.leads.get(lead.id)
    except LeadNotFound:
        return False
    return may_decide_on(context.actor, lead)


def _gone_card(lead: Lead, request: AccessRequest, context: Context) -> Card:
    return Card(
        title=context.text("lead.gone_title", lead=lead.number),
        body=context.text("lead.gone"),
        buttons=(home_button(context),),
        subject=request.subject,
    )
