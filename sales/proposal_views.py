"""Openings: when a customer read a proposal, and for how long [P11].

A visit is one load of the page by a person; several close to each other are one opening, since a
page is loaded again for many reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

TOGETHER = timedelta(minutes=30)
"""Visits that begin within this time after the one before belong to the same opening.

Web analytics count sessions alike.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One load of the page.

    ``key`` is the page's own, new each time it is loaded; ``seconds`` it was visible.
    """

    proposal_id: int
    key: str
    at: datetime
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Openings:
    """How often a proposal was opened, when last, and how long it was read in all."""

    times: int = 0
    last_at: datetime | None = None
    seconds: int = 0


def tally(visits: Sequence[Visit]) -> Openings:
    """Count the openings of ``visits``, which must be in order of time."""
    pairs = zip((None, *visits), visits, strict=False)
    starts = [visit for before, visit in pairs if begins_opening(visit, before)]
    if not starts:
        return Openings()
    return Openings(len(starts), starts[-1].at, sum(visit.seconds for visit in visits))


def begins_opening(visit: Visit, before: Visit | None) -> bool:
    """Whether the visit is an opening of its own."""
    return before is None or visit.at - before.at > TOGETHER
