"""Notices about the library: an item to decide on, a decision, the quarterly session."""

from dataclasses import replace

from handlers.core.context import Context
from handlers.core.ui import Card
from handlers.library.cards import item_card, item_gone_card
from handlers.library.quarterly_session import sharing_card
from sales.errors import ItemNotFound
from sales.library import Item, ItemState
from sales.notices import ItemDecided, ItemProposed, SharingAnnounced
from sales.targets import Quarter


def item_notice(
    notice: ItemProposed | ItemDecided, context: Context, *, again: bool
) -> Card | None:
    """None when there is no longer anything to decide; a card already posted shows the outcome."""
    try:
        item = context.library.get(notice.item_id)
    except ItemNotFound:
        return item_gone_card(notice.item_id, context) if again else None
    is_waiting = item.state is ItemState.WAITING
    if isinstance(notice, ItemProposed) and not is_waiting and not again:
        return None
    title = context.text(_title(notice, item), title=item.wording(context.language.locale).title)
    return replace(item_card(item, context), title=title)


def _title(notice: ItemProposed | ItemDecided, item: Item) -> str:
    if isinstance(notice, ItemProposed):
        waiting = item.state is ItemState.WAITING
        return "library.please_decide" if waiting else "library.was_decided"
    match item.state:
        case ItemState.APPROVED:
            return "library.your_approved"
        case ItemState.DRAFT:
            return "library.your_returned"
        case ItemState.RETIRED | ItemState.WAITING:
            return "library.was_decided"


def session_notice(notice: SharingAnnounced, context: Context, **_again: bool) -> Card | None:
    session = context.uow.quarterly_sessions.announced(Quarter.parse(notice.quarter))
    return sharing_card(session, context) if session else None
