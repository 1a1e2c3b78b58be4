"""Puts notices into the outbox, in the transaction of the change they tell of.

Nothing is written before the unit of work commits: then all lanes are locked in one order, so
that two units of work never wait for each other, and a message gets its number while its
lane is locked, so that the numbers in a lane follow the order of the commits.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from sales.notices import CardChanged, Notice, notice_to_dict
from sales.ports import Recipient
from storage.inserts import insert_into
from storage.tables import identity, lane, message, posting

NO_ADDRESS: Final = "no_address"


@dataclass(frozen=True, slots=True)
class _Draft:
    lane: str
    person_id: int | None
    notice: Notice
    unique_key: str | None = None
    problem: str = ""


class OutboxRows:
    """``sales.ports.Outbox``."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._asked: list[tuple[Notice, Recipient] | str] = []

    def add(self, notice: Notice, to: Recipient) -> None:
        self._asked.append((notice, to))

    def refresh(self, subject: str) -> None:
        self._asked.append(subject)

    def flush(self) -> bool:
        """Write what was asked for; whether anything was. Called right before the commit."""
        drafts = [draft for asked in self._asked for draft in self._drafts(asked)]
        self._asked.clear()
        sendable = Counter(draft.lane for draft in drafts if not draft.problem)
        for key in sorted({draft.lane for draft in drafts}):
            raise_pending(self._connection, key, sendable[key], self._now)
        skipped = Counter(draft.lane for draft in drafts if not self._insert(draft))
        for key, count in skipped.items():
            raise_pending(self._connection, key, -count, self._now)
        return bool(drafts)

    def _drafts(self, asked: tuple[Notice, Recipient] | str) -> Iterable[_Draft]:
        match asked:
            case str() as subject:
                return self._changed_cards(subject)
            case (notice, int() as person_id):
                key = lane_of_person(self._connection, person_id)
                if key is None:
                    return [
                        _Draft(f"nowhere:person:{person_id}", person_id, notice, None, NO_ADDRESS)
                    ]
                return [_Draft(key, person_id, notice)]
            case (notice, (platform, conversation)):
                return [_Draft(f"{platform}:channel:{conversation}", None, notice)]

    def _changed_cards(self, subject: str) -> list[_Draft]:
        query = select(posting.c.id, posting.c.lane, posting.c.person_id)
        rows = self._connection.execute(
            query.where(posting.c.subject == subject).order_by(posting.c.id)
        )
        return [
            _Draft(row.lane, row.person_id, CardChanged(row.id), f"card:{row.id}") for row in rows
        ]

    def _insert(self, draft: _Draft) -> bool:
        """False when the same card already waits to be drawn anew."""
        insert = insert_into(self._connection, message).values(_row(draft, self._now))
        added = self._connection.execute(
            insert.on_conflict_do_nothing(index_elements=["unique_key"]).returning(message.c.id)
        )
        return added.first() is not None


def lane_of_person(connection: Connection, person_id: int) -> str | None:
    """The 1:1 conversation on the platform the person used last; None when unreachable."""
    account = connection.execute(
        select(identity.c.platform, identity.c.external_id)
        .where(identity.c.person_id == person_id)
        .order_by(identity.c.last_used_at.desc())
        .limit(1)
    ).first()
    return None if account is None else f"{account.platform}:person:{account.external_id}"


def raise_pending(connection: Connection, key: str, by: int, now: datetime) -> None:
    """Locks the lane until the end of the transaction, and makes it when it is new."""
    insert = insert_into(connection, lane).values(key=key, ready_at=now, epoch=0, pending=by)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["key"], set_={"pending": lane.c.pending + by})
    )


def _row(draft: _Draft, now: datetime) -> dict[str, Any]:
    return {
        "lane": draft.lane,
        "person_id": draft.person_id,
        "kind": draft.notice.kind,
        "fields": notice_to_dict(draft.notice),
        "once": draft.notice.once,
        "state": "dead" if draft.problem else "waiting",
        "attempts": 0,
        "created_at": now,
        "ref": "",
        "problem": draft.problem,
        "unique_key": draft.unique_key,
    }
