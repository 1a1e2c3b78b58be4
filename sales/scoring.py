"""The BANT score: four questions, points for each, and a grade [P5]."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from sales.leads import Authority, Clarity, Grade, Lead, Timeframe
from sales.playbook import Scoring

CRITERIA = ("budget", "authority", "need", "timeframe")


@dataclass(frozen=True, slots=True)
class Score:
    """Points per criterion: ``got`` of ``possible``; ``unknown`` are not answered yet."""

    got: Mapping[str, int]
    possible: Mapping[str, int]
    unknown: tuple[str, ...]
    grade: Grade

    @property
    def total(self) -> int:
        return sum(self.got.values())

    def if_good(self, criterion: str, rules: Scoring) -> tuple[int, Grade]:
        """The points and the grade if an open criterion turned out well."""
        total = self.total - self.got[criterion] + self.possible[criterion]
        return total, _grade(total, rules)

    @property
    def best(self) -> int:
        """The points if every open question turned out well."""
        return self.total + sum(self.possible[criterion] for criterion in self.unknown)

    @property
    def ask_next(self) -> str:
        """The unanswered criterion that could add the most points; "" when all are known."""
        return max(self.unknown, key=lambda criterion: self.possible[criterion], default="")


def score(lead: Lead, rules: Scoring) -> Score:
    """Score a lead by the playbook's points.

    A budget counts when its lower end reaches ``budget_from``: a range that only touches it has not
    been confirmed.
    """
    budget = lead.budget_low if lead.budget_low is not None else lead.budget_high
    met: dict[str, bool | None] = {
        "budget": None if budget is None else budget >= rules.budget_from,
        "authority": _known(
            lead.authority, Authority.UNKNOWN, Authority.DECIDER, Authority.MANAGER
        ),
        "need": _known(lead.clarity, Clarity.UNKNOWN, Clarity.CLEAR),
        "timeframe": _known(lead.timeframe, Timeframe.UNKNOWN, Timeframe.MONTH),
    }
    possible = {
        "budget": rules.budget_points,
        "authority": rules.authority_points,
        "need": rules.need_points,
        "timeframe": rules.timeframe_points,
    }
    got = {criterion: possible[criterion] if met[criterion] else 0 for criterion in CRITERIA}
    return Score(
        got=MappingProxyType(got),
        possible=MappingProxyType(possible),
        unknown=tuple(criterion for criterion in CRITERIA if met[criterion] is None),
        grade=_grade(sum(got.values()), rules),
    )


def scored(lead: Lead, rules: Scoring) -> Lead:
    """The lead with its score and grade brought up to date."""
    result = score(lead, rules)
    return replace(lead, score=result.total, grade=result.grade)


def _known(answer: StrEnum, unknown: StrEnum, *good: StrEnum) -> bool | None:
    return None if answer == unknown else answer in good


def _grade(points: int, rules: Scoring) -> Grade:
    if points >= rules.high_from:
        return Grade.HIGH
    return Grade.MEDIUM if points >= rules.medium_from else Grade.LOW
