"""A lead as reports read it: its way along the pipeline, without customer, contact or words.

Storage provides the journeys of a period; what the figures of a report mean is decided by the other
modules of this package, from them alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from sales.leads import OPEN_STAGES, WORKED_STAGES, Grade, Stage

WON_STAGES: Final = (Stage.WON, Stage.AFTERSALES)


@dataclass(frozen=True, slots=True)
class Stay:
    """A lead's time in one stage, ``[entered_at, left_at)``; ``left_at`` None: it is there."""

    stage: Stage
    entered_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What reports know of a lead.

    ``source`` is the vocabulary's key alone, as is ``lost_reason``, which only lost leads have.
    ``amount`` is what was agreed, ``worth`` the best that is known (``sales.sync_meeting.worth``),
    in whole currency units. ``dated`` is False for a lead from a file that gives no day for it: it
    is new in no period. ``imported``: it came from a file, all of which was here by
    ``imported_at``; it may have been created, and even closed, long before.

    ``assigned_at`` is when it became the turn of whoever contacted the customer first, or, without
    any contact, of whoever it was given to last; of a lead that an import gave to somebody, when
    the import did. ``first_contact_at`` is the first contact that a person logged, by the time at
    which it took place. ``stays`` are in order, oldest first; of several at one instant, the one
    stored first comes first.
    """

    lead_id: int
    team_id: int
    owner_id: int | None = None
    source: str = ""
    region: str = ""
    product: str = ""
    industry: str = ""
    grade: Grade = Grade.LOW
    score: int = 0
    stage: Stage = Stage.CAPTURED
    created_at: datetime
    dated: bool = True
    imported: bool = False
    imported_at: datetime | None = None
    closed_at: datetime | None = None
    amount: Decimal | None = None
    worth: Decimal | None = None
    lost_reason: str = ""
    assigned_at: datetime | None = None
    first_contact_at: datetime | None = None
    next_at: datetime | None = None
    next_until: datetime | None = None
    pooled: bool = False
    stays: tuple[Stay, ...] = ()

    @property
    def arrived_at(self) -> datetime:
        """When the lead came here: when it was created, or with its file, if that was later."""
        return max(self.created_at, self.imported_at or self.created_at)

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN_STAGES

    @property
    def is_worked_on(self) -> bool:
        """In the pipeline: open, and neither in nurture nor in the public pool."""
        return self.stage in WORKED_STAGES and not self.pooled

    @property
    def is_won(self) -> bool:
        return self.stage in WON_STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyFilter:
    """Which leads a report is about; of an empty set, any."""

    team_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()
    sources: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    def matches(self, journey: Journey) -> bool:
        """Whether a report with this filter counts the lead."""
        asked = (
            (self.team_ids, journey.team_id),
            (self.owner_ids, journey.owner_id),
            (self.sources, journey.source),
            (self.products, journey.product),
            (self.regions, journey.region),
        )
        return all(not values or value in values for values, value in asked)

    def among(self, journeys: Iterable[Journey]) -> tuple[Journey, ...]:
        """The journeys that match."""
        return tuple(filter(self.matches, journeys))


ALL: Final = JourneyFilter()
"""A report about all leads that its reader sees."""
