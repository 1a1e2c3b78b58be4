"""Text that Slack does not parse: what people typed can neither format nor ping. Pure.

Shapes: docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.platforms.slack.markup import MOMENT, URL, Block, cut, width
from handlers.core.moments import is_marked, parts, unmarked
from handlers.core.ui import Link


def rich(texts: Iterable[tuple[str, str]]) -> Block:
    """Paragraphs of unparsed text; web addresses become links, ``bold`` ones headings."""
    return lines_of(
        [{"type": "text", "text": cut(text, 300), "style": {style: True}}]
        if style
        else inline(text, 3000)
        for style, text in texts
    )


def lines_of(lines: Iterable[list[Block]]) -> Block:
    """One section of lines: not every client breaks the line between two short sections."""
    elements: list[Block] = []
    for line in lines:
        elements += [{"type": "text", "text": "\n"}, *line] if elements else line
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def address_line(shown: Link) -> Block:
    """The label, and the address itself as the link text."""
    label: Block = {"type": "text", "text": f"{cut(shown.label, 300)} ", "style": {"bold": True}}
    address: Block = {"type": "link", "url": shown.url}
    line: Block = {"type": "rich_text_section", "elements": [label, address]}
    return {"type": "rich_text", "elements": [line]}


def inline(text: str, limit: int) -> list[Block]:
    """The unparsed text with its links, and its moments as each reader's own time."""
    if not is_marked(text) or width(unmarked(text)) > limit:
        return _linked(cut(text, limit))
    elements: list[Block] = []
    for words, at in parts(text):
        elements += _linked(words) if at is None else [_moment(words, at)]
    return elements


def _moment(words: str, at: datetime) -> Block:
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": MOMENT,
        "fallback": words,
    }


def _linked(text: str) -> list[Block]:
    elements: list[Block] = []
    end = 0
    for match in URL.finditer(text):
        if match.start() > end:
            elements.append({"type": "text", "text": text[end : match.start()]})
        elements.append({"type": "link", "url": match.group()})
        end = match.end()
    if end < len(text):
        elements.append({"type": "text", "text": text[end:]})
    return elements
