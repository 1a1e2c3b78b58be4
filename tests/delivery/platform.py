"""A chat platform with a scripted far side, whose posts a test can read."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from bot.platforms import Address, Health, Thread
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told

Failure = Exception | Callable[[], Awaitable[None]]


@dataclass
class ScriptedPlatform:
    """A platform that fails on script.

    ``failures`` are met one by one, by posts and edits alike: an exception is raised instead of
    sending, a coroutine function is awaited first.
    """

    name: str = "slack"
    seconds_between_sends: float = 0.0
    can_edit: bool = True
    has_threads: bool = True
    takes_replies: bool = True
    has_todos: bool = False
    has_calendar: bool = False
    failures: list[Failure] = field(default_factory=list)
    posts: list[tuple[str, str]] = field(default_factory=list)
    """Conversation and title of every posted card."""
    threads: list[str] = field(default_factory=list)
    """The first message of the thread of every posted card; empty for one outside a thread."""
    edits: list[tuple[str, str]] = field(default_factory=list)
    """Reference and title of every redrawn card."""

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        await self._fail()
        self.posts.append((to.id, f"{card.title} {locale}".strip()))
        self.threads.append(thread.ref if thread else "")
        return f"ref-{len(self.posts)}"

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:
        await self._fail()
        self.edits.append((ref, f"{card.title} {locale}".strip()))

    def link(self, ref: str, lead: str) -> str:
        return ""

    async def readers(self, channel: str, known: Collection[str]) -> Readers:
        return Readers(Told.NEVER)

    def health(self) -> Health:
        return Health(ok=True)

    async def _fail(self) -> None:
        if not self.failures:
            return
        failure = self.failures.pop(0)
        if isinstance(failure, Exception):
            raise failure
        await failure()
