"""A customer whom we have already, met at any entrance: who may see the lead is led to it, others
to who cares for it, and are told no more than that [P8]."""

from handlers.labels import lead_title
from handlers.probing import told_of_others
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Button, Card
from sales.duplicates import same_customer
from sales.errors import LeadNotFound
from sales.leads import Lead
from storage.leads.duplicates import Namesake


def visible(lead_id: int, turn: Turn) -> Lead | None:
    """The lead, when the actor may see it."""
    try:
        return turn.leads.get(lead_id)
    except LeadNotFound:
        return None


def refuse_same_contact(draft: Lead, turn: Turn) -> Reply | None:
    """The same phone or e-mail is the same customer: said beside the field, with the way on
    below it. None when nobody has the contacts."""
    same = turn.uow.duplicates.by_contact(draft.phone, draft.email, but=draft.id)
    if same is None:
        return None
    field = "phone" if draft.phone and same.phone == draft.phone else "email"
    return refuse_same(field, same, turn)


def refuse_same(field: str, same: Lead, turn: Turn) -> Reply:
    """Said beside ``field``, with a card of what to do instead."""
    seen = visible(same.id, turn)
    words = (
        turn.text("problem.duplicate", lead=lead_title(seen))
        if seen
        else turn.text("problem.duplicate_hidden")
    )
    known = known_reply(same, turn)
    return Reply(errors={field: words}, card=known.card, record=known.record)


def known_reply(same: Lead, turn: Turn) -> Reply:
    """The lead that is there already, or who can be asked for it."""
    seen = visible(same.id, turn)
    if seen:
        return Reply(card=_known_card(seen, turn))
    return Reply(card=_cared_for_card(same, turn), record=told_of_others())


def alike(draft: Lead, turn: Turn) -> Namesake | None:
    """The lead that is likely of the same customer: with a like name."""
    threshold = turn.playbook.duplicates.alike_from
    candidates = turn.uow.duplicates.namesakes(draft.customer, draft.email, but=draft.id)
    named = (one for one in candidates if same_customer(draft.customer, one.customer, threshold))
    return next(named, None)


def _known_card(lead: Lead, turn: Turn) -> Card:
    return Card(
        title=turn.text("duplicate.known", lead=lead_title(lead)),
        body=turn.text("duplicate.known_body"),
        buttons=(
            Button("lead.show", turn.text("button.open"), lead.number, "primary"),
            Button("followup.log", turn.text("button.log"), lead.number),
        ),
    )


def _cared_for_card(lead: Lead, turn: Turn) -> Card:
    reference = turn.uow.duplicates.refer(lead.id, turn.actor.id)
    return Card(
        title=turn.text("duplicate.cared_for"),
        body=turn.text("duplicate.cared_for_body"),
        buttons=(Button("access.ask", turn.text("button.ask_access"), reference, "primary"),),
    )
