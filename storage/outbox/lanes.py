"""The outbox seen from delivery: one lane for each conversation, leased to one sender.

A lane's row holds the order, the pace and the right to send. Whoever leases it raises its
``epoch``; what somebody with an older epoch wants to write comes too late and is refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, RowMapping, bindparam, func, or_, select, text

from sales.jobs import Job, ReleaseNotices
from sales.notices import Notice, notice_from_dict
from storage.database.clock_skew import FARTHEST, instants, reached
from storage.database.engine import Database
from storage.database.rows import RowMapper
from storage.jobs import JobRepository
from storage.outbox.outbox import Outbox, Recipient, calm_down
from storage.reminders import mark_sent
from storage.tables import lane, message, posting

# SQLite uses the partial indexes only for these literal predicates.
_HAS_MESSAGES: Final = text("pending > 0")
_UNSENT: Final = text("state IN ('waiting', 'sending')")

_FREE: Final = or_(lane.c.leased_until.is_(None), reached(lane.c.leased_until))
_NEXT_LANE: Final = (
    select(lane.c.key, lane.c.epoch)
    .where(_HAS_MESSAGES, reached(lane.c.ready_at), _FREE)
    .order_by(lane.c.ready_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEXT_READY: Final = select(func.min(lane.c.ready_at)).where(_HAS_MESSAGES, _FREE)
_MINE: Final = (lane.c.key == bindparam("held"), lane.c.epoch == bindparam("by"))
_HELD: Final = select(lane.c.key).where(*_MINE).with_for_update()
_GIVE_BACK: Final = lane.update().where(*_MINE).values(pending=lane.c.pending - bindparam("less"))
_SET_LANE: Final = lane.update().where(lane.c.key == bindparam("held"))
_SET_MESSAGE: Final = message.update().where(message.c.id == bindparam("known"))
_FIRST_UNSENT: Final = (
    select(message)
    .where(message.c.lane == bindparam("lane"), _UNSENT)
    .order_by(message.c.id)
    .limit(1)
)

BROKE_OFF: Final = "broke_off"
"""The process ended while it sent a message that must not be sent twice."""


@dataclass(frozen=True, slots=True)
class Leased:
    """The first message of a lane, and the right to send it for as long as the lease."""

    lane: str
    epoch: int
    message_id: int
    person_id: int | None
    kind: str
    fields: dict[str, Any]
    once: bool
    attempts: int
    created_at: datetime

    @property
    def to(self) -> Recipient:
        """Whose words and rights the card is composed for."""
        if self.person_id is not None:
            return self.person_id
        platform, _, conversation = self.lane.split(":", 2)
        return platform, conversation

    @property
    def notice(self) -> Notice:
        """Raises KeyError or TypeError for a notice that this version does not know."""
        return notice_from_dict(self.kind, self.fields)


_LEASED = RowMapper(Leased, given=("message_id", "epoch"))


@dataclass(frozen=True, slots=True)
class Posted:
    """A living card: where it is, and the notice that posted it."""

    ref: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message. ``waiting``: it is tried again; ``kept``: it is told of
    at ``until``; all others are final.

    ``subject`` of a sent card keeps it alive under that name; ``about`` is what the reader
    may act on, living or not; ``thread`` is the lead it is about, so that what is said under
    it finds there. ``problem`` is a short word for the admin, with nothing personal in it.
    ``tried`` False: it was not attempted at all, and that counts for nothing.
    ``company``: kept for company and not for the morning. ``calm_until``: what else of its
    kind comes until then waits for company.
    """

    state: Literal["sent", "moot", "waiting", "unknown", "dead", "kept"]
    problem: str = ""
    ref: str = ""
    subject: str = ""
    about: str = ""
    thread: str = ""
    until: datetime | None = None
    company: bool = False
    calm_until: datetime | None = None
    tried: bool = True


class Lanes:
    """Every call is a transaction of its own; several processes may call at once.

    ``lease`` must be longer than a send may take.
    """

    def __init__(self, database: Database, lease: timedelta) -> None:
        if lease > FARTHEST / 2:
            raise ValueError("a lease this long would be taken for a clock that jumped")
        self._database = database
        self._lease = lease

    def lease(self, now: datetime) -> Leased | None:
        """Lease the lane that has waited longest; None when no lane is ready."""
        with self._database.write() as connection:
            while (found := self._next_lane(connection, now)) is not None:
                epoch = found.epoch + 1
                first = self._first_message(connection, found.key)
                if first is None:
                    continue
                mine = {"held": found.key, "epoch": epoch, "leased_until": now + self._lease}
                connection.execute(_SET_LANE, mine)
                return _LEASED.read(first, message_id=first["id"], epoch=epoch)
        return None

    def take_over(self) -> None:
        """End every lease: for a process that knows that it is the only one, when it starts.

        What the one before it was sending is fenced off by the epoch.
        """
        held = lane.update().where(lane.c.leased_until.is_not(None))
        with self._database.write() as connection:
            connection.execute(held.values(leased_until=None, epoch=lane.c.epoch + 1))

    def next_ready_at(self, now: datetime) -> datetime | None:
        """When the next lane that nobody holds becomes ready; None when none waits."""
        with self._database.read() as connection:
            ready_at: datetime | None = connection.scalar(_NEXT_READY, instants(now))
        return ready_at

    def mark_sending(self, leased: Leased) -> bool:
        """Before a message that must not be sent twice: found like this later, it is never
        sent again. False when the lease was lost, and then it must not be sent."""
        with self._database.write() as connection:
            if not self._still_held(connection, leased):
                return False
            _set_message(connection, leased.message_id, state="sending")
            return True

    def settle(self, leased: Leased, outcome: Outcome, now: datetime, ready_at: datetime) -> bool:
        """Write what became of the message and give the lane back, not to be used before
        ``ready_at``. False when the lease was lost: then somebody else settles the message."""
        final = outcome.state != "waiting"
        given_back = {
            "held": leased.lane,
            "by": leased.epoch,
            "leased_until": None,
            "ready_at": ready_at,
            "less": int(final),
        }
        with self._database.write() as connection:
            if connection.execute(_GIVE_BACK, given_back).rowcount == 0:
                return False
            _set_message(
                connection,
                leased.message_id,
                state=outcome.state,
                attempts=leased.attempts + int(outcome.tried),
                problem=outcome.problem[:200],
                ref=outcome.ref,
                sent_at=now if outcome.state == "sent" else None,
                tell_at=outcome.until,
                subject=outcome.about or None,
            )
            if outcome.state == "sent" and leased.person_id is not None:
                mark_sent(connection, leased.kind, leased.fields, leased.person_id, now)
            if outcome.until is not None and leased.person_id is not None:
                why: Literal["company", "morning"] = "company" if outcome.company else "morning"
                args = ReleaseNotices(leased.person_id, leased.message_id, why)
                _wake_up(connection, args, outcome.until)
            if outcome.state == "sent" and outcome.calm_until and (batch := leased.notice.batch):
                calm_down(connection, leased.lane, (batch,), outcome.calm_until)
            if outcome.state == "sent" and (outcome.subject or outcome.thread):
                _keep_alive(connection, leased, outcome, now)
        return True

    def refresh(self, subject: str, now: datetime) -> None:
        """As ``Outbox.refresh``, for a card that changed while it was on its way."""
        with self._database.write() as connection:
            outbox = Outbox(connection, now)
            outbox.refresh(subject)
            outbox.flush()

    def posted(self, posting_id: int) -> Posted | None:
        """The living card, None when it is gone."""
        query = select(posting).where(posting.c.id == posting_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Posted(row.ref, notice_from_dict(row.kind, row.fields))

    def thread_of(self, lane_key: str, subject: str) -> str:
        """The reference of the first card of a subject in a conversation; empty without any."""
        query = select(posting.c.ref).where(
            posting.c.subject == subject, posting.c.lane == lane_key
        )
        with self._database.read() as connection:
            ref: str | None = connection.scalar(query.order_by(posting.c.id).limit(1))
        return ref or ""

    def forget_card(self, posting_id: int) -> None:
        """The platform does not have it any more: never draw it anew."""
        with self._database.write() as connection:
            connection.execute(posting.delete().where(posting.c.id == posting_id))

    def let_card_be(self, posting_id: int) -> None:
        """It cannot be drawn anew, but it stands: what is said under it is still heard."""
        with self._database.write() as connection:
            connection.execute(
                posting.update().where(posting.c.id == posting_id).values(subject="")
            )

    def _next_lane(self, connection: Connection, now: datetime) -> Row[*tuple[Any, ...]] | None:
        return connection.execute(_NEXT_LANE, instants(now)).one_or_none()

    def _first_message(self, connection: Connection, key: str) -> RowMapping | None:
        """The lane's first unsent message. From now on a change of the same card is a new
        message, since this one may be composed before that change can be seen."""
        first = connection.execute(_FIRST_UNSENT, {"lane": key}).mappings().one_or_none()
        if first is not None and first["state"] == "sending":
            _set_message(connection, first["id"], state="unknown", problem=BROKE_OFF)
            connection.execute(_SET_LANE.values(pending=lane.c.pending - 1), {"held": key})
            first = connection.execute(_FIRST_UNSENT, {"lane": key}).mappings().one_or_none()
        if first is None:
            connection.execute(_SET_LANE, {"held": key, "pending": 0})
        elif first["unique_key"] is not None:
            _set_message(connection, first["id"], unique_key=None)
        return first

    def _still_held(self, connection: Connection, leased: Leased) -> bool:
        held = {"held": leased.lane, "by": leased.epoch}
        return connection.execute(_HELD, held).first() is not None


def _set_message(connection: Connection, message_id: int, **values: Any) -> None:
    connection.execute(_SET_MESSAGE, {"known": message_id} | values)


def _keep_alive(connection: Connection, leased: Leased, outcome: Outcome, now: datetime) -> None:
    insert = posting.insert().values(
        subject=outcome.subject,
        thread=outcome.thread,
        lane=leased.lane,
        ref=outcome.ref,
        person_id=leased.person_id,
        kind=leased.kind,
        fields=leased.fields,
        posted_at=now,
    )
    connection.execute(insert)


def _wake_up(connection: Connection, args: ReleaseNotices, until: datetime) -> None:
    """The message is told of then, with what else was kept; each has a key of its own, so that
    none can come too late for the release of the others."""
    key = f"{args.why}:{args.message_id}:{until.timestamp():.0f}"
    JobRepository(connection).add(Job(args, until, key))
