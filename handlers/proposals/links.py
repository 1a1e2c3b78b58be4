"""Private links to a proposal's page: made for one person at a time, kept as a hash."""

import secrets
from datetime import datetime, timedelta

from handlers.core.context import Turn
from sales.errors import NoPublicAddress
from sales.proposals import Link, Proposal, hash_of

PREVIEW = timedelta(days=1)
"""A colleague's look at the page is over by then; another is a press away."""
_TOKEN_BYTES = 16


def new_link(proposal: Proposal, turn: Turn, *, preview: bool) -> str:
    """The address of the page, told this once; raises NoPublicAddress. All links of a customer
    end on one day, however often they are asked for."""
    if not turn.public_url:
        raise NoPublicAddress(setting="PUBLIC_URL")
    token = secrets.token_hex(_TOKEN_BYTES)
    turn.proposals.add_link(
        Link(
            proposal_id=proposal.id,
            token_hash=hash_of(token),
            preview=preview,
            made_by=turn.actor.id,
            made_at=turn.now,
            expires_at=turn.now + PREVIEW if preview else _ends(proposal, turn),
        )
    )
    return f"{turn.public_url}/p/{token}"


def _ends(proposal: Proposal, turn: Turn) -> datetime:
    running = [one for one in turn.proposals.links(proposal.id) if not one.is_over(turn.now)]
    if running:
        return running[0].expires_at
    return turn.now + timedelta(days=turn.playbook.proposals.link_days)
