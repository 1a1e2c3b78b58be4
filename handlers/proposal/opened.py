"""The proposal that a button or form carries, and whether it is still as it was shown."""

from handlers.requests import record_id
from handlers.turns import Turn
from sales.errors import ProposalNotFound
from sales.proposals import Proposal


def found(turn: Turn) -> Proposal:
    """Raises ProposalNotFound for anything that names none the person may see."""
    proposal_id = record_id(turn.pressed.partition(":")[0])
    if proposal_id is None:
        raise ProposalNotFound
    return turn.proposals.get(proposal_id)


def unchanged(proposal: Proposal, turn: Turn) -> bool:
    """Whether nobody changed it since the card was drawn whose button was pressed."""
    return turn.pressed.partition(":")[2] == str(proposal.version)
