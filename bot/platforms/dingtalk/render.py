"""Renders cards as DingTalk markdown, and forms as the fields of its Form component. Pure.

Everything that people typed goes through ``escape``; the only links are those of ``link`` and to
our own pages.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

from bot.platforms.dingtalk.links import link
from bot.platforms.dingtalk.markup import NEWLINE, escape, inline
from bot.platforms.dingtalk.requests import OTHER, SentFile
from handlers.core.language import Language
from handlers.core.requests import Value
from handlers.core.text import begins_with_sign
from handlers.core.ui import (
    AnyChart,
    Button,
    Card,
    Checklist,
    Choice,
    Confirm,
    Date,
    DateTime,
    DrawnChart,
    Email,
    Fact,
    Field,
    File,
    Form,
    LeadPick,
    Link,
    LongText,
    Money,
    MultiChoice,
    Number,
    Option,
    PersonPick,
    Phone,
    Section,
    Table,
    Text,
    Tone,
)

MORE: Final = "more"
YES: Final = "yes-"
NO: Final = "no"
"""Ids of buttons that a card itself has: they open the rest of them, and answer its question."""
NOTE, MORE_FIELDS = "__note", "__more"
"""Fields of a card that are no questions of the form: its note, and the box for folded fields."""
NO_PICTURES: Mapping[AnyChart, str] = {}
_BUTTONS_A_LINE = 4
_MOST_BELOW: Final = 12
"""Buttons that *more* opens below a card; of more than these it opens the likeliest."""


@dataclass(frozen=True, slots=True)
class Drawings:
    """Which charts of a card have a picture, and of which the figures are written out instead."""

    unpictured: frozenset[AnyChart]
    pictures: Mapping[AnyChart, str]


def card_buttons(card: Card) -> list[Button]:
    """All buttons of a card, in drawing order."""
    return [one for one in card.every_button if one not in (*card.more, card.rest)] + [
        *card.few_more
    ]


def card_markdown(
    card: Card,
    words: Mapping[Button, str],
    language: Language,
    *,
    unpictured: Collection[AnyChart] = (),
    pictures: Mapping[AnyChart, str] = NO_PICTURES,
) -> str:
    """A card as one markdown text; ``words`` are what each of its buttons sends.

    ``pictures`` are the media ids of drawn charts; the figures of those ``unpictured`` are written
    out. Of others only the message in words is shown.
    """
    drawn = Drawings(frozenset(unpictured), pictures)
    mark = "" if begins_with_sign(card.title) else _mark(card.tone)
    blocks = [f"### {mark}{inline(card.title)}"] if card.title else []
    blocks += [_facts(card.first_facts), _other_facts(card.other_facts), escape(card.body)]
    for section in card.sections:
        blocks += _section(section, words, drawn)
    if card.chart is not None:
        blocks += _chart(card.chart, words, drawn)
    blocks += [_link(shown) for shown in card.links]
    blocks += [_buttons(card.buttons, words), _more_actions(card.few_more, words, language)]
    if card.footnote:
        blocks.append(f"> {inline(card.footnote)}")
    return "\n\n".join(block for block in blocks if block)


def notification(card: Card) -> str:
    """The preview that a phone shows before the message is opened."""
    return " ".join((card.summary or card.title).split())[:100]


def _mark(tone: Tone) -> str:
    match tone:
        case "plain":
            return ""
        case "good":
            return "✅ "
        case "warning":
            return "⚠️ "
        case "bad":
            return "🔴 "
        case _:
            assert_never(tone)


def _link(shown: Link) -> str:
    """The label, and the address itself as the link text."""
    return f"**{inline(shown.label)}** [{shown.url}]({shown.url})"


def _facts(facts: Iterable[Fact]) -> str:
    return NEWLINE.join(f"**{inline(fact.label)}** {inline(fact.value)}" for fact in facts)


def _other_facts(facts: Iterable[Fact]) -> str:
    """Facts that are rarely needed, on one line."""
    line = " · ".join(f"{inline(fact.label)} {inline(fact.value)}" for fact in facts)
    return f"> {line}" if line else ""


def chart_markdown(chart: DrawnChart) -> str:
    """The figures of a chart, which its picture would have shown."""
    return "\n\n".join(
        [f"#### {inline(chart.title)}", f"> {inline(chart.alt)}", _table(chart.table, {})]
    )


def _section(section: Section, words: Mapping[Button, str], drawn: Drawings) -> list[str]:
    beside = section.table.opens if section.table else ()
    return [
        f"#### {inline(section.heading)}" if section.heading else "",
        NEWLINE.join(escape(line) for line in section.lines),
        *(_chart(section.chart, words, drawn, beside) if section.chart else ()),
        NEWLINE.join(
            f"{escape(row.text)} {link(inline(row.button.label), words[row.button])}"
            for row in section.rows
        ),
        _table(section.table, words) if section.table else "",
        _buttons((*((section.opens,) if section.opens else ()), *section.buttons), words),
    ]


def _chart(
    chart: AnyChart,
    words: Mapping[Button, str],
    drawn: Drawings,
    beside: Collection[Button] = (),
) -> list[str]:
    """The chart's picture, and its message or the buttons that open its figures, without those
    ``beside`` it."""
    buttons = tuple(button for button in chart.buttons if button not in beside)
    if isinstance(chart, DrawnChart) and chart in drawn.unpictured:
        return [chart_markdown(chart), _buttons(buttons, words)]
    shown = picture(chart, drawn.pictures.get(chart, ""))
    if not buttons:
        return [shown, f"> {inline(chart.alt)}"]
    return [f"#### {inline(chart.title)}", shown, _buttons(buttons, words)]


def picture(chart: AnyChart, media: str) -> str:
    """The picture of a chart inside a message; "" without one. Markdown takes a media id for an
    address (decision 41)."""
    return f"![{inline(chart.title)}]({media})" if media else ""


def _table(table: Table, words: Mapping[Button, str]) -> str:
    """One line per row, since messages have no tables: its first cell, then named cells."""
    if table.opens:
        return _opening_rows(table, words)
    _, *named = table.columns
    lines = []
    for head, *cells in table.rows:
        rest = _named_cells(named, cells)
        lines.append(f"- **{inline(head)}**" + (f" · {rest}" if rest else ""))
    return "\n".join(lines)


def _opening_rows(table: Table, words: Mapping[Button, str]) -> str:
    """A paragraph per row, whose first cell is the link that opens it; the second names it, unless
    it is a figure.

    Not as a list: links in list items cannot be pressed in some clients.
    """
    paragraphs = []
    for row, (cells, opens) in enumerate(zip(table.rows, table.opens, strict=True)):
        first = 1 if 1 in table.numbers else 2
        name = "" if first == 1 else "".join(cells[1:2])
        emphasized = {column - first for place, column in table.emphasized if place == row}
        title = f"{link(inline(cells[0]), words[opens])} **{inline(name)}**".removesuffix(" ****")
        more = _named_cells(table.columns[first:], cells[first:], emphasized)
        paragraphs.append(f"{title}{NEWLINE}{more}" if more else title)
    return "\n\n".join(paragraphs)


def _named_cells(
    names: Sequence[str], cells: Sequence[str], emphasized: Collection[int] = ()
) -> str:
    """The cells that say something, each after its column's name."""
    return " · ".join(
        f"{inline(name)} **{inline(cell)}**"
        if place in emphasized
        else f"{inline(name)} {inline(cell)}"
        for place, (name, cell) in enumerate(zip(names, cells, strict=False))
        if cell
    )


def _buttons(buttons: tuple[Button, ...], words: Mapping[Button, str]) -> str:
    # Not as a list: links in list items cannot be pressed in some clients.
    links = [link(inline(button.label), words[button]) for button in buttons]
    rows = [
        links[start : start + _BUTTONS_A_LINE] for start in range(0, len(links), _BUTTONS_A_LINE)
    ]
    return NEWLINE.join(" ｜ ".join(row) for row in rows)


def _more_actions(
    buttons: tuple[Button, ...], words: Mapping[Button, str], language: Language
) -> str:
    """The less frequent actions on one line, each a link of its own.

    Not behind a link of their own: a second message costs a wait, and one of the few thousand that
    DingTalk allows an organisation per month.
    """
    if not buttons:
        return ""
    links = " · ".join(link(inline(button.label), words[button]) for button in buttons)
    return language.text("dingtalk.more", actions=links)


@dataclass(frozen=True, slots=True)
class Face:
    """A card for a template with buttons: what it says, the few next steps, and the rest."""

    title: str
    content: str
    buttons: tuple[Button, ...]
    more: tuple[Button, ...] = ()

    @property
    def params(self) -> dict[str, str]:
        """The variables of the template that hold what the card says."""
        return {"title": self.title, "content": self.content}


def face_of(card: Card) -> Face:
    """A card without charts, whose buttons all stand below it; those of its sections are among the
    rest."""
    sections = tuple(_pressed_below(section) for section in card.sections)
    plain = replace(card, title="", sections=sections, buttons=(), more=(), rest=None)
    mark = "" if begins_with_sign(card.title) else _mark(card.tone)
    inside = [button for section in card.sections for button in section.every_button]
    more = card.more if len(card.more) <= _MOST_BELOW else card.few_more
    return Face(
        title=f"{mark}{' '.join(card.title.split())}",
        content=_content(plain),
        buttons=card.buttons,
        more=tuple(dict.fromkeys((*inside, *more))),
    )


def _pressed_below(section: Section) -> Section:
    """A section without buttons of its own."""
    lines = (*section.lines, *(row.text for row in section.rows))
    table = section.table and replace(section.table, opens=())
    return replace(section, lines=lines, rows=(), table=table, opens=None, buttons=(), chart=None)


def _content(card: Card) -> str:
    blocks = [_facts(card.first_facts), _other_facts(card.other_facts), escape(card.body)]
    for section in card.sections:
        blocks += _section(section, {}, Drawings(frozenset(), NO_PICTURES))
    blocks += [_link(shown) for shown in card.links]
    if card.footnote:
        blocks.append(f"> {inline(card.footnote)}")
    return "\n\n".join(block for block in blocks if block)


def button_id(button: Button) -> str:
    """A short id that names a button of a card and stays the same when the card is redrawn."""
    named = json.dumps([button.action, button.value], ensure_ascii=False)
    return hashlib.sha256(named.encode()).hexdigest()[:12]


def buttons_param(buttons: Iterable[Button], more: str = "") -> str:
    """Buttons as the variable of the template's button group; ``more`` names the one that opens the
    rest, if there is one."""
    drawn = [
        _request_button(button.label, button_id(button), _COLOURS[button.style])
        for button in dict.fromkeys(buttons)
    ]
    if more:
        drawn.append(_request_button(more, MORE, _COLOURS["plain"]))
    return json.dumps(drawn, ensure_ascii=False)


_COLOURS: Final[Mapping[str, str]] = {"primary": "blue", "plain": "gray", "danger": "red"}


def _request_button(label: str, name: str, colour: str) -> dict[str, Any]:
    return {
        "text": " ".join(label.split()),
        "color": colour,
        "status": "normal",
        "event": {
            "type": "sendCardRequest",
            "params": {"actionId": name, "params": {"button": name}},
        },
    }


def question_param(button: Button, confirm: Confirm) -> dict[str, str]:
    """The variables that ask before a button acts."""
    yes = _request_button(confirm.yes, YES + button_id(button), _COLOURS[button.style])
    no = _request_button(confirm.no, NO, _COLOURS["plain"])
    question = f"❓ **{inline(confirm.title)}**\n\n{escape(confirm.text)}"
    return {"note": question, "btns": json.dumps([yes, no], ensure_ascii=False)}


def note_param(note: str) -> str:
    """What was just said on a card, as markdown above its content; "" for nothing."""
    return f"> {escape(note)}" if note else ""


def form_params(
    form: Form,
    answers: Mapping[str, Value],
    language: Language,
    *,
    errors: Mapping[str, str] | None = None,
    note: str = "",
    sent: bool = False,
    unfolded: bool = False,
) -> dict[str, str]:
    """A form as the variables of the card template.

    ``errors`` go into the labels of their fields, since the component has no other place; ``note``
    is a read-only line on top. Folded fields are left out, with a box to ask for them, unless the
    form is ``unfolded``; of one that was ``sent`` those with an answer are shown.
    """
    errors = errors or {}
    note = note or (language.text("dingtalk.form.errors", n=len(errors)) if errors else form.intro)
    fields = [_note(note, language)] if note else []
    shown = [field for field in form.fields if unfolded or not field.folded]
    for field in form.fields if sent else shown:
        answer = answers.get(field.name, field.value)
        if field in shown or answer:
            fields += _form_field(field, answer, errors.get(field.name, ""), language)
    if not sent and len(shown) < len(form.fields):
        fields.append(_more_fields(form, language))
    return {
        "title": form.title,
        "form": json.dumps({"fields": fields}, ensure_ascii=False),
        "form_status": "disabled" if sent else "normal",
        "form_btn_text": language.text("dingtalk.form.sent") if sent else form.submit,
    }


def _more_fields(form: Form, language: Language) -> dict[str, Any]:
    """The box that asks for the folded fields; they come when the form is sent with it."""
    folded = [field.label for field in form.fields if field.folded]
    return {
        "name": MORE_FIELDS,
        "label": language.text("dingtalk.form.more", n=len(folded), first=folded[0]),
        "type": "CHECKBOX",
        "required": False,
    }


def _note(note: str, language: Language) -> dict[str, Any]:
    return {
        "name": NOTE,
        "label": language.text("dingtalk.form.note"),
        "type": "TEXT_AREA",
        "readOnly": True,
        "defaultValue": note,
    }


def _form_field(
    field: Field,
    answer: Value,
    error: str,
    language: Language,
) -> list[dict[str, Any]]:
    hints = [hint for hint in (field.hint, field.placeholder) if hint]
    drawn: dict[str, Any] = {
        "name": field.name,
        "label": _label(field, error, hints[0] if len(hints) > 1 else ""),
        "type": field_type(field),
        "required": field.required,
    }
    if hints:
        drawn["placeholder"] = hints[-1]
    if field.required:
        drawn["requiredMsg"] = language.text("dingtalk.problem.required")
    if isinstance(field, Choice | PersonPick | LeadPick | MultiChoice | Checklist):
        drawn["options"] = [
            {"value": option.value, "text": option.label} for option in field.options
        ]
    default = _default(field, answer)
    if default is not None:
        drawn["defaultValue"] = default
    if not isinstance(field, LeadPick):
        return [drawn]
    # Either of the two is enough, so the client must not require the first.
    other = {
        "name": field.name + OTHER,
        "label": language.text("dingtalk.form.other_lead"),
        "type": "TEXT",
        "required": False,
        "placeholder": language.text("dingtalk.form.other_lead_hint"),
    }
    if isinstance(answer, str) and answer and default is None:
        other["defaultValue"] = answer
    return [{**drawn, "required": False}, other]


def _label(field: Field, error: str, hint: str) -> str:
    label = f"{field.label} *" if isinstance(field, LeadPick) and field.required else field.label
    label = f"{label} · {hint}" if hint else label
    return f"{label} ⚠️ {error}" if error else label


def field_type(field: Field) -> str:
    """The Form component's type for a field."""
    match field:
        # Number and Money are typed as people write them (``12.5万``), so they are text.
        # A form with a file field is never drawn as a card (``answering``).
        case Text() | Number() | Money() | Phone() | Email() | File():
            return "TEXT"
        case LongText():
            return "TEXT_AREA"
        case Date():
            return "DATE"
        case DateTime():
            return "DATETIME"
        case Choice() | PersonPick() | LeadPick():
            return "SELECT"
        case MultiChoice():
            return "MULTI_SELECT"
        case Checklist():
            return "MULTI_CHECKBOX_GROUP"
        case _:
            assert_never(field)


def _default(field: Field, answer: Value) -> Any:
    """``answer`` as the component expects it; None for an empty one."""
    if isinstance(field, MultiChoice | Checklist):
        chosen = [
            (place, one.value) for place, one in enumerate(field.options) if one.value in answer
        ]
        if not chosen:
            return None
        return {"index": [place for place, _ in chosen], "value": [value for _, value in chosen]}
    if isinstance(field, Choice | PersonPick | LeadPick):
        return next(
            (
                {"index": place, "value": one.value}
                for place, one in enumerate(field.options)
                if one.value == answer
            ),
            None,
        )
    text = str(answer)
    return (text.replace("T", " ", 1) if isinstance(field, DateTime) else text) or None


def answer_text(field: Field, answer: Value, options: tuple[Option, ...] = ()) -> str:
    """An answer as text: labels for values, a space in a date and time."""
    labels = {option.value: option.label for option in options or getattr(field, "options", ())}
    if isinstance(field, File):
        return SentFile.of_answer(str(answer)).name
    if isinstance(answer, str):
        text = answer.replace("T", " ", 1) if isinstance(field, DateTime) else answer
        return labels.get(answer, text)
    return "、".join(labels.get(value, value) for value in answer)
