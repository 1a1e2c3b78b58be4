"""One replica that delivers until it is killed: the target of a process.

Its platform sends a line of JSON to the journal server of the test, which answers with a reference.
"""

import asyncio
import json
from collections.abc import Collection
from pathlib import Path

from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.platforms import Address, Health, Refused, Thread, Unavailable, Unclear
from bot.sending import SendingLimits
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told
from sales.notices import DigestReady, LeadOffered, Notice
from storage.database.engine import open_database
from storage.outbox.outbox import Recipient

SPACING = 0.03
LIMITS = SendingLimits(senders=8, lease=1.6, send=0.8, poll=0.05)


class JournalPlatform:
    """Posts through a connection of its own to the journal server, as an SDK would."""

    name = "chat"
    seconds_between_sends = SPACING
    can_edit = False
    has_threads: bool = True
    takes_replies: bool = True
    has_todos: bool = False
    has_calendar: bool = False

    def __init__(self, port: int) -> None:
        self._port = port

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError as error:
            raise Unavailable(str(error)) from error
        try:
            writer.write(json.dumps([to.id, int(card.title)]).encode() + b"\n")
            await writer.drain()
            answer = await reader.readline()
        except OSError as error:
            raise Unclear(str(error)) from error
        finally:
            writer.close()
        if not answer:
            raise Unclear("the connection broke before the answer")
        return answer.decode().strip()

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:
        raise Refused("cards of the journal cannot be edited")

    def link(self, ref: str, lead: str) -> str:
        return ""

    async def readers(self, channel: str, known: Collection[str]) -> Readers:
        return Readers(Told.NEVER)

    def health(self) -> Health:
        return Health(ok=True)


def compose(
    notice: Notice, to: Recipient, *, again: bool = False, **_more: object
) -> tuple[Card, str] | None:
    match notice:
        case LeadOffered(number) | DigestReady(number):
            return Card(title=str(number)), "en"
        case _:
            return None


async def _deliver(url: str, port: int) -> None:
    platforms = {"chat": JournalPlatform(port)}
    database = open_database(url, Path())
    delivery = Delivery(database, platforms, compose, SystemClock(), limits=LIMITS)
    await delivery.start()
    await asyncio.Event().wait()


def main(url: str, port: int) -> None:
    asyncio.run(_deliver(url, port))
