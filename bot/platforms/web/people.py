"""The people of the local web chat and their conversations: sample people, DMs and channels.

Knows nothing of HTTP, of storage or of what the bot does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

BOT = "genjin"
"""The bot's own author id in the transcript."""
_DM = "dm:"


@dataclass(frozen=True, slots=True)
class Persona:
    """A person of the company whom the page can play.

    ``id`` is the platform's user id, as in the person's identity. ``role`` is ``rep``, ``manager``,
    ``admin`` … and its text is in the catalogue (``web.role.rep``); ``role_label`` is shown for a
    role the catalogue does not know.
    """

    id: str
    name: str
    role: str
    role_label: str = ""

    @property
    def dm(self) -> str:
        """The id of this person's 1:1 conversation with the bot."""
        return dm_of(self.id)


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation of several people.

    ``id`` is what an ``Address`` names. The title comes from the catalogue (``web.channel.<id>``)
    or else is ``title``. Empty ``roles`` means that everybody is in it.
    """

    id: str
    title: str = ""
    roles: frozenset[str] = frozenset()

    def has(self, persona: Persona) -> bool:
        return not self.roles or persona.role in self.roles


def dm_of(persona_id: str) -> str:
    """The conversation id of a person's DM with the bot."""
    return f"{_DM}{persona_id}"


def dm_owner(conversation: str) -> str | None:
    """The person whose DM this is; None for a channel."""
    return conversation.removeprefix(_DM) if conversation.startswith(_DM) else None


def conversations_of(persona: Persona, channels: Sequence[Channel]) -> list[str]:
    """The ids of all conversations the person is in, the DM first."""
    return [persona.dm, *(channel.id for channel in channels if channel.has(persona))]
