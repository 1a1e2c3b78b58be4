"""Masks contacts in everything the product outputs: every card, line and option.

This holds whichever part of the product wrote it and whoever reads it (decision 0018). Only forms
give back what was typed.
"""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from handlers.core.replies import Reply
from handlers.core.ui import (
    AnyChart,
    Button,
    Card,
    Checklist,
    Choice,
    Confirm,
    Fact,
    Field,
    Form,
    LeadPick,
    Link,
    MultiChoice,
    Option,
    PersonPick,
    Row,
    Section,
    Table,
)
from sales.contacts import mask_contacts


def masked_reply(reply: Reply) -> Reply:
    return replace(
        reply,
        card=reply.card and masked_card(reply.card),
        update=reply.update and masked_card(reply.update),
        form=reply.form and _form(reply.form),
        toast=mask_contacts(reply.toast),
        options=tuple(map(_option, reply.options)),
    )


def masked_card(card: Card) -> Card:
    """The card with every contact in its texts masked, except those in ``exact``."""
    mask = _Mask(card.exact)
    return replace(
        card,
        title=mask(card.title),
        facts=tuple(map(mask.fact, card.facts)),
        body=mask(card.body),
        sections=tuple(map(mask.section, card.sections)),
        chart=card.chart and mask.chart(card.chart),
        buttons=tuple(map(mask.button, card.buttons)),
        more=tuple(map(mask.button, card.more)),
        rest=card.rest and mask.button(card.rest),
        footnote=mask(card.footnote),
        summary=mask(card.summary),
        todo=card.todo and replace(card.todo, title=mask(card.todo.title)),
        links=tuple(Link(mask(item.label), item.url) for item in card.links),
    )


class _Mask:
    """Masks texts, leaving the ``exact`` strings in them as they are."""

    def __init__(self, exact: tuple[str, ...] = ()) -> None:
        self._exact = tuple(text for text in exact if text)

    def __call__(self, text: str, place: int = 0) -> str:
        if place == len(self._exact):
            return mask_contacts(text)
        exact = self._exact[place]
        return exact.join(self(part, place + 1) for part in text.split(exact))

    def fact(self, fact: Fact) -> Fact:
        """The fact; only one that is shown in full can be pressed to call."""
        value = self(fact.value)
        return Fact(self(fact.label), value, fact.url if value == fact.value else "")

    def section(self, section: Section) -> Section:
        return replace(
            section,
            heading=self(section.heading),
            lines=tuple(map(self, section.lines)),
            rows=tuple(Row(self(row.text), self.button(row.button)) for row in section.rows),
            opens=section.opens and self.button(section.opens),
            chart=section.chart and self.chart(section.chart),
            table=section.table and self.table(section.table),
            buttons=tuple(map(self.button, section.buttons)),
        )

    def table(self, table: Table) -> Table:
        return replace(
            table,
            columns=tuple(map(self, table.columns)),
            rows=tuple(tuple(map(self, row)) for row in table.rows),
            caption=self(table.caption),
            opens=tuple(map(self.button, table.opens)),
            sorts=tuple(sort and self.button(sort) for sort in table.sorts),
        )

    def chart(self, chart: AnyChart) -> AnyChart:
        """A chart of any kind with every text in it masked."""
        masked = {one.name: self._part(getattr(chart, one.name)) for one in fields(chart)}
        return replace(chart, **masked)

    def _part(self, value: Any) -> Any:
        match value:
            case str():
                return self(value)
            case tuple():
                return tuple(map(self._part, value))
            case Button():
                return self.button(value)
            case _ if is_dataclass(value) and not isinstance(value, type):
                parts = {one.name: self._part(getattr(value, one.name)) for one in fields(value)}
                return replace(value, **parts)
            case _:
                return value

    def button(self, button: Button) -> Button:
        confirm = button.confirm and self.confirm(button.confirm)
        return replace(button, label=self(button.label), confirm=confirm)

    def confirm(self, confirm: Confirm) -> Confirm:
        return Confirm(self(confirm.title), self(confirm.text), confirm.yes, confirm.no)


def _form(form: Form) -> Form:
    """Mask the options only; the values in the fields are the person's own to change."""
    return replace(form, fields=tuple(map(_field, form.fields)))


def _field(field: Field) -> Field:
    match field:
        case Choice() | MultiChoice() | Checklist() | PersonPick() | LeadPick():
            return replace(field, options=tuple(map(_option, field.options)))
        case _:
            return field


def _option(option: Option) -> Option:
    return Option(option.value, mask_contacts(option.label))
