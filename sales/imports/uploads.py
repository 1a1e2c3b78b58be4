"""An upload as it is stored: read, cleaned and cut into pages, by any process with capacity.

Another process may read the file, so the result is plain text.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from sales.amounts import decimal_in
from sales.imports.columns import MONEY, more_columns, suggested, unit_in
from sales.imports.encodings import GUESSED
from sales.imports.files import read_sheet
from sales.imports.plan import PAGE
from sales.imports.sheet import Row, Sheet, Unreadable
from sales.imports.values import Order, order_in
from sales.imports.years import with_years

_QUICK_TEXT: Final = 100_000
_QUICK_UNPACKED: Final = 400_000
_LOOKED_AT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """An upload that was read.

    ``rows`` under the header; ``pages`` are JSON, the first of them the headings. ``columns`` are
    the fields that headings and values tell, ``more`` further columns of a field, ``order`` how
    days are written, ``units`` in which money counts and ``decimal`` what separates its cents, as
    far as the file tells. ``sheets`` are those of a workbook that hold a list, where there are
    several, ``sheet`` the place among them of the one that was read. ``empty`` are the columns
    without any value; ``doubtful``: the text may as well be in another encoding.
    """

    kind: str
    encoding: str
    rows: int
    columns: Mapping[str, int]
    order: Order | None
    units: Mapping[str, int]
    more: Mapping[str, Sequence[int]] = field(default_factory=dict)
    decimal: Literal[".", ",", ""] = ""
    sheet: int = 0
    sheets: Sequence[str] = ()
    empty: Sequence[int] = ()
    doubtful: bool = False
    pages: tuple[str, ...]

    @property
    def may_differ(self) -> bool:
        """Whether the file can be read in another way: another sheet, or another encoding."""
        return bool(self.sheets) or self.encoding in GUESSED


def is_quick(content: bytes) -> bool:
    """Whether reading it takes no longer than any other request.

    True for a short text, or a workbook that states to be small. More than it states is not
    unpacked.
    """
    if not content.startswith(b"PK\x03\x04"):
        return len(content) <= _QUICK_TEXT
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except Exception:  # noqa: BLE001 - zipfile raises whatever a damaged file holds
        return len(content) <= _QUICK_TEXT
    return unpacked <= _QUICK_UNPACKED


def read_file(
    content: bytes, clean: Callable[[str], str], chosen: int | None = None, encoding: str = ""
) -> ReadFile:
    """Read a file; raises Unreadable, and nothing else, whatever the bytes may be.

    ``clean`` makes a cell fit to be stored; ``chosen`` is the sheet of a workbook, ``encoding``
    that of a text.
    """
    sheet = read_sheet(content, chosen, encoding)
    rows = tuple(replace(row, cells=tuple(map(clean, row.cells))) for row in sheet.rows)
    headings = tuple(map(clean, sheet.columns))
    sample = [row.cells for row in rows[:_LOOKED_AT] if not row.aside]
    columns = suggested(headings, sample)
    order = order_of(rows, columns)
    rows = with_years(rows, columns, order or "mdy")
    return ReadFile(
        kind=sheet.kind,
        encoding=sheet.encoding,
        rows=len(rows),
        columns=columns,
        order=order,
        units=units_of(headings, columns),
        more=more_columns(headings, sample, columns),
        decimal=decimal_of(rows, columns, semicolons=sheet.semicolons),
        sheet=sheet.sheets.index(sheet.name) if sheet.sheets else 0,
        sheets=sheet.sheets,
        empty=tuple(_empty(rows, len(headings))),
        doubtful=sheet.doubtful,
        pages=tuple(_pages(Sheet(sheet.kind, sheet.encoding, headings, rows))),
    )


def _empty(rows: Sequence[Row], columns: int) -> Iterator[int]:
    """The columns in which no row of the list holds anything."""
    left = set(range(columns))
    for row in rows:
        if not left:
            return
        if not row.aside:
            left -= {place for place in left if row.cells[place].strip()}
    yield from sorted(left)


def order_of(rows: Sequence[Row], columns: Mapping[str, int]) -> Order | None:
    """How the file itself writes days, where it tells."""
    places = [columns[name] for name in ("created", "closed") if name in columns]
    return order_in(row.cells[place] for row in rows for place in places)


def decimal_of(
    rows: Sequence[Row], columns: Mapping[str, int], *, semicolons: bool
) -> Literal[".", ",", ""]:
    """The sign before the cents of the money columns, as far as the file tells.

    Where no amount does, semicolons between the cells do: programs write them in countries in which
    a comma precedes the cents.
    """
    places = [columns[name] for name in MONEY if name in columns]
    amounts = [row.cells[place] for row in rows for place in places]
    return decimal_in(amounts) or ("," if semicolons else "")


def units_of(headings: Sequence[str], columns: Mapping[str, int]) -> dict[str, int]:
    """The units of the money columns, where their headings tell."""
    units = {name: unit_in(headings[columns[name]]) for name in MONEY if name in columns}
    return {name: unit for name, unit in units.items() if unit}


def to_lines(read: ReadFile | Unreadable) -> Iterator[str]:
    """Serialise what was read for another process: a summary line, then one line per page."""
    if isinstance(read, Unreadable):
        yield json.dumps({"unreadable": read.problem, "params": read.params})
        return
    summary = asdict(read)
    yield json.dumps({name: value for name, value in summary.items() if name != "pages"})
    yield from read.pages


def from_lines(lines: Sequence[str]) -> ReadFile | Unreadable:
    """Parse what ``to_lines`` writes; raises ValueError or KeyError for anything else."""
    summary: dict[str, Any] = json.loads(lines[0])
    if "unreadable" in summary:
        return Unreadable(summary["unreadable"], **summary["params"])
    summary |= {name: tuple(summary[name]) for name in ("sheets", "empty")}
    summary["more"] = {field: tuple(places) for field, places in summary["more"].items()}
    return ReadFile(**summary, pages=tuple(lines[1:]))


def _pages(sheet: Sheet) -> Iterator[str]:
    yield _json(sheet.columns)
    for start in range(0, len(sheet.rows), PAGE):
        page = sheet.rows[start : start + PAGE]
        yield _json([(row.number, row.aside or int(row.surplus), row.cells) for row in page])


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)
