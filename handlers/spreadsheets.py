"""Rows as a file that opens in a spreadsheet and does nothing but show them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

Cell: TypeAlias = str | int | Decimal | date | datetime | None
Kind: TypeAlias = Literal["csv", "xlsx"]
KINDS: tuple[Kind, ...] = ("csv", "xlsx")
_STARTS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like a formula gets an
    apostrophe in front (OWASP, CSV injection)."""
    plain = _NOT_IN_XML.sub("", text)
    return f"'{plain}" if plain.startswith(_STARTS_A_FORMULA) else plain


def sheet_bytes(rows: Iterable[Sequence[Cell]], kind: Kind) -> bytes:
    return xlsx_bytes(rows) if kind == "xlsx" else csv_bytes(rows)


def csv_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it, lines as RFC 4180 has them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_as_text(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def xlsx_bytes(rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet; numbers and days stay what they are."""
    # Takes as long to import as all the rest of a small process.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([harmless(cell) if isinstance(cell, str) else cell for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


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
