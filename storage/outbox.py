"""Puts notices into the outbox, in the transaction of the change they tell of.

Nothing is written before the unit of work commits: then all lanes are locked in one order, so
that two units of work never wait for each other, and a message gets its number while its
lane is locked, so that the numbers in a lane follow the order of the commits.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.sql.dml import ReturningInsert

from sales.notices import CardChanged, KeptNotices, Notice, notice_from_dict, notice_to_dict
from sales.ports import Kept, Recipient
from storage.inserts import Insert, insert_into
from storage.tables import identity, lane, message, notice_choice, posting

NO_ADDRESS: Final = "no_address"
MAIL: Final = "email"
"""The platform that lanes of mail belong to."""
KEPT, TOLD = "kept", "told"
"""The states of a message that waits for the morning, and of one told of together with others."""


@dataclass(frozen=True, slots=True)
class _Draft:
    lane: str
    person_id: int | None
    notice: Notice
    unique_key: str | None = None
    problem: str = ""


class OutboxRows:
    """``sales.ports.Outbox``."""

    def __init__(self, connection: Connection, now: datetime, *, mails: bool = False) -> None:
        self.mails = mails
        self._connection = connection
        self._now = now
        self._asked: list[tuple[Notice, Recipient] | str] = []
        self._released: set[int] = set()

    def add(self, notice: Notice, to: Recipient) -> None:
        self._asked.append((notice, to))

    def refresh(self, subject: str) -> None:
        self._asked.append(subject)

    def kept(self, message_id: int) -> Kept | None:
        row = self._connection.execute(_KEPT, {"wanted": message_id}).one_or_none()
        if row is None:
            return None
        return Kept(row.person_id, notice_from_dict(row.kind, row.fields), row.created_at)

    def release(self, person_id: int) -> None:
        self._released.add(person_id)

    def flush(self) -> bool:
        """Write what was asked for; whether anything was. Called right before the commit."""
        drafts = [draft for asked in self._asked for draft in self._drafts(asked)]
        self._asked.clear()
        drafts += [draft for one in sorted(self._released) for draft in self._told_now(one)]
        self._released.clear()
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
                mailed = self._mailed(notice, person_id)
                if key is None:
                    nowhere = f"nowhere:person:{person_id}"
                    return [_Draft(nowhere, person_id, notice, None, NO_ADDRESS), *mailed]
                return [_Draft(key, person_id, notice), *mailed]
            case (notice, (platform, conversation)):
                return [_Draft(f"{platform}:channel:{conversation}", None, notice)]

    def _mailed(self, notice: Notice, person_id: int) -> list[_Draft]:
        """The same by e-mail, in a lane of its own; the address stays where it is sealed."""
        if not (self.mails and notice.by_mail):
            return []
        if not self._connection.scalar(_WANTS_MAIL, {"person": person_id}):
            return []
        return [_Draft(f"{MAIL}:person:{person_id}", person_id, notice)]

    def _told_now(self, person_id: int) -> list[_Draft]:
        """One message for all that was kept in each of the person's lanes, oldest first."""
        lanes: dict[str, list[int]] = {}
        for row in self._connection.execute(_KEPT_FOR, {"person": person_id}):
            lanes.setdefault(row.lane, []).append(row.id)
        for ids in lanes.values():
            self._connection.execute(
                message.update().where(message.c.id.in_(ids)).values(state=TOLD)
            )
        return [
            _Draft(key, person_id, KeptNotices(tuple(ids))) for key, ids in sorted(lanes.items())
        ]

    def _changed_cards(self, subject: str) -> list[_Draft]:
        rows = self._connection.execute(_CARDS, {"subject": subject})
        return [
            _Draft(row.lane, row.person_id, CardChanged(row.id), f"card:{row.id}") for row in rows
        ]

    def _insert(self, draft: _Draft) -> bool:
        """False when the same card already waits to be drawn anew."""
        insert = _unless_waiting(self._connection.dialect.name)
        return self._connection.execute(insert, _row(draft, self._now)).first() is not None


_CARDS = (
    select(posting.c.id, posting.c.lane, posting.c.person_id)
    .where(posting.c.subject == bindparam("subject"))
    .order_by(posting.c.id)
)
_KEPT = select(message.c.person_id, message.c.kind, message.c.fields, message.c.created_at).where(
    message.c.id == bindparam("wanted"), message.c.state.in_((KEPT, TOLD))
)
_KEPT_FOR = (
    select(message.c.id, message.c.lane)
    .where(message.c.person_id == bindparam("person"), text("state = 'kept'"))
    .order_by(message.c.id)
    .with_for_update()
)
_WANTS_MAIL = select(notice_choice.c.by_mail).where(
    notice_choice.c.person_id == bindparam("person"), notice_choice.c.email.is_not(None)
)
_LAST_USED = (
    select(identity.c.platform, identity.c.external_id)
    .where(identity.c.person_id == bindparam("person"))
    .order_by(identity.c.last_used_at.desc())
    .limit(1)
)


def lane_of_person(connection: Connection, person_id: int) -> str | None:
    """The 1:1 conversation on the platform the person used last; None when unreachable."""
    account = connection.execute(_LAST_USED, {"person": person_id}).first()
    return None if account is None else f"{account.platform}:person:{account.external_id}"


def raise_pending(connection: Connection, key: str, by: int, now: datetime) -> None:
    """Locks the lane until the end of the transaction, and makes it when it is new."""
    upsert = _raised(connection.dialect.name)
    connection.execute(upsert, {"key": key, "ready_at": now, "epoch": 0, "pending": by})


@cache
def _raised(dialect: str) -> Insert:
    insert = insert_into(lane, dialect)
    more = lane.c.pending + insert.excluded.pending
    return insert.on_conflict_do_update(index_elements=["key"], set_={"pending": more})


@cache
def _unless_waiting(dialect: str) -> ReturningInsert[Any]:
    insert = insert_into(message, dialect)
    once = insert.on_conflict_do_nothing(index_elements=["unique_key"])
    return once.returning(message.c.id)


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
