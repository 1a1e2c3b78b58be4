"""Reads what the impact report needs beside journeys, and stores the day of adoption."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from sales.people import Person
from sales.permissions import Scope
from sales.reports.impact import DEPARTMENTS, HandOver
from sales.reports.journeys import ALL, JourneyFilter
from sales.tasks import TaskState
from storage.database.upsert import insert_into
from storage.leads.repository import whose, within
from storage.tables import adoption, followup, imported, lead, task

_THE_ONE: Final = 1


@dataclass(frozen=True, slots=True)
class FileHistory:
    """Of how many leads from files the first day is known, and of how many it is not."""

    dated: int
    undated: int


class ImpactRepository:
    """Facts of the impact report, limited to leads the actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def adopted_on(self) -> date | None:
        """The day that an admin named, from which on Genjin was used; None without one."""
        return self._connection.scalar(select(adoption.c.day))

    def adopt(self, day: date, by: Person, now: datetime) -> None:
        """Store the day of adoption, replacing an earlier one."""
        row = {"id": _THE_ONE, "day": day, "set_by": by.id, "set_at": now}
        insert = insert_into(adoption, self._connection.dialect.name).values(row)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["id"], set_=row))

    def first_work(self) -> datetime | None:
        """When the first lead was logged here or, if earlier, the first contact with a lead that
        was not; leads from files do not count."""
        from_file = exists().where(imported.c.lead_id == lead.c.id)
        first_lead = select(lead.c.created_at).where(~from_file).order_by(lead.c.id).limit(1)
        first_contact = select(followup.c.at).order_by(followup.c.id).limit(1)
        moments = [self._connection.scalar(query) for query in (first_lead, first_contact)]
        return min((at for at in moments if at is not None), default=None)

    def file_history(self, only: JourneyFilter = ALL) -> FileHistory:
        """How much is known of the leads that came from files."""
        query = (
            select(imported.c.dated, func.count())
            .join(lead, lead.c.id == imported.c.lead_id)
            .where(within(self._scope.reach), *_of_teams(only))
            .group_by(imported.c.dated)
        )
        rows = self._connection.execute(query, whose(self._scope)).all()
        undated = sum(n for dated, n in rows if dated is False)
        return FileHistory(dated=sum(n for _, n in rows) - undated, undated=undated)

    def hand_overs(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[HandOver, ...]:
        """The tasks for other departments that began in ``[start, end)``; without those that were
        cancelled before anybody answered."""
        answered = task.c.answered_at.is_not(None)
        query = (
            select(task.c.created_at, task.c.answered_at)
            .join(lead, lead.c.id == task.c.lead_id)
            .where(
                task.c.created_at >= start,
                task.c.created_at < end,
                task.c.role.in_([role.value for role in DEPARTMENTS]),
                or_(answered, task.c.state != TaskState.CANCELLED.value),
                within(self._scope.reach),
                *_of_teams(only),
            )
            .order_by(task.c.created_at, task.c.id)
        )
        rows = self._connection.execute(query, whose(self._scope))
        return tuple(HandOver(created_at, answered_at) for created_at, answered_at in rows)


def _of_teams(only: JourneyFilter) -> tuple[ColumnElement[bool], ...]:
    return (lead.c.team_id.in_(only.team_ids),) if only.team_ids else ()
