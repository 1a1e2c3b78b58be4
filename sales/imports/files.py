"""From the bytes of a file to a sheet; its content tells the kind, not its name."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any, Final
from xml.parsers.expat import ExpatError, ParserCreate

from sales.imports.sheet import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Sheet, Unreadable, sheet_of

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENTS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
"""How a PDF and pictures begin."""
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNPACKED: Final = 200_000_000
"""Bytes that a spreadsheet may hold unpacked; 100,000 rows hold a fifth of it."""
_PARTS: Final = 1_000
_PROLOG: Final = 65_536
"""Bytes that may precede a part's first element; programs write some fifty."""
_DELIMITERS: Final = ",;\t|"
# What a text holds when it was decoded with the wrong encoding or is no text.
_NOT_TEXT: Final = re.compile("[\x00-\x08\x0e-\x1f\ufffd\ue000-\uf8ff]")
_VCARD: Final = re.compile(r"\s*BEGIN:VCARD", re.IGNORECASE)
_HANZI: Final = re.compile("[^\x00-\x7f]")
_PLAUSIBLE: Final = 0.9


class _Begun(Exception):
    """The first element of a part begins."""


def read_sheet(content: bytes) -> Sheet:
    """Read a file; raises Unreadable, and nothing else, whatever the bytes may be."""
    if not content.strip(b"\0 \t\r\n"):
        raise Unreadable("empty")
    if content.startswith(_OLE):
        # Both the old Excel format and a workbook with a password.
        raise Unreadable("locked")
    if content.startswith(b"PK\x03\x04"):
        return sheet_of("xlsx", "", _workbook(content))
    if content.startswith(_DOCUMENTS):
        raise Unreadable("document")
    if b"\0" in content and not content.startswith(_UTF16):
        raise Unreadable("binary")
    text, encoding = decoded(content)
    if _VCARD.match(text):
        from sales.imports.vcards import cards_in

        cards = (_short(number, row) for number, row in enumerate(cards_in(text), 1))
        return sheet_of("vcard", encoding, cards)
    return sheet_of("csv", encoding, _lines(text))


def decoded(content: bytes) -> tuple[str, str]:
    """Decode a text; returns it with its encoding: UTF-8, UTF-16 with its mark, or GB18030."""
    if content.startswith(_UTF16):
        return _strictly(content, "utf-16"), "UTF-16"
    try:
        return _text(content.decode("utf-8-sig")), "UTF-8"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    if _mostly_utf8(content):
        raise Unreadable("mixed", line=line)
    text = _strictly(content, "gb18030")
    # Nearly any bytes are some GB18030; what people write is in its oldest part, GB 2312.
    foreign = _HANZI.findall(text)
    common = sum(1 for char in foreign if char.encode("gb2312", "ignore"))
    if common < _PLAUSIBLE * len(foreign):
        raise Unreadable("encoding", line=line)
    return text, "GB18030"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return _text(content.decode(encoding))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable("encoding", line=line) from error


def _text(text: str) -> str:
    if _NOT_TEXT.search(text):
        raise Unreadable("binary")
    return text


def _mostly_utf8(content: bytes) -> bool:
    """Whether most lines that are not plain ASCII are UTF-8."""
    good = bad = 0
    for line in content.splitlines():
        if not line.isascii():
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad += 1
    return good > 0 and good >= bad


def _lines(text: str) -> Iterator[tuple[str, ...]]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    # A quote that is never closed would swallow the rest of the file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, 1):
            yield _short(number, row)
    except csv.Error as error:
        raise Unreadable("cell", row=reader.line_num, most=LONGEST_CELL) from error


def _workbook(content: bytes) -> Iterator[tuple[str, ...]]:
    """Rows of the first sheet that holds anything, with values instead of formulas."""
    # Importing it takes as long as all the rest of a small process.
    from openpyxl import load_workbook

    try:
        _check_parts(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets:
            # The dimensions that a sheet states are not to be trusted.
            sheet.reset_dimensions()
            rows = sheet.iter_rows(
                max_col=MOST_COLUMNS + 1, max_row=2 * MOST_ROWS, values_only=True
            )
            filled = False
            for number, row in enumerate(rows, 1):
                cells = _short(number, (_shown(value) for value in row))
                filled = filled or any(cells)
                yield cells
            if filled:
                return
    except Unreadable:
        raise
    except Exception as error:  # zipfile and openpyxl raise whatever a damaged file holds
        raise Unreadable("damaged") from error


def _check_parts(content: bytes) -> None:
    """Refuse files that would unpack to far more than they state, and XML that defines entities."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable("locked")
        # More than a part states of itself is not unpacked.
        if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
            raise Unreadable("bomb")
        if "[Content_Types].xml" not in archive.namelist():
            raise Unreadable("zip")
        for part in parts:
            # A part is read as XML whatever its name is.
            with archive.open(part) as opened:
                _check_prolog(opened.read(_PROLOG))


def _check_prolog(head: bytes) -> None:
    """Refuse what declares a document type, in any encoding and behind any comment.

    What it defines may expand without end. No spreadsheet program writes one.
    """

    def refuse(*_: object) -> None:
        raise Unreadable("damaged")

    def begin(*_: object) -> None:
        raise _Begun

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    try:
        parser.Parse(head, False)
    except (_Begun, ExpatError):
        # After the first element there is no document type; what is no XML is not read as such.
        return
    if len(head) == _PROLOG:
        raise Unreadable("damaged")


def _short(number: int, cells: Iterable[str]) -> tuple[str, ...]:
    """The row, with every cell cut to the maximum length."""
    row = tuple(cells)
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise Unreadable("cell", row=number, most=LONGEST_CELL)
    return row


def _shown(value: Any) -> str:
    """A cell as it reads: days in ISO, whole numbers without a point."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return str(value)
