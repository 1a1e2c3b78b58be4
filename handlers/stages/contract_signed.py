"""A contract was signed or not: close the deal automatically, or notify a person [P13]."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.form_reader import FormReader
from handlers.core.labels import enum_label, home_button, lead_title
from handlers.core.recipients import notify_owner_and_cover
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Fact, Form, Money
from handlers.stages.service import carry_out
from sales.contract_signed import Signing, SigningState, SigningVerdict, compared, judged
from sales.errors import Conflict, LeadNotFound
from sales.leads import Lead, Stage
from sales.notices import SigningReported
from sales.people import SYSTEM
from sales.pipeline import Move
from sales.quotes import Quote

REPORTED = "e-signature"
"""The audited reason of a move that nobody made."""
_SIGNED = "signed"
"""The criterion that a signature meets, where the company has it."""


def report_signing(signing: Signing, context: Context, *, sure: bool = True) -> None:
    """Save the report and do what follows.

    A signed contract makes the lead won, as if a person had moved it; its owner is notified of
    every outcome. Not ``sure``: the sender of the report may have been told another amount.
    """
    lead = context.uow.leads(SYSTEM).get(signing.lead_id)
    beside = compared(signing, lead, _quote(lead, context))
    stored = context.uow.signings(SYSTEM).add(judged(beside, lead, sure=sure))
    if stored.verdict is SigningVerdict.WON:
        _close(lead, stored, context)
    elif stored.is_late and not lead.contract:
        context.uow.leads(SYSTEM).save(replace(lead, contract=stored.contract))
    detail = {"state": stored.state.value, "verdict": stored.verdict.value}
    context.uow.audit.record(context.actor, "signing.report", lead.subject, detail)
    context.uow.outbox.refresh(lead.subject)
    if not stored.is_late:
        notify_owner_and_cover(SigningReported(stored.id), lead, context)


def ask(context: Context) -> Reply:
    """Button: ask which amount was signed."""
    signing = _signing(context)
    lead = context.leads.get(signing.lead_id)
    amount = signing.amount if signing.amount is not None else signing.expected
    return Reply(
        form=Form(
            action="signing.settle",
            title=context.text("signing.form_title"),
            intro=context.text("signing.form_intro", lead=lead_title(lead)),
            fields=(
                Money(
                    name="amount", label=context.text("move.amount"), required=True,
                    value=f"{amount:f}" if amount is not None else "",
                    hint=_amounts(signing, context) or context.text("move.amount_example"),
                ),
            ),
            submit=context.text("signing.form_submit"),
            cancel=context.text("button.cancel"),
            state={"value": str(signing.id)},
        )
    )  # fmt: skip


def settle(context: Context) -> Reply:
    """Form: settle the amount and close the deal with it."""
    lead = context.leads.get(_signing(context).lead_id)
    signing = _signing(context)
    if not signing.waits:
        raise Conflict(number=lead.number)
    with FormReader(context) as form:
        amount = form.worth("amount")
    context.uow.signings(context.actor).save(signing.settled())
    agreed = replace(signing, amount=amount)
    if lead.is_customer:
        contract = lead.contract or signing.contract
        saved = context.leads.save(replace(lead, amount=amount, contract=contract))
        context.uow.audit.record(context.actor, "signing.settle", lead.subject, {})
    else:
        saved = _close(lead, agreed, context)
    context.uow.outbox.refresh(lead.subject)
    return Reply(
        update=context.lead_card(saved), toast=context.text("signing.settled", lead=saved.number)
    )


def signing_card(signing: Signing, lead: Lead, context: Context) -> Card:
    """Card of a report: what the service said, what followed, and what is left to do."""
    buttons: tuple[Button, ...] = (
        Button("followup.log", context.text("button.log"), lead.number),
        Button("lead.show", context.text("button.open"), lead.number),
    )
    if signing.waits:
        say = Button("signing.ask", context.text("signing.say"), str(signing.id), "primary")
        buttons = (say, *buttons)
    elif signing.state is not SigningState.SIGNED:
        buttons = (*buttons, Button("stage.advance", context.text("button.stage"), lead.number))
    return Card(
        title=context.text(f"signing.title_{signing.state}", lead=lead_title(lead)),
        facts=_facts(signing, lead, context),
        body=context.text(f"signing.body_{_case(signing)}"),
        buttons=(*buttons, home_button(context)),
        footnote=context.text("signing.why", at=context.language.moment(signing.at)),
        tone="good" if signing.state is SigningState.SIGNED and not signing.waits else "warning",
        subject=lead.subject,
        exact=(signing.contract or lead.contract,),
    )


def _close(lead: Lead, signing: Signing, context: Context) -> Lead:
    wish = Move(
        to=Stage.WON,
        ticked=(_SIGNED,),
        reason=REPORTED,
        amount=signing.worth,
        contract=signing.contract or lead.contract,
    )
    return carry_out(lead, wish, context)


def _quote(lead: Lead, context: Context) -> Quote | None:
    """The quote of the newest proposal that the customer has; None when there is none."""
    sent = (
        proposal for proposal in context.uow.proposals(SYSTEM).of_lead(lead.id) if proposal.is_out
    )
    newest = next(sent, None)
    return newest.offering.quote if newest else None


def _signing(context: Context) -> Signing:
    signing_id = record_id(context.pressed)
    if signing_id is None:
        raise LeadNotFound(number="")
    return context.uow.signings(context.actor).get(signing_id)


def _case(signing: Signing) -> str:
    """Which texts the card needs: the state's, except for a signature that waits for a person."""
    if signing.waits:
        return f"{signing.verdict}_quote" if signing.quoted else signing.verdict.value
    return signing.state.value


def _facts(signing: Signing, lead: Lead, context: Context) -> tuple[Fact, ...]:
    worth = signing.worth
    rows = (
        ("lead.stage", enum_label(lead.stage, context.language)),
        ("lead.contract", signing.contract or lead.contract),
        (
            "lead.amount",
            _amounts(signing, context) or (context.language.money(worth) if worth else ""),
        ),
        (
            "signing.edition",
            enum_label(signing.edition, context.language) if signing.edition else "",
        ),
        ("signing.reason", signing.reason),
    )
    return tuple(Fact(context.text(key), value) for key, value in rows if value)


def _amounts(signing: Signing, context: Context) -> str:
    """The signed amount and ours or the quoted one, when they differ."""
    money = context.language.money
    if signing.waits and signing.quoted:
        quoted = context.language.listing(
            [
                context.text(
                    "proposal.sum",
                    edition=enum_label(edition, context.language),
                    amount=money(amount),
                )
                for edition, amount in signing.quoted.items()
            ]
        )
        if signing.amount is None:
            return context.text("signing.quoted", quoted=quoted)
        return context.text("signing.amounts_quote", signed=money(signing.amount), quoted=quoted)
    if signing.amount is None or signing.expected in (None, signing.amount):
        return ""
    return context.text(
        "signing.amounts", signed=money(signing.amount), ours=money(signing.expected)
    )  # fmt: skip
