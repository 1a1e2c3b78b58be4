"""What the process asks of a chat platform.

An adapter turns the platform's payloads into ``Request``s, hands them to the ``Dispatch`` it
was built with, and draws the ``Reply``. For delivery it can post a card and edit a posted
one. Platforms are independent of each other and of storage.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol, TypeAlias

from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Card, Chart
from sales.channel_privacy import Readers
from sales.refusals import Reason

Dispatch: TypeAlias = Callable[[Request], Awaitable[Reply]]
"""Runs one request to its end (committed) and gives the reply; never raises."""

DrawChart: TypeAlias = Callable[[Chart, str], bytes | None]
"""Draws a chart in a language, as PNG; blocks. None when it is to go out in words alone."""


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
    """Under which posted card a new one belongs (``ref``, as ``post`` gave it); ``aloud``: it is
    shown in the conversation itself, too."""

    ref: str
    aloud: bool = False


class DeliveryError(Exception):
    """A message was not, or not surely, delivered."""


class Throttled(DeliveryError):
    """The platform asks to wait ``retry_after`` seconds; nothing was posted."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"throttled for {retry_after:g} s")
        self.retry_after = retry_after


class Unavailable(DeliveryError):
    """The platform could not be reached or failed; surely nothing was posted. Retry."""


class Unclear(DeliveryError):
    """The call broke after it was sent: it may have been posted or not."""


class Refused(DeliveryError):
    """The platform said no; nothing was posted. Of itself: to this message, however often it is
    tried. ``code`` is the platform's word, ``detail`` what it misses (permissions)."""

    def __init__(self, code: str, *, reason: Reason = Reason.UNKNOWN, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
        self.detail = detail


class AddressRefused(Refused):
    """No message is taken for this address: somebody left, a channel is archived."""


class Suspended(Refused):
    """Nothing is taken from the bot until an admin mends it; with the reason ``DIRECT_OFF``,
    nothing in 1:1 conversations."""


class Unrecognised(Refused):
    """The platform said no by a word that we do not know. It may be over soon or never."""


class Unwanted(Refused):
    """There is nowhere to send it any more, by the reader's own choice."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a platform is doing, for ``doctor``, the health page and the admin.

    ``problem`` and ``advice`` are catalogue keys (``health.…``) with no personal data; both
    empty when all is well. ``refuses``: why what is sent is refused, too, where that is the
    problem.
    """

    ok: bool
    problem: str = ""
    advice: str = ""
    detail: str = ""
    refuses: Reason | None = None


class Memory(Protocol):
    """What an adapter must remember across restarts and replicas: open forms, counters.

    Keys are the adapter's own, prefixed with its platform's name. Values are JSON objects;
    they are stored encrypted, since a half-filled form may hold a phone number.
    """

    async def put(self, key: str, value: Mapping[str, Any], *, keep: timedelta) -> None:
        """Store or replace; forgotten after ``keep``."""

    async def get(self, key: str) -> dict[str, Any] | None: ...

    async def take(self, key: str) -> dict[str, Any] | None:
        """Read and delete in one step: of several callers exactly one gets it."""

    async def count(self, key: str, by: int = 1, *, keep: timedelta) -> int:
        """Add to a counter shared by all replicas and give the new total."""


class Platform(Protocol):
    """One chat platform, started and stopped with the process."""

    name: str
    seconds_between_sends: float
    """The pause the platform wants between two messages to the same conversation."""
    can_edit: bool
    """Whether a posted card can be drawn anew in place."""
    has_threads: bool
    """Whether a card can be posted under another; where not, ``thread`` is passed over."""
    takes_replies: bool
    """Whether people can say something under a posted card, so that its place is kept."""
    has_todos: bool
    """Whether ``edit`` is to hear of a card with a ``todo`` that changed, even where it cannot be
    drawn anew."""

    async def start(self) -> None:
        """Begin to receive. Returns once trying; a refused token is retried, not raised."""

    async def stop(self) -> None:
        """Stop receiving and finish what is under way."""

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        """Post a card and give the platform's reference of it, for ``edit``. A thread whose card
        is gone is none.

        Raises Throttled, Unavailable, Unclear or Refused, also of its kinds.
        """

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:
        """Draw the card ``ref`` anew. Raises like ``post``."""

    def link(self, ref: str, lead: str) -> str:
        """The address that opens a posted card, or the lead of that number; empty when the
        platform has none. Calls nobody; either argument may be empty."""

    async def readers(self, channel: str, known: Collection[str]) -> Readers:
        """Who reads a channel, bots aside; ``known`` accounts are people for sure. May raise like
        ``post``."""

    def health(self) -> Health: ...
