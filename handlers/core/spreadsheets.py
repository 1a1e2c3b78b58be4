"""Files for spreadsheets: CSV, and Excel workbooks with a sheet for each part."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from openpyxl import Workbook

Cell: TypeAlias = str | int | float | Decimal | date | datetime | None
Kind: TypeAlias = Literal["csv", "xlsx"]
KINDS: Final[tuple[Kind, ...]] = ("csv", "xlsx")
_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_TITLE: Final = 31
_FORBIDDEN_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_WIDTH: Final = 18
_HEADING_SIZE: Final = 14


@dataclass(frozen=True, slots=True)
class FormattedCell:
    """A cell of a workbook: a number with its Excel format, or bold text of a size in points."""

    value: str | float | Decimal | None
    number_format: str = "General"
    bold: bool = False
    size: int | None = None


def heading_cell(text: str) -> FormattedCell:
    return FormattedCell(text, bold=True, size=_HEADING_SIZE)


def bold_cell(text: str) -> FormattedCell:
    return FormattedCell(text, bold=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet with its title and rows; all of its columns are equally wide."""

    title: str
    rows: Sequence[Sequence[Cell | FormattedCell]]


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
    """A workbook with one sheet, whose first row stays in view; numbers and dates keep their
    types."""
    book = _workbook()
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append(list(_cells(row, sheet)))
    return _saved(book)


def book_bytes(sheets: Iterable[Sheet]) -> bytes:
    """A workbook with several sheets."""
    from openpyxl.utils import get_column_letter

    book = _workbook()
    for one in sheets:
        sheet = book.create_sheet(_sheet_title(one.title, book.sheetnames))
        for place in range(1, max(map(len, one.rows), default=0) + 1):
            sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
        for row in one.rows:
            sheet.append(list(_cells(row, sheet)))
    return _saved(book)


def _workbook() -> "Workbook":
    # Imported here because openpyxl takes as long to import as all the rest of a small process.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "Genjin"
    return book


def _saved(book: "Workbook") -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _cells(row: Sequence[Cell | FormattedCell], sheet: Any) -> Iterator[Any]:
    for cell in row:
        match cell:
            case FormattedCell():
                yield _formatted(cell, sheet)
            case str():
                yield harmless(cell)
            case _:
                yield cell


def _formatted(cell: FormattedCell, sheet: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    written = WriteOnlyCell(sheet, harmless(cell.value) if isinstance(cell.value, str) else None)
    if not isinstance(cell.value, str):
        written.value = cell.value
    written.number_format = cell.number_format
    if cell.bold or cell.size:
        written.font = Font(bold=cell.bold, size=cell.size)
    return written


def _sheet_title(title: str, taken: Sequence[str]) -> str:
    """A sheet's name: at most 31 characters, without signs that Excel refuses, and once only."""
    name = title.translate(_FORBIDDEN_IN_TITLES).strip("' ")[:_LONGEST_TITLE] or "1"
    while name in taken:
        name = f"{name[: _LONGEST_TITLE - 2]} {len(taken)}"
    return name


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
