"""Renders cards as Slack blocks, with fallback text, and parses choices from a card's menu.

Pure; knows no client. What people typed goes into blocks that Slack does not parse (``plain_text``,
``rich_text``, ``raw_text``), so it can neither format nor ping. Everything is cut to Slack's limits
here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any, assert_never

from bot.platforms.slack.charts import MAX_CHART_TITLE, MAX_CHARTS, chart_block
from bot.platforms.slack.markup import (
    MOMENT,
    NOTHING,
    URL,
    Block,
    bold,
    cut,
    escape,
    plain,
    unescaped,
    width,
    worded,
)
from handlers.core.charts import FunnelChart
from handlers.core.language import Language
from handlers.core.moments import is_marked, parts, unmarked
from handlers.core.text import begins_with_sign
from handlers.core.ui import (
    AnyChart,
    Button,
    Card,
    Confirm,
    DrawnChart,
    Fact,
    Link,
    Section,
    Table,
    Tone,
)

CHART_BLOCK, TABLE_BLOCK = "data_visualization", "table"
"""Slack's newest blocks, which not every workspace accepts yet."""
IMAGE_BLOCK = "image"
"""A picture that was uploaded before; refused while Slack has not processed it."""
NO_FILES: Mapping[int, str] = MappingProxyType({})
MAX_BLOCKS = 50
MAX_IN_A_ROW = 25
MAX_CELL_TEXT = 10_000
"""Characters in all cells of a message's tables."""
_MARKS: dict[Tone, str] = {"plain": "", "good": "✅ ", "warning": "⚠️ ", "bad": "🔴 "}
# Overflow menus rather than a select: a select keeps showing the last choice, and choosing it
# again sends no event. An overflow holds five choices and cannot confirm a single one of them, so
# an action that asks first, or whose value is too long for a choice, stays a button.
MENU_ACTION = "slack.menu"
"""The id that all menus share; the action is in the chosen option."""
MAX_CHOICES = 5
_MAX_VALUE = 150
_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Drawing:
    """A message. ``pictures`` are the charts that have to follow as images."""

    text: str
    blocks: tuple[Block, ...]
    pictures: tuple[AnyChart, ...] = ()

    @property
    def kinds(self) -> frozenset[str]:
        """Which of the blocks it uses that Slack may refuse."""
        refusable = {CHART_BLOCK, TABLE_BLOCK, IMAGE_BLOCK}
        return frozenset(refusable & {block["type"] for block in self.blocks})


@dataclass(frozen=True, slots=True)
class _Charts:
    """What Slack shows of the charts, by their ``id``: its own blocks, and files of pictures.
    ``follow``: pictures of the others come after the message."""

    native: Mapping[int, Block]
    files: Mapping[int, str]
    follow: bool


def card(
    shown: Card,
    language: Language,
    *,
    charts: bool = True,
    tables: bool = True,
    files: Mapping[int, str] = NO_FILES,
    pictured: bool = False,
    above: tuple[Button, ...] = (),
) -> Drawing:
    """Draw ``shown``; without ``charts`` or ``tables``, without Slack's newest blocks.

    ``files`` are uploaded pictures of charts that Slack does not draw, by the chart's ``id``.
    ``pictured``: the others follow as pictures, and are not written out. ``above`` are buttons over
    the title.
    """
    drawn = _Charts(_native_charts(shown) if charts else {}, files, pictured)
    table = tables
    middle: list[Block] = []
    for section in shown.sections:
        middle += _section(section, drawn, native_table=table)
        # A message can hold one table; further ones are written as lines.
        table = table and section.table is None
    head = _actions(above, "above") + _head(shown)
    chart = _charted(shown.chart, drawn) if shown.chart else []
    if not shown.chart_below:
        head += chart
        chart = []
    tail = chart + [_link(shown_link) for shown_link in shown.links] + _card_actions(shown)
    if shown.footnote:
        tail.append(_small(shown.footnote))
    return Drawing(
        text=escape(cut(shown.summary or shown.title, 3000)),
        blocks=tuple(_numbered(_fitted(head, middle, tail, language))),
        pictures=tuple(
            chart
            for chart in shown.every_chart
            if id(chart) not in drawn.native and id(chart) not in files
        ),
    )


def drafts(
    shown: Card,
    language: Language,
    *,
    charts: bool = True,
    tables: bool = True,
    files: Mapping[int, str] = NO_FILES,
    pictured: bool = False,
) -> list[Drawing]:
    """Drawings to try in turn, each with one kind of the blocks less that Slack may refuse.

    Slack rolls the newest ones out workspace by workspace and answers ``invalid_blocks`` where they
    are not available yet. ``charts`` and ``tables``: whether to try those at all; ``files`` and
    ``pictured`` as above.
    """
    tries = [card(shown, language, charts=charts, tables=tables, files=files, pictured=pictured)]
    if IMAGE_BLOCK in tries[-1].kinds:
        tries.append(card(shown, language, charts=charts, tables=tables, pictured=pictured))
    if CHART_BLOCK in tries[-1].kinds:
        tries.append(card(shown, language, charts=False, tables=tables, pictured=pictured))
    if TABLE_BLOCK in tries[-1].kinds:
        tries.append(card(shown, language, charts=False, tables=False, pictured=pictured))
    return tries


def in_words(chart: AnyChart) -> Drawing | None:
    """The figures of a chart whose picture could not be posted; None if the card says them."""
    if not isinstance(chart, DrawnChart):
        return None
    blocks = [_rich([("bold", chart.title)]), *_table_lines(chart.table)]
    return Drawing(escape(cut(f"{chart.title}: {chart.alt}", 3000)), tuple(blocks))


def line(text: str) -> Drawing:
    """One line of confirmation."""
    return Drawing(escape(cut(text, 3000)), (_rich([("", text)]),))


def _head(shown: Card) -> list[Block]:
    blocks: list[Block] = []
    if shown.title:
        mark = "" if begins_with_sign(shown.title) else _MARKS[shown.tone]
        head = plain(f"{mark}{shown.title}", 150)
        blocks.append({"type": "header", "text": head})
    blocks += _facts(shown.first_facts)
    if shown.other_facts:
        words = _BETWEEN.join(f"{fact.label}: {fact.value}" for fact in shown.other_facts)
        blocks.append(_small(words))
    if shown.body:
        blocks.append(_rich([("", shown.body)]))
    return blocks


def _native_charts(shown: Card) -> dict[int, Block]:
    """The charts that Slack draws itself, by ``id``, as many as a message can hold."""
    blocks = [(id(chart), chart_block(chart)) for chart in shown.every_chart]
    drawn = [(chart, block) for chart, block in blocks if block is not None]
    return dict(drawn[:MAX_CHARTS])


def undrawn(shown: Card) -> list[AnyChart]:
    """The charts that Slack does not draw itself."""
    native = _native_charts(shown)
    return [chart for chart in shown.every_chart if id(chart) not in native]


def _charted(chart: AnyChart, drawn: _Charts, *, beside: Sequence[Button] = ()) -> list[Block]:
    """The chart if Slack shows it, else its message and figures in words; and the buttons that open
    its figures, without those ``beside`` it."""
    buttons = tuple(button for button in chart.buttons if button not in beside)
    block = drawn.native.get(id(chart))
    if block is None:
        file = drawn.files.get(id(chart))
        blocks = [_image(chart, file) if file else _rich([("bold", chart.title)])]
        if isinstance(chart, DrawnChart) or not chart.buttons:
            blocks.append(_small(chart.alt))
        if isinstance(chart, DrawnChart) and not file and not drawn.follow:
            blocks += _table_lines(chart.table)
        return blocks + _openers(buttons)
    blocks = [block]
    if width(chart.title) > MAX_CHART_TITLE:
        blocks.insert(0, _rich([("bold", chart.title)]))
    # Slack draws no shares from stage to stage, and its block has no text of its own.
    if not chart.buttons or (isinstance(chart, FunnelChart) and chart.has_rates):
        blocks.append(_small(chart.alt))
    return blocks + _openers(buttons)


def _image(chart: AnyChart, file: str) -> Block:
    return {
        "type": IMAGE_BLOCK,
        "slack_file": {"id": file},
        "title": plain(chart.title, 2000),
        "alt_text": cut(chart.alt, 2000),
    }


def _small(text: str) -> Block:
    return {"type": "context", "elements": [worded(text, 2000)]}


def _openers(buttons: Sequence[Button]) -> list[Block]:
    """Buttons that open a chart's figures; more than a few of them as lines that name them."""
    if len(buttons) > MAX_CHOICES and all(_fits(button) for button in buttons):
        return _menu_lines(buttons)
    return _actions(buttons, "chart")


def _facts(facts: Sequence[Fact]) -> list[Block]:
    """Label left, value right; a section takes fields for five rows."""
    blocks: list[Block] = []
    for start in range(0, len(facts), 5):
        fields: list[Block] = []
        for fact in facts[start : start + 5]:
            fields.append({"type": "mrkdwn", "text": bold(fact.label, 300), "verbatim": True})
            fields.append(_pressed_fact(fact) if fact.url else worded(fact.value, 2000))
        blocks.append({"type": "section", "fields": fields})
    return blocks


def _pressed_fact(fact: Fact) -> Block:
    """A value that calls or writes when it is pressed."""
    url = fact.url.translate({ord(sign): None for sign in "<>|"})
    return {"type": "mrkdwn", "text": f"<{url}|{escape(cut(fact.value, 500))}>", "verbatim": True}


def _section(section: Section, drawn: _Charts, *, native_table: bool) -> list[Block]:
    blocks: list[Block] = [{"type": "divider"}]
    texts = [("bold", section.heading)] if section.heading else []
    if section.heading and section.opens:
        blocks.append(_opened_heading(section.heading, section.opens))
        texts = []
    if section.lines:
        texts.append(("", "\n".join(section.lines)))
    if texts and section.folded and not section.opens:
        words = ": ".join(filter(None, (section.heading, _BETWEEN.join(section.lines))))
        blocks = [_small(words)]
    elif texts:
        blocks.append(_rich(texts))
    if section.chart:
        beside = section.table.opens if section.table else ()
        blocks += _charted(section.chart, drawn, beside=beside)
    blocks += [_beside(plain(row.text, 3000), row.button) for row in section.rows]
    if section.table and section.table.columns:
        blocks += _native(section.table) if native_table else _table_lines(section.table)
    return blocks + _actions(section.buttons, "section")


def _opened_heading(heading: str, opens: Button) -> Block:
    words: Block = {"type": "mrkdwn", "text": bold(heading, 300), "verbatim": True}
    return _beside(words, opens)


def _beside(words: Block, button: Button) -> Block:
    """A text with its button to the right of it, which a screen reader names with the text: many
    lines have buttons of the same label."""
    element = _button(button, "row")
    said = str(words["text"])
    if words["type"] == "mrkdwn":
        said = unescaped(said).replace("*", "")
    said = said.lstrip("✅⬜⚠️ ")
    if button.label not in said:
        said = f"{button.label}: {said}"
    element["accessibility_label"] = cut(said.replace("\n", " "), 75)
    return {"type": "section", "text": words, "accessory": element}


def _rich(texts: Iterable[tuple[str, str]]) -> Block:
    """Paragraphs of unparsed text; web addresses become links, ``bold`` ones headings."""
    paragraphs: list[Block] = []
    for style, text in texts:
        elements = _elements(text, 3000)
        if style:
            elements = [{"type": "text", "text": cut(text, 300), "style": {style: True}}]
        paragraphs.append({"type": "rich_text_section", "elements": elements})
    return {"type": "rich_text", "elements": paragraphs}


def _link(shown: Link) -> Block:
    """The label, and the address itself as the link text."""
    label: Block = {"type": "text", "text": f"{cut(shown.label, 300)} ", "style": {"bold": True}}
    address: Block = {"type": "link", "url": shown.url}
    line: Block = {"type": "rich_text_section", "elements": [label, address]}
    return {"type": "rich_text", "elements": [line]}


def _elements(text: str, limit: int) -> list[Block]:
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


def _cells(table: Table) -> list[list[str]]:
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


def _native(table: Table) -> list[Block]:
    """A table block, with the buttons that open its rows below: cells hold none."""
    return [_table(table), *_actions(table.opens, "row")]


def _table(table: Table) -> Block:
    rows = [
        [
            _emphasized_cell(cell) if (place - 1, column) in table.emphasized else _cell(cell)
            for column, cell in enumerate(row)
        ]
        for place, row in enumerate(_cells(table))
    ]
    settings = [
        {"is_wrapped": True, "align": "right" if column in table.numbers else "left"}
        for column in range(len(rows[0]))
    ]
    return {"type": TABLE_BLOCK, "rows": rows, "column_settings": settings}


def _cell(text: str) -> Block:
    if is_marked(text):
        section = {"type": "rich_text_section", "elements": _elements(text, 500)}
        return {"type": "rich_text", "elements": [section]}
    return {"type": "raw_text", "text": text}


def _emphasized_cell(text: str) -> Block:
    bold_text: Block = {"type": "text", "text": unmarked(text), "style": {"bold": True}}
    section: Block = {"type": "rich_text_section", "elements": [bold_text]}
    return {"type": "rich_text", "elements": [section]}


def _table_lines(table: Table) -> list[Block]:
    head, *rows = _cells(table)
    names = _BETWEEN.join(head if table.columns[0] else head[1:])
    lines = [_BETWEEN.join(row) for row in rows]
    if not table.opens:
        return [_rich([("bold", names), ("", "\n".join(lines) or NOTHING)])]
    opening = zip(lines, table.opens, strict=False)
    beside = [_beside(plain(line, 3000), button) for line, button in opening]
    return [_rich([("bold", names)]), *beside]


def _card_actions(shown: Card) -> list[Block]:
    """The next steps, and a menu of the rest at their end.

    Two or more menus, which could not be told apart there, get lines of their own.
    """
    beside, behind = _split(shown.few_more)
    rows = _actions((*shown.buttons, *beside), "card")
    if len(behind) > MAX_CHOICES:
        return rows + _menu_lines(behind)
    if behind and rows and len(rows[-1]["elements"]) < MAX_IN_A_ROW:
        rows[-1]["elements"].append(_menu(behind))
        return rows
    return rows + ([{"type": "actions", "elements": [_menu(behind)]}] if behind else [])


def _actions(buttons: Sequence[Button], place: str) -> list[Block]:
    rows = [buttons[start : start + MAX_IN_A_ROW] for start in range(0, len(buttons), MAX_IN_A_ROW)]
    return [
        {"type": "actions", "elements": [_button(button, place) for button in row]} for row in rows
    ]


def _button(button: Button, place: str) -> Block:
    element: Block = {
        "type": "button",
        "action_id": f"{button.action}#{place}",
        "text": plain(button.label, 75),
    }
    if button.value:
        element["value"] = button.value[:2000]
    match button.style:
        case "plain":
            pass
        case "primary" | "danger":
            element["style"] = button.style
        case _:
            assert_never(button.style)
    if button.confirm:
        element["confirm"] = _confirm(button.confirm, danger=button.style == "danger")
    return element


def _confirm(confirm: Confirm, *, danger: bool) -> Block:
    return {
        "title": plain(confirm.title, 100),
        "text": plain(confirm.text, 300),
        "confirm": plain(confirm.yes, 30),
        "deny": plain(confirm.no, 30),
        "style": "danger" if danger else "primary",
    }


def _fitted(
    head: list[Block], middle: list[Block], tail: list[Block], language: Language
) -> list[Block]:
    """At most 50 blocks: sections are cut, with a note, but never the card's buttons."""
    tail = tail[-10:]
    head = head[: MAX_BLOCKS - len(tail) - 1]
    room = MAX_BLOCKS - len(head) - len(tail)
    if len(middle) <= room:
        return head + middle + tail
    left_out = len(middle) - (room - 1)
    more = plain(language.text("slack.more", n=left_out), 2000)
    return [*head, *middle[: room - 1], {"type": "context", "elements": [more]}, *tail]


def _numbered(blocks: list[Block]) -> list[Block]:
    """Give every button and menu a unique id; the part before ``#`` is its action."""
    elements = [
        element
        for block in blocks
        if block["type"] in ("actions", "section")
        for element in (*block.get("elements", ()), block.get("accessory"))
        if element
    ]
    for count, element in enumerate(elements):
        element["action_id"] = f"{element['action_id'].partition('#')[0][:240]}#{count}"
    return blocks


def _split(more: Sequence[Button]) -> tuple[list[Button], list[Button]]:
    """Split into what stays a button and what goes into menus."""
    chosen = [button for button in more if _fits(button)]
    if len(chosen) < 2:
        return list(more), []
    return [button for button in more if button not in chosen], chosen


def _menu(buttons: Sequence[Button]) -> Block:
    """One menu, for the end of a row of buttons."""
    choices = [{"text": plain(button.label, 75), "value": _carried(button)} for button in buttons]
    return {"type": "overflow", "action_id": MENU_ACTION, "options": choices}


def _menu_lines(buttons: Sequence[Button]) -> list[Block]:
    """As few menus as hold ``buttons``, each on a line that names its content."""
    count = -(-len(buttons) // MAX_CHOICES)
    return [
        {
            "type": "section",
            "text": plain(_BETWEEN.join(button.label for button in part), 3000),
            "accessory": _menu(part),
        }
        for part in _parts(buttons, count)
    ]


def chosen_in_menu(pressed: dict[str, Any]) -> tuple[str, str]:
    """Action and value of the choice in a menu."""
    action, _, value = str(pressed["selected_option"]["value"]).partition(" ")
    return action, value


def _fits(button: Button) -> bool:
    return button.confirm is None and width(_carried(button)) <= _MAX_VALUE


def _carried(button: Button) -> str:
    return f"{button.action} {button.value}"


def _parts(buttons: Sequence[Button], count: int) -> list[Sequence[Button]]:
    size, longer = divmod(len(buttons), count)
    starts = [part * size + min(part, longer) for part in range(count + 1)]
    return [buttons[start:end] for start, end in pairwise(starts)]
