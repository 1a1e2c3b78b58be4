"""The interface of a person at a chat client, which every platform's test driver implements.

Stories are written once against ``User``; each platform brings a driver that talks to the product
through the real SDK and a local server of that platform, or through a browser. What a driver
reports is what the person would see: it is read back from what the platform's server received,
never from the product's own objects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SeenForm:
    """An open form.

    ``fields`` maps names to labels, ``values`` holds their present content, ``errors`` maps names
    to the message beside the field, ``choices`` names to option labels.
    """

    title: str
    fields: Mapping[str, str]
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message in its current state (edits applied). ``text`` is all its visible text."""

    ref: str
    text: str
    buttons: tuple[str, ...] = ()
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file on the person's own machine."""

    name: str
    content: bytes


class User(Protocol):
    """One person in their 1:1 conversation with the bot.

    Every method returns after the product has answered: a driver waits on the local server's own
    events, never by sleeping. All fail with an AssertionError that shows what is there.
    """

    async def type(self, line: str) -> None:
        """Type a command line such as ``/lead LX001`` to the bot."""

    async def answer(self, line: str, *, within: str) -> None:
        """Type a line under the oldest message that contains ``within``, or as its answer."""

    async def form(self) -> SeenForm | None:
        """The form that is open now, or None."""

    async def submit(
        self, values: Mapping[str, str | tuple[str, ...]], file: SentFile | None = None
    ) -> None:
        """Fill the open form's fields by *name*, and submit.

        Choices by option value, dates as ``YYYY-MM-DD``; a file field gets a file. Fields not named
        keep their content.
        """

    async def send(self, file: SentFile) -> None:
        """Drop a file into the conversation with the bot."""

    async def press(self, label: str, *, within: str = "") -> None:
        """Press the newest button with this label, on a message that contains ``within``."""

    async def make_lead_of(self, message: str) -> None:
        """Use the client's action on a message with this text to make a lead."""

    async def messages(self) -> list[SeenMessage]:
        """Everything the person can read in the conversation, oldest first.

        Bot messages, private answers and toasts.
        """

    async def search(self, field: str, query: str) -> list[str]:
        """Type into a searchable picker of the open form and read the labels offered."""
