"""A file comes in: read, kept, and looked through at once when its columns speak for themselves."""

from dataclasses import replace

from handlers.core.context import Turn
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


def open_command(turn: Turn) -> Reply:
    """``/import``: asks for the file; with ``template`` gives one to fill."""
    if turn.request.text.strip().lower() in TEMPLATE:
        return template(turn)
    text = turn.text
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


def template(_turn: Turn) -> Reply:
    """Button: an empty file with our headings and one invented row."""
    return Reply(attach=_template)


def _template(turn: Turn) -> Attachment:
    headings = [turn.text(f"field.{name}") for name in FIELDS]
    example = [turn.text(key) if turn.language.has(key) else "" for key in _examples()]
    content = csv_bytes((headings, example))
    return Attachment(
        f"{turn.text('import.template_name')}.csv", content, turn.text("import.template")
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


def take(turn: Turn) -> Reply:
    """A file: what can be told of it is told at once; the rest follows as a card."""
    upload, read = turn.request.upload, turn.request.prepared
    if upload is None:
        raise InvalidInput({"file": Problem("file_missing")})
    if upload.problem:
        raise InvalidInput({"file": Problem(f"file_{upload.problem}")})
    if isinstance(read, Unreadable):
        return _refused(upload.name, read, turn)
    if read is None:
        return _put_by(upload, turn)
    imported = turn.uow.imports(turn.actor).add(_import(upload.name, read, turn), read.pages)
    _look_through(imported, turn)
    return Reply(toast=turn.text("import.taken", name=imported.name, n=imported.rows))


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


def take_read(import_id: int, read: ReadFile | Unreadable, turn: Turn) -> None:
    """A file that was put by is read: its rows stand where it stood, or its person hears why
    they cannot. Nothing when that was done already. ``turn`` is nobody's."""
    imports = turn.uow.imports(SYSTEM)
    waiting = imports.get(import_id)
    if waiting.state is not ImportState.READING:
        return
    person = turn.uow.people.get(waiting.person_id)
    turn = replace(turn, actor=person)
    if isinstance(read, Unreadable):
        imports.forget_rows(import_id)
        begin(replace(waiting, tally=unreadable_tally(read)), ImportState.UNREADABLE, turn)
        return
    imports.take_pages(import_id, read.pages)
    _look_through(replace(_import(waiting.name, read, turn), id=import_id), turn)


def _put_by(upload: Upload, turn: Turn) -> Reply:
    """What was taken is never lost: the file is kept until it is read."""
    imports = turn.uow.imports(turn.actor)
    if imports.count_unread() >= MOST_UNREAD:
        raise InvalidInput({"file": Problem("file_busy", n=MOST_UNREAD)})
    empty = ReadFile(kind="", encoding="", rows=0, columns={}, order=None, units={}, pages=())
    waiting = replace(_import(upload.name, empty, turn), state=ImportState.READING)
    kept = imports.add_unread(waiting, upload.content)
    turn.uow.audit.record(turn.actor, "import.put_by", kept.subject, {})
    return Reply(toast=turn.text("import.put_by", name=kept.name))


def _look_through(imported: Import, turn: Turn) -> None:
    detail = {"kind": imported.kind, "rows": str(imported.rows)}
    turn.uow.audit.record(turn.actor, "import.take", imported.subject, detail)
    # Without a column of customers there is something to choose first.
    state = ImportState.CHECKING if "customer" in imported.choices.columns else ImportState.READ
    begin(imported, state, turn)


def _import(name: str, read: ReadFile, turn: Turn) -> Import:
    return Import(
        person_id=turn.actor.id,
        name=name,
        kind=read.kind,
        encoding=read.encoding,
        rows=read.rows,
        choices=Choices(
            columns=read.columns,
            source=_other_source(turn),
            detail=f"import-{name.rpartition('.')[0] or name}"[:80],
            unowned="me" if turn.actor.role is Role.REP else "pool",
            team_id=turn.actor.team_id,
            order=read.order or usual_order(turn),
            units=read.units,
        ),
        created_at=turn.now,
        forget_at=turn.now + KEPT,
    )


def usual_order(turn: Turn) -> Order:
    return "mdy" if turn.language.currency == "USD" else "dmy"


def _other_source(turn: Turn) -> str:
    keys = [term.key for term in turn.playbook.vocabulary.sources]
    return "other" if "other" in keys else keys[-1] if keys else "other"


def _refused(name: str, why: Unreadable, turn: Turn) -> Reply:
    """From a form beside its field; a file that was only sent gets a card."""
    words = turn.text(f"import.unreadable_{why.problem}", **why.params)
    if turn.request.values:
        return Reply(errors={"file": words})
    return Reply(
        card=Card(
            title=turn.text("import.unreadable", name=name),
            body=words,
            tone="warning",
            buttons=(Button("import.template", turn.text("import.get_template")),),
        )
    )
