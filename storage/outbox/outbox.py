"""Writes notices to the outbox, in the transaction of the change they report.

Nothing is written before the unit of work commits: then all lanes are locked in one order, so that
two units of work never deadlock, and a message gets its number while its lane is locked, so that
the numbers in a lane follow the order of the commits.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, func, or_, select, text
from sqlalchemy.sql.dml import ReturningInsert

from sales.notices import (
    NOTICES,
    Batch,
    CardChanged,
    KeptNotices,
    Notice,
    notice_from_dict,
    notice_to_dict,
)
from sales.refusals import keys_over
from storage.database.among import among
from storage.database.clock_skew import FARTHEST
from storage.database.types import Instant
from storage.database.upsert import Insert, insert_into
from storage.outbox.refusals import is_refused_account
from storage.tables import identity, lane, message, notice_choice, posting, refusal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that was not sent yet; ``at`` is when it was written."""

    id: int
    person_id: int | None
    notice: Notice
    at: datetime


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """A notice deferred for quiet hours or batching; ``at`` is when it was due."""

    person_id: int
    notice: Notice
    at: datetime


Recipient = int | tuple[str, str]
"""A person's id, or a channel as (platform, conversation id)."""


NO_ADDRESS: Final = "no_address"
MAIL: Final = "email"
"""The platform name of e-mail lanes."""
KEPT, TOLD, OPENED = "kept", "told", "opened"
"""States: deferred for quiet hours or batching; delivered in a bundle; opened by its reader from
the bundle."""

TURNED_DOWN: Final = "turned_down"
"""The problem of a moot message that its reader opted out of."""
MOVED: Final = "moved"
"""The problem of a moot message that was sent to others instead."""


class BeingSent(Exception):
    """Somebody is sending in a conversation right now, so its waiting messages cannot be moved."""


@dataclass(frozen=True, slots=True)
class _Draft:
    lane: str
    person_id: int | None
    notice: Notice
    unique_key: str | None = None
    problem: str = ""
    calms: tuple[Batch, ...] = ()
    at: datetime | None = None
    """When a moved message was written; None for now."""


@dataclass(frozen=True, slots=True)
class _Move:
    lane: str
    messages: tuple[Waiting, ...]
    to: tuple[Recipient, ...]


_Asked = tuple[Notice, Recipient] | str | _Move | Waiting


class Outbox:
    def __init__(
        self,
        connection: Connection,
        now: datetime,
        *,
        mails: bool = False,
        calendars: frozenset[str] = frozenset(),
    ) -> None:
        self.mails = mails
        self.calendars = calendars
        """The platforms that put things into people's own calendars."""
        self._connection = connection
        self._now = now
        self._asked: list[_Asked] = []
        self._gathered: list[tuple[Notice, int]] | None = None
        self._touched: set[str] = set()
        self._released: dict[int, tuple[str, timedelta]] = {}
        self._refused: frozenset[str] | None = None
        self._lanes: dict[int, str | None] = {}

    def add(self, notice: Notice, to: Recipient) -> None:
        """Deliver after this unit of work is committed, in order for each recipient."""
        if self._gathered is not None and isinstance(to, int):
            self._gathered.append((notice, to))
        else:
            self._asked.append((notice, to))

    @contextmanager
    def gathered(self) -> Iterator[list[tuple[Notice, int]]]:
        """Collect the notices to people that are added meanwhile, instead of delivering them.

        For an act on many leads, which tells each person of all of them in one message.
        """
        gathered: list[tuple[Notice, int]] = []
        self._gathered = gathered
        try:
            yield gathered
        finally:
            self._gathered = None

    def refresh(self, subject: str) -> None:
        """Redraw every posted card of the subject; several calls before delivery are one."""
        self._asked.append(subject)
        self._touched.add(subject)

    def lane_of(self, person_id: int) -> str | None:
        """Return the conversation where a person would be notified now; None when there is none.

        It is looked up once for each person.
        """
        if person_id not in self._lanes:
            self._lanes[person_id] = lane_of_person(self._connection, person_id)
        return self._lanes[person_id]

    def keeps_calendar(self, person_id: int) -> bool:
        """Whether a person is notified where the bot can put things into their calendar."""
        lane = self.lane_of(person_id) if self.calendars else None
        return lane is not None and lane.partition(":")[0] in self.calendars

    def forget_lanes(self) -> None:
        """Look up the conversations anew: somebody's accounts were changed or used."""
        self._lanes.clear()

    def waiting(self, lane_key: str) -> list[Waiting]:
        """List a conversation's or platform's unsent messages, in order, without redrawn cards."""
        rows = self._connection.execute(_WAITING, {"lane": lane_key, "under": f"{lane_key}:"})
        return [
            Waiting(row.id, row.person_id, notice_from_dict(row.kind, row.fields), row.created_at)
            for row in rows
            if row.kind in NOTICES
        ]

    def move(self, lane_key: str, messages: Collection[Waiting], to: Collection[Recipient]) -> None:
        """Withdraw a conversation's waiting messages, and send them to others or to their reader's
        present address.

        Raises BeingSent at the commit when somebody is sending there.
        """
        if messages:
            self._asked.append(_Move(lane_key, tuple(messages), tuple(to)))

    def mail(self, messages: Collection[Waiting]) -> None:
        """Send waiting messages by e-mail as well, once, to people who have chosen e-mail."""
        self._asked.extend(messages)

    def acted(self, person_id: int, *subjects: str) -> None:
        """Mark what the person was sent about these subjects, and those refreshed so far, as acted
        on."""
        touched = sorted(self._touched.union(subjects) - {""})
        if touched:
            params = {"reader": person_id, "about": touched, "now": self._now}
            self._connection.execute(_ACTED, params)

    def kept(self, message_id: int) -> WaitingNotice | None:
        """Find a message that was deferred for quiet hours or batching, whether delivered since or
        not."""
        row = self._connection.execute(_KEPT, {"wanted": message_id}).one_or_none()
        if row is None:
            return None
        return WaitingNotice(row.person_id, notice_from_dict(row.kind, row.fields), row.created_at)

    def release(self, person_id: int, why: str, calm: timedelta) -> None:
        """Deliver everything deferred for a person until now, bundled per conversation.

        Notices that come within ``calm`` after that are batched.
        """
        self._released[person_id] = (why, calm)

    def hasten(self, person_id: int, but: Collection[str]) -> None:
        """Make a person's deferred notices due now, except those of these kinds."""
        hastened = message.update().where(
            message.c.person_id == person_id, text("state = 'kept'"), message.c.kind.not_in(but)
        )
        self._connection.execute(hastened.values(tell_at=self._now))

    def company_at(
        self, person_id: int, conversation: str, batch: Batch, calm: timedelta
    ) -> datetime | None:
        """Return when a notice of this kind is delivered in a batch; None for at once.

        It is batched when a notice was delivered in the conversation a moment ago or still waits.
        ``calm`` is the longest that a notice waits.
        """
        latest = self._now + calm
        # Deferred notices are read first: a release delivers them and starts batching in one step.
        params = {"person": person_id, "lane": conversation, "latest": latest}
        deferred_until: datetime | None = self._connection.scalar(
            _KEPT_SOON, params | {"kinds": _KINDS[batch]}
        )
        until: datetime | None = self._connection.scalar(_CALM[batch], {"lane": conversation})
        # A time too far ahead means that the clock was set back since.
        calm_until = until if until is not None and self._now < until <= latest else None
        known_ends = [end for end in (deferred_until, calm_until) if end is not None]
        return max(*known_ends, self._now) if known_ends else None

    def open(self, message_id: int) -> bool:
        """Mark a message from a bundle as opened; False when it was opened before."""
        update = message.update().where(message.c.id == message_id, message.c.state == TOLD)
        return self._connection.execute(update.values(state=OPENED)).rowcount > 0

    def flush(self) -> bool:
        """Write everything requested; False when there was nothing. Called right before the
        commit."""
        drafts = [draft for asked in self._asked for draft in self._drafts(asked)]
        moves = [asked for asked in self._asked if isinstance(asked, _Move)]
        withdrawn = Counter({move.lane: len(move.messages) for move in moves})
        self._asked.clear()
        for person_id, (why, _) in sorted(self._released.items()):
            drafts += self._told_now(person_id, why)
        sendable = Counter(draft.lane for draft in drafts if not draft.problem)
        for key in sorted({draft.lane for draft in drafts} | set(withdrawn)):
            more = sendable[key] - withdrawn[key]
            raise_pending(self._connection, key, more, self._now)
        for move in moves:
            self._withdraw(move)
        self._calm_down(drafts)
        self._released.clear()
        skipped = Counter(draft.lane for draft in drafts if not self._insert(draft))
        for key, count in skipped.items():
            raise_pending(self._connection, key, -count, self._now)
        return bool(drafts)

    def _drafts(self, asked: _Asked) -> Iterable[_Draft]:
        match asked:
            case str() as subject:
                return self._changed_cards(subject)
            case Waiting() as waiting:
                return self._mailed_meanwhile(waiting)
            case _Move(_, messages, recipients):
                return [
                    self._posted(waiting_message.notice, to, waiting_message.at)
                    for waiting_message in messages
                    for to in recipients
                ]
            case (notice, int() as person_id):
                posted = self._posted(notice, person_id)
                return [posted, *self._mailed(notice, person_id, posted)]
            case (notice, to):
                return [self._posted(notice, to)]

    def _posted(self, notice: Notice, to: Recipient, at: datetime | None = None) -> _Draft:
        if not isinstance(to, int):
            platform, conversation = to
            return _Draft(f"{platform}:channel:{conversation}", None, notice, at=at)
        key = self.lane_of(to)
        if key is None:
            return _Draft(f"nowhere:person:{to}", to, notice, None, NO_ADDRESS, at=at)
        return _Draft(key, to, notice, at=at)

    def _mailed(self, notice: Notice, person_id: int, posted: _Draft) -> list[_Draft]:
        """Copy a notice to e-mail, in a lane of its own; the address stays where it is encrypted.

        A notice that the chat currently refuses goes by e-mail whatever its kind.
        """
        if not (self.mails and (notice.by_mail or self._is_refused(posted))):
            return []
        return self._to_mailbox(notice, person_id)

    def _mailed_meanwhile(self, waiting: Waiting) -> list[_Draft]:
        if not self.mails or waiting.person_id is None:
            return []
        params = {
            "mailbox": f"{MAIL}:person:{waiting.person_id}",
            "kind": waiting.notice.kind,
            "at": waiting.at,
        }
        if self._connection.execute(_MAILED, params).first():
            return []
        return self._to_mailbox(waiting.notice, waiting.person_id, waiting.at)

    def _to_mailbox(
        self, notice: Notice, person_id: int, at: datetime | None = None
    ) -> list[_Draft]:
        if not self._connection.scalar(_WANTS_MAIL, {"person": person_id}):
            return []
        return [_Draft(f"{MAIL}:person:{person_id}", person_id, notice, at=at)]

    def _is_refused(self, posted: _Draft) -> bool:
        if posted.problem:
            return True
        if self._refused is None:
            self._refused = frozenset(self._connection.scalars(select(refusal.c.key)))
        return not self._refused.isdisjoint(keys_over(posted.lane))

    def _withdraw(self, move: _Move) -> None:
        """Withdraw messages. Called with the lane locked, so that nobody starts sending there."""
        leased = self._connection.scalar(_LEASED, {"key": move.lane})
        if leased is not None and self._now < leased <= self._now + FARTHEST:
            raise BeingSent
        # A sender that outlived its lease must not give back what is withdrawn here.
        held = (lane.c.key == move.lane, lane.c.leased_until.is_not(None))
        self._connection.execute(END_LEASE.where(*held))
        ids = [waiting_message.id for waiting_message in move.messages]
        withdrawn = message.update().where(message.c.id.in_(ids), message.c.state == "waiting")
        done = self._connection.execute(withdrawn.values(state="moot", problem=MOVED))
        if done.rowcount != len(ids):
            raise BeingSent

    def _told_now(self, person_id: int, why: str) -> list[_Draft]:
        """Bundle everything deferred in each of the person's lanes into one message, oldest
        first."""
        lanes: dict[str, dict[int, str]] = {}
        params = {"person": person_id, "now": self._now}
        for row in self._connection.execute(_KEPT_FOR, params):
            lanes.setdefault(row.lane, {})[row.id] = row.kind
        drafts = []
        for key, kinds in sorted(lanes.items()):
            self._connection.execute(
                message.update().where(message.c.id.in_(kinds)).values(state=TOLD)
            )
            batches = {NOTICES[kind].batch for kind in kinds.values() if kind in NOTICES}
            calms = tuple(batch for batch in Batch if batch in batches)
            notice = KeptNotices(tuple(kinds), why)
            drafts.append(_Draft(key, person_id, notice, calms=calms))
        return drafts

    def _calm_down(self, drafts: Iterable[_Draft]) -> None:
        """Batch further notices where a bundle was delivered."""
        for draft in drafts:
            if draft.calms and draft.person_id is not None:
                until = self._now + self._released[draft.person_id][1]
                calm_down(self._connection, draft.lane, draft.calms, until)

    def _changed_cards(self, subject: str) -> list[_Draft]:
        rows = self._connection.execute(_CARDS, {"subject": subject})
        return [
            _Draft(row.lane, row.person_id, CardChanged(row.id), f"card:{row.id}") for row in rows
        ]

    def _insert(self, draft: _Draft) -> bool:
        """Insert a message; False when the same card already waits to be redrawn."""
        insert = _unless_waiting(self._connection.dialect.name)
        return self._connection.execute(insert, _row(draft, self._now)).first() is not None


END_LEASE = lane.update().values(leased_until=None, epoch=lane.c.epoch + 1)
"""Ends the lease of lanes, and refuses what its holder still writes: it may only be slow."""
_LEASED = select(lane.c.leased_until).where(lane.c.key == bindparam("key"))
_WAITING = (
    select(message)
    .where(
        or_(
            message.c.lane == bindparam("lane"),
            # For a platform, all its lanes; an account or channel has no lane below it.
            func.substr(message.c.lane, 1, func.length(bindparam("under"))) == bindparam("under"),
        ),
        # SQLite uses the partial index only for the literal predicate.
        text("state IN ('waiting', 'sending')"),
        message.c.state == "waiting",
        message.c.kind != CardChanged.kind,
    )
    .order_by(message.c.id)
)
_MAILED = (
    select(message.c.id)
    .where(
        message.c.lane == bindparam("mailbox"),
        message.c.kind == bindparam("kind"),
        message.c.created_at == bindparam("at", type_=Instant),
    )
    .limit(1)
)
_CARDS = (
    select(posting.c.id, posting.c.lane, posting.c.person_id)
    .where(posting.c.subject == bindparam("subject"))
    .order_by(posting.c.id)
)
_KEPT = select(message.c.person_id, message.c.kind, message.c.fields, message.c.created_at).where(
    message.c.id == bindparam("wanted"), message.c.state.in_((KEPT, TOLD, OPENED))
)
_KEPT_FOR = (
    select(message.c.id, message.c.lane, message.c.kind)
    .where(
        message.c.person_id == bindparam("person"),
        text("state = 'kept'"),
        # NULL: deferred by a version that knew only quiet hours. Created in the future:
        # the clock was set back since.
        or_(
            message.c.tell_at.is_(None),
            message.c.tell_at <= bindparam("now", type_=Instant),
            message.c.created_at > bindparam("now", type_=Instant),
        ),
    )
    .order_by(message.c.id)
    .with_for_update()
)
_KINDS: Final = {
    batch: [kind for kind, notice in NOTICES.items() if notice.batch is batch] for batch in Batch
}
_KEPT_SOON = select(func.max(message.c.tell_at)).where(
    message.c.person_id == bindparam("person"),
    text("state = 'kept'"),
    message.c.lane == bindparam("lane"),
    among(message.c.kind, "kinds"),
    message.c.tell_at <= bindparam("latest", type_=Instant),
)
_CALM: Final = {
    batch: select(lane.c[f"{batch.value}_until"]).where(lane.c.key == bindparam("lane"))
    for batch in Batch
}
_ACTED = (
    message.update()
    .where(
        message.c.person_id == bindparam("reader"),
        among(message.c.subject, "about"),
        text("state = 'sent' AND acted_at IS NULL"),
    )
    .values(acted_at=bindparam("now", type_=Instant))
)
_WANTS_MAIL = select(notice_choice.c.by_mail).where(
    notice_choice.c.person_id == bindparam("person"), notice_choice.c.email.is_not(None)
)
_LAST_USED = (
    select(identity.c.platform, identity.c.external_id)
    .where(identity.c.person_id == bindparam("person"))
    .order_by(case((is_refused_account(), 1), else_=0), identity.c.last_used_at.desc())
    .limit(1)
)


def lane_of_person(connection: Connection, person_id: int) -> str | None:
    """Return the 1:1 conversation on the platform the person used last.

    Platforms that take messages come first; None for a person without any account.
    """
    account = connection.execute(_LAST_USED, {"person": person_id}).first()
    return None if account is None else f"{account.platform}:person:{account.external_id}"


def calm_down(connection: Connection, key: str, batches: Iterable[Batch], until: datetime) -> None:
    """Batch notices of these kinds in the lane until then."""
    values = {f"{batch.value}_until": until for batch in batches}
    connection.execute(lane.update().where(lane.c.key == key).values(values))


def raise_pending(connection: Connection, key: str, by: int, now: datetime) -> None:
    """Raise the lane's pending count; locks the lane until the commit, and creates a new one."""
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
        "created_at": draft.at or now,
        "ref": "",
        "problem": draft.problem,
        "unique_key": draft.unique_key,
    }
