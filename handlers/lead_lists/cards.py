"""A list of leads as a card: what it shows in words, one page of its rows, and what to do with it.

Draws from a ``ListPlace`` alone, so that any subject can show a list.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from handlers.core.context import Context
from handlers.core.due_dates import due_label
from handlers.core.labels import enum_label, home_button, page_buttons
from handlers.core.text import one_line
from handlers.core.ui import Button, Card, Section, SortedBy, Table
from handlers.lead_lists.figures import figure_meaning, nothing_to_open, reasons
from handlers.lead_lists.service import ListPlace, moments_of
from handlers.lead_lists.wording import (
    figure_name,
    filter_words,
    heading_words,
    left_out_words,
    lost_words,
    meant_words,
    order_words,
    read_words,
    sort_words,
    without,
)
from sales.contacts import mask_contacts
from sales.lead_lists import ANYTHING, LeadQuery, LeadSort, Moments, Status, UnreadWords
from sales.leads import Lead
from sales.people import Role
from sales.permissions import may
from sales.sync_meeting import worth

_STEP_MOST = 60
"""Characters of a next step in a cell."""
_LABEL_MOST = 30
"""Characters of a filter in a button."""
_MOST_TRIED = 6
"""Filters of an empty list that are tried without."""
_ALL_OPEN = frozenset({Status.OPEN, Status.WORKED, Status.NURTURE, Status.POOL})
_ORDERS = {
    "number": (LeadSort.NEWEST, LeadSort.OLDEST),
    "customer": (LeadSort.CUSTOMER,),
    "stage": (LeadSort.STAGE,),
    "next_step": (LeadSort.PRESSING,),
    "value": (LeadSort.VALUE,),
    "last_contact": (LeadSort.QUIET,),
}
"""The orders that a column's heading offers, in turn."""
_DESCENDING = frozenset({LeadSort.NEWEST, LeadSort.VALUE, LeadSort.STAGE})


@dataclass(frozen=True, slots=True)
class _Counted:
    """The leads of a list, and the sum of their known values; None when too many to add up."""

    total: int
    value: Decimal | None
    is_more: bool = False
    """Whether there are more than so many."""


def list_card(place: ListPlace, context: Context, notes: tuple[str, ...] = ()) -> Card:
    """The page of a list that begins at or before the place's offset.

    ``notes`` are said above the table: words of the request that were not understood. A page that
    the list has no longer becomes its last one.
    """
    moments = moments_of(place.query, context)
    counted = _count(place.query, moments, context)
    rows, shown = context.request.rows, counted.total
    last = max(0, (shown - 1) // rows * rows)
    place = place.at(min(place.offset - place.offset % rows, last))
    leads = _page(place, min(rows, shown), moments, context)
    above = "\n".join(
        filter(None, (_shown(place, context), lost_words(place.lost, context), *notes))
    )
    if not leads:
        return _empty(place, moments, above, context)
    why = reasons(place.query.figure, leads, moments, context)
    return Card(
        title=_title(place.query, counted, context),
        body=above,
        sections=(_section(place, leads, why, shown, context),),
        buttons=tuple(_buttons(place, context)),
        more=tuple(_more(place, context)),
        footnote=figure_meaning(place.query.figure, context),
    )


def offered_card(place: ListPlace, unread: Sequence[UnreadWords], context: Context) -> Card:
    """A list that a line may have meant, to be opened with a button; ``unread`` are the words of
    the line that it does without."""
    counted = _count(place.query, moments_of(place.query, context), context)
    number = context.language.number(counted.total)
    label = context.text("button.show_list", n=counted.total, number=number)
    return Card(
        title=context.text("list.offered"),
        body="\n".join(filter(None, (_shown(place, context), left_out_words(unread, context)))),
        buttons=(
            Button("lead_list.show", label, place.value, "primary"),
            Button("help.open", context.text("button.help")),
            home_button(context),
        ),
    )


def _page(place: ListPlace, rows: int, moments: Moments, context: Context) -> tuple[Lead, ...]:
    if not rows:
        return ()
    listing = context.uow.lead_list(context.actor)
    return listing.page(place.query, moments, place.sort, offset=place.offset, limit=rows)


def _count(query: LeadQuery, moments: Moments, context: Context) -> _Counted:
    listing = context.uow.lead_list(context.actor)
    if query.status not in _ALL_OPEN:
        most = listing.most_counted(query)
        total = listing.count(query, moments, most)
        if total > most:
            return _Counted(most, None, is_more=True)
    sums = listing.sums(query, moments).values()
    return _Counted(sum(one.count for one in sums), sum((one.value for one in sums), Decimal(0)))


def _title(query: LeadQuery, counted: _Counted, context: Context) -> str:
    number = context.language.number(counted.total)
    key = "list.count_more" if counted.is_more else "list.count"
    named = figure_name(query.figure, context) if query.figure else _whose(query, context)
    parts = [named, context.text(key, n=counted.total, number=number)]
    if counted.value:
        parts.append(context.language.money(counted.value))
    return " · ".join(parts)


def _whose(query: LeadQuery, context: Context) -> str:
    role = Role.REP if query.mine else context.actor.role
    key = {Role.REP: "mine", Role.MANAGER: "team"}.get(role, "all")
    return context.text(f"list.title_{key}")


def _shown(place: ListPlace, context: Context) -> str:
    """What the list shows and in which order, in words."""
    filters = heading_words(place.query, context)
    sort = order_words(place.query, place.sort, context)
    return context.text("list.shown", filters=filters, sort=sort)


def _section(
    place: ListPlace,
    leads: tuple[Lead, ...],
    why: Mapping[int, str],
    shown: int,
    context: Context,
) -> Section:
    first, last = place.offset + 1, place.offset + len(leads)
    several = len(leads) < shown
    total = context.language.number(shown)
    lines = (context.text("list.page", first=first, last=last, total=total),) if several else ()
    return Section(
        lines=lines,
        table=_table(place, leads, why, context),
        buttons=_pager(place, shown, context),
    )


def _pager(place: ListPlace, total: int, context: Context) -> tuple[Button, ...]:
    rows = context.request.rows
    return page_buttons(
        "lead_list.page",
        place.offset // rows,
        -(-total // rows),
        lambda page: place.at(page * rows).value,
        context.language,
    )


def _table(
    place: ListPlace, leads: tuple[Lead, ...], why: Mapping[int, str], context: Context
) -> Table:
    columns = (*_columns(leads, context), *(("why",) if why else ()))
    names = _names(context) if "owner" in columns else {}
    cells = [_cells(lead, names, context) | {"why": why.get(lead.id, "")} for lead in leads]
    step = columns.index("next_step")
    return Table(
        columns=tuple(context.text(f"list.column_{name}") for name in columns),
        rows=tuple(tuple(row[name] for name in columns) for row in cells),
        caption=heading_words(place.query, context),
        numbers=frozenset({columns.index("value")}),
        opens=tuple(Button("lead.show", lead.number, lead.number) for lead in leads),
        sorts=tuple(_sort_button(name, place, context) for name in columns),
        sorted_by=_sorted_by(place.sort, columns),
        emphasized=frozenset(
            (row, step) for row, lead in enumerate(leads) if lead.is_overdue(context.now)
        )
        | frozenset(
            (row, columns.index("close"))
            for row, lead in enumerate(leads)
            if lead.is_close_overdue(context.today_here)
        ),
    )


def _names(context: Context) -> dict[int, str]:
    """Everybody's names in one statement: each row may be of another person."""
    return {person.id: person.name for person in context.uow.people.everyone()}


def _columns(leads: tuple[Lead, ...], context: Context) -> tuple[str, ...]:
    """The columns; whose a lead is only where that differs from the reader, when it is expected to
    be closed only where that is known of one."""
    others = context.actor.role is not Role.REP or any(
        lead.owner_id != context.actor.id for lead in leads
    )
    owner = ("owner",) if others else ()
    close = ("close",) if any(lead.is_worked_on and lead.expected_close for lead in leads) else ()
    return (
        "number", "customer", "stage", "grade", *owner, "next_step", "value", *close,
        "last_contact",
    )  # fmt: skip


def _cells(lead: Lead, names: Mapping[int, str], context: Context) -> dict[str, str]:
    language, value = context.language, worth(lead)
    contact = lead.last_contact_at
    return {
        "number": lead.number,
        "customer": mask_contacts(lead.customer),
        "stage": enum_label(lead.stage, language),
        "grade": context.text(f"list.grade_{lead.grade.value}"),
        "owner": _owner(lead, names, context),
        "next_step": _step(lead, context),
        "value": language.money(value) if value is not None else "",
        "close": _close(lead, context),
        "last_contact": _short_day(contact, context) if contact else "",
    }


def _close(lead: Lead, context: Context) -> str:
    """The day on which an open lead is expected to be closed."""
    if lead.expected_close is None or not lead.is_worked_on:
        return ""
    day = _near_day(lead.expected_close, context)
    overdue = lead.is_close_overdue(context.today_here)
    return context.text("list.close_overdue", day=day) if overdue else day


def _short_day(at: datetime, context: Context) -> str:
    return _near_day(at.astimezone(context.language.zone).date(), context)


def _near_day(day: date, context: Context) -> str:
    """``Nov 26``; the year where it is another one."""
    same = day.year == context.today_here.year
    return context.language.short_day(day) if same else context.language.day(day)


def _owner(lead: Lead, names: Mapping[int, str], context: Context) -> str:
    if lead.owner_id is None:
        return context.text("list.in_pool" if lead.is_pooled else "list.nobody")
    return names.get(lead.owner_id, "")


def _step(lead: Lead, context: Context) -> str:
    """The day of the next step and what it is; of a closed lead, when that was."""
    if lead.closed_at and not lead.is_open:
        return context.text("list.closed_on", day=context.language.day_of(lead.closed_at))
    if lead.next_at is None:
        return context.text("list.no_step") if lead.is_worked_on else ""
    words = one_line(lead.next_step)
    step = words if len(words) <= _STEP_MOST else f"{words[:_STEP_MOST]}…"
    day = due_label(lead, context)
    key = "list.step_overdue" if lead.is_overdue(context.now) else "list.step"
    return context.text(key, day=day, step=step).strip(" ·")


def _sort_button(name: str, place: ListPlace, context: Context) -> Button | None:
    orders = _ORDERS.get(name, ())
    if not orders:
        return None
    turn = orders.index(place.sort) + 1 if place.sort in orders else 0
    sort = orders[turn % len(orders)]
    label = context.text("list.sort_by", sort=sort_words(sort, context))
    return Button("lead_list.page", label, place.sorted_by(sort).value)


def _sorted_by(sort: LeadSort, columns: tuple[str, ...]) -> SortedBy | None:
    name = next((name for name, orders in _ORDERS.items() if sort in orders), "")
    return SortedBy(columns.index(name), sort in _DESCENDING) if name in columns else None


def _buttons(place: ListPlace, context: Context) -> Iterator[Button]:
    """The next steps; those of other subjects only where they exist."""
    value, text = place.at(0).value, context.text
    yield Button("lead_list.filter", text("button.filter"), value)
    yield Button("lead_list.sort", text("list.sort"), value)
    if may(context.actor, "bulk.choose"):
        yield Button("bulk.choose", text("list.several"), value)
    if place.query != ANYTHING:
        yield Button("lead_list.page", text("list.clear"), ListPlace(sort=place.sort).value)
    yield home_button(context)


def _more(place: ListPlace, context: Context) -> Iterator[Button]:
    value = place.at(0).value
    if may(context.actor, "view.save"):
        yield Button("view.save", context.text("list.save"), value)
        yield Button("view.list", context.text("button.all_views"))
    if may(context.actor, "lead_list.export"):
        yield Button("lead_list.export", context.text("button.as_file"), value)


def _empty(place: ListPlace, moments: Moments, above: str, context: Context) -> Card:
    """Why nothing is shown, and the filter without which something is."""
    if place.query == ANYTHING:
        return _no_leads(above, context)
    figure = place.query.figure
    if figure and place.query == LeadQuery.of_figure(figure):
        return nothing_to_open(figure, context)
    why, buttons = _ways_out(place, moments, context)
    if place.query.status is Status.POOL and context.actor.role is Role.REP:
        buttons = (Button("pool.open", context.text("button.pool"), "", "primary"),)
        why = context.text("list.pool_elsewhere")
    return Card(
        title=context.text("list.none"),
        body="\n".join(filter(None, (above, why))),
        buttons=(
            *buttons,
            Button("lead_list.filter", context.text("button.filter"), place.at(0).value),
            Button("lead_list.page", context.text("list.clear"), ListPlace(sort=place.sort).value),
            home_button(context),
        ),
    )


def _ways_out(
    place: ListPlace, moments: Moments, context: Context
) -> tuple[str, tuple[Button, ...]]:
    """Why a list is empty, and the button to one that is not: the closed leads as well, or all
    without the strictest filter."""
    if meant := _meant(place, moments, context):
        return meant
    everything = replace(place.query, status=Status.ALL)
    if place.query.status is Status.OPEN:
        closed = context.uow.lead_list(context.actor).count(everything, moments)
        if closed:
            label = context.text("list.with_closed")
            wider = ListPlace(query=everything, sort=place.sort)
            button = Button("lead_list.page", label, wider.value, "primary")
            return context.text("list.closed_there", n=closed), (button,)
    strictest = _strictest(place, moments, context)
    if strictest is None:
        return context.text("list.none_there"), ()
    name, words, total = strictest
    # A searched text comes with quotation marks of its own.
    words = _short(words.strip('“”"'))
    wider = ListPlace(query=without(place.query, name), sort=place.sort)
    label = context.text("list.drop", filter=words)
    button = Button("lead_list.page", label, wider.value, "primary")
    return context.text("list.none_because", filter=words, n=total), (button,)


def _short(words: str) -> str:
    return words if len(words) <= _LABEL_MOST else f"{words[:_LABEL_MOST]}…"


def _meant(
    place: ListPlace, moments: Moments, context: Context
) -> tuple[str, tuple[Button, ...]] | None:
    """The list with the filter that the searched text may be a misspelling of."""
    query = place.query
    if not query.text or query.figure or not (word := meant_words(query, context)):
        return None
    others = filter_words(query.without("text"), context).values()
    read = read_words(" ".join((*others, word)), context)
    total = context.uow.lead_list(context.actor).count(read.query, moments)
    if read.unread or not total:
        return None
    said = context.text("list.meant", typed=_short(query.text), word=word, n=total)
    label = context.text("list.show_meant", word=word)
    wider = ListPlace(query=read.query, sort=read.sort or place.sort)
    return said, (Button("lead_list.page", label, wider.value, "primary"),)


def _no_leads(above: str, context: Context) -> Card:
    own = context.actor.role is Role.REP
    return Card(
        title=context.text("lead.mine_none" if own else "list.none"),
        body="\n".join(filter(None, (above, context.text("lead.mine_none_hint")))),
        buttons=(
            Button("lead.new", context.text("button.new_lead"), "", "primary"),
            Button("pool.open", context.text("button.pool")),
            home_button(context),
        ),
    )


def _strictest(place: ListPlace, moments: Moments, context: Context) -> tuple[str, str, int] | None:
    """The filter without which the most leads are found: its name, its words, how many."""
    listing = context.uow.lead_list(context.actor)
    tried = list(filter_words(place.query, context).items())[:_MOST_TRIED]
    found = [
        (name, words, listing.count(without(place.query, name), moments)) for name, words in tried
    ]
    best = max(found, key=lambda one: one[2], default=None)
    return best if best and best[2] else None
