"""``/export``: the leads a leader oversees, or their follow-ups, as a file without phone numbers
and e-mails."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from handlers.core.context import Context
from handlers.core.due_dates import named_time
from handlers.core.form_reader import FormReader
from handlers.core.labels import (
    enum_label,
    enum_options,
    lost_reason_label,
    source_label,
    term_label,
)
from handlers.core.replies import Reply
from handlers.core.spreadsheets import KINDS, Cell, Kind, sheet_bytes
from handlers.core.ui import Attachment, Choice, Date, Form, MultiChoice, Option
from sales.contacts import mask_contacts
from sales.days import parse_day
from sales.errors import InvalidInput, Problem
from sales.exports import MOST_EXPORTED, ExportedLead, LeadFilter
from sales.followups import TABLE_COLUMNS, TableFilter, TableRow
from sales.leads import OPEN_STAGES, Stage, lead_number

TABLES = ("leads", "followups")

COLUMNS = (
    "number", "customer", "source", "industry", "region", "product", "contact", "title", "need",
    "budget_low", "budget_high", "grade", "score", "stage", "stage_since", "owner", "team",
    "created", "last_contact", "next_on", "next_step", "expected_amount",
    "expected_close", "amount", "closed", "lost_reason", "contract",
)  # fmt: skip


def open_command(context: Context) -> Reply:
    """``/export``: the form to choose the leads and the file format."""
    text = context.text
    kinds = tuple(Option(kind, text(f"export.kind_{kind}")) for kind in KINDS)
    tables = tuple(Option(table, text(f"export.table_{table}")) for table in TABLES)
    chosen = context.pressed if context.pressed in TABLES else TABLES[0]
    return Reply(
        form=Form(
            action="export.create",
            title=text("export.title"),
            intro=text("export.intro"),
            fields=(
                Choice(name="table", label=text("export.table"), required=True, options=tables,
                       value=chosen),
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
    wanted = _read_filter(context)
    count = wanted.count(context)
    if not count:
        raise InvalidInput({"stages": Problem(wanted.key("nothing_to_export"))})
    if count > MOST_EXPORTED:
        problem = Problem(wanted.key("too_many_to_export"), n=count, most=MOST_EXPORTED)
        raise InvalidInput({"stages": problem})
    detail = {
        "kind": wanted.kind,
        wanted.table: str(count),
        "stages": ",".join(wanted.stages),
        "since": context.typed("since")[:20],
        "until": context.typed("until")[:20],
    }
    context.uow.audit.record(context.actor, "export.create", "export", detail)
    return Reply(attach=partial(_file, wanted))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a file is to hold."""

    table: str
    kind: Kind
    stages: tuple[Stage, ...]
    start: datetime | None
    end: datetime | None

    @property
    def leads(self) -> LeadFilter:
        return LeadFilter(self.stages, self.start, self.end)

    @property
    def followups(self) -> TableFilter:
        return TableFilter(stages=self.stages, start=self.start, end=self.end)

    def key(self, text: str) -> str:
        return f"{text}_followups" if self.table == "followups" else text

    def count(self, context: Context) -> int:
        if self.table == "followups":
            return context.uow.followup_table(context.actor, own=True).count(self.followups)
        return context.uow.exports(context.actor).count(self.leads)


def _file(wanted: _Wanted, context: Context) -> Attachment:
    if wanted.table != "followups":
        leads = context.uow.exports(context.actor).leads(wanted.leads)
        return file_of_leads(leads, wanted.kind, context)
    table = context.uow.followup_table(context.actor, own=True)
    header = tuple(context.text(f"followup.column_{name}") for name in TABLE_COLUMNS)
    rows = [
        tuple(_followup_row(row, context)) for row in table.rows(wanted.followups, MOST_EXPORTED)
    ]
    return _attachment(wanted.key, (header, *rows), wanted.kind, context)


def _attachment(
    key: Callable[[str], str], rows: Sequence[Sequence[Cell]], kind: Kind, context: Context
) -> Attachment:
    """The file of ``rows``, the first of which are headings."""
    name = context.text(key("export.file_name"), day=context.today.isoformat())
    about = context.text(key("export.about"), n=len(rows) - 1)
    return Attachment(f"{name}.{kind}", sheet_bytes(rows, kind), about)


def file_of_leads(leads: Iterable[ExportedLead], kind: Kind, context: Context) -> Attachment:
    """A file with a row for each lead, in their order."""
    header = tuple(context.text(f"column.{name}") for name in COLUMNS)
    rows = [tuple(_row(lead, context)) for lead in leads]
    return _attachment(str, (header, *rows), kind, context)


def _followup_row(row: TableRow, context: Context) -> Iterator[Cell]:
    yield mask_contacts(row.customer)
    yield _day(row.at, context) if row.day_only else _moment(row.at, context)
    yield enum_label(row.method, context.language)
    yield from map(mask_contacts, (row.person, row.summary, row.feedback, row.next_step))
    due = named_time(row)
    yield _moment(due, context) if due else _day(row.next_at, context)


def _moment(at: datetime | None, context: Context) -> datetime | None:
    """The local time, without a timezone: a spreadsheet knows none."""
    return (
        at.astimezone(context.timezone).replace(second=0, microsecond=0, tzinfo=None)
        if at
        else None
    )


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
    is_open = lead.stage in OPEN_STAGES
    yield lead.amount if is_open else None
    yield lead.expected_close
    yield lead.amount if lead.stage in (Stage.WON, Stage.AFTERSALES) else None
    yield _day(lead.closed_at, context)
    reason = lead.lost_reason and lost_reason_label(lead.lost_reason, language, context.playbook)
    yield mask_contacts(reason)
    yield lead.contract


def _day(at: datetime | None, context: Context) -> date | None:
    return at.astimezone(context.timezone).date() if at else None


def _read_filter(context: Context) -> _Wanted:
    """What the file is to hold. Raises InvalidInput naming every field that is wrong."""
    with FormReader(context) as form:
        table = form.one_of("table", TABLES, empty=TABLES[0])
        stages = tuple(Stage(value) for value in form.some_of("stages", Stage))
        since, until = _day_before("since", form), _day_before("until", form)
        if since and until and until < since:
            form.refuse("until", "ends_before")
        kind = form.pick("kind", {value: value for value in KINDS})
    return _Wanted(
        table,
        kind,
        stages,
        context.midnight(since) if since else None,
        context.midnight(until + timedelta(days=1)) if until else None,
    )


def _day_before(name: str, form: FormReader) -> date | None:
    """A day no later than today; later or very old days are refused."""
    today = form.context.today
    calendar, order = form.context.calendar, form.context.figures
    day = form.parsed(
        name, lambda typed: parse_day(typed, today, calendar, order=order, past=True), "day"
    )
    if day and not date(1970, 1, 2) <= day <= today:
        form.refuse(name, "day_to_come", today=form.context.language.day(today))
    return day
