"""Keeps what the local web chat shows, for any number of processes on one database.

Every write gets the next revision, in the order of the commits, so that a reader who asks
for "all after revision n" misses nothing. Knows nothing of what a message's body means.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, func, insert, select, text, update
from sqlalchemy.exc import InterfaceError, OperationalError

from storage.tables import transcript as table

Result = TypeVar("Result")

_NEXT_REVISION = select(func.coalesce(func.max(table.c.revision), 0) + 1).scalar_subquery()
_visible_to = table.c.message["visible_to"].as_string()


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as it stands now. ``visible_to`` is None when all may see it."""

    id: int
    revision: int
    conversation: str
    author: str
    body: Mapping[str, Any]
    visible_to: str | None
    posted_at: datetime
    edited_at: datetime | None


class Transcripts:
    """The transcript over ``engine``; ``reader`` is an engine for reads where it differs.

    ``poll_seconds`` is how late another process' writes may be noticed; this process' own
    are noticed at once. Every method raises ConnectionError when the database is away.
    """

    def __init__(
        self, engine: Engine, *, reader: Engine | None = None, poll_seconds: float = 1.0
    ) -> None:
        self._writer = engine
        self._reader = reader or engine
        self._poll_seconds = poll_seconds
        self._written = asyncio.Event()

    async def append(
        self,
        conversation: str,
        author: str,
        body: Mapping[str, Any],
        *,
        at: datetime,
        visible_to: str | None = None,
    ) -> StoredMessage:
        """Add a message at the end of ``conversation``."""
        new = insert(table).values(
            conversation=conversation,
            author=author,
            message=_envelope(body, visible_to, None),
            revision=_NEXT_REVISION,
            posted_at=at,
        )
        return await self._write(lambda link: _message(link.execute(new.returning(table)).one()))

    async def edit(
        self, message_id: int, body: Mapping[str, Any], *, at: datetime
    ) -> StoredMessage:
        """Replace the body; place, author and audience stay. LookupError when unknown."""

        def replace(link: Connection) -> StoredMessage:
            before = _one(link, message_id)
            changed = (
                update(table)
                .where(table.c.id == message_id)
                .values(message=_envelope(body, before.visible_to, at), revision=_NEXT_REVISION)
            )
            return _message(link.execute(changed.returning(table)).one())

        return await self._write(replace)

    async def get(self, message_id: int) -> StoredMessage:
        """The message; LookupError when unknown."""
        return await self._read(lambda link: _one(link, message_id))

    async def page(
        self, conversation: str, viewer: str, *, before: int | None = None, limit: int = 50
    ) -> list[StoredMessage]:
        """The newest ``limit`` messages the viewer may see, oldest first."""
        wanted = select(table).where(table.c.conversation == conversation, _seen_by(viewer))
        if before is not None:
            wanted = wanted.where(table.c.id < before)
        wanted = wanted.order_by(table.c.id.desc()).limit(limit)
        found = await self._read(lambda link: link.execute(wanted).all())
        return [_message(row) for row in reversed(found)]

    async def since(self, revision: int, *, limit: int = 200) -> list[StoredMessage]:
        """Everything written after ``revision``, by revision, at most ``limit``."""
        wanted = select(table).where(table.c.revision > revision)
        wanted = wanted.order_by(table.c.revision).limit(limit)
        found = await self._read(lambda link: link.execute(wanted).all())
        return [_message(row) for row in found]

    async def revision(self) -> int:
        """The newest revision; 0 when nothing was written yet."""
        newest = select(func.coalesce(func.max(table.c.revision), 0))
        return await self._read(lambda link: link.execute(newest).scalar_one())

    async def newest(self, conversations: Collection[str], viewer: str) -> dict[str, int]:
        """By conversation the newest message's id that others wrote for the viewer to see."""
        wanted = (
            select(table.c.conversation, func.max(table.c.id).label("newest"))
            .where(
                table.c.conversation.in_(conversations),
                table.c.author != viewer,
                _seen_by(viewer),
            )
            .group_by(table.c.conversation)
        )
        found = await self._read(lambda link: link.execute(wanted).all())
        return {row.conversation: row.newest for row in found}

    async def written_after(self, revision: int) -> None:
        """Return once something newer than ``revision`` is there, whoever wrote it."""
        while True:
            # Taken before looking: a write in between then wakes the wait below.
            written = self._written
            if await self.revision() > revision:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(written.wait(), self._poll_seconds)

    async def _write(self, work: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with self._writer.begin() as link:
                _wait_in_line(link)
                return work(link)

        result = await _in_thread(run)
        woken, self._written = self._written, asyncio.Event()
        woken.set()
        return result

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with self._reader.connect() as link:
                return work(link)

        return await _in_thread(run)


async def _in_thread(work: Callable[[], Result]) -> Result:
    try:
        return await asyncio.to_thread(work)
    except (OperationalError, InterfaceError) as lost:
        # The driver's message stays in the cause: it may quote what people wrote.
        raise ConnectionError("the transcript's database cannot be reached") from lost


def _wait_in_line(link: Connection) -> None:
    """One writer at a time, so that revisions are committed in order.

    SQLite has one writer anyway; PostgreSQL is told to, and readers are not held up.
    """
    if link.dialect.name == "postgresql":
        link.execute(text("LOCK TABLE transcript IN SHARE ROW EXCLUSIVE MODE"))


def _seen_by(viewer: str) -> Any:
    return _visible_to.is_(None) | (_visible_to == viewer)


def _envelope(
    body: Mapping[str, Any], visible_to: str | None, edited_at: datetime | None
) -> dict[str, Any]:
    """What the JSON column holds: the body and what is known about it."""
    envelope: dict[str, Any] = {"body": dict(body)}
    if visible_to is not None:
        envelope["visible_to"] = visible_to
    if edited_at is not None:
        envelope["edited_at"] = edited_at.isoformat()
    return envelope


def _one(link: Connection, message_id: int) -> StoredMessage:
    row = link.execute(select(table).where(table.c.id == message_id)).one_or_none()
    if row is None:
        raise LookupError(f"no message {message_id}")
    return _message(row)


def _message(row: Row[Any]) -> StoredMessage:
    envelope = row.message
    edited_at = envelope.get("edited_at")
    return StoredMessage(
        id=row.id,
        revision=row.revision,
        conversation=row.conversation,
        author=row.author,
        body=envelope["body"],
        visible_to=envelope.get("visible_to"),
        posted_at=row.posted_at,
        edited_at=datetime.fromisoformat(edited_at) if edited_at else None,
    )
