"""What is said of a lead in the pool, and of how it came there."""

from handlers.turns import Turn
from sales.pool import PoolReason, Stay


def why_here(reason: PoolReason, detail: str, turn: Turn) -> str:
    """``no contact logged for 15 days``; nothing of persons, since every seller reads it."""
    match reason:
        case PoolReason.IDLE:
            return turn.text("pool.why_idle", n=int(detail))
        case PoolReason.GIVEN_UP | PoolReason.PUT:
            return turn.text(f"pool.why_{reason}", reason=turn.text(f"pool.reason_{detail}"))
        case PoolReason.LEFT | PoolReason.RULE | PoolReason.IMPORTED:
            return turn.text(f"pool.why_{reason}")


def stay_line(stay: Stay, title: str, turn: Turn) -> str:
    """``LX001 · Acme: given up, too much on · was Robin's``, for the team's leaders."""
    said = turn.text("pool.line", lead=title, why=why_here(stay.reason, stay.detail, turn))
    if stay.former_owner_id is None:
        return said
    return said + turn.text("pool.was", name=turn.uow.people.get(stay.former_owner_id).name)
