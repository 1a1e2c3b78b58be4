"""When which lead was in the public pool, whose it had been and whose it became."""

from collections.abc import Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from sales.errors import LeadNotFound
from sales.leads import OPEN_STAGES
from sales.pool import PoolReason, Stay
from storage.tables import lead
from storage.tables import pool_stay as table

_PLAIN = tuple(field.name for field in fields_of(Stay) if field.name != "reason")


class StayRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, stay: Stay) -> Stay:
        self._end(stay.lead_id, left_at=stay.entered_at)
        insert = table.insert().values(_row(stay)).returning(table.c.id)
        return replace(stay, id=self._connection.execute(insert).scalar_one())

    def begin(self, stays: Sequence[Stay]) -> None:
        """The first stays of new leads, in one go."""
        if stays:
            self._connection.execute(table.insert(), [_row(stay) for stay in stays])

    def leave(self, lead_id: int, to: int | None, at: datetime, *, claimed: bool) -> None:
        """Somebody has the lead now, or (None) it is a part of another one. Nothing
        happens when it was not in the pool."""
        self._end(lead_id, left_at=at, left_to=to, claimed=claimed)

    def get(self, stay_id: int) -> Stay:
        """Raises LeadNotFound."""
        found = self._first(select(table).where(table.c.id == stay_id))
        if found is None:
            raise LeadNotFound(number="")
        return found

    def latest(self, lead_id: int) -> Stay | None:
        return self._first(_newest_first(select(table).where(table.c.lead_id == lead_id)))

    def let_go_at(self, lead_id: int, person_id: int) -> datetime | None:
        """When the lead last went into the pool from this person."""
        at: datetime | None = self._connection.scalar(
            select(func.max(table.c.entered_at)).where(
                table.c.lead_id == lead_id, table.c.former_owner_id == person_id
            )
        )
        return at

    def claims_since(self, person_id: int, moment: datetime) -> int:
        claimed = select(func.count()).where(
            table.c.left_to == person_id, table.c.left_at >= moment, table.c.claimed
        )
        return self._connection.execute(claimed).scalar_one()

    def held_by(self, person_id: int) -> int:
        """How many open leads the person owns that they claimed."""
        held = (
            select(func.count(lead.c.id.distinct()))
            .join(table, table.c.lead_id == lead.c.id)
            .where(
                lead.c.owner_id == person_id,
                lead.c.stage.in_([stage.value for stage in OPEN_STAGES]),
                table.c.left_to == person_id,
                table.c.claimed,
            )
        )
        return self._connection.execute(held).scalar_one()

    def entered(self, team_id: int, since: datetime, until: datetime) -> list[Stay]:
        """What came into the pool from a team in ``[since, until)``, oldest first; not what was
        imported, which is told in one."""
        came = select(table).where(
            table.c.team_id == team_id,
            table.c.entered_at >= since,
            table.c.entered_at < until,
            table.c.reason != PoolReason.IMPORTED.value,
        )
        rows = self._connection.execute(came.order_by(table.c.id)).mappings()
        return [_stay(row) for row in rows]

    def _end(self, lead_id: int, **end: Any) -> None:
        there = table.update().where(table.c.lead_id == lead_id, table.c.left_at.is_(None))
        self._connection.execute(there.values(end))

    def _first(self, query: Select[Any]) -> Stay | None:
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _stay(row)


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(table.c.id.desc()).limit(1)


def _row(stay: Stay) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(stay, name) for name in _PLAIN if name != "id"}
    return row | {"reason": stay.reason.value}


def _stay(row: RowMapping) -> Stay:
    return Stay(reason=PoolReason(row["reason"]), **{name: row[name] for name in _PLAIN})
