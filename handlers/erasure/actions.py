"""Admins erase a person: who, a preview, a confirmation."""

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.erasure.cards import erasure_card, overview_card, preview_card
from handlers.erasure.forms import choose_form, read_chosen, read_who, who_form
from handlers.erasure.service import FoundPeople, carry_out, find_people, preview
from sales.erasure import Erasure, ErasureNotFound, ErasureReason, ErasureState


def overview(context: Context) -> Reply:
    """Button: what is kept how long, and the erasures so far."""
    return Reply(card=overview_card(context))


def open_form(context: Context) -> Reply:
    """Button: who is meant; the person it names, where somebody asked for one."""
    return Reply(form=who_form(context, who=context.pressed))


def find(context: Context) -> Reply:
    """Form: who and why; shows what would be erased, or asks who of several is meant."""
    who, also, reason = read_who(context)
    found = find_people(who, context, also)
    if not found.is_clear:
        return Reply(form=choose_form(found, who, also, reason, context))
    return _previewed(found, reason, context)


def choose(context: Context) -> Reply:
    """Form: which of the people found."""
    state = context.request.state
    found = find_people(state.get("who", ""), context, state.get("also", ""))
    try:
        reason = ErasureReason(state.get("reason", ""))
    except ValueError:
        raise ErasureNotFound from None
    return _previewed(read_chosen(found, context), reason, context)


def confirm(context: Context) -> Reply:
    """Button: erase."""
    begun = carry_out(_pressed(context), context)
    return Reply(update=erasure_card(begun, context), toast=context.text("erasure.begun"))


def drop(context: Context) -> Reply:
    """Button: leave everything as it is."""
    erasure = _pressed(context)
    if erasure.state is not ErasureState.PREVIEWED:
        raise ErasureNotFound
    context.uow.erasures.forget(erasure)
    return Reply(update=overview_card(context), toast=context.text("erasure.dropped"))


def _previewed(found: FoundPeople, reason: ErasureReason, context: Context) -> Reply:
    erasure, seen = preview(found, reason, context)
    return Reply(card=preview_card(erasure, seen, found, context))


def _pressed(context: Context) -> Erasure:
    if not (context.pressed.isascii() and context.pressed.isdecimal()):
        raise ErasureNotFound
    return context.uow.erasures.get(int(context.pressed[:9]))
