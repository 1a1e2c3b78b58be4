"""Finds what somebody wants to go to: a lead or a colleague, by a part of the name or its initials.

Knows nothing of the box in which it is typed.
"""

import re
from typing import Final

from handlers.core.choices import lead_option
from handlers.core.context import Context
from handlers.core.labels import enum_label
from handlers.core.replies import Reply
from handlers.core.ui import Option
from handlers.people.cards import visible_people
from sales.initials import initials_of
from sales.leads import Lead
from sales.permissions import may
from sales.text_search import fold

LEADS: Final = 6
PEOPLE: Final = 4
_LONGEST: Final = 60
_LOOKED_AT: Final = 200
_INITIALS: Final = re.compile(r"[A-Za-z]{2,10}")


def options(context: Context) -> Reply:
    """The leads and the colleagues that the actor may see and that a text means, leads first.

    Values are ``lead:LX001`` and ``person:Name``. Without a text: the most urgent own leads.
    """
    text = context.request.text.strip()[:_LONGEST]
    return Reply(options=(*_leads(text, context), *_people(text, context)))


def _leads(text: str, context: Context) -> tuple[Option, ...]:
    if not may(context.actor, "lead.open"):
        return ()
    leads = context.leads
    found = leads.search(text, LEADS) if text else leads.most_urgent("", LEADS)
    if len(found) < LEADS:
        found += _by_initials(text, found, context)
    drawn = [lead_option(lead) for lead in found[:LEADS]]
    return tuple(Option(f"lead:{one.value}", one.label) for one in drawn)


def _by_initials(text: str, found: list[Lead], context: Context) -> list[Lead]:
    """The most urgent leads whose Chinese name has the typed letters as initials."""
    if not _INITIALS.fullmatch(text):
        return []
    known = {lead.id for lead in found}
    asked = text.lower()
    return [
        lead
        for lead in context.leads.most_urgent("", _LOOKED_AT)
        if lead.id not in known
        and not lead.customer.isascii()
        and asked in initials_of(lead.customer)
    ]


def _people(text: str, context: Context) -> tuple[Option, ...]:
    if not text:
        return ()
    asked = fold(text)
    found = [
        person
        for person in visible_people(context)
        if asked in fold(person.name) or initials_of(person.name).startswith(asked)
    ]
    found.sort(key=lambda person: (not person.active, person.id or 0))
    named = ((person.name, enum_label(person.role, context.language)) for person in found[:PEOPLE])
    return tuple(Option(f"person:{name}", f"{name} · {role}") for name, role in named)
