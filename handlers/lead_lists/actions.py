"""``/leads``: lists of leads, their pages, filters and order."""

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.lead_lists.cards import list_card
from handlers.lead_lists.forms import filter_form, read_filters, read_sort, sort_form
from handlers.lead_lists.service import ListPlace, read_place


def open_command(context: Context) -> Reply:
    """``/leads``, with the words that say which: ``/leads east proposal overdue``."""
    return Reply(card=list_card(ListPlace(), context))


def show(context: Context) -> Reply:
    """Button: a list of its own, beside what was pressed."""
    return Reply(card=list_card(read_place(context.pressed, context), context))


def page(context: Context) -> Reply:
    """Button: another page, order or filter of the list, in its place."""
    return Reply(update=list_card(read_place(context.pressed, context), context))


def choose_filters(context: Context) -> Reply:
    """Button: the form with every filter."""
    return Reply(form=filter_form(read_place(context.pressed, context), context))


def filtered(context: Context) -> Reply:
    """Form: the leads it asks for, in place of the list."""
    return Reply(update=list_card(read_filters(context), context))


def choose_order(context: Context) -> Reply:
    """Button: the form with the orders."""
    return Reply(form=sort_form(read_place(context.pressed, context), context))


def ordered(context: Context) -> Reply:
    """Form: the list in another order, in its place."""
    return Reply(update=list_card(read_sort(context), context))
