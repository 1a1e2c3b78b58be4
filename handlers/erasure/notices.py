"""The notice that an erasure is done."""

from handlers.core.context import Context
from handlers.core.ui import Card
from handlers.erasure.cards import erasure_card
from sales.erasure import ErasureNotFound
from sales.notices import PersonErased
from sales.permissions import may


def erased_card(notice: PersonErased, context: Context, *, again: bool) -> Card | None:  # noqa: ARG001
    """The result, for an admin; None for somebody who is none any more."""
    if not may(context.actor, "erasure.open"):
        return None
    try:
        return erasure_card(context.uow.erasures.get(notice.erasure_id), context)
    except ErasureNotFound:
        return None
