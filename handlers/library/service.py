"""Library functions for other subjects: store an item, and count a use."""

from collections.abc import Sequence

from handlers.core.context import Context
from sales.library import Content, Item, ItemKind, ItemState, Purpose, Use, decides_on, first_state
from sales.notices import ItemProposed
from sales.people import Person, Role, leaders_of


def store_item(
    kind: ItemKind, content: Content, context: Context, *, replaces: Item | None = None
) -> Item:
    """Store a new item by the actor; notify the people who decide on it, unless the actor does."""
    state = first_state(context.actor, kind)
    decided = state is ItemState.APPROVED
    item = context.library.add(
        Item(
            kind=kind,
            content=content,
            author_id=context.actor.id,
            changed_by=context.actor.id,
            changed_at=context.now,
            state=state,
            replaces=replaces.id if replaces else None,
            decided_by=context.actor.id if decided else None,
            decided_at=context.now if decided else None,
        )
    )
    context.uow.audit.record(context.actor, "library.create", item.subject, {"kind": kind})
    if not decided:
        notify_deciders(item, context)
    return item


def count_use(item_id: int, lead_id: int | None, purpose: Purpose, context: Context) -> bool:
    """Record that the actor used an item; False when it already counts for today."""
    return context.library.use(
        Use(
            item_id=item_id,
            person_id=context.actor.id,
            lead_id=lead_id,
            purpose=purpose,
            at=context.now,
            day=context.today,
        )
    )


def notify_deciders(item: Item, context: Context) -> None:
    for person in _deciders(item.kind, context.actor, context.uow.people.everyone()):
        context.uow.outbox.add(ItemProposed(item.id), person.id)


def _deciders(kind: ItemKind, author: Person, people: Sequence[Person]) -> list[Person]:
    """The product people who decide on this kind, else the author's leaders."""
    product = [p for p in people if p.role is Role.PRODUCT and p.active and kind in decides_on(p)]
    return product or leaders_of(author.team_id, people)
