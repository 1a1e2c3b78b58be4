"""The monthly review as an Excel file: a sheet for each part, with figures as cells.

It holds sums alone: no customer, and no contact is ever read for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from handlers.core.spreadsheets import (
    Cell,
    FormattedCell,
    Sheet,
    bold_cell,
    book_bytes,
    heading_cell,
)
from handlers.monthly_review.content import (
    OneDecimal,
    ReviewCell,
    ReviewPart,
    Share,
    Times,
    whole,
)


def workbook_bytes(parts: Iterable[ReviewPart]) -> bytes:
    """The file. Shares are numbers shown as percent, amounts numbers; what is of too few cases is
    an empty cell."""
    return book_bytes(Sheet(part.heading, tuple(_rows(part))) for part in parts)


def _rows(part: ReviewPart) -> Iterator[Sequence[Cell | FormattedCell]]:
    yield (heading_cell(part.heading),)
    yield from ((line,) for line in part.lines)
    if part.rows:
        yield ()
        yield tuple(bold_cell(head) for head in part.columns)
    yield from (tuple(_cell(value) for value in row) for row in part.rows)
    if part.note:
        yield ()
        yield (part.note,)


def _cell(value: ReviewCell) -> Cell | FormattedCell:
    match value:
        case None | str():
            return value
        case Share():
            return FormattedCell(value.value, "0%")
        case Times():
            return FormattedCell(round(value.value, 2), "0.00")
        case OneDecimal():
            return FormattedCell(round(value.value, 1), "#,##0.0")
        case Decimal():
            return FormattedCell(int(whole(value)), "#,##0")
        case int():
            return FormattedCell(value, "#,##0")
