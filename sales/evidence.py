"""What the records show about an entry criterion of a stage [P2].

It only suggests: the person who moves the lead decides whether a criterion is met.
"""

from enum import StrEnum

from sales.discovery import Needs
from sales.leads import Lead, Timeframe


class Evidence(StrEnum):
    """Evidence that can be found in the records.

    A known budget, who decides, recorded pain points, a purchase soon, contact that somebody
    logged, feedback on the proposal.
    """

    BUDGET = "budget"
    DECISION = "decision"
    PAIN = "pain"
    URGENCY = "urgency"
    CONTACT = "contact"
    FEEDBACK = "feedback"


def evidence_of(
    lead: Lead, needs: Needs | None, *, contacted: bool, feedback: bool = False
) -> frozenset[Evidence]:
    """The evidence in a lead's records; ``needs`` is None when nothing was recorded yet."""
    known = {
        Evidence.BUDGET: lead.budget_low is not None or lead.budget_high is not None,
        Evidence.DECISION: bool(needs and needs.decision),
        Evidence.PAIN: bool(needs and needs.has_pains),
        Evidence.URGENCY: lead.timeframe is Timeframe.MONTH,
        Evidence.CONTACT: contacted,
        Evidence.FEEDBACK: feedback,
    }
    return frozenset(kind for kind, shown in known.items() if shown)
