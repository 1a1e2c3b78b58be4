"""Events about customers from other systems: parsed, matched to a lead, and processed.

The lead is identified by its number, a contract or a contact; the caller learns of no other lead.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.text import one_line
from handlers.signals.service import take_signal
from handlers.stages.contract_signed import report_signing
from sales.amounts import NotAnAmount, parse_amount
from sales.contacts import parse_email
from sales.contract_signed import Signing, SigningState
from sales.errors import LeadNotFound, Problem
from sales.leads import Lead, parse_lead_number
from sales.people import SYSTEM
from sales.signals import FIGURES, SignalKind

LONGEST_CONTRACT = 80
LONGEST_REASON = 150
UNFRAMED_AMOUNT = "unframed_amount"
"""An amount that the signature does not delimit. Since it could have been altered, it never closes
a deal alone."""
_LARGEST_FIGURE = 10_000
_NAMES = ("lead", "contract", "email", "phone")
E = TypeVar("E", bound=StrEnum)


def take_behavior(context: Context, problems: Mapping[str, Problem]) -> None:
    """Record what the customer did. Raises InvalidInput, which includes the ``problems`` found by
    the entry point, and LeadNotFound."""
    with FormReader(context, problems) as form:
        kind = form.one_of("kind", SignalKind)
        value = form.parsed("value", _figure, "figure", n=_LARGEST_FIGURE)
        if kind and value is not None and kind not in FIGURES:
            form.refuse("value", "no_figure")
        if len([name for name in _NAMES if context.typed(name)]) != 1:
            form.refuse("lead", "one_name")
        named = _read_identifiers(form)
    lead = _found(named, context)
    take_signal(lead, SignalKind(kind), context.request.id, context, value=value)


def take_signing(context: Context, problems: Mapping[str, Problem]) -> None:
    """Process a contract's new signing state. Raises like ``take_behavior``."""
    unframed = context.typed(UNFRAMED_AMOUNT)
    with FormReader(context, problems) as form:
        state = form.one_of("state", SigningState)
        amount = form.amount("amount")
        if unframed and amount is None:
            try:
                amount = parse_amount(unframed, 1, context.language.amount_style)
            except NotAnAmount as error:
                form.include({"amount": error.problem})
        contract = form.line("contract", LONGEST_CONTRACT)
        reason = form.line("reason", LONGEST_REASON)
        named = _read_identifiers(form)
        # A contract number identifies the lead only when nothing else does.
        others = {name: value for name, value in named.items() if name != "contract"}
        if len(others) > 1 or not named:
            form.refuse("lead", "one_name")
    report_signing(
        Signing(
            lead_id=_found(others or named, context).id,
            state=SigningState(state),
            at=context.now,
            contract=contract,
            amount=amount,
            reason=reason if state != SigningState.SIGNED else "",
        ),
        context,
        sure=not unframed,
    )


def _figure(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and 0 < int(typed[:9]) <= _LARGEST_FIGURE):
        raise ValueError(typed)
    return int(typed)


def _read_identifiers(form: FormReader) -> dict[str, str]:
    """The given identifiers of the lead, normalised as they are stored. A value that is not a valid
    number or contact is refused."""
    given = {name: form.context.typed(name) for name in _NAMES if form.context.typed(name)}
    read = {
        "phone": form.parsed("phone", form.parse_phone, quoted=0),
        "email": form.parsed("email", parse_email, quoted=0),
        "contract": one_line(given.get("contract", "")),
    }
    return given | {name: value for name, value in read.items() if value}


def _found(named: Mapping[str, str], context: Context) -> Lead:
    """The one matching lead, locked. Raises LeadNotFound, which reveals nothing of what was asked
    for."""
    lead_id = parse_lead_number(named["lead"]) if "lead" in named else _find_lead_id(named, context)
    if lead_id is None:
        raise LeadNotFound(number="")
    return context.uow.leads(SYSTEM).get(lead_id)


def _find_lead_id(named: Mapping[str, str], context: Context) -> int | None:
    duplicates = context.uow.duplicates
    if "contract" in named:
        leads = duplicates.by_contract(named["contract"])
        return leads[0].id if len(leads) == 1 else None
    same = duplicates.by_contact(named.get("phone", ""), named.get("email", ""))
    return same.id if same else None
