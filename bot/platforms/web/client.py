"""The interface of the web chat to the store of its messages.

Slack's servers keep what was said in Slack; here a ``Transcript`` does. ``storage`` implements one
on the database. Knows nothing of HTTP and nothing of what a message's body means.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Message(Protocol):
    """One message in its current state. ``revision`` grows with every append and edit."""

    @property
    def id(self) -> int: ...
    @property
    def revision(self) -> int: ...
    @property
    def conversation(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def body(self) -> Mapping[str, Any]:
        """The rendered JSON, as ``append`` or ``edit`` got it."""

    @property
    def visible_to(self) -> str | None:
        """The only person who sees it; None if everybody in the conversation does."""

    @property
    def posted_at(self) -> datetime: ...
    @property
    def edited_at(self) -> datetime | None: ...


class Transcript(Protocol):
    """The stored messages. Every method raises ``ConnectionError`` when the store is
    unreachable."""

    async def append(
        self,
        conversation: str,
        author: str,
        body: Mapping[str, Any],
        *,
        at: datetime,
        visible_to: str | None = None,
    ) -> Message: ...

    async def edit(self, message_id: int, body: Mapping[str, Any], *, at: datetime) -> Message:
        """Replace the body. Raises LookupError for an unknown message."""

    async def get(self, message_id: int) -> Message:
        """Get a message. Raises LookupError for an unknown one."""

    async def page(
        self, conversation: str, viewer: str, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Message]:
        """The newest messages the viewer may see, older than id ``before``; oldest first."""

    async def since(self, revision: int, *, limit: int = 200) -> Sequence[Message]:
        """Everything written after ``revision`` in any conversation, by revision."""

    async def revision(self) -> int:
        """The newest revision; 0 for an empty transcript."""

    async def newest(self, conversations: Collection[str], viewer: str) -> Mapping[str, int]:
        """Per conversation, the id of the newest message another person wrote to the viewer."""

    async def written_after(self, revision: int) -> None:
        """Return once there is a newer revision, whichever process wrote it."""
