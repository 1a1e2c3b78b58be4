"""How a lead is scored, routed, moved and pooled."""

from datetime import time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sales.evidence import Evidence
from sales.leads import WORKED_STAGES, Grade, Stage
from sales.playbook.vocabulary import NameOf, Rules, Term, WorkTime, misfit


class Scoring(Rules):
    """BANT points and thresholds [P5].

    ``budget_from`` is in whole currency units, and so is ``budget_least``: a bare number below it
    is likely meant in another unit, and asked about.
    """

    budget_from: Decimal = Decimal(100_000)
    budget_points: int = 2
    authority_points: int = 3
    need_points: int = 2
    timeframe_points: int = 3
    high_from: int = 8
    medium_from: int = 5
    budget_least: Decimal = Decimal(1_000)

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> "Scoring":
        if self.medium_from > self.high_from:
            raise misfit("thresholds", "medium_from must not be above high_from")
        return self


class PoolMember(Rules):
    """A person in a pool, by name; ``weight`` relative to the other members'."""

    person: Annotated[str, NameOf("person")]
    weight: Annotated[int, Field(ge=0, le=100)] = 1


class RoutingRule(Rules):
    """Leads that match go to the pool's members, or to the reps of ``team``.

    An empty condition matches everything; several must all match. ``source`` holds channel keys,
    the others keys of the vocabulary. A rule that is not ``enabled`` is skipped.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    enabled: bool = True
    source: Annotated[tuple[str, ...], NameOf("sources")] = ()
    region: Annotated[tuple[str, ...], NameOf("regions")] = ()
    industry: Annotated[tuple[str, ...], NameOf("industries")] = ()
    product: Annotated[tuple[str, ...], NameOf("products")] = ()
    grade: tuple[Grade, ...] = ()
    pool: tuple[PoolMember, ...] = ()
    team: Annotated[str, NameOf("team")] = ""

    @model_validator(mode="after")
    def _has_one_target(self) -> "RoutingRule":
        if bool(self.pool) == bool(self.team):
            raise misfit("target", "give either pool or team")
        return self


class Assignment(Rules):
    """Rules for offering leads [P6].

    ``accept_within`` is in working minutes; shares are balanced over the last ``fair_over`` days.
    What somebody who left had is routed to others by the rules when no leader chose within
    ``hand_over_within`` working minutes.
    """

    accept_within: Annotated[int, Field(ge=1), WorkTime()] = 120
    fair_over: Annotated[int, Field(ge=1)] = 30
    hand_over_within: Annotated[int, Field(ge=1), WorkTime()] = 960


class Criterion(Term):
    """A criterion that a person ticks when a lead enters a stage.

    It is ticked beforehand, as a suggestion, when the records show what ``shown_by`` names.
    """

    shown_by: Evidence | None = None


class StageRules(Rules):
    """The entry criteria of a stage, and its expected length in working days at most.

    0: no expectation.
    """

    criteria: tuple[Criterion, ...] = ()
    days: Annotated[int, Field(ge=0)] = 0


def default_stages() -> dict[Stage, StageRules]:
    return {
        Stage.CAPTURED: StageRules(days=2),
        Stage.SCREENED: StageRules(
            days=2,
            criteria=_criteria(
                ("budget", "The budget is clear", "预算明确", Evidence.BUDGET),
                ("decision", "The decision chain is clear", "决策链清晰", Evidence.DECISION),
                ("urgent", "The need is urgent", "需求紧迫", Evidence.URGENCY),
            ),
        ),
        Stage.DISCOVERY: StageRules(
            days=5,
            criteria=_criteria(
                ("talk", "A first conversation is recorded", "已记录首次沟通", Evidence.CONTACT)
            ),
        ),
        Stage.PROPOSAL: StageRules(
            days=5,
            criteria=_criteria(
                ("pain", "Their pain points are written down", "痛点已记录", Evidence.PAIN),
                ("decider", "The decider knows of us", "决策人已了解我们", None),
            ),
        ),
        Stage.NEGOTIATION: StageRules(
            days=10,
            criteria=_criteria(
                (
                    "feedback",
                    "There is feedback on the proposal",
                    "方案已有反馈",
                    Evidence.FEEDBACK,
                ),
                ("scope", "What they buy is agreed", "采购内容已确认", None),
            ),
        ),
        Stage.WON: StageRules(
            criteria=_criteria(("signed", "The contract is signed", "合同已签署", None)),
        ),
    }


def _criteria(*rows: tuple[str, str, str, Evidence | None]) -> tuple[Criterion, ...]:
    return tuple(Criterion(key=key, en=en, zh=zh, shown_by=shown) for key, en, zh, shown in rows)


class Revival(Rules):
    """What becomes of leads of low value, and when leads that rest are looked at again [P7].

    ``nurture_days`` is for a nurtured lead, every time, ``lost_days`` for a lost one, once. With
    ``nurture_low`` a lead of low value enters nurture by itself: at once when no open question
    could make it more, else when nobody contacted it within ``ask_days`` working days (0: never).
    """

    nurture_low: bool = True
    ask_days: Annotated[int, Field(ge=0, le=60)] = 4
    nurture_days: Annotated[int, Field(ge=1)] = 90
    lost_days: Annotated[int, Field(ge=1)] = 180


class LossReviewRules(Rules):
    """Which lost deals their owners are asked about, on the next working morning [P20].

    Those worth ``amount_from`` whole currency units and more; ``ask`` false: none.
    """

    ask: bool = True
    amount_from: Annotated[Decimal, Field(ge=0)] = Decimal(100_000)


Days = Annotated[int, Field(ge=0, le=365)]
Count = Annotated[int, Field(ge=1, le=1000)]


class Pool(Rules):
    """Rules of the public pool.

    Leads of one of the ``grades`` that nobody logged contact with for ``return_after`` days
    (``stage_days`` for single stages; 0: never) return ``at`` that time of a working day. A lead is
    safe for ``protect_days`` since it became its owner's. The owner is warned ``warn_days`` working
    days ahead and may extend ``extensions`` times by ``extend_days``; a leader may always. ``days``
    says which days all but the warning count.

    Sellers of the whole company or only of the lead's team (``reach``) may claim: a person holds at
    most ``hold_most`` open leads from the pool and claims ``claims_per_day``; the last owner of a
    lead waits ``cooldown_days`` (of the calendar) before claiming it again.
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
        """Days without contact after which such a lead returns; 0 for never."""
        if stage not in WORKED_STAGES or grade not in self.grades:
            return 0
        return self.stage_days.get(stage, self.return_after)

    @property
    def least_patience(self) -> int:
        """The fewest days after which any lead returns; 0 when none does."""
        return min((days for days in map(self._days_in, WORKED_STAGES) if days), default=0)

    def _days_in(self, stage: Stage) -> int:
        return self.stage_days.get(stage, self.return_after) if self.grades else 0
