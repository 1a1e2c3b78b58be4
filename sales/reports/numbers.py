"""The numbers of digests and reports whose records can be opened as a list."""

from enum import StrEnum
from typing import Final

from sales.leads import Stage
from sales.reports.response import ResponseBucket


class Number(StrEnum):
    """A number of a digest or report, or of the weekly sync (``STUCK``).

    ``ENTERED_…`` are the leads that first entered the stage in the period, ``PASSED_…`` and
    ``DROPPED_…`` those of them that went on to a later stage and that were lost
    (``sales.reports.StageConversion``). ``ANSWERED_…`` are leads that came in the period by how
    soon somebody answered, ``DECIDED`` the deals by which its win rate is, and ``DECIDED_…`` these
    by how soon they had been answered.
    """

    NEW = "new"
    HIGH_VALUE = "high_value"
    FOLLOWED_UP = "followed_up"
    DISCOVERY = "discovery"
    PROPOSAL = "proposal"
    WON = "won"
    LOST = "lost"
    OVERDUE = "overdue"
    UNASSIGNED = "unassigned"
    AT_RISK = "at_risk"
    COMING = "coming"
    BREACHED = "breached"
    NURTURED = "nurtured"
    IN_NURTURE = "in_nurture"
    STUCK = "stuck"
    OPEN = "open"
    ENTERED_CAPTURED = "entered_captured"
    ENTERED_SCREENED = "entered_screened"
    ENTERED_DISCOVERY = "entered_discovery"
    ENTERED_PROPOSAL = "entered_proposal"
    ENTERED_NEGOTIATION = "entered_negotiation"
    PASSED_CAPTURED = "passed_captured"
    PASSED_SCREENED = "passed_screened"
    PASSED_DISCOVERY = "passed_discovery"
    PASSED_PROPOSAL = "passed_proposal"
    PASSED_NEGOTIATION = "passed_negotiation"
    DROPPED_CAPTURED = "dropped_captured"
    DROPPED_SCREENED = "dropped_screened"
    DROPPED_DISCOVERY = "dropped_discovery"
    DROPPED_PROPOSAL = "dropped_proposal"
    DROPPED_NEGOTIATION = "dropped_negotiation"
    ANSWERED_5M = "answered_5m"
    ANSWERED_1H = "answered_1h"
    ANSWERED_4H = "answered_4h"
    ANSWERED_24H = "answered_24h"
    ANSWERED_LATER = "answered_later"
    ANSWERED_NEVER = "answered_never"
    DECIDED = "decided"
    DECIDED_5M = "decided_5m"
    DECIDED_1H = "decided_1h"
    DECIDED_4H = "decided_4h"
    DECIDED_24H = "decided_24h"
    DECIDED_LATER = "decided_later"
    DECIDED_NEVER = "decided_never"

    @property
    def family(self) -> str:
        """What it counts, whatever the stage or bucket: ``entered``, ``answered``, ``won``."""
        return self.value.partition("_")[0] if self in _PARTS else self.value

    @property
    def stage(self) -> Stage | None:
        """The stage that leads entered, passed or dropped out of."""
        part = _PARTS.get(self)
        return part if isinstance(part, Stage) else None

    @property
    def bucket(self) -> ResponseBucket | None:
        """How soon the leads were answered."""
        part = _PARTS.get(self)
        return part if isinstance(part, ResponseBucket) else None

    @classmethod
    def of_stage(cls, family: str, stage: Stage) -> "Number":
        """``entered``, ``passed`` or ``dropped`` of a stage; raises ValueError for a stage from
        which nothing goes on."""
        return cls(f"{family}_{stage.value}")

    @classmethod
    def of_bucket(cls, family: str, bucket: ResponseBucket) -> "Number":
        """``answered`` or ``decided`` of a bucket."""
        return cls(f"{family}_{bucket.value}")


def _part(number: Number) -> Stage | ResponseBucket | None:
    family, _, part = number.value.partition("_")
    if family in ("entered", "passed", "dropped"):
        return Stage(part)
    return ResponseBucket(part) if family in ("answered", "decided") and part else None


_PARTS: Final = {number: part for number in Number if (part := _part(number)) is not None}
