"""Act on several leads: choose, preview, confirm, look, undo."""

from dataclasses import replace

from handlers.bulk_acts.cards import begun_card, bulk_card, left_card, preview_card
from handlers.bulk_acts.forms import (
    Chosen,
    choose_form,
    chosen_in_state,
    detail_form,
    read_chosen,
    read_details,
)
from handlers.bulk_acts.service import (
    begin,
    chosen_leads,
    count_of_list,
    gone,
    listed_leads,
    planned,
)
from handlers.core.button_values import offset, unpack
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Card
from sales.bulk_acts import BUSY, UNDO_FOR, BulkAct, BulkActNotFound, BulkKind, BulkState


def choose(context: Context) -> Reply:
    """Button on a list: choose what to do with which of its leads."""
    listed = listed_leads(context.pressed, context)
    if not listed.count:
        return Reply(toast=context.text("bulk.empty"))
    return Reply(form=choose_form(listed, context))


def choose_act(context: Context) -> Reply:
    """Form: the act is chosen. Shows the form of what it asks for, or at once the preview."""
    chosen = read_chosen(context)
    if chosen.kind is BulkKind.RULES:
        return _previewed(chosen, context)
    count = len(chosen_leads(chosen.query, chosen.ticked, context))
    return Reply(form=detail_form(chosen, count, context))


def preview(context: Context) -> Reply:
    """Form: preview what would happen to which leads; nothing of them is changed yet."""
    chosen = chosen_in_state(context)
    if chosen is None:
        raise BulkActNotFound
    return _previewed(chosen, context)


def _previewed(chosen: Chosen, context: Context) -> Reply:
    act = BulkAct(
        actor_id=context.actor.id,
        kind=chosen.kind,
        query=chosen.query,
        planned=0,
        created_at=context.now,
        shown_at=context.now,
        forget_at=context.now + UNDO_FOR,
    )
    act = read_details(act, context)
    leads = chosen_leads(chosen.query, chosen.ticked, context)
    entries = [*planned(act, leads, context), *gone(chosen.ticked, leads)]
    if not entries:
        return Reply(toast=context.text("bulk.empty"))
    act = replace(act, planned=sum(not entry.left_out for entry in entries))
    stored = context.uow.bulk_acts(context.actor).add(act, entries)
    is_cut = not chosen.ticked and count_of_list(chosen.query, context) > len(leads)
    toast = context.text("bulk.too_many", n=len(leads)) if is_cut else ""
    return Reply(card=preview_card(stored, context), toast=toast)


def confirm(context: Context) -> Reply:
    """Button on the preview: do it, to the leads that were previewed and to no others."""
    act = _own_act(context)
    if act.state is not BulkState.PREVIEWED or not act.planned:
        return _as_it_is(act, context)
    begun = begin(act, BulkState.WORKING, context)
    detail = {"kind": act.kind.value, "leads": str(act.planned)}
    context.uow.audit.record(context.actor, "bulk.confirm", act.subject, detail)
    return Reply(update=begun_card(begun, context))


def drop(context: Context) -> Reply:
    """Button on the preview: leave everything as it is."""
    act = _own_act(context)
    if act.state is not BulkState.PREVIEWED:
        return _as_it_is(act, context)
    dropped = replace(act, state=BulkState.DROPPED, forget_at=context.now)
    context.uow.bulk_acts(context.actor).save(dropped)
    return Reply(update=bulk_card(dropped, context))


def show(context: Context) -> Reply:
    """Button: the act in its present state."""
    return Reply(update=bulk_card(_act(context.pressed, context), context))


def left(context: Context) -> Reply:
    """Button: the leads that were left out, each with the reason."""
    return Reply(card=_left(context))


def left_page(context: Context) -> Reply:
    """Button: another page of them, in place of this one."""
    return Reply(update=_left(context))


def _left(context: Context) -> Card:
    act_id, start = unpack(context.pressed, str, offset)
    return left_card(_act(act_id, context), start, context)


def undo(context: Context) -> Reply:
    """Button: take everything back, except what somebody has changed since."""
    act = _act(context.pressed, context)
    if act.state in BUSY or act.state is not BulkState.DONE:
        return _as_it_is(act, context)
    if not act.may_be_undone(context.now):
        return Reply(toast=context.text("bulk.too_late"))
    begun = begin(replace(act, undone_by=context.actor.id), BulkState.UNDOING, context)
    return Reply(update=begun_card(begun, context))


def _as_it_is(act: BulkAct, context: Context) -> Reply:
    """The present state, in answer to an old card."""
    return Reply(update=bulk_card(act, context), toast=context.text(f"bulk.now_{act.state}"))


def _act(value: str, context: Context) -> BulkAct:
    """The act that a button carries. Raises BulkActNotFound."""
    return context.uow.bulk_acts(context.actor).get(record_id(value) or 0)


def _own_act(context: Context) -> BulkAct:
    """The act, for whoever previewed it; what others see of it they do not decide."""
    act = _act(context.pressed, context)
    if act.actor_id != context.actor.id:
        raise BulkActNotFound
    return act
