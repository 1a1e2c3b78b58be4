"""Discovery: what a customer needs and why, in SPIN order [P9].

Every saving is a version of its own, so that what was believed before can still be read.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

SPIN = ("situation", "problem", "implication", "need_payoff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What is known. The four SPIN notes, ``other_pains`` and ``decision`` are free words;
    ``pains`` are keys of the playbook's vocabulary; ``decision`` is who decides and how, by
    role; the budget in whole units of the company's currency."""

    situation: str = ""
    problem: str = ""
    implication: str = ""
    need_payoff: str = ""
    pains: tuple[str, ...] = ()
    other_pains: str = ""
    budget_low: Decimal | None = None
    budget_high: Decimal | None = None
    decision: str = ""

    @property
    def has_pains(self) -> bool:
        return bool(self.pains or self.other_pains or self.problem)

    def differences(self, other: "Needs") -> tuple[str, ...]:
        """The names of the fields in which two differ; a budget is one."""
        names = (one.name for one in fields(self))
        differing = (name for name in names if getattr(self, name) != getattr(other, name))
        # Both ends of the budget are one thing to a reader.
        told = (name.removesuffix("_low").removesuffix("_high") for name in differing)
        return tuple(dict.fromkeys(told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """One version of a lead's notes; the first is 1."""

    id: int = 0
    lead_id: int
    version: int
    written_by: int
    written_at: datetime
    needs: Needs
