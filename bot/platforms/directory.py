"""Accounts as a platform's own directory lists them, for ``genjin setup``.

Each platform's ``directory.py`` reads them with nothing but its credentials: no process runs, and
nobody is messaged.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """A member of the organisation. ``email`` and ``phone`` (with ``+`` and country code) are what
    the platform vouches for; "" when it does not tell."""

    platform: str
    id: str
    name: str
    email: str = ""
    phone: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a check of the credentials found: the organisation's name, the permissions that the app
    lacks, and by which name people mention the bot ("" where that is unknown)."""

    organisation: str
    missing: tuple[str, ...] = ()
    bot: str = ""


@dataclass(frozen=True, slots=True)
class FoundChannel:
    """A channel. ``member``: the bot was invited, so that it can post there."""

    id: str
    name: str
    member: bool


class NotInDirectory(LookupError):
    """The organisation has no such group, department, person or channel."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


class Directory(Protocol):
    """One organisation's directory. All but ``close`` raise the delivery errors of
    ``bot.platforms``; whatever looks somebody up raises NotInDirectory."""

    async def check(self) -> Reached:
        """Use every credential once."""

    async def person(self, wanted: str) -> Account:
        """The person with this id, e-mail or phone, as far as the platform finds by it."""

    async def members(self, group: str) -> list[Account]:
        """The members of a group (Slack's user group, DingTalk's department with all below it),
        without bots, guests and accounts that were closed."""

    async def channel(self, wanted: str) -> FoundChannel:
        """The channel with this name or id."""

    async def close(self) -> None: ...
