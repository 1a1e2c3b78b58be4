"""Due work and messages: what a unit of work leaves behind to be done."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from sales.noise import NoticeTally
from sales.notices import Batch, Notice
from sales.quiet import NoticeChoice
from sales.refusals import Refusal
from sales.reminders import Reminder, ReminderTally

WorkKind = Literal[
    "reminder",
    "overdue",
    "offer",
    "unowned",
    "clock",
    "record",
    "digest",
    "revival",
    "task",
    "leaver",
    "pool_day",
    "pool_lead",
    "pool_brief",
    "cool",
    "repeat",
    "sync",
    "talk",
    "sharing",
    "event",
    "silence",
    "import",
    "morning",
    "reveals",
    "probing",
    "refusal",
]


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do at a time. ``key`` is unique for ever: the same work is done once."""

    key: str
    kind: WorkKind
    subject: str
    due_at: datetime


class Postings(Protocol):
    """The cards that were posted into conversations."""

    def lead_of(self, ref: str, *, platform: str, address: str, private: bool) -> int | None:
        """The id of the lead that a posted card is about, None for a card of anything else and
        for one that is gone. ``ref`` is the platform's word for the card; ``address`` the account
        whose 1:1 with the bot it stands in (``private``), or else the channel."""

    def standing(self, person_id: int, *subjects: str) -> tuple[str, str]:
        """Where a person reads of something: the platform used last, and there the reference of
        the first card of the first subject that has one; either may be empty."""


class Schedule(Protocol):
    def add(self, work: Work) -> bool:
        """False when this key is there already, done or not."""

    def planned(self, kind: WorkKind, subject: str) -> datetime | None:
        """When the next of this kind for a subject is due; None when nothing is to be done."""

    def cancel(self, kind: WorkKind, subject: str) -> None:
        """Forget all of this kind for a subject that is not done yet."""


Recipient = int | tuple[str, str]
"""A person's id, or a channel as (platform, conversation id)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A notice that waited for the morning or for company; ``at`` is when it was due."""

    person_id: int
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that was not sent yet; ``at`` is when it was written."""

    id: int
    person_id: int | None
    notice: Notice
    at: datetime


class Refusals(Protocol):
    """What platforms refuse until somebody mends it."""

    def find(self, refusal_id: int) -> Refusal | None:
        """None when it is over."""

    def of_lane(self, lane_key: str) -> Refusal | None:
        """What holds back a conversation (``platform:person|channel:id``)."""

    def end(self, lane_key: str) -> None:
        """The conversation can be reached again: what waits is sent."""


class Outbox(Protocol):
    def add(self, notice: Notice, to: Recipient) -> None:
        """Deliver after this unit of work is committed, in order for each recipient."""

    mails: bool
    """Whether e-mail can be sent at all."""

    def kept(self, message_id: int) -> "Kept | None":
        """A message that was kept through quiet hours or for company, told since or not."""

    def release(self, person_id: int, why: str, calm: timedelta) -> None:
        """Tell a person of all that was kept for them until now, each conversation's together;
        what comes after that within ``calm`` waits for company."""

    def hasten(self, person_id: int, but: Collection[str]) -> None:
        """What was kept for a person until later is due now, except of these kinds."""

    def company_at(
        self, person_id: int, conversation: str, batch: Batch, calm: timedelta
    ) -> datetime | None:
        """When a notice of this kind is told in a conversation, with others: not at once,
        when something was told there a moment ago or still waits. ``calm`` is the longest
        that anything waits."""

    def open(self, message_id: int) -> bool:
        """Mark one that was told in a list as opened; False when it was before."""

    def acted(self, person_id: int, *subjects: str) -> None:
        """Somebody did something about these subjects and those refreshed so far: what they
        were told of them was acted on."""

    def lane_of(self, person_id: int) -> str | None:
        """The conversation in which a person would be told now; None when there is none."""

    def waiting(self, lane_key: str) -> "list[Waiting]":
        """What was not sent yet in a conversation, or on a whole platform, in order; redrawn
        cards aside."""

    def move(
        self, lane_key: str, messages: "Collection[Waiting]", to: Collection[Recipient]
    ) -> None:
        """Withdraw what waits in a conversation, and send it to others, or to where its reader
        is now. Raises BeingSent at the commit when somebody sends there at this moment."""

    def mail(self, messages: "Collection[Waiting]") -> None:
        """Send what waits by e-mail meanwhile, to those who have chosen e-mail, once."""

    def refresh(self, subject: str) -> None:
        """Draw every posted card of the subject anew; several calls before delivery are one."""


class Inbound(Protocol):
    def is_new(self, request_id: str, now: datetime) -> bool:
        """Record the request; False when it was recorded before. Undone with the unit of work."""


class Reminders(Protocol):
    """The ledger of reminders, of everybody: what a person may see is for the caller to ask."""

    def add(self, reminder: Reminder) -> None: ...

    def acted(self, followup_id: int, now: datetime) -> None:
        """Something was done about a step of which people may have been reminded."""

    def missed(self, followup_id: int, now: datetime) -> None:
        """Nothing was done about it in time."""

    def is_unseen(self, person_id: int, subject: str) -> bool:
        """Whether a card's subject (``lead:12``, ``followup:7``) has a reminder that was sent to
        the person and that they are not known to have seen."""

    def seen(self, person_id: int, subject: str, now: datetime) -> None: ...

    def of_person(self, person_id: int, limit: int) -> list[Reminder]:
        """Newest first."""

    def tally(
        self, start: datetime, end: datetime, *, team_id: int | None = None, person_id: int = 0
    ) -> Mapping[int, ReminderTally]:
        """The reminders due in ``[start, end)`` by person; of a team or a person, or of all."""


class Noise(Protocol):
    """What people were told, counted for as long as messages are kept; names nobody."""

    def tally(self, team_id: int, start: datetime, end: datetime) -> list[NoticeTally]:
        """The notices of ``[start, end)`` to people of a team, by kind; lists of several
        (``KeptNotices``) as a kind of their own."""


class NoticeChoices(Protocol):
    def of(self, person_id: int) -> NoticeChoice:
        """What the person chose; the company's ways for who chose nothing."""

    def save(self, choice: NoticeChoice) -> None: ...
