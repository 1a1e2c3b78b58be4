"""A file comes in: read, kept, and looked through at once when its columns speak for themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.cleaning import clean
from handlers.imports.working import begin
from handlers.requests import Reply, Request, Upload
from handlers.spreadsheets import csv_bytes
from handlers.turns import Turn
from handlers.ui import Attachment, Button, Card, File, Form
from sales.errors import InvalidInput, Problem
from sales.imports.columns import FIELDS, MONEY, suggested, unit_in
from sales.imports.dates import Order, order_in
from sales.imports.files import read_sheet
from sales.imports.plan import KEPT, Choices, Import, ImportState
from sales.imports.sheet import Row, Sheet, Unreadable
from sales.people import Role

KINDS = ("csv", "xlsx", "vcf", "txt")
TEMPLATE = ("template", "模板", "范本")
_LOOKED_AT = 50


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
    """Read the file before any transaction begins: a large one takes seconds."""
    upload = request.upload
    if upload is None or upload.problem:
        return request
    return replace(request, prepared=_read(upload))


def _read(upload: Upload) -> Sheet | Unreadable:
    try:
        sheet = read_sheet(upload.content)
    except Unreadable as error:
        return error
    rows = tuple(_clean(row) for row in sheet.rows)
    return replace(sheet, columns=tuple(map(clean, sheet.columns)), rows=rows)


def _clean(row: Row) -> Row:
    return replace(row, cells=tuple(map(clean, row.cells)))


def take(turn: Turn) -> Reply:
    """A file: what can be told of it is told at once; the rest follows as a card."""
    upload, sheet = turn.request.upload, turn.request.prepared
    if upload is None:
        raise InvalidInput({"file": Problem("file_missing")})
    if upload.problem:
        raise InvalidInput({"file": Problem(f"file_{upload.problem}")})
    if isinstance(sheet, Unreadable):
        return _refused(upload.name, sheet, turn)
    imported = turn.uow.imports(turn.actor).add(_import(upload.name, sheet, turn), sheet)
    detail = {"kind": imported.kind, "rows": str(imported.rows)}
    turn.uow.audit.record(turn.actor, "import.take", imported.subject, detail)
    # Without a column of customers there is something to choose first.
    state = ImportState.CHECKING if "customer" in imported.choices.columns else ImportState.READ
    begin(imported, state, turn)
    return Reply(toast=turn.text("import.taken", name=imported.name, n=imported.rows))


def _import(name: str, sheet: Sheet, turn: Turn) -> Import:
    columns = suggested(sheet.columns, [row.cells for row in sheet.rows[:_LOOKED_AT]])
    return Import(
        person_id=turn.actor.id,
        name=name,
        kind=sheet.kind,
        encoding=sheet.encoding,
        rows=len(sheet.rows),
        choices=Choices(
            columns=columns,
            source=_other_source(turn),
            detail=f"import-{name.rpartition('.')[0] or name}"[:80],
            unowned="me" if turn.actor.role is Role.REP else "pool",
            team_id=turn.actor.team_id,
            order=order_of(sheet.rows, columns) or usual_order(turn),
            units=units_of(sheet.columns, columns),
        ),
        created_at=turn.now,
        forget_at=turn.now + KEPT,
    )


def order_of(rows: Any, columns: Any) -> Order | None:
    """How the file itself writes days, where it tells."""
    places = [columns[name] for name in ("created", "closed") if name in columns]
    return order_in(row.cells[place] for row in rows for place in places)


def units_of(headings: Sequence[str], columns: Mapping[str, int]) -> dict[str, int]:
    """In which units the columns of money count, where their headings tell."""
    found = {name: unit_in(headings[columns[name]]) for name in MONEY if name in columns}
    return {name: unit for name, unit in found.items() if unit}


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
