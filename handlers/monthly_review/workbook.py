"""The monthly review as an Excel file: a sheet for each part, with figures as cells.

It holds sums alone: no customer, and no contact is ever read for it.
"""

import io
from collections.abc import Iterable
from decimal import Decimal

from handlers.exports import harmless
from handlers.monthly_review.content import (
    OneDecimal,
    ReviewCell,
    ReviewPart,
    Share,
    Times,
    whole,
)

_LONGEST_TITLE = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_WIDTH = 18


def workbook_bytes(parts: Iterable[ReviewPart], author: str) -> bytes:
    """The file. Shares are numbers shown as percent, amounts numbers; what is of too few cases is
    an empty cell."""
    # Imported here because openpyxl takes as long to import as all the rest of a small process.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    book.properties.creator = author
    for part in parts:
        sheet = book.create_sheet(_title(part.heading, book.sheetnames))
        for place in range(max(1, len(part.columns))):
            sheet.column_dimensions["ABCDEFGHIJ"[place]].width = _WIDTH
        heading = WriteOnlyCell(sheet, part.heading)
        heading.font = Font(bold=True, size=14)
        sheet.append([heading])
        for line in part.lines:
            sheet.append([harmless(line)])
        if part.rows:
            sheet.append([])
            heads = [WriteOnlyCell(sheet, harmless(head)) for head in part.columns]
            for head in heads:
                head.font = Font(bold=True)
            sheet.append(heads)
        for row in part.rows:
            cells = []
            for value in row:
                written, number_format = _plain(value)
                cell = WriteOnlyCell(sheet, written)
                cell.number_format = number_format
                cells.append(cell)
            sheet.append(cells)
        if part.note:
            sheet.append([])
            sheet.append([harmless(part.note)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _title(heading: str, taken: list[str]) -> str:
    """A sheet's name: at most 31 characters, without signs that Excel refuses, and once only."""
    name = heading.translate(_FORBIDDEN).strip("' ")[:_LONGEST_TITLE] or "1"
    while name in taken:
        name = f"{name[: _LONGEST_TITLE - 2]} {len(taken)}"
    return name


def _plain(value: ReviewCell) -> tuple[str | float | None, str]:
    """A cell's value and its number format."""
    match value:
        case None:
            return None, "General"
        case str():
            return harmless(value), "General"
        case Share():
            return value.value, "0%"
        case Times():
            return round(value.value, 2), "0.00"
        case OneDecimal():
            return round(value.value, 1), "#,##0.0"
        case Decimal():
            return int(whole(value)), "#,##0"
        case int():
            return value, "#,##0"
