"""Receiving a file: it is read, stored, and checked at once when its columns are unambiguous."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.replies import Reply
from handlers.core.requests import Request, Upload
from handlers.core.spreadsheets import csv_bytes
from handlers.core.text import clean
from handlers.core.ui import Attachment, Button, Card, File, Form
from handlers.imports import adoption
from handlers.imports.additions import make, may_create
from handlers.imports.cards import import_card
from handlers.imports.forms import (
    NONE,
    columns_form,
    owners_form,
    read_owners,
    read_rules,
    rules_form,
    sheets_form,
)
from handlers.imports.service import begin, import_of, unreadable_tally
from sales.errors import InvalidInput, Problem
from sales.imports.columns import FIELDS, MONEY, TEMPLATE_FIELDS, more_columns
from sales.imports.plan import (
    KEPT,
    WORKING,
    Choices,
    Import,
    ImportNotFound,
    ImportState,
)
from sales.imports.sheet import Unreadable, reason_by_name
from sales.imports.uploads import ReadFile, is_quick, order_of, read_file, units_of
from sales.people import SYSTEM, Role
from sales.permissions import may
from storage.imports.jobs import ImportRepository

KINDS = ("csv", "xlsx", "vcf", "txt")
TEMPLATE = ("template", "模板", "范本")
OWNERS = ("owners", "owner", "负责人")
MOST_TRIES = 3
MOST_UNREAD = 3
"""Maximum number of one person's files waiting to be read."""


def open_command(context: Context) -> Reply:
    """``/import``: ask for the file; with ``template``, send one to fill in; with ``owners``, ask
    whose the leads are that are only kept under a name."""
    word = context.request.text.strip().lower()
    if word in TEMPLATE:
        return template(context)
    if word in OWNERS and may(context.actor, "import.adopt"):
        return adoption.ask(context)
    text = context.text
    return Reply(
        form=Form(
            action="import.take",
            title=text("import.title"),
            intro=text("import.intro"),
            fields=(File(name="file", label=text("import.file"), required=True, kinds=KINDS,
                         hint=text("import.file_hint")),),
            submit=text("import.read"),
            cancel=text("button.cancel"),
        )
    )  # fmt: skip


def template(_turn: Context) -> Reply:
    """Button: an empty file with our headings and one example row."""
    return Reply(attach=_template)


def _template(context: Context) -> Attachment:
    headings = [context.text(f"field.{name}") for name in TEMPLATE_FIELDS]
    example = [_example(name, context) for name in TEMPLATE_FIELDS]
    content = csv_bytes((headings, example))
    return Attachment(
        f"{context.text('import.template_name')}.csv", content, context.text("import.template")
    )


def _example(name: str, context: Context) -> str:
    """A cell as the company itself would fill it; "" for a column that needs no example."""
    regions = context.playbook.vocabulary.regions
    if name == "region" and regions:
        return regions[0].label(context.language.locale)
    key = f"import.example_{name}"
    return context.text(key) if context.language.has(key) else ""


def prepare(request: Request) -> Request:
    """Read a small file before any transaction begins; larger ones wait for a process of their
    own."""
    upload = request.upload
    if upload is None or upload.problem or not is_quick(upload.content):
        return request
    try:
        return replace(request, prepared=read_file(upload.content, clean))
    except Unreadable as error:
        return replace(request, prepared=error)


def take_file(context: Context) -> Reply:
    """A file: report at once what is known of it; the rest follows as a card."""
    upload, read = context.request.upload, context.request.prepared
    if upload is None:
        raise InvalidInput({"file": Problem("file_missing")})
    if upload.problem:
        raise InvalidInput({"file": Problem(f"file_{upload.problem}")})
    if isinstance(read, Unreadable):
        return _refused(upload.name, read, context)
    if read is None:
        return _store_unread(upload, context)
    imported = context.uow.imports(context.actor).add(
        _import(upload.name, read, context), read.pages, upload.content if read.may_differ else b""
    )
    _start_check(imported, context)
    return Reply(toast=context.text("import.taken", name=imported.name, n=imported.rows))


def begin_reading(
    import_id: int, imports: ImportRepository
) -> tuple[bytes, int | None, str] | None:
    """The content of a file waiting to be read, the chosen one of its sheets, and its encoding.

    None when it no longer waits, and for a file whose every attempted reading ended with the
    process. ``imports`` are everybody's.
    """
    try:
        waiting = imports.get(import_id)
    except ImportNotFound:
        return None
    if waiting.state is not ImportState.READING or waiting.done >= MOST_TRIES:
        return None
    imports.save(replace(waiting, done=waiting.done + 1))
    content = imports.content(import_id)
    chosen = waiting.choices.sheet if waiting.sheets else None
    return None if content is None else (content, chosen, waiting.choices.encoding)


def take_read(import_id: int, read: ReadFile | Unreadable, context: Context) -> None:
    """Take over the rows of a file that was set aside for reading. If it is unreadable, notify its
    person why. Does nothing if that is already done. ``context`` belongs to nobody."""
    imports = context.uow.imports(SYSTEM)
    waiting = imports.get(import_id)
    if waiting.state is not ImportState.READING:
        return
    person = context.uow.people.get(waiting.person_id)
    context = replace(context, actor=person)
    if isinstance(read, Unreadable):
        imports.forget_rows(import_id)
        begin(replace(waiting, tally=unreadable_tally(read)), ImportState.UNREADABLE, context)
        return
    imports.take_pages(
        import_id, read.pages, keep_file=read.may_differ or bool(waiting.choices.encoding)
    )
    # Another sheet of the same file is a later run of the same import.
    again = replace(_import(waiting.name, read, context), id=import_id, run=waiting.run)
    if waiting.choices.encoding:
        again = replace(again, choices=_kept(waiting.choices, again.choices))
    _start_check(again, context)


def _kept(decided: Choices, found: Choices) -> Choices:
    """What a person decided, with what the file tells in the encoding that they chose."""
    return replace(
        decided, columns=found.columns, more=found.more, empty=found.empty, doubtful=False
    )


def _store_unread(upload: Upload, context: Context) -> Reply:
    """Store the file until it is read, so that nothing accepted is lost."""
    imports = context.uow.imports(context.actor)
    if imports.count_unread() >= MOST_UNREAD:
        raise InvalidInput({"file": Problem("file_busy", n=MOST_UNREAD)})
    empty = ReadFile(kind="", encoding="", rows=0, columns={}, order=None, units={}, pages=())
    waiting = replace(_import(upload.name, empty, context), state=ImportState.READING)
    stored = imports.add_unread(waiting, upload.content)
    context.uow.audit.record(context.actor, "import.put_by", stored.subject, {})
    return Reply(toast=context.text("import.put_by", name=stored.name))


def _start_check(imported: Import, context: Context) -> None:
    detail = {"kind": imported.kind, "rows": str(imported.rows)}
    context.uow.audit.record(context.actor, "import.take", imported.subject, detail)
    # Without a customer column the person has to choose the columns first.
    state = ImportState.CHECKING if "customer" in imported.choices.columns else ImportState.READ
    begin(imported, state, context)


def _import(name: str, read: ReadFile, context: Context) -> Import:
    return Import(
        person_id=context.actor.id,
        name=name,
        kind=read.kind,
        encoding=read.encoding,
        rows=read.rows,
        choices=Choices(
            columns=read.columns,
            source=_other_source(context),
            detail=f"import-{name.rpartition('.')[0] or name}"[:80],
            unowned="me" if context.actor.role is Role.REP else "pool",
            team_id=context.actor.team_id,
            order=read.order or context.figures,
            units=read.units,
            more=read.more,
            decimal=read.decimal,
            country=context.country,
            strangers="create" if may_create(context) else "name",
            learn=("product", "industry") if may(context.actor, "playbook.change") else (),
            sheet=read.sheet,
            empty=read.empty,
            doubtful=read.doubtful,
        ),
        sheets=read.sheets,
        created_at=context.now,
        forget_at=context.now + KEPT,
    )


def _other_source(context: Context) -> str:
    keys = [term.key for term in context.playbook.vocabulary.sources]
    return "other" if "other" in keys else keys[-1] if keys else "other"


def _refused(name: str, why: Unreadable, context: Context) -> Reply:
    """From a form, an error beside its field; for a file that was merely sent, a card."""
    why = reason_by_name(name, why)
    words = context.text(f"import.unreadable_{why.problem}", **why.params)
    if context.request.values:
        return Reply(errors={"file": words})
    return Reply(
        card=Card(
            title=context.text("import.unreadable", name=name),
            body=words,
            tone="warning",
            buttons=(Button("import.template", context.text("import.get_template")),),
        )
    )


def start(context: Context) -> Reply:
    """Button: import the checked rows, with the people and words that the preview announced."""
    imported = import_of(context)
    if imported.state is ImportState.CHECKED:
        context.uow.imports(context.actor).save(make(imported, context))
    return _begin(ImportState.CHECKED, ImportState.IMPORTING, context)


def undo(context: Context) -> Reply:
    """Button: undo the import for leads that nobody has touched since."""
    imported = import_of(context)
    if imported.state is ImportState.IMPORTED and not imported.may_undo(context.now):
        return Reply(toast=context.text("import.too_late"))
    return _begin(ImportState.IMPORTED, ImportState.UNDOING, context)


def _begin(expected: ImportState, state: ImportState, context: Context) -> Reply:
    imported = import_of(context)
    if imported.state is not expected:
        working = imported.state in WORKING
        return Reply(toast=context.text("import.still_working" if working else "import.decided"))
    detail = {"rows": str(imported.rows)}
    context.uow.audit.record(context.actor, f"import.{state.value}", imported.subject, detail)
    begun = begin(imported, state, context)
    return Reply(update=import_card(begun, context))


def show(context: Context) -> Reply:
    """Button: the current state of the import."""
    return Reply(update=import_card(import_of(context), context))


_OPEN = (ImportState.READ, ImportState.CHECKED)


def columns(context: Context) -> Reply:
    """Button: choose which column is which field."""
    imported = import_of(context)
    if imported.state not in _OPEN:
        return Reply(toast=context.text(_closed_text(imported)))
    return Reply(form=columns_form(imported, context))


def save_columns(context: Context) -> Reply:
    """Form: save the chosen columns, and check the file again with them."""
    imported = import_of(context)
    if imported.state not in _OPEN:
        return Reply(toast=context.text(_closed_text(imported)))
    headings = context.uow.imports(context.actor).columns(imported.id)
    places = (NONE, *(str(place) for place in range(len(headings))))
    with FormReader(context) as form:
        typed = {name: form.one_of(name, places, empty=NONE) for name in FIELDS}
        chosen = {name: int(place) for name, place in typed.items() if place != NONE}
        has_customer = "customer" in chosen or imported.choices.customer
        if not has_customer and not form.refused("customer"):
            form.refuse("customer", "column_missing")
    page = context.uow.imports(context.actor).page(imported.id, 0)
    order = order_of(page, chosen) or imported.choices.order
    moved = [name for name in MONEY if chosen.get(name) != imported.choices.columns.get(name)]
    fresh = {name: unit for name, unit in units_of(headings, chosen).items() if name in moved}
    unchanged = {name: unit for name, unit in imported.choices.units.items() if name not in moved}
    more = more_columns(headings, [row.cells for row in page if not row.aside], chosen)
    choices = replace(
        imported.choices, columns=chosen, more=more, order=order, units=unchanged | fresh
    )
    return _check_again(imported, choices, context)


def rules(context: Context) -> Reply:
    """Button: defaults for rows that leave something open."""
    imported = import_of(context)
    if imported.state not in _OPEN:
        return Reply(toast=context.text(_closed_text(imported)))
    return Reply(form=rules_form(imported, context))


def save_rules(context: Context) -> Reply:
    """Form: save the defaults, and check the file again."""
    imported = import_of(context)
    if imported.state not in _OPEN:
        return Reply(toast=context.text(_closed_text(imported)))
    choices = read_rules(imported, context)
    if choices.encoding != imported.choices.encoding:
        begin(replace(imported, choices=choices), ImportState.READING, context)
        return Reply(toast=context.text("import.put_by", name=imported.name))
    return _check_again(imported, choices, context)


def owners(context: Context) -> Reply:
    """Button: say who the owners are that are not here."""
    imported = import_of(context)
    if imported.state not in _OPEN:
        return Reply(toast=context.text(_closed_text(imported)))
    return Reply(form=owners_form(imported, context))


def save_owners(context: Context) -> Reply:
    """Form: save whose leads those are, and check the file again."""
    imported = import_of(context)
    if imported.state not in _OPEN:
        return Reply(toast=context.text(_closed_text(imported)))
    return _check_again(imported, read_owners(imported, context), context)


def sheets(context: Context) -> Reply:
    """Button: choose another sheet of the workbook."""
    imported = import_of(context)
    if imported.state not in _OPEN or not imported.sheets:
        return Reply(toast=context.text(_closed_text(imported)))
    return Reply(form=sheets_form(imported, context))


def save_sheet(context: Context) -> Reply:
    """Form: read the chosen sheet of the same file; what was chosen before held for the other."""
    imported = import_of(context)
    if imported.state not in _OPEN or not imported.sheets:
        return Reply(toast=context.text(_closed_text(imported)))
    with FormReader(context) as form:
        chosen = int(form.one_of("sheet", [str(place) for place in range(len(imported.sheets))]))
    choices = replace(imported.choices, sheet=chosen)
    begin(replace(imported, choices=choices), ImportState.READING, context)
    return Reply(toast=context.text("import.put_by", name=imported.name))


def drop(context: Context) -> Reply:
    """Button: discard the file; its rows are deleted at once."""
    imported = import_of(context)
    if imported.state not in (*_OPEN, ImportState.CHECKING):
        return Reply(toast=context.text(_closed_text(imported)))
    imports = context.uow.imports(context.actor)
    dropped = replace(imported.begin(ImportState.DROPPED), forget_at=context.now, unknown={})
    imports.save(dropped)
    imports.forget_rows(imported.id)
    context.uow.imported(imported.id).forget_claims()
    context.uow.outbox.refresh(imported.subject)
    return Reply(toast=context.text("import.dropped", name=imported.name))


def _check_again(imported: Import, choices: Choices, context: Context) -> Reply:
    begin(replace(imported, choices=choices), ImportState.CHECKING, context)
    return Reply(toast=context.text("import.checking_again", n=imported.rows))


def _closed_text(imported: Import) -> str:
    busy = (*WORKING, ImportState.READING)
    return "import.still_working" if imported.state in busy else "import.decided"
