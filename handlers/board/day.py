"""What a board shows: the day's parts in order, their counts, and the leads listed in each.

Every count is that of a list (``sales.lead_lists``), so that the list a count opens has as many
rows. Knows no words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from handlers.core.context import Context
from handlers.lead_lists.service import moments_of
from sales.clocks import Clock
from sales.lead_lists import LeadQuery, NextStep, Status
from sales.leads import WORKED_STAGES, Lead, Stage
from sales.pool import PoolQuery
from storage.leads.listing import StageSum


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: a list of leads, of which the first ``most`` are on the board."""

    name: str
    query: LeadQuery
    most: int


PARTS: Final = (
    Part("overdue", LeadQuery(steps=(NextStep.BEHIND,)), 5),
    Part("waiting", LeadQuery(steps=(NextStep.WAITING,)), 3),
    Part("today", LeadQuery(steps=(NextStep.FOR_TODAY,)), 5),
    Part("hot", LeadQuery(hot=True), 3),
    Part("coming", LeadQuery(steps=(NextStep.AHEAD,)), 3),
    Part("unplanned", LeadQuery(status=Status.WORKED, steps=(NextStep.NONE,)), 2),
)
"""The most pressing first. Together they fit into the blocks of one message of Slack."""
# The leads of earlier parts are left out, so one more is read for each of them.
_PREVIEWED: Final = tuple(
    (part.query, sum(one.most for one in PARTS[: number + 1])) for number, part in enumerate(PARTS)
)
WORKED: Final = LeadQuery(status=Status.WORKED)
NURTURE: Final = LeadQuery(status=Status.NURTURE)
POOL: Final = PoolQuery()


@dataclass(frozen=True, slots=True)
class ListedPart:
    """A part with its count and the leads listed, none of which is in a part before it."""

    part: Part
    count: int
    leads: tuple[Lead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One person's day. ``clocks`` are the earliest running clocks of the listed leads, by lead;
    ``stages`` count the open leads outside the public pool, ``pooled`` those in it that the person
    may claim."""

    parts: tuple[ListedPart, ...]
    clocks: Mapping[int, Clock]
    stages: Mapping[Stage, StageSum]
    pooled: int

    def count(self, name: str) -> int:
        """The count of a part; 0 for one without leads."""
        return next((one.count for one in self.parts if one.part.name == name), 0)

    @property
    def working(self) -> int:
        """How many leads are in progress."""
        return sum(self._of(stage).count for stage in WORKED_STAGES)

    @property
    def worth(self) -> Decimal:
        """What the leads in progress are worth, as far as it is known."""
        return sum((self._of(stage).value for stage in WORKED_STAGES), Decimal(0))

    @property
    def set_aside(self) -> int:
        return self._of(Stage.NURTURE).count

    def _of(self, stage: Stage) -> StageSum:
        return self.stages.get(stage, StageSum())


def day_of(context: Context) -> Day:
    """The actor's day, or that of the people whose leads they see."""
    listing = context.uow.lead_list(context.actor)
    moments = moments_of(LeadQuery(), context)
    previews = listing.previews(_PREVIEWED, moments)
    shown: list[int] = []
    listed = []
    for part, preview in zip(PARTS, previews, strict=True):
        ids = [lead_id for lead_id in preview.ids if lead_id not in shown][: part.most]
        listed.append((part, preview.count, ids))
        shown += ids
    leads = context.leads.some(shown) if shown else {}
    return Day(
        parts=tuple(
            ListedPart(part, count, _known(ids, leads)) for part, count, ids in listed if count
        ),
        clocks=context.uow.clocks(context.actor).earliest(shown) if shown else {},
        stages=listing.sums(LeadQuery(), moments),
        pooled=context.uow.pool(context.actor).count(POOL),
    )


def _known(lead_ids: Sequence[int], leads: Mapping[int, Lead]) -> tuple[Lead, ...]:
    """The leads in the order of their ids; one that was merged meanwhile is left out."""
    return tuple(leads[lead_id] for lead_id in lead_ids if lead_id in leads)
