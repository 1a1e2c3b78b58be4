"""Stores the local web chat's transcript, for any number of processes on one database.

Every write gets the next revision, in commit order, so that a reader who asks for "all after
revision n" misses nothing. Bodies are encrypted, since cards show contacts. Does not know what a
message's body means.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Select,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from sales.unreadable import UnreadableText
from storage.database.encryption import Fields
from storage.database.rows import RowMapper
from storage.database.troubles import trouble_of
from storage.tables import transcript as table

BODY = "transcript.body"

Result = TypeVar("Result")

NEXT_REVISION = select(func.coalesce(func.max(table.c.revision), 0) + 1).scalar_subquery()


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """The present state of a message. ``visible_to`` is None when all may see it."""

    id: int
    revision: int
    conversation: str
    author: str
    body: Mapping[str, Any]
    visible_to: str | None
    posted_at: datetime
    edited_at: datetime | None


_MESSAGES = RowMapper(StoredMessage, given=("body",))


class Transcripts:
    """The transcript over ``engine``; ``reader`` is an engine for reads where it differs.

    ``poll_seconds`` is the longest delay in noticing another process' writes; this process' own are
    noticed at once. Every method raises ConnectionError when the database is away.
    """

    def __init__(
        self,
        engine: Engine,
        fields: Fields,
        *,
        reader: Engine | None = None,
        poll_seconds: float = 1.0,
    ) -> None:
        self._writer = engine
        self._fields = fields
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
            visible_to=visible_to,
            body=self._sealed(body),
            revision=NEXT_REVISION,
            posted_at=at,
        )
        [added] = await self._write(new.returning(table))
        return added

    async def edit(
        self, message_id: int, body: Mapping[str, Any], *, at: datetime
    ) -> StoredMessage:
        """Replace the body; place, author and audience stay. LookupError when unknown."""
        changed = (
            update(table)
            .where(table.c.id == message_id)
            .values(body=self._sealed(body), edited_at=at, revision=NEXT_REVISION)
        )
        return _only(message_id, await self._write(changed.returning(table)))

    async def get(self, message_id: int) -> StoredMessage:
        """The message; LookupError when unknown."""
        messages = await self._messages(select(table).where(table.c.id == message_id))
        return _only(message_id, messages)

    async def page(
        self, conversation: str, viewer: str, *, before: int | None = None, limit: int = 50
    ) -> list[StoredMessage]:
        """The newest ``limit`` messages the viewer may see, oldest first."""
        query = select(table).where(table.c.conversation == conversation, _seen_by(viewer))
        if before is not None:
            query = query.where(table.c.id < before)
        query = query.order_by(table.c.id.desc()).limit(limit)
        return (await self._messages(query))[::-1]

    async def since(self, revision: int, *, limit: int = 200) -> list[StoredMessage]:
        """Everything written after ``revision``, by revision, at most ``limit``."""
        query = select(table).where(table.c.revision > revision)
        query = query.order_by(table.c.revision).limit(limit)
        return await self._messages(query)

    async def revision(self) -> int:
        """The newest revision; 0 when nothing was written yet."""
        newest = select(func.coalesce(func.max(table.c.revision), 0))
        return await self._read(lambda link: link.execute(newest).scalar_one())

    async def newest(self, conversations: Collection[str], viewer: str) -> dict[str, int]:
        """Map conversations to the newest id of others' messages that the viewer may see."""
        query = (
            select(table.c.conversation, func.max(table.c.id).label("newest"))
            .where(
                table.c.conversation.in_(conversations),
                table.c.author != viewer,
                _seen_by(viewer),
            )
            .group_by(table.c.conversation)
        )
        rows = await self._read(lambda link: link.execute(query).all())
        return {row.conversation: row.newest for row in rows}

    async def written_after(self, revision: int) -> None:
        """Return once something newer than ``revision`` was written, by any process."""
        while True:
            # Read before the query, so that a write in between wakes the wait below.
            written = self._written
            if await self.revision() > revision:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(written.wait(), self._poll_seconds)

    async def _write(
        self, statement: ReturningInsert[Any] | ReturningUpdate[Any]
    ) -> list[StoredMessage]:
        def run() -> list[StoredMessage]:
            with self._writer.begin() as link:
                wait_in_line(link)
                return self._opened(link, statement)

        written = await _in_thread(run)
        woken, self._written = self._written, asyncio.Event()
        woken.set()
        return written

    async def _messages(self, query: Select[Any]) -> list[StoredMessage]:
        return await self._read(lambda link: self._opened(link, query))

    async def _read(self, work: Callable[[Connection], Result]) -> Result:
        def run() -> Result:
            with self._reader.connect() as link:
                return work(link)

        return await _in_thread(run)

    def _sealed(self, body: Mapping[str, Any]) -> bytes:
        return self._fields.seal(json.dumps(dict(body), ensure_ascii=False), BODY)

    def _body(self, sealed: bytes) -> Mapping[str, Any]:
        """Decrypt a body; one that cannot be decrypted becomes a line that says so."""
        text = self._fields.read(sealed, BODY)
        if isinstance(text, UnreadableText):
            return {"kind": "line", "text": text}
        body: Mapping[str, Any] = json.loads(text)
        return body

    def _opened(self, link: Connection, statement: Executable) -> list[StoredMessage]:
        return [
            _MESSAGES.read(row, body=self._body(row["body"]))
            for row in link.execute(statement).mappings()
        ]


async def _in_thread(work: Callable[[], Result]) -> Result:
    try:
        return await asyncio.to_thread(work)
    except SQLAlchemyError as lost:
        if trouble_of(lost) is None:
            raise
        # The driver's message stays in the cause: it may quote what people wrote.
        raise ConnectionError("the transcript's database cannot be reached") from lost


def wait_in_line(link: Connection) -> None:
    """Serialise writers, so that revisions are committed in order.

    SQLite has one writer anyway; PostgreSQL takes a lock, and readers do not wait.
    """
    if link.dialect.name == "postgresql":
        link.execute(text("LOCK TABLE transcript IN SHARE ROW EXCLUSIVE MODE"))


def _seen_by(viewer: str) -> ColumnElement[bool]:
    return table.c.visible_to.is_(None) | (table.c.visible_to == viewer)


def _only(message_id: int, messages: list[StoredMessage]) -> StoredMessage:
    if not messages:
        raise LookupError(f"no message {message_id}")
    return messages[0]
