"""The local web chat as a platform: no account and, by itself, no network beyond this machine.

Composes the web chat's parts. The code that serves ``routes()`` calls ``stop`` before the server
waits for its connections to close.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from starlette.routing import BaseRoute

from bot.platforms import (
    Address,
    Dispatch,
    Health,
    LeadCards,
    Memory,
    Refused,
    Thread,
    Unavailable,
)
from bot.platforms.web.access import Access
from bot.platforms.web.client import Transcript
from bot.platforms.web.files import ChatFiles
from bot.platforms.web.pages import ChatPages
from bot.platforms.web.people import BOT, Channel, Persona, dm_of, dm_owner
from bot.platforms.web.render import card_body, drawn_anew, under
from bot.platforms.web.replies import WebReplies
from handlers.core.language import Language
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told


class WebPlatform:
    """Implements ``bot.platforms.Platform``.

    ``personas`` returns the people the page can play, in the order shown; it is called every time,
    so that people who join or leave show at once. ``clock`` gives aware instants. ``heartbeat`` is
    the pause in seconds after which an idle event stream sends a sign of life. ``address`` is where
    people open the page; ``access`` says who may, by default this machine alone.
    """

    name = "web"
    seconds_between_sends = 0.0
    can_edit = True
    has_threads = True
    takes_replies = True
    has_todos = False
    has_calendar = False

    def __init__(
        self,
        dispatch: Dispatch,
        transcript: Transcript,
        personas: Callable[[], Awaitable[list[Persona]]],
        clock: Callable[[], datetime],
        new_language: Callable[[str], Language],
        *,
        memory: Memory,
        channels: Sequence[Channel] = (),
        heartbeat: float = 15.0,
        address: str = "",
        access: Access | None = None,
        lead_cards: LeadCards | None = None,
    ) -> None:
        self._address = address
        self._transcript = transcript
        self._personas = personas
        self._clock = clock
        self._channels = {channel.id: channel for channel in channels}
        self._closing = asyncio.Event()
        self._started = False
        self._reachable = True
        files = ChatFiles(memory)
        self._pages = ChatPages(
            WebReplies(
                dispatch,
                transcript,
                personas,
                clock,
                channels,
                files=files,
                lead_cards=lead_cards,
            ),
            transcript,
            personas,
            new_language,
            channels,
            files=files,
            access=access or Access(),
            closing=self._closing,
            heartbeat=heartbeat,
        )

    def routes(self) -> list[BaseRoute]:
        """The page, its API and its files, for the process's Starlette application."""
        return self._pages.routes()

    async def start(self) -> None:
        self._closing.clear()
        self._started = True

    async def stop(self) -> None:
        """End the open event streams, so that the server can close its connections."""
        self._closing.set()
        self._started = False

    # The page adds its own texts to a card in the reader's language, so ``locale`` is not needed.
    async def post(
        self,
        to: Address,
        card: Card,
        *,
        locale: str,  # noqa: ARG002
        thread: Thread | None = None,
    ) -> str:
        conversation = await self._conversation(to)
        body = card_body(card) | (under(card, int(thread.ref)) if thread else {})
        try:
            message = await self._transcript.append(conversation, BOT, body, at=self._clock())
        except ConnectionError as lost:
            self._reachable = False
            raise Unavailable(str(lost)) from lost
        self._reachable = True
        return str(message.id)

    async def edit(
        self,
        to: Address,
        ref: str,
        card: Card,
        *,
        locale: str,  # noqa: ARG002
    ) -> None:
        conversation = await self._conversation(to)
        try:
            posted = await self._transcript.get(int(ref))
            if posted.conversation != conversation:
                raise Refused(f"message {ref} is not in {conversation}")
            body = drawn_anew(card, posted.body)
            await self._transcript.edit(int(ref), body, at=self._clock())
        except LookupError as missing:
            raise Refused(f"no message {ref}") from missing
        except ConnectionError as lost:
            self._reachable = False
            raise Unavailable(str(lost)) from lost
        self._reachable = True

    def link(self, ref: str, lead: str) -> str:  # noqa: ARG002
        """A link to the page, which shows the lead that its address names."""
        if not self._address:
            return ""
        parts = urlsplit(self._address)
        return parts._replace(path=parts.path or "/", fragment=lead).geturl()

    async def readers(self, channel: str, known: Collection[str]) -> Readers:  # noqa: ARG002
        place = self._channels.get(channel)
        people = [persona.id for persona in await self._personas() if place and place.has(persona)]
        return Readers(Told.ALL, frozenset(people))

    def health(self) -> Health:
        if not self._started:
            return Health(False, "health.web.stopped", "health.web.stopped.advice")
        if not self._reachable:
            return Health(False, "health.web.store", "health.web.store.advice")
        return Health(True)

    async def _conversation(self, to: Address) -> str:
        """The transcript's conversation for an address; raises Refused for an unknown one."""
        owner = to.id if to.kind == "person" else dm_owner(to.id)
        if owner is None:
            if to.id in self._channels:
                return to.id
        elif any(persona.id == owner for persona in await self._personas()):
            return dm_of(owner)
        raise Refused(f"nobody reads {to.kind} {to.id} in the web chat")
