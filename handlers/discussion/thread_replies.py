"""Interprets what is typed under a lead's card.

A command without a lead acts on that lead; anything else is a remark on it. Knows no platform: the
place where a line was typed is a reference under which storage finds the card.
"""

from dataclasses import replace
from typing import Final

from handlers.core.command_lines import is_marked
from handlers.core.requests import Request
from sales.errors import LeadNotFound
from sales.leads import Lead, parse_lead_number
from sales.people import Person
from sales.permissions import may
from sales.quick_move import parse_move
from storage.unit_of_work import UnitOfWork

SAID: Final = "help.unknown"
"""The action of a line that is not a command."""
REMARK: Final = "remark.create"
_OF_LEAD = frozenset(
    {"followup.open", "stage.open", "discovery.open", "proposal.open", "objection.open"}
)
"""Commands that act on a lead, and ask which one when none is named."""
_ANY_WORDS = frozenset({"followup.open", "objection.open", "library.open"})
"""Commands that accept any text after them, so that the line is never a mere remark."""
_LONGEST_NAME = 60


def under_lead(request: Request, uow: UnitOfWork, actor: Person) -> Request:
    """The request as it is meant under the card where it was typed. Unchanged unless that card is
    about a lead the actor may see."""
    lead = _lead_under(request, uow, actor)
    if lead is None:
        return request
    line = request.line or request.text
    if request.action != SAID and _is_meant(request, line):
        return _apply_lead(lead, request, uow, actor)
    if not may(actor, REMARK):
        return request
    return replace(
        request, action=REMARK, text="", values={"text": line}, state={"lead": lead.number}
    )


def _lead_under(request: Request, uow: UnitOfWork, actor: Person) -> Lead | None:
    where, sender = request.conversation, request.sender
    address = sender.id if where.private else where.id
    lead_id = uow.posted_cards.lead_of(
        request.under, platform=sender.platform, address=address, private=where.private
    )
    try:
        return None if lead_id is None else uow.leads(actor).get(lead_id)
    except LeadNotFound:
        return None


def _is_meant(request: Request, line: str) -> bool:
    """Whether a line that begins like a command is one: ``stage`` is, ``stage is fine`` is not.

    A slash always means a command, and so does a lead number after it. A button that repeats a
    command has no line: it was meant when it was typed.
    """
    if not request.line or is_marked(line) or not request.text:
        return True
    if parse_lead_number(request.text.split(maxsplit=1)[0]) is not None:
        return True
    if request.action in _ANY_WORDS or _says_stage(request):
        return True
    return not line[:1].isascii() and request.action not in _OF_LEAD


def _says_stage(request: Request) -> bool:
    """Whether the words after the command begin with a stage: ``stage won 120k``."""
    move = parse_move(request.text, {})
    return request.action == "stage.open" and move.to is not None and not move.before


def _apply_lead(lead: Lead, request: Request, uow: UnitOfWork, actor: Person) -> Request:
    """Make a command that takes a lead, but names none, act on this one."""
    text = request.text
    if request.action not in _OF_LEAD:
        return request
    if not text:
        return replace(request, text=lead.number)
    if parse_lead_number(text.split(maxsplit=1)[0]) is not None:
        return request
    if any(
        _names(candidate, text) for candidate in uow.leads(actor).search(text[:_LONGEST_NAME], 2)
    ):
        return request
    if request.action in ("followup.open", "objection.open") or _says_stage(request):
        return replace(request, text=f"{lead.number} {text}")
    return request


def _names(lead: Lead, text: str) -> bool:
    """Whether the text is the lead's customer, or the first words of its name."""
    name, typed = lead.customer.casefold(), text.casefold()
    return name.startswith(typed) and not (name[len(typed) :][:1] + typed[-1:]).isalpha()
