"""Who reads a channel, and whether posts there may name a team's customers.

Deny is the default: names are shown only where everybody is known and may see the team's leads, or
where the platform cannot tell and a leader took responsibility.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sales.people import Person
from sales.permissions import scope_of


class Told(StrEnum):
    """What a platform reports of a channel's members: all, that it never can, not just now, or that
    the bot is not in the channel itself and can post nothing there."""

    ALL = "all"
    NEVER = "never"
    FAILED = "failed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Readers:
    """The accounts that read a channel, bots excluded."""

    told: Told
    accounts: frozenset[str] = frozenset()


class Basis(StrEnum):
    """Why names are shown, or only totals."""

    ALL_MAY = "all_may"
    SOME_MAY_NOT = "some_may_not"
    CHOSEN_NAMES = "chosen_names"
    CHOSEN_TOTALS = "chosen_totals"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrivacyVerdict:
    """Whether a channel shows names.

    ``strangers`` counts the readers who may not see the team's leads.
    """

    basis: Basis
    strangers: int = 0

    @property
    def names(self) -> bool:
        return self.basis in (Basis.ALL_MAY, Basis.CHOSEN_NAMES)


def judge(readers: Readers, entitled: Collection[str], *, chosen_names: bool) -> PrivacyVerdict:
    """Decide whether a channel may show names.

    ``entitled`` are the accounts of people who may see the team's leads; ``chosen_names`` is a
    leader's choice, which counts only where the platform can never tell.
    """
    if readers.told is Told.NEVER:
        return PrivacyVerdict(Basis.CHOSEN_NAMES if chosen_names else Basis.CHOSEN_TOTALS)
    if readers.told is not Told.ALL or not readers.accounts:
        return PrivacyVerdict(Basis.UNKNOWN)
    strangers = len(readers.accounts - set(entitled))
    return (
        PrivacyVerdict(Basis.SOME_MAY_NOT, strangers)
        if strangers
        else PrivacyVerdict(Basis.ALL_MAY)
    )


def sees_team(person: Person, team_id: int | None) -> bool:
    """Whether somebody may see all leads of a team; None: of the whole company."""
    scope = scope_of(person)
    return scope.reach == "all" or (
        scope.reach == "team" and team_id is not None and scope.team_id == team_id
    )


class Withheld(Exception):
    """A notice that is not posted in a channel, since somebody from outside the company reads it.

    The leaders of the team ``team_id`` are told.
    """

    def __init__(self, team_id: int) -> None:
        super().__init__(f"withheld from a channel of team {team_id}")
        self.team_id = team_id
