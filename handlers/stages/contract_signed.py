"""A contract was signed, or was not: the deal is closed by itself or a person hears [P13]."""

from dataclasses import replace

from handlers.core.context import Turn
from handlers.core.labels import enum_label, home_button, lead_title
from handlers.core.recipients import tell_owner_and_cover
from handlers.core.replies import Reply
from handlers.core.requests import record_id
from handlers.core.ui import Button, Card, Fact, Form, Money
from handlers.lead_card.card import lead_card
from handlers.stages.service import carry_out
from sales.amounts import NotAnAmount, parse_worth
from sales.contract_signed import Signing, SigningState, Verdict, compared, judged
from sales.errors import Conflict, InvalidInput, LeadNotFound
from sales.leads import Lead, Stage
from sales.notices import SigningReported
from sales.people import SYSTEM
from sales.pipeline import Move
from sales.quotes import Quote

REPORTED = "e-signature"
"""The reason on record of a move that nobody made."""
_SIGNED = "signed"
"""The criterion that a signature meets, where the company has it."""


def report_signing(signing: Signing, turn: Turn, *, sure: bool = True) -> None:
    """Keep the report and do what follows: a signed contract makes the lead won, as if a person
    had moved it; its owner hears of every end. Not ``sure``: who told may have been told another
    amount."""
    lead = turn.uow.leads(SYSTEM).get(signing.lead_id)
    beside = compared(signing, lead, _quote(lead, turn))
    known = turn.uow.signings(SYSTEM).add(judged(beside, lead, sure=sure))
    if known.verdict is Verdict.WON:
        _close(lead, known, turn)
    elif known.is_late and not lead.contract:
        turn.uow.leads(SYSTEM).save(replace(lead, contract=known.contract))
    detail = {"state": known.state.value, "verdict": known.verdict.value}
    turn.uow.audit.record(turn.actor, "signing.report", lead.subject, detail)
    turn.uow.outbox.refresh(lead.subject)
    if not known.is_late:
        tell_owner_and_cover(SigningReported(known.id), lead, turn)


def ask(turn: Turn) -> Reply:
    """Button: say which amount was signed."""
    signing = _signing(turn)
    lead = turn.leads.get(signing.lead_id)
    amount = signing.amount if signing.amount is not None else signing.expected
    return Reply(
        form=Form(
            action="signing.settle",
            title=turn.text("signing.form_title"),
            intro=turn.text("signing.form_intro", lead=lead_title(lead)),
            fields=(
                Money(
                    name="amount", label=turn.text("move.amount"), required=True,
                    value=f"{amount:f}" if amount is not None else "",
                    hint=_amounts(signing, turn) or turn.text("move.amount_example"),
                ),
            ),
            submit=turn.text("signing.form_submit"),
            cancel=turn.text("button.cancel"),
            state={"value": str(signing.id)},
        )
    )  # fmt: skip


def settle(turn: Turn) -> Reply:
    """Form: the amount is clear now, and the deal is closed with it."""
    lead = turn.leads.get(_signing(turn).lead_id)
    signing = _signing(turn)
    if not signing.waits:
        raise Conflict(number=lead.number)
    try:
        amount = parse_worth(turn.typed("amount"))
    except NotAnAmount as error:
        raise InvalidInput({"amount": error.problem}) from None
    turn.uow.signings(turn.actor).save(signing.settled())
    agreed = replace(signing, amount=amount)
    if lead.is_customer:
        contract = lead.contract or signing.contract
        saved = turn.leads.save(replace(lead, amount=amount, contract=contract))
        turn.uow.audit.record(turn.actor, "signing.settle", lead.subject, {})
    else:
        saved = _close(lead, agreed, turn)
    turn.uow.outbox.refresh(lead.subject)
    return Reply(
        update=lead_card(saved, turn), toast=turn.text("signing.settled", lead=saved.number)
    )


def signing_card(signing: Signing, lead: Lead, turn: Turn) -> Card:
    """What the service told, what followed by itself, and what is left to do."""
    buttons: tuple[Button, ...] = (
        Button("followup.log", turn.text("button.log"), lead.number),
        Button("lead.show", turn.text("button.open"), lead.number),
    )
    if signing.waits:
        say = Button("signing.ask", turn.text("signing.say"), str(signing.id), "primary")
        buttons = (say, *buttons)
    elif signing.state is not SigningState.SIGNED:
        buttons = (*buttons, Button("stage.advance", turn.text("button.stage"), lead.number))
    return Card(
        title=turn.text(f"signing.title_{signing.state}", lead=lead_title(lead)),
        facts=_facts(signing, lead, turn),
        body=turn.text(f"signing.body_{_case(signing)}"),
        buttons=(*buttons, home_button(turn)),
        footnote=turn.text("signing.why", at=turn.language.moment(signing.at)),
        tone="good" if signing.state is SigningState.SIGNED and not signing.waits else "warning",
        subject=lead.subject,
        exact=(signing.contract or lead.contract,),
    )


def _close(lead: Lead, signing: Signing, turn: Turn) -> Lead:
    wish = Move(
        to=Stage.WON,
        ticked=(_SIGNED,),
        reason=REPORTED,
        amount=signing.worth,
        contract=signing.contract or lead.contract,
    )
    return carry_out(lead, wish, turn)


def _quote(lead: Lead, turn: Turn) -> Quote | None:
    """The quote of the newest proposal that the customer has; None when there is none."""
    sent = (one for one in turn.uow.proposals(SYSTEM).of_lead(lead.id) if one.is_out)
    newest = next(sent, None)
    return newest.offering.quote if newest else None


def _signing(turn: Turn) -> Signing:
    signing_id = record_id(turn.pressed)
    if signing_id is None:
        raise LeadNotFound(number="")
    return turn.uow.signings(turn.actor).get(signing_id)


def _case(signing: Signing) -> str:
    """Which words the card needs: the state's, but for a signature that waits for somebody."""
    if signing.waits:
        return f"{signing.verdict}_quote" if signing.quoted else signing.verdict.value
    return signing.state.value


def _facts(signing: Signing, lead: Lead, turn: Turn) -> tuple[Fact, ...]:
    worth = signing.worth
    rows = (
        ("lead.stage", enum_label(lead.stage, turn.language)),
        ("lead.contract", signing.contract or lead.contract),
        ("lead.amount", _amounts(signing, turn) or (turn.language.money(worth) if worth else "")),
        ("signing.edition", enum_label(signing.edition, turn.language) if signing.edition else ""),
        ("signing.reason", signing.reason),
    )
    return tuple(Fact(turn.text(key), value) for key, value in rows if value)


def _amounts(signing: Signing, turn: Turn) -> str:
    """What was signed and what we have or quoted, when they are not the same."""
    money = turn.language.money
    if signing.waits and signing.quoted:
        quoted = turn.language.listing(
            [
                turn.text(
                    "proposal.sum", edition=enum_label(edition, turn.language), amount=money(amount)
                )
                for edition, amount in signing.quoted.items()
            ]
        )
        if signing.amount is None:
            return turn.text("signing.quoted", quoted=quoted)
        return turn.text("signing.amounts_quote", signed=money(signing.amount), quoted=quoted)
    if signing.amount is None or signing.expected in (None, signing.amount):
        return ""
    return turn.text(
        "signing.amounts", signed=money(signing.amount), ours=money(signing.expected)
    )  # fmt: skip
