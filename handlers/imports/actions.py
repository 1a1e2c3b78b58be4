"""A file comes in: read, kept, and looked through at once when its columns speak for themselves."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.requests import Request, Upload
from handlers.core.text import clean
from handlers.core.ui import Attachment, Button, Card, File, Form
from handlers.exports import csv_bytes
from handlers.imports.jobs import begin, unreadable_tally
from sales.errors import InvalidInput, Problem
from sales.imports.columns import FIELDS
from sales.imports.plan import KEPT, Choices, Import, ImportNotFound, ImportState
from sales.imports.sheet import Unreadable
from sales.imports.uploads import ReadFile, is_quick, read_file
from sales.imports.values import Order
from sales.people import SYSTEM, Role
from storage.imports.jobs import ImportRepository

KINDS = ("csv", "xlsx", "vcf", "txt")
TEMPLATE = ("template", "模板", "范本")
MOST_TRIES = 3
MOST_UNREAD = 3
"""So many files of one person wait to be read."""


def open_command(context: Context) -> Reply:
    """``/import``: asks for the file; with ``template`` gives one to fill."""
    if context.request.text.strip().lower() in TEMPLATE:
        return template(context)
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
    """Button: an empty file with our headings and one invented row."""
    return Reply(attach=_template)


def _template(context: Context) -> Attachment:
    headings = [context.text(f"field.{name}") for name in FIELDS]
    example = [context.text(key) if context.language.has(key) else "" for key in _examples()]
    content = csv_bytes((headings, example))
    return Attachment(
        f"{context.text('import.template_name')}.csv", content, context.text("import.template")
    )


def _examples() -> list[str]:
    return [f"import.example_{name}" for name in FIELDS]


def prepare(request: Request) -> Request:
    """Read a small file before any transaction begins; others wait for a process of their own."""
    upload = request.upload
    if upload is None or upload.problem or not is_quick(upload.content):
        return request
    try:
        return replace(request, prepared=read_file(upload.content, clean))
    except Unreadable as error:
        return replace(request, prepared=error)


def take(context: Context) -> Reply:
    """A file: what can be told of it is told at once; the rest follows as a card."""
    upload, read = context.request.upload, context.request.prepared
    if upload is None:
        raise InvalidInput({"file": Problem("file_missing")})
    if upload.problem:
        raise InvalidInput({"file": Problem(f"file_{upload.problem}")})
    if isinstance(read, Unreadable):
        return _refused(upload.name, read, context)
    if read is None:
        return _put_by(upload, context)
    imported = context.uow.imports(context.actor).add(
        _import(upload.name, read, context), read.pages
    )
    _look_through(imported, context)
    return Reply(toast=context.text("import.taken", name=imported.name, n=imported.rows))


def begin_reading(import_id: int, imports: ImportRepository) -> bytes | None:
    """The content of a file that waits; None when it does not any more, and for one with which
    the process ended each time that it was begun. ``imports`` are everybody's."""
    try:
        waiting = imports.get(import_id)
    except ImportNotFound:
        return None
    if waiting.state is not ImportState.READING or waiting.done >= MOST_TRIES:
        return None
    imports.save(replace(waiting, done=waiting.done + 1))
    return imports.content(import_id)


def take_read(import_id: int, read: ReadFile | Unreadable, context: Context) -> None:
    """A file that was put by is read: its rows stand where it stood, or its person hears why
    they cannot. Nothing when that was done already. ``context`` is nobody's."""
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
    imports.take_pages(import_id, read.pages)
    _look_through(replace(_import(waiting.name, read, context), id=import_id), context)


def _put_by(upload: Upload, context: Context) -> Reply:
    """What was taken is never lost: the file is kept until it is read."""
    imports = context.uow.imports(context.actor)
    if imports.count_unread() >= MOST_UNREAD:
        raise InvalidInput({"file": Problem("file_busy", n=MOST_UNREAD)})
    empty = ReadFile(kind="", encoding="", rows=0, columns={}, order=None, units={}, pages=())
    waiting = replace(_import(upload.name, empty, context), state=ImportState.READING)
    kept = imports.add_unread(waiting, upload.content)
    context.uow.audit.record(context.actor, "import.put_by", kept.subject, {})
    return Reply(toast=context.text("import.put_by", name=kept.name))


def _look_through(imported: Import, context: Context) -> None:
    detail = {"kind": imported.kind, "rows": str(imported.rows)}
    context.uow.audit.record(context.actor, "import.take", imported.subject, detail)
    # Without a column of customers there is something to choose first.
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
            order=read.order or usual_order(context),
            units=read.units,
        ),
        created_at=context.now,
        forget_at=context.now + KEPT,
    )


def usual_order(context: Context) -> Order:
    return "mdy" if context.language.currency == "USD" else "dmy"


def _other_source(context: Context) -> str:
    keys = [term.key for term in context.playbook.vocabulary.sources]
    return "other" if "other" in keys else keys[-1] if keys else "other"


def _refused(name: str, why: Unreadable, context: Context) -> Reply:
    """From a form beside its field; a file that was only sent gets a card."""
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
