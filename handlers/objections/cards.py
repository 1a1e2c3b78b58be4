"""Objections in one line each, for a lead's card and before it is won."""

from handlers.core.context import Context
from handlers.core.labels import enum_label, term_label
from handlers.core.ui import Button, Section
from sales.leads import Lead
from sales.objections import Objection, ObjectionState

_SHOWN = 4
_LONGEST = 120


def kind_label(kind: str, context: Context) -> str:
    return term_label(context.playbook.vocabulary.objections, kind, context.language)


def objection_line(objection: Objection, context: Context) -> str:
    """``Price · “too dear” · open``."""
    said = objection.said.replace("\n", " ")
    cut = said[:_LONGEST] + ("…" if len(said) > _LONGEST else "")
    quoted = context.text("objection.quoted", words=cut)
    state = enum_label(objection.state, context.language)
    return " · ".join((kind_label(objection.kind, context), quoted, state))


def objections_section(lead: Lead, context: Context) -> tuple[Section, ...]:
    """What still stands, on the lead's card; nothing when nothing does. Who has signed is content
    with what we answered."""
    standing = [one for one in context.objections.of_lead(lead.id) if one.stands]
    if lead.is_customer:
        standing = [one for one in standing if one.state is ObjectionState.OPEN]
    if not standing:
        return ()
    lines = tuple(objection_line(one, context) for one in standing[:_SHOWN])
    return (Section(context.text("objection.heading", n=len(standing)), lines),)


def objections_button(lead: Lead, context: Context) -> Button:
    return Button("objection.list", context.text("button.objections"), lead.number)


def before_winning(lead: Lead, context: Context) -> str:
    """Points out what the customer has not accepted yet; empty when nothing stands."""
    standing = [one for one in context.objections.of_lead(lead.id) if one.stands]
    if not standing:
        return ""
    lines = "\n".join(objection_line(one, context) for one in standing[:_SHOWN])
    return context.text("objection.before_winning", n=len(standing)) + "\n" + lines
