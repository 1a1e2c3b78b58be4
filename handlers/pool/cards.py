"""Why a lead is in the public pool, in words."""

from handlers.core.context import Context
from sales.pool import PoolReason, PoolStay


def why_here(reason: PoolReason, detail: str, context: Context) -> str:
    """``no contact logged for 15 days``; names nobody, since every seller reads it."""
    match reason:
        case PoolReason.IDLE:
            return context.text("pool.why_idle", n=int(detail))
        case PoolReason.GIVEN_UP | PoolReason.PUT:
            return context.text(f"pool.why_{reason}", reason=context.text(f"pool.reason_{detail}"))
        case PoolReason.LEFT | PoolReason.RULE | PoolReason.IMPORTED:
            return context.text(f"pool.why_{reason}")


def stay_line(stay: PoolStay, title: str, context: Context) -> str:
    """``LX001 · Acme: given up, too much on · was Robin's``, for the team's leaders."""
    line = context.text("pool.line", lead=title, why=why_here(stay.reason, stay.detail, context))
    if stay.former_owner_id is None:
        return line
    return line + context.text("pool.was", name=context.uow.people.get(stay.former_owner_id).name)
