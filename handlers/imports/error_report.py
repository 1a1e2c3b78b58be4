"""The rows of a file that were not imported as they are, with the problems of each."""

from collections.abc import Iterator
from functools import partial

from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.spreadsheets import Cell, csv_bytes
from handlers.core.ui import Attachment
from handlers.imports.cards import finding_text
from handlers.imports.service import import_of, likely_rows, reading_of, with_addresses
from sales.imports.cells import Wrong
from sales.imports.drafts import read_row
from sales.imports.outcomes import Judged, RowOutcome, contacts_of, judge
from sales.imports.plan import Import


def get(context: Context) -> Reply:
    """Button: a file to correct and send again. It holds the person's own rows as they sent them;
    for rows we already have, it does not say whose the existing lead is."""
    imported = import_of(context)
    context.uow.imports(context.actor).columns(imported.id)
    return Reply(attach=partial(_file, imported))


def _file(imported: Import, context: Context) -> Attachment:
    columns = context.uow.imports(context.actor).columns(imported.id)
    header = (context.text("import.table_row"), context.text("import.table_what"), *columns)
    rows = [header, *_rows(imported, context)]
    name = context.text(
        "import.errors_name", name=imported.name.rpartition(".")[0] or imported.name
    )
    return Attachment(
        f"{name}.csv", csv_bytes(rows), context.text("import.errors_about", n=len(rows) - 1)
    )


def _rows(imported: Import, context: Context) -> Iterator[tuple[Cell, ...]]:
    taken: set[str] = set()
    reading = reading_of(imported, context)
    leads = context.uow.imported(imported.id)
    for number in range(imported.pages):
        rows = context.uow.imports(context.actor).page(imported.id, number)
        known = with_addresses(rows, reading, context)
        drafts = [read_row(row, known) for row in rows]
        contacts = [
            contact for draft in drafts if draft.lead for contact in contacts_of(draft.lead)
        ]
        likely = likely_rows(imported, drafts, context)
        for row, judged in zip(
            rows, judge(drafts, leads.known(contacts), likely, taken), strict=True
        ):
            if problems := list(_problems(judged, context)):
                yield (row.number, "; ".join(problems), *row.cells)


def _problems(judged: Judged, context: Context) -> Iterator[str]:
    if judged.outcome in (RowOutcome.SAME, RowOutcome.LIKELY):
        yield finding_text(f"row:{judged.outcome.value}", context)
    for wrong in judged.draft.wrong:
        yield _worded(wrong, context)


def _worded(wrong: Wrong, context: Context) -> str:
    text = finding_text(wrong.name, context)
    return f"{text} → {wrong.read_as}" if wrong.read_as else text
