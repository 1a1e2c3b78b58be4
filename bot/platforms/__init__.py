"""The interface between the process and a chat platform.

An adapter turns the platform's payloads into ``Request``s, passes them to the ``Dispatch`` it was
built with, and draws the ``Reply``. For delivery it can post a card and edit a posted one.
Platforms are independent of each other and of storage.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from handlers.core.replies import Reply
from handlers.core.requests import Request, Sender
from handlers.core.ui import AnyChart, Card
from sales.channel_privacy import Readers
from sales.refusals import Reason

Dispatch: TypeAlias = Callable[[Request], Awaitable[Reply]]
"""Runs one request to its end (committed) and gives the reply; never raises."""

DrawChart: TypeAlias = Callable[[AnyChart, str], bytes | None]
"""Draws a chart in a language, as PNG; blocks. None if it has to go out as text alone."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. ``id`` is a user id for a DM and a conversation id otherwise."""

    platform: str
    kind: Literal["person", "channel"]
    id: str

    @property
    def lane(self) -> str:
        """The delivery lane: one per conversation."""
        return f"{self.platform}:{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Thread:
    """The posted card that a new one belongs under (``ref``, as ``post`` returned it).

    ``aloud``: it is shown in the conversation itself, too.
    """

    ref: str
    aloud: bool = False


class DeliveryError(Exception):
    """A message was not, or not certainly, delivered."""


class Throttled(DeliveryError):
    """The platform asks to wait ``retry_after`` seconds; nothing was posted."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"throttled for {retry_after:g} s")
        self.retry_after = retry_after


class Unavailable(DeliveryError):
    """The platform could not be reached or failed; certainly nothing was posted. Retry."""


class Unclear(DeliveryError):
    """The call broke after it was sent: the message may or may not have been posted."""


class Refused(DeliveryError):
    """The platform refused; nothing was posted.

    This class itself: it refuses this message, however often it is tried. ``code`` is the
    platform's error code, ``detail`` what is missing (permissions).
    """

    def __init__(self, code: str, *, reason: Reason = Reason.UNKNOWN, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.detail = detail


class Unchangeable(Refused):
    """What was posted cannot be redrawn. It is still there, and people can reply to it."""


class AddressRefused(Refused):
    """The platform accepts no messages for this address: a person left, a channel is archived."""


class Suspended(Refused):
    """The platform accepts nothing from the bot until an admin fixes it.

    With the reason ``DIRECT_OFF``, nothing in 1:1 conversations.
    """


class Unrecognised(Refused):
    """The platform refused with a code that we do not know. It may pass soon or never."""


class Unwanted(Refused):
    """There is no longer anywhere to send it, by the reader's own choice; or it is an extra that
    the platform does not permit, and nothing is lost without it."""


@dataclass(frozen=True, slots=True)
class Health:
    """The health of a platform, for ``doctor``, the health page and the admin.

    ``problem`` and ``advice`` are catalogue keys (``health.…``) with no personal data; both are
    empty when all is well. ``refuses``: why messages are refused, too, if that is the problem.
    ``told``: the admins are told although all that is needed works.
    """

    ok: bool
    problem: str = ""
    advice: str = ""
    detail: str = ""
    refuses: Reason | None = None
    told: bool = False


class Memory(Protocol):
    """What an adapter must remember across restarts and replicas: open forms, counters.

    Keys are the adapter's own, prefixed with its platform's name. Values are JSON objects;
    they are stored encrypted, since a half-filled form may hold a phone number.
    """

    async def put(self, key: str, value: Mapping[str, Any], *, keep: timedelta) -> None:
        """Store or replace a value; it expires after ``keep``."""

    async def get(self, key: str) -> dict[str, Any] | None: ...

    async def take(self, key: str) -> dict[str, Any] | None:
        """Read and delete in one step: exactly one of several callers gets the value."""

    async def count(self, key: str, by: int = 1, *, keep: timedelta) -> int:
        """Add to a counter shared by all replicas and return the new total."""


class LeadCards(Protocol):
    """Where an adapter keeps the leads' cards that its answers showed to one person.

    Such a card is redrawn when its lead changes, and understood when somebody replies to it.
    ``subject`` is the lead's (``lead:12``). Neither method raises.
    """

    async def keep(self, to: Address, ref: str, subject: str) -> None:
        """Keep an answered card; the ones before it in the conversation become a short line."""

    async def living(self, to: Address, subject: str) -> str:
        """The reference of the lead's card in the conversation; empty without one."""


@runtime_checkable
class FindsByEmail(Protocol):
    """A platform that knows whose account has an e-mail address."""

    async def account_of(self, email: str) -> Sender | None:
        """The member with that confirmed address; None without one. Raises nothing."""


@runtime_checkable
class TellsWhatWasRead(Protocol):
    """A platform that tells whether a posted message was read."""

    async def was_read(self, to: Address, ref: str) -> bool:
        """Whether a person read a message; False, too, if that is not known. Raises the delivery
        errors."""


@dataclass(frozen=True, slots=True)
class OptionalPermission:
    """Something that a platform may or may not let the bot do: the texts of ``part`` name it and
    what is lost without it, ``code`` is the platform's own."""

    part: str
    code: str
    state: Literal["works", "lacks", "untried"]


@runtime_checkable
class HasOptionalPermissions(Protocol):
    """A platform that permits some things separately."""

    name: str

    async def optional_permissions(self) -> Sequence[OptionalPermission]:
        """Each with what is known of it; changes nothing. Raises StorageUnavailable."""


@runtime_checkable
class LocalizesMoments(Protocol):
    """A platform that shows each reader of a marked moment their own time
    (``handlers.core.moments``)."""

    localizes_moments: bool


@runtime_checkable
class FindsAccounts(Protocol):
    """A platform whose forms offer everybody whom it knows (``PersonPick.directory``)."""

    async def account(self, account_id: str) -> Sender | None:
        """The member of the company with that account; None for anybody else. Raises nothing."""


class Platform(Protocol):
    """One chat platform, started and stopped with the process."""

    name: str
    seconds_between_sends: float
    """The pause the platform requires between two messages to the same conversation."""
    can_edit: bool
    """Whether a posted card can be redrawn in place."""
    has_threads: bool
    """Whether a card can be posted under another; if not, ``thread`` is ignored."""
    takes_replies: bool
    """Whether people can write under a posted card, so that its place is kept."""
    has_todos: bool
    """Whether ``edit`` is called for changed cards with a ``todo`` even if it cannot redraw."""

    has_calendar: bool
    """Whether ``post`` puts a card's ``appointment`` into the reader's calendar, instead of a
    message; then ``edit`` moves it, or takes it out once there is none."""

    async def start(self) -> None:
        """Start receiving. Returns once trying; a refused token is retried, not raised."""

    async def stop(self) -> None:
        """Stop receiving and finish what is under way."""

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        """Post a card and return the platform's reference to it, for ``edit``.

        A thread whose card is gone is ignored. Raises Throttled, Unavailable, Unclear or Refused,
        including its subclasses.
        """

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:
        """Redraw the card ``ref``. Raises like ``post``."""

    def link(self, ref: str, lead: str) -> str:
        """The address that opens a posted card, or the lead with that number.

        Empty if the platform has none. Makes no call; either argument may be empty.
        """

    async def readers(self, channel: str, known: Collection[str]) -> Readers:
        """The people who read a channel, without bots; ``known`` accounts are certainly people.

        May raise like ``post``.
        """

    def health(self) -> Health: ...
