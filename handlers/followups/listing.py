"""``/followup list``: the follow-up table of the process, of one customer or of all [P16]."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from handlers.core.button_values import offset, pack, unpack
from handlers.core.context import Context
from handlers.core.due_dates import due_label
from handlers.core.labels import enum_label, lead_title, page_buttons
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Section, Table
from handlers.followups.forms import habits_of
from sales.errors import LeadNotFound
from sales.followup_periods import AskedFor, asked_for
from sales.followups import TABLE_COLUMNS, TableFilter, TableRow
from sales.leads import Lead, parse_lead_number
from sales.permissions import may

PAGE = 10
MOST = 1_000
"""Follow-ups that are counted and turned through; further ones are found by naming days."""
_ASKS = re.compile(
    r"(?:list|table|all|列表|清单|记录表?|表格?)(?=$|[\s\u3000,，:：]|lx)", re.IGNORECASE
)
_APART = " \t\n\u3000,，:："
_SHOWN_TYPED = 40


def asks_for_list(text: str) -> str | None:
    """What follows ``list`` in ``/followup list …``; None for anything else."""
    match = _ASKS.match(text.strip())
    return text.strip()[match.end() :].strip(_APART) if match else None


def words_about(text: str, context: Context) -> tuple[int, str] | None:
    """The lead, and what is said about it, where words after ``list`` name no days: somebody
    rather logs them than asks for the list (``跟进记录 LX001 电话 要案例``)."""
    first, _, rest = text.partition(" ")
    lead_id = parse_lead_number(first)
    said = rest and asked_for(rest, context.today_here, habits_of(context)).rest
    return (lead_id, rest) if lead_id and said else None


def open_list(text: str, context: Context) -> Reply:
    """The table, of the lead or customer and the days that the text names."""
    first, _, rest = text.partition(" ")
    lead_id = parse_lead_number(first)
    asked = asked_for(rest if lead_id else text, context.today_here, habits_of(context))
    lead = context.leads.get(lead_id) if lead_id else _named(asked.rest, context)
    return Reply(card=_card(lead, asked, 0, context))


def page(context: Context) -> Reply:
    """Button: another page, in place of this one."""
    lead_id, first, last, place = unpack(context.pressed, record_id, _day, _day, offset)
    lead = context.leads.get(lead_id) if lead_id else None
    return Reply(update=_card(lead, AskedFor(first, last), place, context))


def of_lead(context: Context) -> Reply:
    """Button: the table of one lead."""
    lead = context.leads.get(parse_lead_number(context.pressed) or 0)
    return Reply(card=_card(lead, AskedFor(), 0, context))


def _named(name: str, context: Context) -> Lead | None:
    """The customer's lead; the one with the best match, of several. Raises LeadNotFound."""
    if not name:
        return None
    matches = context.leads.search(name, 1)
    if not matches:
        raise LeadNotFound(number=name[:_SHOWN_TYPED])
    return matches[0]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _card(lead: Lead | None, asked: AskedFor, requested: int, context: Context) -> Card:
    wanted = TableFilter(
        lead_id=lead.id if lead else None,
        start=context.midnight_here(asked.first) if asked.first else None,
        end=context.midnight_here(asked.last + timedelta(days=1)) if asked.last else None,
    )
    table = context.uow.followup_table(context.actor)
    total = table.count(wanted, most=MOST)
    last = max(0, (min(total, MOST) - 1) // PAGE)
    place = min(requested, last)
    # One customer's are a story, read from its beginning; of all, the newest matter.
    rows = table.rows(wanted, PAGE, place * PAGE, newest_first=lead is None)
    columns = tuple(context.text(f"followup.column_{name}") for name in TABLE_COLUMNS)
    cells = tuple(tuple(_cells(row, context)) for row in rows)
    title = "followup.table_of" if lead else "followup.table"
    return Card(
        title=context.text(title, lead=lead_title(lead) if lead else ""),
        body=_body(asked, place, last, total, context),
        sections=(Section(table=Table(columns, cells)),) if cells else (),
        buttons=tuple(_buttons(lead, asked, place, last, context)),
    )


def _body(asked: AskedFor, place: int, last: int, total: int, context: Context) -> str:
    days = ""
    if asked.first or asked.last:
        day = context.language.full_day
        first = day(asked.first) if asked.first else "…"
        until = day(asked.last) if asked.last else "…"
        days = context.text("followup.table_days", first=first, last=until)
    key = (
        "followup.table_page" if last else "followup.table_all" if total else "followup.table_empty"
    )
    if total > MOST:
        counted = context.text("followup.table_many", n=MOST, page=place + 1, pages=last + 1)
    else:
        counted = context.text(key, n=total, page=place + 1, pages=last + 1)
    return "\n".join(filter(None, (days, counted)))


def _buttons(
    lead: Lead | None, asked: AskedFor, place: int, last: int, context: Context
) -> Iterator[Button]:
    def value(page: int) -> str:
        return pack(lead.id if lead else 0, asked.first or "", asked.last or "", page)

    yield from page_buttons("followup.page", place, last + 1, value, context.language)
    action, value_of_lead = ("followup.log", lead.number) if lead else ("followup.new", "")
    yield Button(action, context.text("button.log"), value_of_lead)
    if lead:
        yield Button("lead.show", context.text("button.open"), lead.number)
    if may(context.actor, "export.open"):
        yield Button("export.open", context.text("button.as_file"), "followups")


def _cells(row: TableRow, context: Context) -> Iterator[str]:
    language = context.language
    yield context.said(row.customer)
    yield language.day_of(row.at) if row.day_only else language.moment(row.at)
    yield enum_label(row.method, language)
    yield row.person
    yield from (context.said(text) for text in (row.summary, row.feedback, row.next_step))
    yield due_label(row, context)
