"""Objections in one line each, for a lead's card and before it is won."""

from handlers.core.context import Turn
from handlers.core.labels import enum_label, term_label
from handlers.core.ui import Button, Section
from sales.leads import Lead
from sales.objections import Objection, ObjectionState

_SHOWN = 4
_LONGEST = 120


def kind_label(kind: str, turn: Turn) -> str:
    return term_label(turn.playbook.vocabulary.objections, kind, turn.language)


def objection_line(objection: Objection, turn: Turn) -> str:
    """``Price · “too dear” · open``."""
    said = objection.said.replace("\n", " ")
    cut = said[:_LONGEST] + ("…" if len(said) > _LONGEST else "")
    quoted = turn.text("objection.quoted", words=cut)
    state = enum_label(objection.state, turn.language)
    return " · ".join((kind_label(objection.kind, turn), quoted, state))


def objections_section(lead: Lead, turn: Turn) -> tuple[Section, ...]:
    """What still stands, on the lead's card; nothing when nothing does. Who has signed is content
    with what we answered."""
    standing = [one for one in turn.objections.of_lead(lead.id) if one.stands]
    if lead.is_customer:
        standing = [one for one in standing if one.state is ObjectionState.OPEN]
    if not standing:
        return ()
    lines = tuple(objection_line(one, turn) for one in standing[:_SHOWN])
    return (Section(turn.text("objection.heading", n=len(standing)), lines),)


def objections_button(lead: Lead, turn: Turn) -> Button:
    return Button("objection.list", turn.text("button.objections"), lead.number)


def before_winning(lead: Lead, turn: Turn) -> str:
    """Points out what the customer has not accepted yet; empty when nothing stands."""
    standing = [one for one in turn.objections.of_lead(lead.id) if one.stands]
    if not standing:
        return ""
    lines = "\n".join(objection_line(one, turn) for one in standing[:_SHOWN])
    return turn.text("objection.before_winning", n=len(standing)) + "\n" + lines
