"""What other systems tell of customers: read, matched with a lead, and acted upon.

The lead is named by its number, a contract or a contact; whoever calls learns of no other.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from handlers.core.context import Context
from handlers.core.text import one_line
from handlers.signals.service import take_signal
from handlers.stages.contract_signed import report_signing
from sales.amounts import NotAnAmount, parse_amount
from sales.contacts import NotAnEmail, NotAPhone, parse_email, parse_phone
from sales.contract_signed import Signing, SigningState
from sales.errors import InvalidInput, LeadNotFound, Problem
from sales.leads import Lead, parse_lead_number
from sales.people import SYSTEM
from sales.signals import FIGURES, SignalKind

LONGEST_CONTRACT = 80
LONGEST_REASON = 150
UNFRAMED_AMOUNT = "unframed_amount"
"""An amount whose signature does not say where it ends: it closes no deal alone."""
_LARGEST_FIGURE = 10_000
_NAMES = ("lead", "contract", "email", "phone")
E = TypeVar("E", bound=StrEnum)


def take_behavior(context: Context, problems: Mapping[str, Problem]) -> None:
    """Keep what the customer did. Raises InvalidInput, with ``problems`` of the door among what
    is wrong, and LeadNotFound."""
    wrong = dict(problems)
    kind, value = _member("kind", SignalKind, context, wrong), _figure(context, wrong)
    if kind is not None and value is not None and kind not in FIGURES:
        wrong.setdefault("value", Problem("no_figure"))
    if len([name for name in _NAMES if context.typed(name)]) != 1:
        wrong.setdefault("lead", Problem("one_name"))
    named = _named(context, wrong)
    if wrong or kind is None:
        raise InvalidInput(wrong)
    take_signal(_found(named, context), kind, context.request.id, context, value=value)


def take_signing(context: Context, problems: Mapping[str, Problem]) -> None:
    """Act upon what became of a contract. Raises like ``take_behavior``."""
    wrong = dict(problems)
    state = _member("state", SigningState, context, wrong)
    amount, unframed = None, context.typed(UNFRAMED_AMOUNT)
    if typed := context.typed("amount") or unframed:
        try:
            amount = parse_amount(typed)
        except NotAnAmount:
            wrong["amount"] = Problem("amount", typed=typed[:30])
    contract, reason = context.line("contract"), context.line("reason")
    for name, text, most in (
        ("contract", contract, LONGEST_CONTRACT),
        ("reason", reason, LONGEST_REASON),
    ):
        if len(text) > most:
            wrong[name] = Problem("too_long", n=most)
    named = _named(context, wrong)
    # A contract's number names the lead only when nothing else does.
    others = {name: value for name, value in named.items() if name != "contract"}
    if len(others) > 1 or not named:
        wrong.setdefault("lead", Problem("one_name"))
    if wrong or state is None:
        raise InvalidInput(wrong)
    report_signing(
        Signing(
            lead_id=_found(others or named, context).id,
            state=state,
            at=context.now,
            contract=contract,
            amount=amount,
            reason=reason if state is not SigningState.SIGNED else "",
        ),
        context,
        sure=not unframed,
    )


def _member(name: str, members: type[E], context: Context, wrong: dict[str, Problem]) -> E | None:
    try:
        return members(context.typed(name))
    except ValueError:
        wrong.setdefault(name, Problem("choose_one"))
        return None


def _figure(context: Context, wrong: dict[str, Problem]) -> int | None:
    typed = context.typed("value")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and 0 < int(typed[:9]) <= _LARGEST_FIGURE):
        wrong.setdefault("value", Problem("figure", n=_LARGEST_FIGURE))
        return None
    return int(typed)


def _named(context: Context, wrong: dict[str, Problem]) -> dict[str, str]:
    """What names the lead, as it is stored; nothing for what is no number or contact at all."""
    given = {name: context.typed(name) for name in _NAMES if context.typed(name)}
    try:
        if "phone" in given:
            given["phone"] = parse_phone(given["phone"])
    except NotAPhone:
        wrong.setdefault("phone", Problem("phone", typed=""))
    try:
        if "email" in given:
            given["email"] = parse_email(given["email"])
    except NotAnEmail:
        wrong.setdefault("email", Problem("email", typed=""))
    if "contract" in given:
        given["contract"] = one_line(given["contract"])
    return given


def _found(named: Mapping[str, str], context: Context) -> Lead:
    """The one lead, held. Raises LeadNotFound, which says nothing of what was asked for."""
    lead_id = parse_lead_number(named["lead"]) if "lead" in named else _known(named, context)
    if lead_id is None:
        raise LeadNotFound(number="")
    return context.uow.leads(SYSTEM).get(lead_id)


def _known(named: Mapping[str, str], context: Context) -> int | None:
    known = context.uow.duplicates
    if "contract" in named:
        found = known.by_contract(named["contract"])
        return found[0].id if len(found) == 1 else None
    same = known.by_contact(named.get("phone", ""), named.get("email", ""))
    return same.id if same else None
