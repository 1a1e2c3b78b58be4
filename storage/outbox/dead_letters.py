"""Counts, lists and resends messages whose delivery failed or is uncertain."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import and_, func, select, text

from storage.database.engine import Database
from storage.database.rows import RowMapper
from storage.outbox.outbox import NO_ADDRESS, lane_of_person, raise_pending
from storage.tables import message

_UNDELIVERED: Final = ("dead", "unknown")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An undelivered message. ``problem`` is a short word such as ``no_address``; ``state``
    ``unknown`` means that it may have arrived. ``lane`` is ``platform:person|channel:id``."""

    id: int
    lane: str
    person_id: int | None
    kind: str
    state: Literal["dead", "unknown"]
    problem: str
    attempts: int
    created_at: datetime


_LETTERS = RowMapper(DeadLetter)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of messages by delivery state; ``retrying`` are the waiting ones that failed
    before."""

    waiting: int
    retrying: int
    oldest_waiting_at: datetime | None
    dead: int
    unknown: int


class DeadLetters:
    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, limit: int) -> list[DeadLetter]:
        """List dead letters, newest first."""
        query = (
            select(*(message.c[name] for name in _LETTERS.names))
            .where(message.c.state.in_(_UNDELIVERED))
            .order_by(message.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [_LETTERS.read(row) for row in connection.execute(query).mappings()]

    def replay(self, message_id: int, now: datetime) -> bool:
        """Resend a message to its reader's present address.

        False when there is nothing to send or still no address.
        """
        with self._database.write() as connection:
            letter = connection.execute(
                select(message.c.lane, message.c.person_id, message.c.problem)
                .where(message.c.id == message_id, message.c.state.in_(_UNDELIVERED))
                .with_for_update()
            ).one_or_none()
            if letter is None:
                return False
            lane: str | None = letter.lane
            if letter.problem == NO_ADDRESS:
                lane = lane_of_person(connection, letter.person_id)
            if lane is None:
                return False
            raise_pending(connection, lane, 1, now)
            connection.execute(
                message.update()
                .where(message.c.id == message_id)
                .values(lane=lane, state="waiting", attempts=0, problem="", created_at=now)
            )
            return True

    def waiting_since(self, held_back: Collection[str]) -> datetime | None:
        """Return when the oldest waiting message was written; None when none waits.

        Leaves out these lanes and platforms.
        """
        query = select(func.min(message.c.created_at)).where(
            # SQLite uses the partial index only for the literal predicate.
            text("state IN ('waiting', 'sending')"),
            *(
                message.c.lane != key
                if key.count(":") > 1
                else ~message.c.lane.startswith(f"{key}:", autoescape=True)
                for key in held_back
            ),
        )
        with self._database.read() as connection:
            oldest: datetime | None = connection.scalar(query)
        return oldest

    def waiting_under(self, key: str) -> int:
        """Count the messages that wait in a lane, or on a platform."""
        under = (
            message.c.lane == key
            if key.count(":") > 1
            else message.c.lane.startswith(f"{key}:", autoescape=True)
        )
        unsent = text("state IN ('waiting', 'sending')")
        query = select(func.count()).select_from(message).where(unsent, under)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def lost_since(self, moment: datetime) -> int:
        """Count the messages written since then whose delivery failed or is uncertain."""
        query = select(func.count()).select_from(message)
        query = query.where(message.c.state.in_(_UNDELIVERED), message.c.created_at >= moment)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def tally(self) -> Tally:
        waiting = message.c.state.in_(("waiting", "sending"))
        query = select(
            func.count().filter(waiting),
            func.count().filter(and_(waiting, message.c.attempts > 0)),
            func.min(message.c.created_at).filter(waiting),
            func.count().filter(message.c.state == "dead"),
            func.count().filter(message.c.state == "unknown"),
        ).where(message.c.state.in_(("waiting", "sending", *_UNDELIVERED)))
        with self._database.read() as connection:
            return Tally(*connection.execute(query).one())
