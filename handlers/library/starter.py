"""A library to begin with: invented items in both languages, to be made the company's own."""

from functools import cache
from pathlib import Path

import yaml

from handlers.library.shelf import shelf_card
from handlers.requests import Reply
from handlers.turns import Turn
from sales.library import DocumentItem, Item, ItemState, LibraryDocument


def start(turn: Turn) -> Reply:
    """Button on an empty shelf."""
    if turn.library.counts():
        return Reply(update=shelf_card(turn), toast=turn.text("library.not_empty"))
    fill_shelf(turn, turn.actor.id)
    turn.uow.audit.record(turn.actor, "library.start", "library", {})
    count = len(_starter())
    return Reply(update=shelf_card(turn), toast=turn.text("library.started", n=count))


def fill_shelf(turn: Turn, author_id: int) -> None:
    """Put the starter's items into the library, approved by who wanted them."""
    for document in _starter():
        turn.library.add(
            Item(
                kind=document.kind,
                content=document.content,
                author_id=author_id,
                changed_by=author_id,
                changed_at=turn.now,
                state=ItemState.APPROVED,
                decided_by=author_id,
                decided_at=turn.now,
            )
        )


@cache
def _starter() -> tuple[DocumentItem, ...]:
    text = (Path(__file__).parent / "starter.yaml").read_text(encoding="utf-8")
    return LibraryDocument.model_validate(yaml.safe_load(text)).items
