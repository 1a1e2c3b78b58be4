"""``/leads``: lists of leads, their pages, filters and order."""

from functools import partial

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.ui import Attachment
from handlers.exports import file_of_leads
from handlers.lead_lists.cards import list_card, offered_card
from handlers.lead_lists.forms import filter_form, read_filters, read_sort, sort_form
from handlers.lead_lists.service import ListPlace, moments_of, read_place
from handlers.lead_lists.wording import read_words, unread_words
from sales.exports import MOST_EXPORTED
from sales.lead_lists import LeadSort, ParsedList, UnreadWords
from sales.leads import parse_lead_number

_LONGEST_LINE = 120
_MOST_ALIKE = 9
_OF_WHOM = frozenset({"mine", "nobody"})
"""Filters that alone are no reason to think of a list: ``who can see my leads``."""


def open_command(context: Context) -> Reply:
    """``/leads``, with the words that say which: ``/leads east proposal overdue``."""
    return _as_read(read_words(context.request.text, context), context)


def _as_read(read: ParsedList, context: Context) -> Reply:
    place = ListPlace(query=read.query, sort=read.sort or LeadSort.PRESSING)
    return Reply(card=list_card(place, context, (unread_words(read.unread, context),)))


def listed_by_words(line: str, context: Context) -> Reply | None:
    """The list that a line asks for with filters alone; None for any other line, and for one
    filter that is as well a customer's name."""
    text = line.strip()
    if not text or len(text) > _LONGEST_LINE or parse_lead_number(text) is not None:
        return None
    read = read_words(text, context)
    if read.unread or read.query.text or not (read.query.filters or read.sort):
        return None
    if len(read.query.filters) == 1 and _is_customer(text, context):
        return None
    return _as_read(read, context)


def half_understood(line: str, context: Context) -> Reply | None:
    """Offer the list of the filters in a line that holds other words too, which are said back;
    None where nothing narrows the list, or more was not understood than was.
    """
    text = line.strip()
    if not text or len(text) > _LONGEST_LINE:
        return None
    read = read_words(text, context, loosely=True)
    said = sorted((*read.unread, *_searched(read, text)), key=lambda one: one.start)
    query = read.query.without("text")
    if not (set(query.filters) - _OF_WHOM or read.sort):
        return None
    if 2 * sum(_letters(one.words) for one in said) > _letters(text):
        return None
    place = ListPlace(query=query, sort=read.sort or LeadSort.PRESSING)
    return Reply(card=offered_card(place, said, context))


def _searched(read: ParsedList, line: str) -> tuple[UnreadWords, ...]:
    """The text that would be searched, as words that were not understood."""
    start = max(line.find(read.query.text), 0)
    words = read.query.text
    return (UnreadWords(words, start, start + len(words)),) if words else ()


def _letters(words: str) -> int:
    return sum(not char.isspace() for char in words)


def _is_customer(text: str, context: Context) -> bool:
    found = context.leads.search(text, _MOST_ALIKE)
    return any(text.casefold() in lead.customer.casefold() for lead in found)


def show_list(context: Context) -> Reply:
    """Button: a list of its own, beside what was pressed."""
    return Reply(card=list_card(read_place(context.pressed, context), context))


def show_page(context: Context) -> Reply:
    """Button: another page, order or filter of the list, in its place."""
    return Reply(update=list_card(read_place(context.pressed, context), context))


def choose_filters(context: Context) -> Reply:
    """Button: the form with every filter."""
    return Reply(form=filter_form(read_place(context.pressed, context), context))


def apply_filters(context: Context) -> Reply:
    """Form: the leads it asks for, in place of the list."""
    return Reply(update=list_card(read_filters(context), context))


def choose_order(context: Context) -> Reply:
    """Button: the form with the orders."""
    return Reply(form=sort_form(read_place(context.pressed, context), context))


def apply_order(context: Context) -> Reply:
    """Form: the list in another order, in its place."""
    return Reply(update=list_card(read_sort(context), context))


def export(context: Context) -> Reply:
    """Button: the list as a file, in its order, for the person who asked only; recorded in the
    audit log."""
    place = read_place(context.pressed, context)
    moments = moments_of(place.query, context)
    listing = context.uow.lead_list(context.actor)
    ids = listing.ids(place.query, moments, place.sort, limit=MOST_EXPORTED + 1)
    if not ids:
        return Reply(toast=context.text("list.none"))
    if len(ids) > MOST_EXPORTED:
        return Reply(toast=context.text("list.too_many_to_export", most=MOST_EXPORTED))
    return Reply(attach=partial(_file, ids), record=partial(_record_export, place, len(ids)))


def _file(ids: tuple[int, ...], context: Context) -> Attachment:
    return file_of_leads(context.uow.exports(context.actor).some(ids), "xlsx", context)


def _record_export(place: ListPlace, count: int, context: Context) -> None:
    """Without the searched text, which may be a person's name."""
    listed = ListPlace(query=place.query.without("text"), sort=place.sort).value
    detail = {"kind": "xlsx", "leads": str(count), "list": listed}
    context.uow.audit.record(context.actor, "export.create", "export", detail)
