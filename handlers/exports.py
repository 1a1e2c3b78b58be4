"""``/export``: the leads a leader oversees, as a file without phone numbers and e-mails."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Literal, TypeAlias

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import (
    enum_label,
    enum_options,
    lost_reason_label,
    source_label,
    term_label,
)
from handlers.core.replies import Reply
from handlers.core.ui import Attachment, Choice, Date, Form, MultiChoice, Option
from sales.contacts import mask_contacts
from sales.days import parse_day
from sales.errors import InvalidInput, Problem
from sales.exports import MOST_EXPORTED, ExportedLead, LeadFilter
from sales.leads import Stage, lead_number

Cell: TypeAlias = str | int | Decimal | date | datetime | None
Kind: TypeAlias = Literal["csv", "xlsx"]
KINDS: tuple[Kind, ...] = ("csv", "xlsx")
_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def harmless(text: str) -> str:
    """Escape text that a spreadsheet would take for a formula. A leading apostrophe does it (OWASP,
    CSV injection)."""
    plain = _NOT_IN_XML.sub("", text)
    return f"'{plain}" if plain.startswith(_STARTS_A_FORMULA) else plain


def sheet_bytes(rows: Iterable[Sequence[Cell]], kind: Kind) -> bytes:
    return xlsx_bytes(rows) if kind == "xlsx" else csv_bytes(rows)


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 CSV with a byte order mark so that Excel recognises it; line endings per RFC 4180."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_as_text(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook with one sheet; numbers and dates keep their types."""
    # Imported here because openpyxl takes as long to import as all the rest of a small process.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case Decimal():
            return f"{cell:f}".removesuffix(".00")
        case _:
            return str(cell)


COLUMNS = (
    "number", "customer", "source", "industry", "region", "product", "contact", "title", "need",
    "budget_low", "budget_high", "grade", "score", "stage", "stage_since", "owner", "team",
    "created", "last_contact", "next_on", "next_step", "amount", "closed", "lost_reason",
    "contract",
)  # fmt: skip


def open_command(context: Context) -> Reply:
    """``/export``: the form to choose the leads and the file format."""
    text = context.text
    kinds = tuple(Option(kind, text(f"export.kind_{kind}")) for kind in KINDS)
    return Reply(
        form=Form(
            action="export.create",
            title=text("export.title"),
            intro=text("export.intro"),
            fields=(
                MultiChoice(name="stages", label=text("export.stages"),
                            hint=text("export.stages_hint"),
                            options=enum_options(Stage, context.language)),
                Date(name="since", label=text("export.since")),
                Date(name="until", label=text("export.until")),
                Choice(name="kind", label=text("export.kind"), required=True, options=kinds,
                       value="xlsx"),
            ),
            submit=text("export.submit"),
            cancel=text("button.cancel"),
        )
    )  # fmt: skip


def create(context: Context) -> Reply:
    """Form: create the file, for the person who asked only, and record it in the audit log."""
    lead_filter, kind = _read_filter(context)
    count = context.uow.exports(context.actor).count(lead_filter)
    if not count:
        raise InvalidInput({"stages": Problem("nothing_to_export")})
    if count > MOST_EXPORTED:
        raise InvalidInput({"stages": Problem("too_many_to_export", n=count, most=MOST_EXPORTED)})
    detail = {
        "kind": kind,
        "leads": str(count),
        "stages": ",".join(lead_filter.stages),
        "since": context.typed("since")[:20],
        "until": context.typed("until")[:20],
    }
    context.uow.audit.record(context.actor, "export.create", "export", detail)
    return Reply(attach=partial(_file, lead_filter, kind))


def _file(lead_filter: LeadFilter, kind: Kind, context: Context) -> Attachment:
    leads = list(context.uow.exports(context.actor).leads(lead_filter))
    header = tuple(context.text(f"column.{name}") for name in COLUMNS)
    rows = (header, *(tuple(_row(lead, context)) for lead in leads))
    name = context.text("export.file_name", day=context.today.isoformat())
    about = context.text("export.about", n=len(leads))
    return Attachment(f"{name}.{kind}", sheet_bytes(rows, kind), about)


def _row(lead: ExportedLead, context: Context) -> Iterator[Cell]:
    language, words = context.language, context.playbook.vocabulary
    yield lead_number(lead.id)
    yield mask_contacts(lead.customer)
    yield mask_contacts(source_label(lead.source, language, context.playbook))
    yield term_label(words.industries, lead.industry, language)
    yield term_label(words.regions, lead.region, language)
    yield term_label(words.products, lead.product, language)
    yield from (mask_contacts(text) for text in (lead.contact, lead.title, lead.need))
    yield from (lead.budget_low, lead.budget_high)
    yield enum_label(lead.grade, language)
    yield lead.score
    yield enum_label(lead.stage, language)
    yield _day(lead.stage_since, context)
    yield from (mask_contacts(lead.owner), mask_contacts(lead.team))
    yield from (_day(at, context) for at in (lead.created_at, lead.last_contact_at, lead.next_at))
    yield mask_contacts(lead.next_step)
    yield lead.amount
    yield _day(lead.closed_at, context)
    reason = lead.lost_reason and lost_reason_label(lead.lost_reason, language, context.playbook)
    yield mask_contacts(reason)
    yield lead.contract


def _day(at: datetime | None, context: Context) -> date | None:
    return at.astimezone(context.timezone).date() if at else None


def _read_filter(context: Context) -> tuple[LeadFilter, Kind]:
    """The filter and file format. Raises InvalidInput naming every field that is wrong."""
    with FormReader(context) as form:
        stages = tuple(Stage(value) for value in form.some_of("stages", Stage))
        since, until = _day_before("since", form), _day_before("until", form)
        if since and until and until < since:
            form.refuse("until", "ends_before")
        kind = form.pick("kind", {value: value for value in KINDS})
    return LeadFilter(
        stages,
        context.midnight(since) if since else None,
        context.midnight(until + timedelta(days=1)) if until else None,
    ), kind


def _day_before(name: str, form: FormReader) -> date | None:
    """A day no later than today; later or very old days are refused."""
    today = form.context.today
    calendar, order = form.context.calendar, form.context.figures
    day = form.parsed(
        name, lambda typed: parse_day(typed, today, calendar, order=order, past=True), "day"
    )
    if day and not date(1970, 1, 2) <= day <= today:
        form.refuse(name, "day_to_come", today=today.isoformat())
    return day
