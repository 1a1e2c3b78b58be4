"""Deciding on what was written: approve, return with a word, take out of use."""

from handlers.library.item_card import item_card, may_decide
from handlers.library.shelf import item_of
from handlers.requests import Reply
from handlers.turns import Turn
from handlers.ui import Form, LongText
from sales.errors import InvalidInput, NotAllowed, Problem
from sales.library import Item, ItemState
from sales.notices import ItemDecided
from sales.permissions import LEADERS

LONGEST_NOTE = 300


def approve(turn: Turn) -> Reply:
    """Button: everybody finds it from now on."""
    item = _decidable(turn)
    if item.is_approved:
        return Reply(update=item_card(item, turn), toast=turn.text("library.is_approved"))
    if item.replaces is not None:
        return _approve_change(item, turn)
    return _decided(item.approve(turn.actor, turn.now), "approve", turn)


def send_back(turn: Turn) -> Reply:
    """Button: with which word?"""
    item = _decidable(turn)
    if item.state is not ItemState.WAITING:
        return Reply(update=item_card(item, turn), toast=turn.text("library.not_waiting"))
    note = LongText(
        name="note",
        label=turn.text("library.return_note"),
        required=True,
        placeholder=turn.text("library.return_example"),
        max_length=LONGEST_NOTE,
    )
    return Reply(
        form=Form(
            action="library.decline",
            title=turn.text("library.return_title"),
            intro=item.wording(turn.language.locale).title,
            fields=(note,),
            submit=turn.text("button.return"),
            cancel=turn.text("button.cancel"),
            state={"value": str(item.id)},
        )
    )


def decline(turn: Turn) -> Reply:
    """Form: it goes back to its author."""
    item = _decidable(turn)
    note = turn.typed("note")
    if not note:
        raise InvalidInput({"note": Problem("return_note_missing")})
    if len(note) > LONGEST_NOTE:
        raise InvalidInput({"note": Problem("too_long", n=LONGEST_NOTE)})
    if item.state is not ItemState.WAITING:
        return Reply(update=item_card(item, turn), toast=turn.text("library.not_waiting"))
    return _decided(item.send_back(note, turn.actor, turn.now), "return", turn)


def retire(turn: Turn) -> Reply:
    """Button: nobody finds it any more; it can be approved again."""
    item = _decidable(turn)
    if not item.is_approved:
        return Reply(update=item_card(item, turn), toast=turn.text("library.not_approved"))
    return _decided(item.retire(turn.actor, turn.now), "retire", turn)


def _decidable(turn: Turn) -> Item:
    item = item_of(turn)
    if not may_decide(item, turn):
        raise NotAllowed(roles=sorted(LEADERS))
    return item


def _approve_change(change: Item, turn: Turn) -> Reply:
    """The approved item gets the new words; the change has done its part."""
    former = turn.library.get(change.replaces or 0)
    author = turn.uow.people.get(change.author_id)
    renewed = former.changed(change.content, author, turn.now).approve(turn.actor, turn.now)
    saved = turn.library.save(renewed)
    done = turn.library.save(change.retire(turn.actor, turn.now))
    turn.uow.outbox.refresh(done.subject)
    return _decided_as_saved(saved, "approve", turn, author_id=change.author_id)


def _decided(item: Item, act: str, turn: Turn) -> Reply:
    return _decided_as_saved(turn.library.save(item), act, turn, author_id=item.author_id)


def _decided_as_saved(item: Item, act: str, turn: Turn, *, author_id: int) -> Reply:
    turn.uow.audit.record(turn.actor, f"library.{act}", item.subject, {"kind": item.kind})
    turn.uow.outbox.refresh(item.subject)
    if author_id != turn.actor.id:
        turn.uow.outbox.add(ItemDecided(item.id), author_id)
    return Reply(update=item_card(item, turn), toast=turn.text(f"library.done_{act}"))
