"""A workbook as a sheet: the visible rows of the sheet that holds the list, merged cells filled."""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from itertools import islice
from typing import Any, Final
from xml.parsers.expat import ExpatError, ParserCreate

from sales.imports.headings import field_of, headings_in
from sales.imports.sheet import (
    MOST_COLUMNS,
    MOST_ROWS,
    UNSOLVED,
    Sheet,
    Unreadable,
    sheet_of,
    within_length,
)

_UNPACKED: Final = 200_000_000
"""Bytes that a spreadsheet may hold unpacked; 100,000 rows hold a fifth of it."""
_PARTS: Final = 1_000
_PROLOG: Final = 65_536
"""Bytes that may precede a part's first element; programs write some fifty."""
_HEADER_WITHIN: Final = 10
_CHUNK: Final = 1_000_000
_OVERLAP: Final = 3_000
"""Bytes of a part that are searched again with the next, longer than any cell's formula."""
_MERGES: Final = 4_000_000
"""Bytes behind the rows of a sheet that are searched for merged cells."""
_MERGED: Final = re.compile(
    rb'<(?:\w{1,20}:)?mergeCell\s{1,4}ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_HIDDEN: Final = re.compile(rb'<(?:\w{1,20}:)?row\s[^<>]{0,300}?hidden="(?:1|true)"[^<>]{0,300}>')
_UNSOLVED: Final = re.compile(
    rb'<(?:\w{1,20}:)?c\s([^<>]{0,100}?r="([A-Z]{1,3})(\d{1,7})"[^<>]{0,100})>'
    rb"<(?:\w{1,20}:)?f[^<>]{0,200}>[^<>]{0,2000}</(?:\w{1,20}:)?f>"
    rb"(?:<(?:\w{1,20}:)?v ?/>|<(?:\w{1,20}:)?v></(?:\w{1,20}:)?v>|</(?:\w{1,20}:)?c>)"
)
_NUMBER: Final = re.compile(rb'\sr="(\d{1,7})"')
_ROWS_END: Final = re.compile(rb"</(?:\w{1,20}:)?sheetData>|<(?:\w{1,20}:)?sheetData/>")
_THREE_DECIMALS: Final = re.compile(r"-?\d{1,3}\.\d{3}")


class _Begun(Exception):
    """The first element of a part begins."""


def read_workbook(content: bytes, chosen: int | None = None) -> Sheet:
    """Read one sheet, with values instead of formulas. Raises Unreadable.

    Hidden sheets are left out where another one holds anything. ``chosen`` counts the sheets that
    look like a list of leads; None takes the one with most headings.
    """
    # Importing it takes as long as all the rest of a small process.
    from openpyxl import load_workbook

    try:
        _check_parts(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return _chosen(content, book.worksheets, chosen)
    except Unreadable:
        raise
    except Exception as error:  # zipfile and openpyxl raise whatever a damaged file holds
        raise Unreadable("damaged") from error


def _chosen(content: bytes, every: Sequence[Any], chosen: int | None) -> Sheet:
    filled = _filled([one for one in every if one.sheet_state == "visible"]) or _filled(every)
    fitting = [one for one in filled if one[1] > 1] or filled[:1]
    if not fitting:
        raise Unreadable("empty")
    best = max(range(len(fitting)), key=lambda place: fitting[place][1])
    place = chosen if chosen is not None and chosen < len(fitting) else best
    names = tuple(sheet.title[:60] for sheet, _ in fitting)
    read = _read(content, fitting[place][0])
    return replace(read, name=names[place], sheets=names if len(names) > 1 else ())


def _filled(sheets: Sequence[Any]) -> list[tuple[Any, int]]:
    """The sheets that hold anything, with how much their headings look like a list of leads."""
    found = []
    for sheet in sheets:
        # The dimensions that a sheet states are not to be trusted.
        sheet.reset_dimensions()
        top = [tuple(map(_shown, row)) for row in islice(_raw(sheet), _HEADER_WITHIN)]
        if any(any(row) for row in top) or any(any(map(_shown, row)) for row in _raw(sheet)):
            found.append((sheet, max(map(_likeness, top), default=0)))
    return found


def _likeness(cells: Sequence[str]) -> int:
    """How many fields a row names; a list of words (来源, 阶段) names no one to call."""
    fields = {field_of(cell) for cell in cells[:MOST_COLUMNS]}
    named = fields & {"customer", "contact", "first_name", "phone", "email"}
    return headings_in(cells) if named else min(headings_in(cells), 1)


def _raw(sheet: Any) -> Iterator[tuple[Any, ...]]:
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(
        max_col=MOST_COLUMNS + 1, max_row=2 * MOST_ROWS, values_only=True
    )
    return rows


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a sheet says of its cells beside their values.

    ``merged`` maps the first row of a cell that spans several to its column, counted from 0, and
    its last row; ``hidden`` are rows that are not shown; ``unsolved`` maps rows to the columns of
    formulas whose result was never stored.
    """

    merged: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    unsolved: dict[int, set[int]] = field(default_factory=dict)

    def add_rows(self, text: bytes) -> None:
        """Look through a part of the rows."""
        if b"hidden=" in text:
            found = (_NUMBER.search(row) for row in _HIDDEN.findall(text))
            self.hidden.update(int(number[1]) for number in found if number)
        for attributes, letters, number in _UNSOLVED.findall(text):
            # A formula may well result in an empty text.
            if b't="str"' not in attributes:
                self.unsolved.setdefault(int(number), set()).add(_column(letters))

    def add_merged(self, text: bytes) -> None:
        """Look through what follows the rows."""
        for letters, top, _, bottom in _MERGED.findall(text):
            if int(bottom) > int(top) and _column(letters) < MOST_COLUMNS:
                self.merged.setdefault(int(top), []).append((_column(letters), int(bottom)))


def _read(content: bytes, sheet: Any) -> Sheet:
    layout = _layout(content, sheet._worksheet_path)  # noqa: SLF001 - no public name
    rows = (within_length(number, row) for number, row in _laid_out(_raw(sheet), layout))
    return sheet_of("xlsx", "", rows, hidden=layout.hidden)


def _laid_out(
    rows: Iterator[tuple[Any, ...]], layout: _Layout
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows with their numbers, in which a merged cell stands in each of its rows."""
    spanning: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(rows, 1):
        cells = [_shown(value) for value in row]
        for column in layout.unsolved.get(number, ()):
            if column < len(cells):
                cells[column] = cells[column] or UNSOLVED
        for column, (last, value) in list(spanning.items()):
            if number > last:
                del spanning[column]
            elif column < len(cells):
                cells[column] = cells[column] or value
            else:
                cells += [""] * (column - len(cells)) + [value]
        for column, last in layout.merged.get(number, ()):
            if column < len(cells) and cells[column]:
                spanning[column] = (last, cells[column])
        yield number, tuple(cells)


def _layout(content: bytes, path: str) -> _Layout:
    """Search a sheet's own text, which openpyxl tells only by holding it in memory."""
    layout, rest, tail, ended = _Layout(), b"", b"", False
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(path.lstrip("/")) as part:
        while chunk := part.read(_CHUNK):
            text = rest + chunk
            if ended:
                tail = (tail + chunk)[:_MERGES]
                continue
            layout.add_rows(text)
            if end := _ROWS_END.search(text):
                ended, tail = True, text[end.end() :]
            rest = text[-_OVERLAP:]
    layout.add_merged(tail)
    return layout


def _column(letters: bytes) -> int:
    """``A`` is 0, ``AA`` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


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
        case float():
            # Three decimals would look like thousands: 125.125 is no 125.125 of a German.
            return f"{value}0" if _THREE_DECIMALS.fullmatch(str(value)) else str(value)
        case _:
            return str(value)
