"""A file as rows of text, whatever kind of file it was."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, zip_longest
from typing import Final

from sales.imports.headings import LONGEST_HEADING, field_of, headings_in
from sales.patterns import lazy_pattern

MOST_ROWS: Final = 100_000
MOST_CELLS: Final = 2_000_000
"""Filled or not, up to the last filled one of each row: 100,000 rows of twenty columns."""
MOST_COLUMNS: Final = 99
"""As many as fit into a menu beside "none"."""
LONGEST_CELL: Final = 5_000
UNSOLVED: Final = "=?"
"""A cell whose formula was stored without its result."""
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


_NAMED: Final = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "bmp", "webp"), "picture"),
    **dict.fromkeys(("heic", "heif", "avif", "tif", "tiff", "svg"), "picture"),
    **dict.fromkeys(("pdf", "doc", "docx", "ppt", "pptx", "wps", "rtf", "ofd"), "document"),
    **dict.fromkeys(("zip", "rar", "7z", "gz", "tar", "tgz"), "zip"),
    **dict.fromkeys(("xls", "et"), "locked"),
}
"""Extensions of files that hold no table, or none that can be read, and what is wrong with them."""
_SAYS_LITTLE: Final = frozenset(
    {"encoding", "mixed", "binary", "cell", "only_header", "damaged", "zip", "wide"}
)


def reason_by_name(name: str, why: Unreadable) -> Unreadable:
    """Why a file cannot be read, in terms of what its name says it is, where that says more.

    ``card.jpg`` is a picture whatever its bytes are, and not a text in an unknown encoding.
    """
    stem, _, suffix = name.rpartition(".")
    kind = _NAMED.get(suffix.strip().lower(), "") if stem else ""
    return Unreadable(kind) if kind and why.problem in _SAYS_LITTLE else why


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header.

    ``number`` is the row's in the file as a spreadsheet shows it; ``surplus``: it holds more cells
    than the header names. ``aside``: why it is no row of the list: a ``footer`` of a report, or
    ``hidden``.
    """

    number: int
    cells: tuple[str, ...]
    surplus: bool = False
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's header and rows.

    ``kind`` is ``csv``, ``xlsx`` or ``vcard``; ``encoding`` is empty where the kind settles it.
    ``sheets`` are the names of a workbook's sheets that hold a list, where there are several, and
    ``name`` that of this one; ``semicolons``: they separate the cells of a text;
    ``doubtful``: it may as well be in another encoding.
    """

    kind: str
    encoding: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    name: str = ""
    sheets: tuple[str, ...] = ()
    semicolons: bool = False
    doubtful: bool = False


def sheet_of(
    kind: str,
    encoding: str,
    cells: Iterable[tuple[str, ...]],
    *,
    hidden: Collection[int] = (),
    semicolons: bool = False,
) -> Sheet:
    """Build a sheet from numbered rows of cells. Raises Unreadable.

    Its header is the row near the top that names most fields, with the row above or below it where
    both together name more, else the first that is not empty. ``hidden`` are the numbers of rows
    that a spreadsheet does not show, ``semicolons``: they separate the cells of a text.
    """
    numbered = _filled(cells, MOST_CELLS)
    top = list(islice(numbered, _HEADER_WITHIN))
    if not top:
        raise Unreadable("empty")
    last, names = _header(top)
    columns = tuple(_columns(names))
    if not 0 < len(columns) <= MOST_COLUMNS:
        raise Unreadable("wide", n=len(names), most=MOST_COLUMNS)
    below = [row for row in top if row.number > last]
    rows: list[Row] = []
    for row in (*below, *numbered):
        if len(rows) == MOST_ROWS:
            raise Unreadable("long", most=MOST_ROWS)
        rows.append(_fitted(row, len(columns), "hidden" if row.number in hidden else ""))
    if not rows:
        raise Unreadable("only_header")
    return Sheet(kind, encoding, columns, _without_footer(rows), semicolons=semicolons)


def _header(top: Sequence[Row]) -> tuple[int, tuple[str, ...]]:
    """The number of the header's last row, and its headings."""
    header = max(top, key=lambda row: headings_in(row.cells))
    number, names, most = header.number, header.cells, headings_in(header.cells)
    for above, below in pairwise(top):
        if header not in (above, below) or not _are_headings(below.cells):
            continue
        both = tuple(_both(above.cells, below.cells))
        if headings_in(both) > most:
            number, names, most = below.number, both, headings_in(both)
    return number, names


def _are_headings(cells: Sequence[str]) -> bool:
    """Whether the cells may be headings: short words, no addresses and no long numbers."""
    return all(
        len(cell) <= LONGEST_HEADING and "@" not in cell and not re.search(r"\d{4}", cell)
        for cell in cells
    )


def _both(above: Sequence[str], below: Sequence[str]) -> Iterator[str]:
    """The headings of two rows: the lower where it names a field, else both."""
    group = ""
    for upper, lower in zip_longest(above, below, fillvalue=""):
        group = upper.strip() or group
        joined = f"{group} {lower}".strip()
        if not lower.strip():
            yield upper
        elif upper.strip() == lower.strip() or (field_of(lower) and not field_of(joined)):
            yield lower
        else:
            yield joined if field_of(joined) or not field_of(lower) else lower


_FOOTERS: Final = lazy_pattern(
    r"copyright|confidential|generated (?:by|on|at)|all rights reserved|exported (?:by|on|at|from)|"
    r"report generated|filtered by|printed (?:by|on)|page \d|do not distribute|as of \d|"
    r"report date|run date|data as of|total records|"
    r"制表|打印|导出(?:人|时间|日期|于)|审核人|版权所有|数据来源|统计时间|第.{1,4}页|填报|报表生成|以下无正文|"
    r"数据截[至止]|^截[至止] ?\d|更新时间|^(?:备注|注|说明)[:：]",
    re.IGNORECASE,
)
_SIGNED: Final = lazy_pattern(
    r"(?:制表|审核|复核|审批|批准|填表|填报|经办|统计|打印|导出|日期|prepared|checked|approved|printed|"
    r"generated|date)[^:：]{0,10}[:：].{0,60}",
    re.IGNORECASE,
)
"""A signature below a list: 制表人：…, 审核：…"""


def _is_below(cells: Sequence[str]) -> bool:
    filled = [text for cell in cells if (text := cell.strip())]
    return len(filled) == 1 or all(_SIGNED.fullmatch(text) for text in filled)


def _without_footer(rows: list[Row]) -> tuple[Row, ...]:
    """Mark what reports write below their list: rows of one cell or of signatures, one of which
    says what they are.

    A list of names alone has no such rows.
    """
    start = len(rows)
    while start and _is_below(rows[start - 1].cells):
        start -= 1
    narrow = not rows or len(rows[0].cells) < 3
    texts = [next(filter(str.strip, row.cells)).strip() for row in rows[start:]]
    if narrow or not any(_FOOTERS.search(text[:_LONGEST_FOOTER]) for text in texts):
        return tuple(rows)
    return (*rows[:start], *(replace(row, aside=row.aside or "footer") for row in rows[start:]))


_LONGEST_FOOTER: Final = 300


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


def _fitted(row: Row, columns: int, aside: str) -> Row:
    missing = columns - len(row.cells)
    cells = row.cells + ("",) * missing if missing > 0 else row.cells
    return Row(row.number, cells, missing < 0, aside)


def within_length(number: int, cells: Iterable[str]) -> tuple[str, ...]:
    """The cells of a row. Raises Unreadable when one is longer than ``LONGEST_CELL``."""
    row = tuple(cells)
    if any(len(cell) > LONGEST_CELL for cell in row):
        raise Unreadable("cell", row=number, most=LONGEST_CELL)
    return row
