"""A file as rows of text, whatever kind of file it was."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sales.imports.headings import LONGEST_HEADING, headings_in

MOST_ROWS: Final = 100_000
MOST_CELLS: Final = 2_000_000
"""Filled or not, up to the last filled one of each row: 100,000 rows of twenty columns."""
MOST_COLUMNS: Final = 99
"""As many as fit into a menu beside "none"."""
LONGEST_CELL: Final = 5_000
_HEADER_WITHIN: Final = 10


class Unreadable(Exception):
    """The file cannot be imported at all.

    ``problem`` completes ``import.unreadable_<problem>``; the other parameters are numbers for its
    words.
    """

    def __init__(self, problem: str, **params: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.params = params


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header.

    ``number`` is the row's in the file as a spreadsheet shows it; ``surplus``: it holds more cells
    than the header names.
    """

    number: int
    cells: tuple[str, ...]
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's header and rows.

    ``kind`` is ``csv``, ``xlsx`` or ``vcard``; ``encoding`` is empty where the kind settles it.
    """

    kind: str
    encoding: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def sheet_of(kind: str, encoding: str, cells: Iterable[tuple[str, ...]]) -> Sheet:
    """Build a sheet from numbered rows of cells. Raises Unreadable.

    Its header is the row near the top that names most fields, else the first that is not empty.
    """
    numbered = _filled(cells, MOST_CELLS)
    top = list(islice(numbered, _HEADER_WITHIN))
    if not top:
        raise Unreadable("empty")
    header = max(top, key=lambda row: headings_in(row.cells))
    columns = tuple(_columns(header.cells))
    if not 0 < len(columns) <= MOST_COLUMNS:
        raise Unreadable("wide", n=len(header.cells), most=MOST_COLUMNS)
    below = [row for row in top if row.number > header.number]
    rows: list[Row] = []
    for row in (*below, *numbered):
        if len(rows) == MOST_ROWS:
            raise Unreadable("long", most=MOST_ROWS)
        rows.append(_fitted(row, len(columns)))
    if not rows:
        raise Unreadable("only_header")
    return Sheet(kind, encoding, columns, tuple(rows))


def _filled(cells: Iterable[tuple[str, ...]], left: int) -> Iterator[Row]:
    """Rows that hold anything, without trailing empty cells; at most ``left`` cells in all."""
    for number, row in enumerate(cells, 1):
        if number > 2 * MOST_ROWS:
            raise Unreadable("long", most=MOST_ROWS)
        length = max((place for place, cell in enumerate(row, 1) if cell.strip()), default=0)
        left -= length
        if left < 0:
            raise Unreadable("cells", most=MOST_CELLS)
        if length:
            yield Row(number, row[:length])


def _columns(header: tuple[str, ...]) -> Iterator[str]:
    """Unique headings, by which each column can be told from all others."""
    seen: dict[str, int] = {}
    for place, heading in enumerate(header, 1):
        name = " ".join(heading.split())[:LONGEST_HEADING] or f"#{place}"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


def _fitted(row: Row, columns: int) -> Row:
    missing = columns - len(row.cells)
    cells = row.cells + ("",) * missing if missing > 0 else row.cells
    return Row(row.number, cells, missing < 0)
