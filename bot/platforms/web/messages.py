"""Live updates: the transcript's changes as server-sent events, resumable by revision.

Knows the wire format of SSE and who may see what, but nothing about what a message says.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import structlog

from bot.platforms.web.client import Message, Transcript
from bot.platforms.web.people import BOT, dm_owner

_BATCH = 200
MOST_STREAMS: Final = 50
log = structlog.get_logger(__name__)


class Streams:
    """Limits the open event streams.

    Each holds a connection for as long as it likes, so their number is limited per address, and a
    stream over the limit has to try again.
    """

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def is_full(self, address: str) -> bool:
        return self._open[address] >= self._most

    async def counted(self, address: str, stream: AsyncIterator[str]) -> AsyncIterator[str]:
        self._open[address] += 1
        try:
            async for event in stream:
                yield event
        finally:
            self._open[address] -= 1


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person listening, and the conversations they can see."""

    persona: str
    conversations: Collection[str]

    def sees(self, message: Message) -> bool:
        mine = message.visible_to in (None, self.persona)
        return mine and message.conversation in self.conversations


async def events(
    transcript: Transcript,
    viewer: Viewer,
    draw: Callable[[Message], dict[str, Any]],
    *,
    after: int,
    closing: asyncio.Event,
    heartbeat: float,
) -> AsyncIterator[str]:
    """Stream events after the revision ``after`` until ``closing``.

    ``message`` is a new or changed message visible to the viewer; ``elsewhere`` says that the bot
    wrote to another person (only to whom, for the mark beside their name); ``position`` moves the
    resume point. A comment every ``heartbeat`` seconds distinguishes an idle connection from a dead
    one.
    """
    yield "retry: 1000\n\n"
    try:
        while not closing.is_set():
            batch = await transcript.since(after, limit=_BATCH)
            for message in batch:
                yield _event_of(message, viewer, draw)
                after = message.revision
            if len(batch) < _BATCH and not await _more(transcript, after, closing, heartbeat):
                yield ": still here\n\n"
    except ConnectionError as lost:
        # The end of the stream; the page reconnects by itself and resumes where it was.
        log.warning("web.events_lost", reason=str(lost))


def _event_of(message: Message, viewer: Viewer, draw: Callable[[Message], dict[str, Any]]) -> str:
    if viewer.sees(message):
        return _event("message", message.revision, draw(message))
    owner = dm_owner(message.conversation)
    if owner is not None and message.author == BOT and message.edited_at is None:
        return _event("elsewhere", message.revision, {"persona": owner, "id": message.id})
    return _event("position", message.revision, {})


def _event(name: str, revision: int, content: dict[str, Any]) -> str:
    # json.dumps escapes line breaks, so the data is always one line.
    return f"event: {name}\nid: {revision}\ndata: {json.dumps(content)}\n\n"


async def _more(transcript: Transcript, after: int, closing: asyncio.Event, seconds: float) -> bool:
    """Wait for news or the end; False when neither came within ``seconds``."""
    waits = (
        asyncio.ensure_future(transcript.written_after(after)),
        asyncio.ensure_future(closing.wait()),
    )
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in waits:
            task.cancel()
    return bool(done)
