"""Who is who, and who looks up more than usual."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


@dataclass(frozen=True, slots=True)
class NewcomerJoined(Notice):
    """Somebody unknown wrote to the bot and was made a rep; an admin should know."""

    kind: ClassVar[str] = "newcomer_joined"
    person_id: int


@dataclass(frozen=True, slots=True)
class AccountLinked(Notice):
    """Somebody we know wrote from another platform, which vouches for who they are."""

    kind: ClassVar[str] = "account_linked"
    batch: ClassVar[Batch | None] = None
    person_id: int
    platform: str


@dataclass(frozen=True, slots=True)
class WhoAreYou(Notice):
    """A newcomer is named like somebody we know."""

    kind: ClassVar[str] = "who_are_you"
    batch: ClassVar[Batch | None] = None
    person_id: int
    platform: str


@dataclass(frozen=True, slots=True)
class IdentityClaimed(Notice):
    """Somebody may be the same as a person we know; an admin decides."""

    kind: ClassVar[str] = "identity_claimed"
    batch: ClassVar[Batch | None] = None
    claimant_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class PersonUnreachable(Notice):
    """Nothing reaches somebody any more who has open leads or tasks; a leader should know."""

    kind: ClassVar[str] = "person_unreachable"
    urgent: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    person_id: int


@dataclass(frozen=True, slots=True)
class CustomersProbed(Notice):
    """Somebody was told of more customers of colleagues than the rules take for usual."""

    kind: ClassVar[str] = "customers_probed"
    person_id: int
    window: str
    count: int


@dataclass(frozen=True, slots=True)
class BulkReveal(Notice):
    """Somebody looked up more contacts than the rules take for usual."""

    kind: ClassVar[str] = "bulk_reveal"
    person_id: int
    window: str
    count: int
