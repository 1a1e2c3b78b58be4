"""Showing one contact's phone and e-mail: for a reason, privately, and recorded [P1]."""

from handlers.clocks import expect_record
from handlers.labels import lead_title
from handlers.offers import accept_by_acting
from handlers.requests import Reply
from handlers.reveals import watch_reveals
from handlers.turns import Turn
from handlers.ui import Button, Card, Choice, Fact, Form, Option
from sales.contacts import holds_contact, split_extension
from sales.errors import InvalidInput, Problem
from sales.leads import lead_id_of

CALL = "call"
REASONS = (CALL, "send", "visit", "check")


def ask(turn: Turn) -> Reply:
    """Button: what is it needed for?"""
    lead = turn.leads.get(lead_id_of(turn.pressed))
    reasons = tuple(Option(reason, turn.text(f"contact.reason_{reason}")) for reason in REASONS)
    field = Choice(
        name="reason",
        label=turn.text("contact.reason"),
        required=True,
        value=CALL,
        options=reasons,
    )
    return Reply(
        form=Form(
            action="contact.reveal",
            title=turn.text("contact.title"),
            intro=turn.text("contact.intro", lead=lead_title(lead)),
            fields=(field,),
            submit=turn.text("contact.submit"),
            cancel=turn.text("button.cancel"),
            state={"lead": lead.number},
        )
    )


def reveal(turn: Turn) -> Reply:
    """Form: the contact in clear, to the asker alone; that it was shown stays on record."""
    lead = turn.leads.get(lead_id_of(turn.request.state.get("lead", "")))
    reason = turn.typed("reason")
    if reason not in REASONS:
        raise InvalidInput({"reason": Problem("choose_one")})
    turn.uow.audit.record(turn.actor, "contact.reveal", lead.subject, {"reason": reason})
    accept_by_acting(lead, turn)
    watch_reveals(turn)
    if reason == CALL:
        expect_record(lead, turn)
    number, extension = split_extension(lead.phone)
    phone = turn.text("lead.extension", phone=number, ext=extension) if extension else number
    # A contact that somebody typed into the need is masked on the card as well.
    need = lead.need if holds_contact(lead.need) else ""
    rows = (
        ("lead.contact", lead.contact),
        ("lead.phone", phone),
        ("lead.email", lead.email),
        ("lead.need", need),
    )
    return Reply(
        card=Card(
            title=lead_title(lead),
            facts=tuple(Fact(turn.text(key), value) for key, value in rows if value),
            buttons=(Button("followup.log", turn.text("button.log"), lead.number, "primary"),),
            footnote=turn.text("contact.recorded"),
            exact=tuple(value for _, value in rows if value),
        )
    )
