"""Who used an item of the library, and for which lead: said with a button, or counted by what
people do with it anyway."""

from handlers.leads import lead_options
from handlers.library.item_card import item_card
from handlers.library.shelf import item_of
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Form, LeadPick
from sales.errors import InvalidInput, ItemNotFound, Problem
from sales.leads import lead_id_of, parse_lead_number
from sales.library import Item, Purpose, Use


def ask(turn: Turn) -> Reply:
    """Button: I used it; for which lead?"""
    item = _usable(turn)
    text = turn.text
    return Reply(
        form=Form(
            action="library.used",
            title=text("library.use_title"),
            intro=item.wording(turn.language.locale).title,
            fields=(
                LeadPick(
                    name="lead",
                    label=text("library.use_lead"),
                    hint=text("library.use_hint"),
                    options=lead_options(turn),
                ),
            ),
            submit=text("button.used_it"),
            cancel=text("button.cancel"),
            state={"value": str(item.id)},
        )
    )


def used(turn: Turn) -> Reply:
    """Form: it counts, once a day for each lead."""
    item = _usable(turn)
    typed = turn.typed("lead")
    lead_id = None
    if typed:
        if parse_lead_number(typed) is None:
            raise InvalidInput({"lead": Problem("lead_missing")})
        lead_id = turn.leads.get(lead_id_of(typed)).id
    new = count_use(item.id, lead_id, Purpose.SAID, turn)
    turn.uow.outbox.refresh(item.subject)
    said = "library.use_counted" if new else "library.use_known"
    return Reply(update=item_card(item, turn), toast=turn.text(said))


def count_use(item_id: int, lead_id: int | None, purpose: Purpose, turn: Turn) -> bool:
    """The actor used an item; False when that counts for today already."""
    return turn.library.use(
        Use(
            item_id=item_id,
            person_id=turn.actor.id,
            lead_id=lead_id,
            purpose=purpose,
            at=turn.now,
            day=turn.today,
        )
    )


def _usable(turn: Turn) -> Item:
    item = item_of(turn)
    if not item.is_told:
        raise ItemNotFound
    return item
