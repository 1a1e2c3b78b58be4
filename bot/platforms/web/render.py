"""Renders cards, forms and replies as the JSON that the page's scripts read. Pure.

All text stays plain text: the page inserts it as text nodes, never as markup.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, assert_never

from bot.charts.layouts import lay_out
from bot.charts.scene import Dot, Mark, Target
from bot.platforms.web.client import Message
from bot.platforms.web.people import BOT
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.ui import (
    AnyChart,
    Attachment,
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
)
from sales.leads import lead_number

Json = dict[str, Any]
PLACES = ("thread", "beside", "pressed", "details", "passing")
"""What a body says about where its message stands: the id of the first message of its thread, or of
the message whose button it answers and that button, whether it is drawn inside the first of its
thread, and whether it goes with the next line that the person sends."""


def line_body(text: str) -> Json:
    """A message that a person typed."""
    return {"kind": "line", "text": text}


def file_body(attachment: Attachment, token: str) -> Json:
    """A message that offers a file; ``token`` is the end of its address."""
    return {
        "kind": "file",
        "text": attachment.about,
        "name": attachment.name,
        "size": len(attachment.content),
        "token": token,
    }


def card_body(card: Card) -> Json:
    """A message that shows a card.

    ``subject`` is omitted: the page has no use for it. ``lead`` is the number of the lead that a
    posted card is about: people can talk under such a card.
    """
    return {
        "kind": "card",
        "lead": _lead(card),
        "title": card.title,
        "summary": card.summary or card.title,
        "tone": card.tone,
        "body": card.body,
        "facts": [_fact(fact) for fact in card.first_facts],
        "sections": [_section(section) for section in card.sections],
        "chart": chart_json(card.chart) if card.chart else None,
        "chart_below": card.chart_below,
        "links": [{"label": link.label, "url": link.url} for link in card.links],
        "buttons": [_button(button) for button in card.buttons],
        "more": [_button(button) for button in card.more],
        "footnote": card.footnote,
    } | ({"more_facts": [_fact(fact) for fact in others]} if (others := card.other_facts) else {})


def drawn_anew(card: Card, former: Mapping[str, Any]) -> Json:
    """The body of a redrawn card, which keeps its place in the thread or beside another."""
    return card_body(card) | {name: former[name] for name in PLACES if name in former}


def under(card: Card, first: int) -> Json:
    """The place of a card in the thread of the message ``first``.

    News of a lead are messages of their own, which the lead's card links to; anything else is
    details of the first message, and drawn inside it.
    """
    return {"thread": first} if _lead(card) else {"thread": first, "details": True}


def _lead(card: Card) -> str:
    kind, _, number = card.thread.partition(":")
    return lead_number(int(number)) if kind == "lead" else ""


def message_json(message: Message, language: Language) -> Json:
    """A message with its time in the company's timezone and the reader's language."""
    local = message.posted_at.astimezone(language.timezone)
    return {
        "id": message.id,
        "revision": message.revision,
        "conversation": message.conversation,
        "author": message.author,
        "bot": message.author == BOT,
        "private": message.visible_to is not None,
        "date": f"{local:%Y-%m-%d}",
        "day": language.day(local.date()),
        "clock": language.clock(message.posted_at),
        "at": message.posted_at.isoformat(),
        "edited": language.clock(message.edited_at) if message.edited_at else "",
        "body": message.body,
    }


def reply_json(reply: Reply) -> Json:
    """The direct response to the asker; cards arrive through the transcript."""
    return {
        "form": form_json(reply.form) if reply.form else None,
        "errors": dict(reply.errors),
        "toast": reply.toast,
        "options": _options(reply.options),
    }


def form_json(form: Form) -> Json:
    return {
        "action": form.action,
        "title": form.title,
        "intro": form.intro,
        "fields": [field_json(field) for field in form.fields],
        "submit": form.submit,
        "cancel": form.cancel,
        "state": dict(form.state),
    }


def field_json(field: Field) -> Json:
    """One field: the common properties, its ``kind``, and the properties of that kind."""
    return {
        "name": field.name,
        "label": field.label,
        "required": field.required,
        "hint": field.hint,
        "placeholder": field.placeholder,
        "folded": field.folded,
        **_particulars(field),
    }


def _line(kind: str, field: Text | LongText | Number | Money | Phone | Email) -> Mapping[str, Any]:
    return {"kind": kind, "value": field.value, "max_length": field.max_length}


def _particulars(field: Field) -> Mapping[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one return per kind
    match field:
        case Text():
            return _line("text", field)
        case LongText():
            return _line("long_text", field)
        case Number():
            return _line("number", field)
        case Money():
            return _line("money", field)
        case Phone():
            return _line("phone", field)
        case Email():
            return _line("email", field)
        case Date():
            return {"kind": "date", "value": field.value}
        case DateTime():
            return {"kind": "datetime", "value": field.value}
        case Choice():
            return {"kind": "choice", "value": field.value, "options": _options(field.options)}
        case PersonPick():
            return {"kind": "person", "value": field.value, "options": _options(field.options)}
        case LeadPick():
            return {
                "kind": "lead",
                "value": field.value,
                "options": _options(field.options),
                "search": field.search,
            }
        case MultiChoice():
            return _several("multi_choice", field)
        case Checklist():
            return _several("checklist", field)
        case File():
            return {"kind": "file", "value": "", "kinds": list(field.kinds)}
        case _:
            assert_never(field)


def _several(kind: str, field: MultiChoice | Checklist) -> Json:
    return {"kind": kind, "value": list(field.value), "options": _options(field.options)}


def _options(options: tuple[Option, ...]) -> list[Json]:
    return [{"value": option.value, "label": option.label} for option in options]


def _section(section: Section) -> Json:
    return {
        "heading": section.heading,
        "opens": _button(section.opens) if section.opens else None,
        "lines": list(section.lines),
        "rows": [{"text": row.text, "button": _button(row.button)} for row in section.rows],
        "table": _table(section.table) if section.table else None,
        "chart": chart_json(section.chart) if section.chart else None,
        "buttons": [_button(button) for button in section.buttons],
        "folded": section.folded,
        "copies": section.copies,
    }


def _table(table: Table) -> Json:
    """Columns and rows, and of the rest what there is."""
    order = table.sorted_by
    more = {
        "caption": table.caption,
        "numbers": sorted(table.numbers),
        "opens": [_button(button) for button in table.opens],
        "sorts": [button and _button(button) for button in table.sorts],
        "sorted": order and {"column": order.column, "descending": order.descending},
        "emphasized": [list(cell) for cell in sorted(table.emphasized)],
    }
    shown = {name: value for name, value in more.items() if value}
    return {"columns": list(table.columns), "rows": [list(row) for row in table.rows], **shown}


def chart_json(chart: AnyChart) -> Json:
    """A plain chart in figures, which the page draws; any other laid out as it is in pictures."""
    common = {
        "title": chart.title,
        "alt": chart.alt,
        "opens": [_button(button) if button else None for button in chart.opens],
    }
    if isinstance(chart, DrawnChart):
        return {"kind": "drawn", **common, "scene": _scene(chart), "table": _table(chart.table)}
    return {
        "kind": chart.kind,
        **common,
        "categories": list(chart.categories),
        "series": [{"name": series.name, "values": list(series.values)} for series in chart.series],
    }


def _scene(chart: DrawnChart) -> Json:
    """Marks by kind, with their places in pixels of a page 320 wide and their colours by name."""
    scene = lay_out(chart)
    return {
        "height": scene.height,
        "marks": [{"kind": type(mark).__name__.lower(), **_rounded(mark)} for mark in scene.marks],
        "targets": [_rounded(target) for target in scene.targets],
    }


def _rounded(mark: Mark | Target) -> Json:
    values = {one.name: getattr(mark, one.name) for one in fields(mark)}
    if isinstance(mark, Dot) and mark.form % 4:
        values["points"] = mark.corners
    return {name: _short(value) for name, value in values.items()}


def _short(value: object) -> object:
    """Coordinates to a tenth of a pixel: the page has no use for more."""
    if isinstance(value, tuple):
        return [[round(x, 1), round(y, 1)] for x, y in value]
    return round(value, 1) if isinstance(value, float) else value


def _button(button: Button) -> Json:
    return {
        "action": button.action,
        "label": button.label,
        "value": button.value,
        "style": button.style,
        "confirm": _confirm(button.confirm) if button.confirm else None,
    }


def _fact(fact: Fact) -> Json:
    return {"label": fact.label, "value": fact.value} | ({"url": fact.url} if fact.url else {})


def _confirm(confirm: Confirm) -> Json:
    return {"title": confirm.title, "text": confirm.text, "yes": confirm.yes, "no": confirm.no}
