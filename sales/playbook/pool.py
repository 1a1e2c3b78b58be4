"""The public pool: when a lead returns to it, and what may be claimed from it."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sales.leads import WORKED_STAGES, Grade, Stage
from sales.playbook.terms import Rules

Days = Annotated[int, Field(ge=0, le=365)]
Count = Annotated[int, Field(ge=1, le=1000)]


class Pool(Rules):
    """Leads of one of the ``grades`` that nobody logged contact with for ``return_after`` days
    (``stage_days`` for single stages; 0: never) go back ``at`` that time of a working day. A
    lead is safe for ``protect_days`` since it became its owner's. The owner is warned
    ``warn_days`` working days ahead and may extend ``extensions`` times by ``extend_days``; a
    leader may always. ``days`` says which days all but the warning count.

    Sellers of the whole company or only of the lead's team (``reach``) may claim: a person
    holds at most ``hold_most`` open leads from the pool and claims ``claims_per_day``; who had
    a lead last waits ``cooldown_days`` (of the calendar) before claiming it again.
    """

    reach: Literal["company", "team"] = "company"
    days: Literal["working", "calendar"] = "working"
    return_after: Days = 20
    stage_days: dict[Stage, Days] = Field(default_factory=dict)
    grades: tuple[Grade, ...] = (Grade.HIGH, Grade.MEDIUM)
    protect_days: Days = 7
    warn_days: Annotated[int, Field(ge=1, le=30)] = 2
    at: time = time(9, 0)
    extensions: Days = 2
    extend_days: Annotated[int, Field(ge=1, le=365)] = 5
    hold_most: Count = 20
    claims_per_day: Count = 5
    cooldown_days: Days = 30

    @field_validator("stage_days")
    @classmethod
    def _stages_that_are_worked_on(cls, days: dict[Stage, int]) -> dict[Stage, int]:
        if strange := sorted(set(days) - set(WORKED_STAGES)):
            raise ValueError(f"a lead in {strange[0]} never returns to the pool")
        return days

    def patience(self, stage: Stage, grade: Grade) -> int:
        """After how many days without contact such a lead returns; 0 for never."""
        if stage not in WORKED_STAGES or grade not in self.grades:
            return 0
        return self.stage_days.get(stage, self.return_after)

    @property
    def least_patience(self) -> int:
        """The fewest days after which any lead returns; 0 when none does."""
        return min((days for days in map(self._days_in, WORKED_STAGES) if days), default=0)

    def _days_in(self, stage: Stage) -> int:
        return self.stage_days.get(stage, self.return_after) if self.grades else 0
