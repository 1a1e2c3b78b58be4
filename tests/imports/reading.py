"""A file as the import would take it, without an office: its drafts, and what was said of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.core.text import clean
from sales.amounts import AmountStyle
from sales.imports.drafts import RowDraft, read_row
from sales.imports.plan import Choices, Reading
from sales.imports.sheet import Row
from sales.imports.uploads import ReadFile, read_file
from sales.leads import Lead
from sales.people import Person, Role
from sales.playbook import Playbook
from tests.office import SHANGHAI

SATURDAY = datetime(2026, 11, 28, 12, 30, tzinfo=SHANGHAI)
ADA = Person(id=1, name="Ada Admin", role=Role.ADMIN, team_id=1)
ROBIN = Person(id=2, name="Robin Sample", role=Role.REP, team_id=1)
DANA = Person(id=3, name="Dana Example", role=Role.REP, team_id=1)


@dataclass(frozen=True)
class Taken:
    """A file that was read, and its rows as leads."""

    file: ReadFile
    headings: tuple[str, ...]
    drafts: tuple[RowDraft, ...]

    @property
    def leads(self) -> list[Lead]:
        return [draft.lead for draft in self.drafts if draft.lead]

    @property
    def said(self) -> dict[int, list[str]]:
        """What is wrong with each row, by its number."""
        return {
            draft.row: [wrong.name for wrong in draft.wrong] for draft in self.drafts if draft.wrong
        }

    def columns(self) -> dict[str, list[str]]:
        """The headings of each field."""
        return {
            field: [self.headings[one] for one in (place, *self.file.more.get(field, ()))]
            for field, place in self.file.columns.items()
        }


def taken(
    content: str | bytes,
    *,
    actor: Person = ADA,
    people: Sequence[Person] = (ADA, ROBIN, DANA),
    sheet: int | None = None,
    **chosen: Any,
) -> Taken:
    """Read a file as it would be imported on Saturday 2026-11-28 in Shanghai."""
    raw = content.encode() if isinstance(content, str) else content
    read = read_file(raw, clean, sheet)
    pages = _pages(read)
    choices = Choices(
        **{
            "columns": read.columns, "more": read.more, "source": "other", "detail": "import",
            "team_id": 1, "order": read.order or "mdy", "units": read.units,
            "decimal": read.decimal, **chosen,
        }
    )  # fmt: skip
    reading = Reading(
        actor,
        choices,
        Playbook(),
        people,
        SATURDAY,
        SHANGHAI,
        usual=AmountStyle("CNY"),
        headings=pages[0],
    )
    rows = [Row(n, tuple(cells), mark == 1, mark if isinstance(mark, str) else "")
            for page in pages[1:] for n, mark, cells in page]  # fmt: skip
    return Taken(read, tuple(pages[0]), tuple(read_row(row, reading) for row in rows))


def _pages(read: ReadFile) -> list[Any]:
    import json

    return [json.loads(page) for page in read.pages]
