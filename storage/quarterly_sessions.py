"""The quarterly session: its announcement, the volunteers, and the agenda."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from sales.leads import Stage
from sales.library import TOLD, ItemKind, ItemState
from sales.objections import ObjectionState
from sales.quarterly_session import Agenda, Session, SessionTopic
from sales.targets import Quarter
from storage.database.rows import Codec, RowMapper
from storage.database.upsert import insert_into
from storage.tables import (
    lead,
    library_item,
    library_use,
    objection,
    sharing,
    sharing_topic,
    sharing_volunteer,
)

_TOLD = [kind.value for kind in TOLD]
_TOPICS = RowMapper(SessionTopic, quarter=Codec(Quarter.parse, str))


class QuarterlySessionRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def announced(self, quarter: Quarter) -> Session | None:
        query = select(sharing.c.begins_at, sharing.c.announced_at)
        row = self._connection.execute(query.where(sharing.c.quarter == str(quarter))).first()
        return Session(quarter, row.begins_at, row.announced_at) if row else None

    def announce(self, session: Session, now: datetime) -> bool:
        """Record the announcement; False when the quarter's session was announced before."""
        insert = insert_into(sharing, self._connection.dialect.name).on_conflict_do_nothing()
        added = self._connection.execute(
            insert.returning(sharing.c.quarter),
            {
                "quarter": str(session.quarter),
                "begins_at": session.begins_at,
                "announced_at": now,
            },
        )
        return added.first() is not None

    def volunteers(self, quarter: Quarter) -> list[int]:
        """List the ids of people who bring something, in the order they volunteered."""
        table = sharing_volunteer
        query = select(table.c.person_id).where(table.c.quarter == str(quarter))
        return list(self._connection.scalars(query.order_by(table.c.at, table.c.person_id)))

    def join(self, quarter: Quarter, person_id: int, now: datetime) -> None:
        table = sharing_volunteer
        insert = insert_into(table, self._connection.dialect.name).on_conflict_do_nothing()
        row = {"quarter": str(quarter), "person_id": person_id, "at": now}
        self._connection.execute(insert, row)

    def leave(self, quarter: Quarter, person_id: int) -> None:
        table = sharing_volunteer
        theirs = (table.c.quarter == str(quarter), table.c.person_id == person_id)
        self._connection.execute(table.delete().where(*theirs))

    def topics(self, quarter: Quarter) -> list[SessionTopic]:
        """List the topics proposed for a quarter, oldest first."""
        table = sharing_topic
        query = select(table).where(table.c.quarter == str(quarter))
        rows = self._connection.execute(query.order_by(table.c.at, table.c.key)).mappings()
        return [_TOPICS.read(row) for row in rows]

    def propose(self, topic: SessionTopic) -> bool:
        """Store a topic; False when the same was proposed for the quarter before."""
        insert = insert_into(sharing_topic, self._connection.dialect.name).on_conflict_do_nothing()
        added = insert.returning(sharing_topic.c.key)
        return self._connection.execute(added, _TOPICS.write(topic)).first() is not None

    def agenda(self, start: datetime, end: datetime, limit: int) -> Agenda:
        """Build the agenda from what happened company-wide in ``[start, end)``: at most ``limit``
        each."""
        decided = library_item.c.decided_at
        new = (_approved(), decided >= start, decided < end)
        newest = select(library_item.c.id).where(*new)
        return Agenda(
            used=self._ids(_most_used(start, end), limit),
            cases=self._ids(_best_cases(start, end), limit),
            objections=tuple(
                (kind, count)
                for kind, count in self._connection.execute(_costly(start, end).limit(limit))
            ),
            newest=self._ids(newest.order_by(decided.desc(), library_item.c.id.desc()), limit),
            approved=self._connection.scalar(
                select(func.count()).select_from(library_item).where(*new)
            )
            or 0,
        )

    def _ids(self, query: Select[Any], limit: int) -> tuple[int, ...]:
        return tuple(self._connection.scalars(query.limit(limit)))


def _approved() -> Any:
    return library_item.c.state == ItemState.APPROVED.value


def _most_used(start: datetime, end: datetime) -> Select[Any]:
    """The most used items, whether used for a customer or not."""
    return (
        select(library_item.c.id)
        .join(library_use, library_use.c.item_id == library_item.c.id)
        .where(_approved(), library_item.c.kind.in_(_TOLD))
        .where(library_use.c.at >= start, library_use.c.at < end)
        .group_by(library_item.c.id)
        .order_by(func.count(library_use.c.id).desc(), library_item.c.id)
    )


def _best_cases(start: datetime, end: datetime) -> Select[Any]:
    """New cases, most used first."""
    uses = select(func.count()).where(library_use.c.item_id == library_item.c.id)
    decided = library_item.c.decided_at
    return (
        select(library_item.c.id)
        .where(_approved(), library_item.c.kind == ItemKind.CASE.value)
        .where(decided >= start, decided < end)
        .order_by(uses.correlate(library_item).scalar_subquery().desc(), library_item.c.id)
    )


def _costly(start: datetime, end: datetime) -> Select[Any]:
    """Kinds of objections still open when a lead was lost, with the number of leads."""
    leads = func.count(lead.c.id.distinct())
    return (
        select(objection.c.kind, leads)
        .join(lead, lead.c.id == objection.c.lead_id)
        .where(lead.c.stage == Stage.LOST.value, lead.c.closed_at >= start, lead.c.closed_at < end)
        .where(objection.c.state != ObjectionState.ACCEPTED.value)
        .group_by(objection.c.kind)
        .order_by(leads.desc(), objection.c.kind)
    )
