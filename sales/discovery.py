"""Discovery: what a customer needs and why, in SPIN order [P9].

Every save is a version of its own, so that earlier beliefs can still be read.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

SPIN = ("situation", "problem", "implication", "need_payoff")
LONGEST = dict.fromkeys(SPIN, 1000) | {"other_pains": 300, "decision": 500}
"""Maximum number of characters per free text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What is known of a customer's needs.

    The four SPIN notes, ``other_pains`` and ``decision`` are free texts; ``pains`` are keys of the
    playbook's vocabulary; ``decision`` is who decides and how, by role; the budget is in whole
    units of the company's currency.
    """

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

    def joined(self, other: "Needs") -> "Needs":
        """Merge what two versions know of one customer.

        Texts that would be too long together stay as they are here; the others can be read in their
        own version.
        """
        words: dict[str, Any] = {name: self._both(other, name) for name in LONGEST}
        pains = tuple(dict.fromkeys((*self.pains, *other.pains)))
        known = self if (self.budget_low, self.budget_high) != (None, None) else other
        low, high = known.budget_low, known.budget_high
        return replace(self, pains=pains, budget_low=low, budget_high=high, **words)

    def _both(self, other: "Needs", name: str) -> str:
        mine, theirs = getattr(self, name), getattr(other, name)
        if not theirs or theirs in mine:
            return str(mine)
        both = f"{mine}\n{theirs}".strip()
        return both if not mine or len(both) <= LONGEST[name] else str(mine)

    def differences(self, other: "Needs") -> tuple[str, ...]:
        """The names of the fields in which two versions differ; a budget counts as one."""
        names = (field.name for field in fields(self))
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
