"""Who is who, and who looks up more than usual."""

from dataclasses import dataclass
from typing import ClassVar

from sales.notices.base import Batch, Notice


@dataclass(frozen=True, slots=True)
class NewcomerJoined(Notice):
    """Somebody unknown wrote to the bot and was let in by a rule, or as an administrator of the
    platform; an admin should know. ``rule`` is the rule's name, empty without one."""

    kind: ClassVar[str] = "newcomer_joined"
    person_id: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class NewcomerAsks(Notice):
    """Somebody unknown wrote to the bot; an admin is to let them in or not."""

    kind: ClassVar[str] = "newcomer_asks"
    batch: ClassVar[Batch | None] = None
    newcomer_id: int


@dataclass(frozen=True, slots=True)
class LetIn(Notice):
    """To somebody who waited: an admin let them in."""

    kind: ClassVar[str] = "let_in"
    batch: ClassVar[Batch | None] = None
    person_id: int


@dataclass(frozen=True, slots=True)
class AdminMade(Notice):
    """To the other admins: somebody became one by a one-time code."""

    kind: ClassVar[str] = "admin_made"
    batch: ClassVar[Batch | None] = None
    person_id: int


@dataclass(frozen=True, slots=True)
class AccessEnded(Notice):
    """To admins and the team's leaders: the platform says that somebody is no member any more."""

    kind: ClassVar[str] = "access_ended"
    batch: ClassVar[Batch | None] = None
    person_id: int
    platform: str
    guest: bool


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


@dataclass(frozen=True, slots=True)
class DigestReady(Notice):
    """A team's week is over. ``week`` is ISO (``2026-W47``)."""

    kind: ClassVar[str] = "digest_ready"
    once: ClassVar[bool] = True
    names_customers: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class SyncDue(Notice):
    """The departments meet: a team's deals that are stuck. ``week`` is ISO."""

    kind: ClassVar[str] = "sync_due"
    once: ClassVar[bool] = True
    names_customers: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    team_id: int
    week: str


@dataclass(frozen=True, slots=True)
class ChannelRefused(Notice):
    """A team's channel takes no messages any more; its leaders get them meanwhile."""

    kind: ClassVar[str] = "channel_refused"
    by_mail: ClassVar[bool] = True
    batch: ClassVar[Batch | None] = None
    platform: str
    conversation: str


@dataclass(frozen=True, slots=True)
class KeptNotices(Notice):
    """What waited for one person, told together: after their quiet hours (``why`` is morning),
    or after a span in which it waited for company (company); or one of these that they opened."""

    kind: ClassVar[str] = "kept_notices"
    batch: ClassVar[Batch | None] = None
    message_ids: tuple[int, ...]
    why: str = "morning"


@dataclass(frozen=True, slots=True)
class CardChanged(Notice):
    """A living card's subject changed: the posted card ``posting_id`` is drawn anew."""

    kind: ClassVar[str] = "card_changed"
    batch: ClassVar[Batch | None] = None
    posting_id: int
