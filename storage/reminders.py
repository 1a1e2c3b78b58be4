"""The reminder ledger. Covers everyone: the caller checks what a person may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    text,
)

from sales.jobs import EscalateFollowUp
from sales.notices import KeptNotices, ReminderDue
from sales.reminders import Reminder, ReminderTally
from storage.database.among import among
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.tables import followup, message, person, work
from storage.tables import reminder as table

_LATE: Final = timedelta(minutes=5)
_REMINDERS = RowMapper(Reminder)
_OF_LEAD = table.c.followup_id.in_(
    select(followup.c.id).where(followup.c.lead_id == bindparam("about"))
)
_OF_STEP = table.c.followup_id == bindparam("about")
_UNSEEN = and_(
    table.c.person_id == bindparam("reader"),
    table.c.sent_at.is_not(None),
    table.c.seen_at.is_(None),
)
_ABOUT: Final[Mapping[str, ColumnElement[bool]]] = {"lead": _OF_LEAD, "followup": _OF_STEP}


_ESCALATED: Final = select(work.c.args).where(
    text("done_at IS NULL"),
    work.c.kind == EscalateFollowUp.kind,
    work.c.due_at > bindparam("now", type_=Instant),
    work.c.due_at <= bindparam("until", type_=Instant),
)
_UNREAD: Final = (
    select(message.c.id, message.c.lane, message.c.ref, message.c.fields, table.c.followup_id)
    .join_from(table, followup, table.c.followup_id == followup.c.id)
    .join(
        message,
        and_(
            message.c.person_id == table.c.person_id,
            message.c.subject == literal("lead:").concat(followup.c.lead_id),
            text("message.state = 'sent' AND message.acted_at IS NULL"),
            message.c.kind == ReminderDue.kind,
        ),
    )
    .where(
        among(table.c.followup_id, "steps"),
        table.c.sent_at.is_not(None),
        table.c.seen_at.is_(None),
        table.c.acted_at.is_(None),
        table.c.missed_at.is_(None),
        message.c.ref != "",
    )
    .order_by(message.c.id)
)


@dataclass(frozen=True, slots=True)
class UnreadReminder:
    """A reminder that was sent as a message of its own, and is not known to have been seen."""

    followup_id: int
    message_id: int
    lane: str
    ref: str


class ReminderRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, reminder: Reminder) -> None:
        insert = insert_into(table, self._connection.dialect.name)
        once = insert.on_conflict_do_nothing(index_elements=["followup_id", "person_id", "due_at"])
        self._connection.execute(once, _REMINDERS.write(reminder))

    def acted(self, followup_id: int, now: datetime) -> None:
        """Record that somebody acted on a step that people may have been reminded of."""
        self._mark("acted_at", followup_id, now)

    def missed(self, followup_id: int, now: datetime) -> None:
        """Record that nobody acted on a step in time."""
        self._mark("missed_at", followup_id, now)

    def is_unseen(self, person_id: int, subject: str) -> bool:
        """Tell whether a card's subject (``lead:12``, ``followup:7``) has an unseen reminder.

        That is one sent to the person that they are not known to have seen.
        """
        condition, params = _about(person_id, subject)
        if condition is None:
            return False
        query = _unseen(subject.partition(":")[0])
        return self._connection.execute(query, params).first() is not None

    def seen(self, person_id: int, subject: str, now: datetime) -> None:
        condition, known = _about(person_id, subject)
        if condition is not None:
            update = table.update().where(condition).values(seen_at=now)
            self._connection.execute(update, known)

    def unread(self, now: datetime, until: datetime) -> list[UnreadReminder]:
        """List the unseen reminders whose steps are escalated after ``now``, by ``until``: of each
        person the last one about a step."""
        window = {"now": now, "until": until}
        levels = [dict(args) for args in self._connection.scalars(_ESCALATED, window)]
        steps = {args["followup_id"] for args in levels if args.get("level") == 1}
        if not steps:
            return []
        found = {
            (row.lane, row.followup_id): UnreadReminder(row.followup_id, row.id, row.lane, row.ref)
            for row in self._connection.execute(_UNREAD, {"steps": sorted(steps)})
            if row.fields.get("followup_id") == row.followup_id
        }
        return list(found.values())

    def of_person(self, person_id: int, limit: int) -> list[Reminder]:
        """List a person's reminders, newest first."""
        query = select(table).where(table.c.person_id == person_id)
        newest = query.order_by(table.c.due_at.desc(), table.c.id.desc()).limit(limit)
        return [_REMINDERS.read(row) for row in self._connection.execute(newest).mappings()]

    def tally(
        self, start: datetime, end: datetime, *, team_id: int | None = None, person_id: int = 0
    ) -> Mapping[int, ReminderTally]:
        """Count the reminders due in ``[start, end)`` by person; of a team, a person, or all."""
        query = _tally(of_team=team_id is not None, of_person=bool(person_id))
        params = {"start": start, "end": end, "team": team_id, "person": person_id}
        rows = self._connection.execute(query, params).mappings()
        return {
            row["person_id"]: ReminderTally(
                **{name: count for name, count in row.items() if name != "person_id"}
            )
            for row in rows
        }

    def _mark(self, column: str, followup_id: int, now: datetime) -> None:
        """Set a column on a step's reminders that have no outcome yet."""
        update = table.update().where(
            table.c.followup_id == followup_id,
            table.c.acted_at.is_(None),
            table.c[column].is_(None),
        )
        self._connection.execute(update.values({column: now}))


def mark_sent(
    connection: Connection, kind: str, known: Mapping[str, Any], reader: int, now: datetime
) -> None:
    """Mark the reminders in a message as sent: the chat or the mail server accepted it."""
    if kind == ReminderDue.kind:
        steps = [known["followup_id"]]
    elif kind == KeptNotices.kind:
        reminders = select(message.c.fields).where(
            message.c.id.in_(known["message_ids"]), message.c.kind == ReminderDue.kind
        )
        steps = [
            reminder_fields["followup_id"] for reminder_fields in connection.scalars(reminders)
        ]
    else:
        return
    connection.execute(
        table.update()
        .where(
            table.c.followup_id.in_(steps),
            table.c.person_id == reader,
            table.c.sent_at.is_(None),
        )
        .values(sent_at=now, late=case((table.c.due_at < now - _LATE, True), else_=False))
    )


def _about(person_id: int, subject: str) -> tuple[ColumnElement[bool] | None, dict[str, int]]:
    """The condition for a person's unseen reminders about ``lead:12`` or ``followup:7``.

    None for other subjects.
    """
    kind, _, number = subject.partition(":")
    if kind not in _ABOUT or not number.isdecimal():
        return None, {}
    return and_(_UNSEEN, _ABOUT[kind]), {"reader": person_id, "about": int(number)}


@cache
def _unseen(kind: str) -> Select[Any]:
    return select(table.c.id).where(_UNSEEN, _ABOUT[kind]).limit(1)


@cache
def _tally(*, of_team: bool, of_person: bool) -> Select[Any]:
    query = select(table.c.person_id, *_counts()).group_by(table.c.person_id)
    query = query.where(
        table.c.due_at >= bindparam("start", type_=Instant),
        table.c.due_at < bindparam("end", type_=Instant),
    )
    if of_team:
        team = select(person.c.id).where(person.c.team_id == bindparam("team"))
        query = query.where(table.c.person_id.in_(team))
    if of_person:
        query = query.where(table.c.person_id == bindparam("person"))
    return query


def _counts() -> tuple[ColumnElement[int], ...]:
    in_time = and_(table.c.acted_at.is_not(None), table.c.missed_at.is_(None))
    return (
        func.count().label("due"),
        func.count(table.c.sent_at).label("sent"),
        func.count(case((table.c.late, 1))).label("late"),
        func.count(table.c.seen_at).label("seen"),
        func.count(case((in_time, 1))).label("acted"),
        func.count(table.c.missed_at).label("missed"),
    )
