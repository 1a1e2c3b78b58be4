"""The state of the local DingTalk: recorded calls, messages in chats, and cards."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One HTTP call as it came in. ``name`` is the interface (``batchSend``)."""

    name: str
    body: dict[str, Any]
    token: str = ""


@dataclass
class Entry:
    """One line of a conversation. ``author`` is ``bot`` or a staff id; ``via`` how it came."""

    author: str
    kind: str
    text: str = ""
    via: str = ""
    ref: str = ""


@dataclass
class CardInstance:
    """An interactive card in a person's 1:1 chat, with the owner's private variables on top."""

    track_id: str
    person: str
    shared: dict[str, str]
    template: str = ""
    private: dict[str, str] = field(default_factory=dict)

    @property
    def params(self) -> dict[str, str]:
        return self.shared | self.private

    @property
    def fields(self) -> list[dict[str, Any]]:
        return list(json.loads(self.params["form"])["fields"])

    @property
    def is_form(self) -> bool:
        return "form" in self.params

    @property
    def buttons(self) -> dict[str, str]:
        """The ids of the buttons by what is on them."""
        drawn = json.loads(self.params["btns"])
        return {one["text"]: one["event"]["params"]["actionId"] for one in drawn}


@dataclass
class Fault:
    """What the next call of an interface gets instead of its answer."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    done_first: bool = False
    held: asyncio.Event | None = None
    """Keeps the answer until it is set."""
    text: str | None = None
    """Instead of ``body``: what no API answers, such as a page of some proxy."""


class World:
    """The journal; ``changed`` wakes waiters when something appears in it."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.chats: dict[str, list[Entry]] = {}
        self.cards: dict[str, CardInstance] = {}
        self.carriers: dict[str, str] = {}
        """What a message that quotes a card says of it, by ``outTrackId``."""
        self.todos: dict[str, dict[str, Any]] = {}
        self.read: set[str] = set()
        """The keys of the messages that were read."""
        self.events: dict[str, dict[str, Any]] = {}
        """Calendar events by id."""
        self.faults: dict[str, list[Fault | None]] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        """Uploaded files by media id: name and content."""
        self.opens: list[dict[str, Any]] = []
        self.acks: list[dict[str, Any]] = []
        self._changed = asyncio.Condition()

    def say(self, chat: str, entry: Entry) -> None:
        self.chats.setdefault(chat, []).append(entry)

    def chat(self, chat: str) -> list[Entry]:
        return self.chats.get(chat, [])

    def named(self, name: str) -> list[Call]:
        return [call for call in self.calls if call.name == name]

    def fail_next(
        self,
        name: str,
        status: int,
        body: dict[str, Any] | None = None,
        *,
        after: int = 0,
        **more: Any,
    ) -> None:
        """Make a call of this interface return this fault, and do nothing else.

        The next call, or the one after ``after`` successful ones.
        """
        waiting = self.faults.setdefault(name, [])
        waiting += [None] * after
        waiting.append(Fault(status, body or {}, **more))

    def fault(self, name: str) -> Fault | None:
        waiting = self.faults.get(name)
        return waiting.pop(0) if waiting else None

    async def changed(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def until(self, happened: Callable[[], Any], seconds: float = 5.0) -> Any:
        """Wait for ``happened()`` to be true; fails with the journal if it never is."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(happened)
        except TimeoutError:
            names = [call.name for call in self.calls]
            there = f"calls: {names}; chats: {self.chats}"
            raise AssertionError(f"it did not happen; {there}") from None
        return happened()
