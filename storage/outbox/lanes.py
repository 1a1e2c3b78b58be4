"""The delivery side of the outbox: one lane per conversation, leased to one sender.

A lane's row holds the order, the pace and the right to send. Leasing it raises its ``epoch``; later
writes by a sender with an older epoch are refused.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, RowMapping, bindparam, func, or_, select, text

from sales.calendar import iso_week
from sales.jobs import Job, ReleaseNotices, TellOfWithheld
from sales.notices import Notice, notice_from_dict
from storage.database.clock_skew import FARTHEST, instants, reached
from storage.database.engine import Database
from storage.database.rows import RowMapper
from storage.jobs import JobRepository
from storage.outbox.outbox import END_LEASE, Outbox, Recipient, calm_down
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
_ANY_READY: Final = (
    select(lane.c.key).where(_HAS_MESSAGES, reached(lane.c.ready_at), _FREE).limit(1)
)
_NEXT_READY: Final = select(func.min(lane.c.ready_at)).where(_HAS_MESSAGES, _FREE)
_MINE: Final = (lane.c.key == bindparam("held"), lane.c.epoch == bindparam("by"))
_HELD: Final = select(lane.c.key).where(*_MINE).with_for_update()
# Whoever does not learn whether a commit was made tries again, and must not give back twice.
_GIVE_BACK: Final = (
    lane.update()
    .where(*_MINE, lane.c.leased_until.is_not(None))
    .values(pending=lane.c.pending - bindparam("less"))
)
_SET_LANE: Final = lane.update().where(lane.c.key == bindparam("held"))
_SET_MESSAGE: Final = message.update().where(message.c.id == bindparam("known"))
_FIRST_UNSENT: Final = (
    select(message)
    .where(message.c.lane == bindparam("lane"), _UNSENT)
    .order_by(message.c.id)
    .limit(1)
)
_FORGOTTEN: Final = (
    select(lane.c.key)
    .where(
        lane.c.pending <= 0,
        lane.c.key.in_(select(message.c.lane).where(_UNSENT)),
    )
    .order_by(lane.c.key)
)
_HOLD: Final = select(lane.c.key).where(lane.c.key == bindparam("held")).with_for_update()
_COUNT: Final = (
    select(func.count()).select_from(message).where(message.c.lane == bindparam("lane"), _UNSENT)
)
_POSTED: Final = select(posting).where(posting.c.id == bindparam("known"))
_FIRST_POSTED: Final = (
    select(posting.c.ref)
    .where(posting.c.subject == bindparam("about"), posting.c.lane == bindparam("lane"))
    .order_by(posting.c.id)
    .limit(1)
)
_KEEP: Final = posting.insert()

BROKE_OFF: Final = "broke_off"
"""The process ended while it was sending a message that must not be sent twice."""


@dataclass(frozen=True, slots=True)
class Leased:
    """The first message of a lane, and the right to send it while the lease lasts."""

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
        """The recipient whose language and rights the card is rendered with."""
        if self.person_id is not None:
            return self.person_id
        platform, _, conversation = self.lane.split(":", 2)
        return platform, conversation

    @property
    def notice(self) -> Notice:
        """Parse the notice. Raises NoticeUnknown."""
        return notice_from_dict(self.kind, self.fields)


_LEASED = RowMapper(Leased, given=("message_id", "epoch"))


@dataclass(frozen=True, slots=True)
class Posted:
    """A card that can be redrawn: where it is, and the notice that posted it."""

    ref: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a delivery. ``waiting``: it is retried; ``kept``: it is deferred to ``until``;
    all others are final.

    ``subject`` of a sent card lets it be redrawn under that name; ``about`` is what the reader may
    act on, whether the card can be redrawn or not; ``thread`` is the lead it is about, so that
    replies under it reach that lead. ``problem`` is a short word for the admin, with nothing
    personal in it. ``tried`` False: it was not attempted at all, and does not count as an attempt.
    ``company``: deferred for batching, not because of quiet hours. ``calm_until``: later notices of
    its kind are batched until then. ``withheld_from`` is the team whose channel has outsiders among
    its readers, so that this was not sent: its leaders are told, once a week.
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
    withheld_from: int | None = None


class Lanes:
    """Leases lanes and records outcomes.

    Every call is a transaction of its own; several processes may call at once. ``lease`` must be
    longer than a send may take.
    """

    def __init__(self, database: Database, lease: timedelta) -> None:
        if lease > FARTHEST / 2:
            raise ValueError("a lease this long would be taken for a clock that jumped")
        self._database = database
        self._lease = lease

    def lease(self, now: datetime) -> Leased | None:
        """Lease the lane that has waited longest; None when no lane is ready."""
        if self._database.dialect == "sqlite" and not self._is_any_ready(now):
            return None
        with self._database.write() as connection:
            while (ready := self._next_lane(connection, now)) is not None:
                epoch = ready.epoch + 1
                first = self._first_message(connection, ready.key)
                if first is None:
                    continue
                mine = {"held": ready.key, "epoch": epoch, "leased_until": now + self._lease}
                connection.execute(_SET_LANE, mine)
                return _LEASED.read(first, message_id=first["id"], epoch=epoch)
        return None

    def take_over(self) -> None:
        """End every lease: for a process that is known to be the only one, at its start.

        What its predecessor was sending is fenced off by the epoch.
        """
        with self._database.write() as connection:
            connection.execute(END_LEASE.where(lane.c.leased_until.is_not(None)))

    def recount(self) -> int:
        """Correct lanes that count no message although some wait; returns how many there were.

        Such a lane is never leased. A version up to November 2026 left them behind when a sender
        outlived its lease.
        """
        with self._database.read() as connection:
            forgotten = connection.scalars(_FORGOTTEN).all()
        if not forgotten:
            return 0
        with self._database.write() as connection:
            for key in forgotten:
                connection.execute(_HOLD, {"held": key})
                pending = connection.scalar(_COUNT, {"lane": key})
                connection.execute(_SET_LANE, {"held": key, "pending": pending})
        return len(forgotten)

    def next_ready_at(self, now: datetime) -> datetime | None:
        """Return when the next unleased lane becomes ready; None when none waits."""
        with self._database.read() as connection:
            ready_at: datetime | None = connection.scalar(_NEXT_READY, instants(now))
        return ready_at

    def mark_sending(self, leased: Leased) -> bool:
        """Mark a message before sending it when it must not be sent twice.

        Found in this state later, it is never sent again. False when the lease was lost; it must
        not be sent then.
        """
        with self._database.write() as connection:
            if not self._still_held(connection, leased):
                return False
            _set_message(connection, leased.message_id, state="sending")
            return True

    def settle(self, leased: Leased, outcome: Outcome, now: datetime, ready_at: datetime) -> bool:
        """Record the outcome and release the lane, which is not used again before ``ready_at``.

        False when the lease was lost, and another sender settles the message, or when this was
        recorded before.
        """
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
            if outcome.withheld_from is not None and not isinstance(leased.to, int):
                _tell_leaders(connection, TellOfWithheld(outcome.withheld_from, *leased.to), now)
            if outcome.state == "sent" and outcome.calm_until and (batch := leased.notice.batch):
                calm_down(connection, leased.lane, (batch,), outcome.calm_until)
            if outcome.state == "sent" and (outcome.subject or outcome.thread):
                _keep_alive(connection, leased, outcome, now)
        return True

    def refresh(self, subject: str, now: datetime) -> None:
        """Redraw as ``Outbox.refresh`` does, for a card that changed while it was being sent."""
        with self._database.write() as connection:
            outbox = Outbox(connection, now)
            outbox.refresh(subject)
            outbox.flush()

    def posted(self, posting_id: int) -> Posted | None:
        """Find a card that can be redrawn; None when it is gone. Raises NoticeUnknown."""
        with self._database.read() as connection:
            row = connection.execute(_POSTED, {"known": posting_id}).one_or_none()
        return None if row is None else Posted(row.ref, notice_from_dict(row.kind, row.fields))

    def thread_of(self, lane_key: str, subject: str) -> str:
        """Return the reference of a subject's first card in a conversation; empty without any."""
        about = {"about": subject, "lane": lane_key}
        with self._database.read() as connection:
            ref: str | None = connection.scalar(_FIRST_POSTED, about)
        return ref or ""

    def forget_card(self, posting_id: int) -> None:
        """Forget a card that the platform no longer has: it is never redrawn."""
        with self._database.write() as connection:
            connection.execute(posting.delete().where(posting.c.id == posting_id))

    def let_card_be(self, posting_id: int) -> None:
        """Keep a card that cannot be redrawn: replies under it are still read."""
        with self._database.write() as connection:
            connection.execute(
                posting.update().where(posting.c.id == posting_id).values(subject="")
            )

    def _is_any_ready(self, now: datetime) -> bool:
        """Tell whether there is a lane to lease, without taking SQLite's writer from anybody."""
        with self._database.read() as connection:
            return connection.scalar(_ANY_READY, instants(now)) is not None

    def _next_lane(self, connection: Connection, now: datetime) -> Row[*tuple[Any, ...]] | None:
        return connection.execute(_NEXT_LANE, instants(now)).one_or_none()

    def _first_message(self, connection: Connection, key: str) -> RowMapping | None:
        """Select the lane's first unsent message.

        From now on a change of the same card is a new message, since this one may be rendered
        before that change is visible.
        """
        first = connection.execute(_FIRST_UNSENT, {"lane": key}).mappings().one_or_none()
        if first is not None and first["state"] == "sending":
            _set_message(connection, first["id"], state="unknown", problem=BROKE_OFF)
            connection.execute(_SET_LANE.values(pending=lane.c.pending - 1), {"held": key})
            first = connection.execute(_FIRST_UNSENT, {"lane": key}).mappings().one_or_none()
        if first is None:
            connection.execute(END_LEASE.where(lane.c.key == key).values(pending=0))
        elif first["unique_key"] is not None:
            _set_message(connection, first["id"], unique_key=None)
        return first

    def _still_held(self, connection: Connection, leased: Leased) -> bool:
        held = {"held": leased.lane, "by": leased.epoch}
        return connection.execute(_HELD, held).first() is not None


def _set_message(connection: Connection, message_id: int, **values: Any) -> None:
    connection.execute(_SET_MESSAGE, {"known": message_id} | values)


def _keep_alive(connection: Connection, leased: Leased, outcome: Outcome, now: datetime) -> None:
    card = {
        "subject": outcome.subject,
        "thread": outcome.thread,
        "lane": leased.lane,
        "ref": outcome.ref,
        "person_id": leased.person_id,
        "kind": leased.kind,
        "fields": leased.fields,
        "posted_at": now,
    }
    connection.execute(_KEEP, card)


def _wake_up(connection: Connection, args: ReleaseNotices, until: datetime) -> None:
    """Schedule the delivery of a deferred message, along with the others deferred.

    Each has a key of its own, so that none can miss the release of the others.
    """
    key = f"{args.why}:{args.message_id}:{until.timestamp():.0f}"
    JobRepository(connection).add(Job(args, until, key))


def _tell_leaders(connection: Connection, args: TellOfWithheld, now: datetime) -> None:
    """Have the team's leaders told that something was not posted in a channel, once a week."""
    key = f"withheld:{args.platform}:{args.conversation}:{iso_week(now.date())}"
    JobRepository(connection).add(Job(args, now, key))
