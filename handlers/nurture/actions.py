"""Take a lead out of nurture, send it something, and decide on it when it is reviewed [P7]."""

from dataclasses import replace
from datetime import timedelta

from handlers.core.button_values import unpack
from handlers.core.context import Context
from handlers.core.events import FollowupLogged
from handlers.core.guards import lead_to_decide
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.followups.next_step import show_next_step
from handlers.library.service import count_use
from handlers.nurture.cards import message_card, wording_of
from handlers.nurture.service import stage_before
from handlers.pool.service import enter_pool
from handlers.response_clocks.service import plan_look_again
from handlers.stages.forms import move_form
from handlers.stages.service import carry_out
from sales.errors import ItemNotFound
from sales.followups import FollowUp, Method
from sales.leads import Lead, Stage, lead_id_of
from sales.library import Item, Purpose
from sales.nurture import SENT
from sales.pipeline import Move
from sales.pool import PoolReason


def leave(context: Context) -> Reply:
    """Button: take the lead out of nurture, back to the stage that it came from."""
    lead = lead_to_decide(lead_id_of(context.pressed), context)
    if lead.stage is not Stage.NURTURE:
        return _settled(lead, context)
    back = Move(to=stage_before(lead, context), reason="overruled")
    saved = carry_out(lead, back, context)
    toast = context.text("nurture.left", lead=lead.number)
    return Reply(update=context.lead_card(saved), toast=toast)


def send(context: Context) -> Reply:
    """Button: the text of an item, to be sent to the customer by the person."""
    lead, item = _chosen(context)
    return Reply(card=message_card(item, lead, context))


def sent(context: Context) -> Reply:
    """Button: the person has sent it. Logged as their contact with the customer."""
    lead, item = _chosen(context)
    title = wording_of(item, context).title
    followup = context.followups.add(
        FollowUp(
            lead_id=lead.id,
            person_id=context.actor.id,
            at=context.now,
            method=Method.EMAIL if lead.email and not lead.phone else Method.WECHAT,
            summary=context.text("nurture.sent_summary", title=title),
        )
    )
    saved = show_next_step(replace(lead, last_contact_at=context.now), context)
    context.publish(FollowupLogged(saved, followup))
    count_use(item.id, lead.id, Purpose.SAID, context)
    toast = context.text("nurture.sent", lead=lead.number)
    return Reply(update=context.lead_card(context.leads.get(lead.id)), toast=toast)


def keep(context: Context) -> Reply:
    """Button: leave the lead where it is, and look at it again after the same time."""
    lead = lead_to_decide(lead_id_of(context.pressed), context)
    if not lead.rests:
        return _settled(lead, context)
    day = context.today + timedelta(days=context.playbook.revival.nurture_days)
    plan_look_again(lead, day, context)
    context.uow.audit.record(context.actor, "nurture.keep", lead.subject, {"day": day.isoformat()})
    toast = context.text("nurture.kept", lead=lead.number, day=context.language.day(day))
    return Reply(update=context.lead_card(lead), toast=toast)


def give_up(context: Context) -> Reply:
    """Button: put the lead into the public pool, for others to claim."""
    lead = lead_to_decide(lead_id_of(context.pressed), context)
    if not lead.rests or lead.is_pooled or not lead.is_open:
        return _settled(lead, context)
    if lead.stage is Stage.NURTURE:
        lead = carry_out(lead, Move(to=stage_before(lead, context)), context)
    pooled = enter_pool(lead, PoolReason.GIVEN_UP, "other", context)
    toast = context.text("pool.put_done", lead=pooled.number)
    return Reply(toast=toast)


def close(context: Context) -> Reply:
    """Button: the form that closes the lead as lost, with the reason."""
    lead = lead_to_decide(lead_id_of(context.pressed), context)
    if not lead.is_open:
        return _settled(lead, context)
    return Reply(form=move_form(context, lead, Stage.LOST))


def _chosen(context: Context) -> tuple[Lead, Item]:
    """The lead and the item that a button carries; the item as it may be sent today."""
    number, item_number = unpack(context.pressed, str, str)
    lead = context.leads.get(lead_id_of(number))
    item = context.library.get(record_id(item_number) or 0)
    if not item.is_approved or item.kind not in SENT:
        raise ItemNotFound
    return lead, item


def _settled(lead: Lead, context: Context) -> Reply:
    """The present state, in answer to an old card."""
    return Reply(update=context.lead_card(lead), toast=context.text("nurture.settled"))
