"""Tables as Slack's own block, within its limits. Pure.

Shapes: docs.slack.dev/reference/block-kit/blocks/table-block.
"""

from unicodedata import east_asian_width

from bot.platforms.slack.markup import Block, cut, width
from bot.platforms.slack.rich_text import inline
from handlers.core.moments import is_marked, unmarked
from handlers.core.ui import Table

TABLE_BLOCK = "table"
"""One of the blocks that not every workspace accepts yet."""
MAX_CELL_TEXT = 10_000
"""Characters in all cells of a message's tables."""
_UNWRAPPED = 30
"""Latin letters of a cell that stay on one line: a phone would break them letter by letter."""


def cells_of(table: Table) -> list[list[str]]:
    """Heading and rows within 20 columns, 100 rows and the size limit shared by all cells."""
    rows: list[list[str]] = []
    room = MAX_CELL_TEXT - 100
    for row in (table.columns, *table.rows):
        cells = [cell if _is_short(cell) else cut(cell, 500) for cell in row[:20]]
        room -= sum(width(unmarked(cell)) for cell in cells)
        if len(rows) == 100 or (room < 0 and rows):
            rows[-1] = ["…"] * len(rows[-1])
            break
        rows.append(cells)
    return rows


def _is_short(cell: str) -> bool:
    """Whether a cell holds a moment, and is not to be cut."""
    return is_marked(cell) and width(unmarked(cell)) <= 500


def table_block(table: Table) -> Block:
    cells = cells_of(table)
    rows = [
        [
            _emphasized_cell(cell) if (place - 1, column) in table.emphasized else _cell(cell)
            for column, cell in enumerate(row)
        ]
        for place, row in enumerate(cells)
    ]
    settings = [
        {
            "is_wrapped": max(map(_in_letters, column)) > _UNWRAPPED,
            "align": "right" if place in table.numbers else "left",
        }
        for place, column in enumerate(zip(*cells, strict=True))
    ]
    return {"type": TABLE_BLOCK, "rows": rows, "column_settings": settings}


def _in_letters(text: str) -> int:
    """How wide a text is, in Latin letters."""
    return sum(2 if east_asian_width(sign) in "FW" else 1 for sign in unmarked(text))


def _cell(text: str) -> Block:
    if is_marked(text):
        section = {"type": "rich_text_section", "elements": inline(text, 500)}
        return {"type": "rich_text", "elements": [section]}
    return {"type": "raw_text", "text": text}


def _emphasized_cell(text: str) -> Block:
    bold_text: Block = {"type": "text", "text": unmarked(text), "style": {"bold": True}}
    section: Block = {"type": "rich_text_section", "elements": [bold_text]}
    return {"type": "rich_text", "elements": [section]}
