"""Stores who is in which pool of the routing rules, and the head start they began with."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, select

from sales.routing import Membership
from storage.database.upsert import Insert, insert_into
from storage.tables import pool_member as table

_OF_POOL = select(table).where(table.c.pool == bindparam("wanted"))


class PoolMemberRepository:
    """The pools' members within one unit of work.

    Changes are written at the commit, in a fixed order, so that two units of work never deadlock.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, dict[int, Membership]] = {}
        self._changed: dict[tuple[str, int], Membership] = {}

    def of(self, pool: str) -> Mapping[int, Membership]:
        """The places in a pool, by person id, also of those who are not there now."""
        if pool not in self._known:
            rows = self._connection.execute(_OF_POOL, {"wanted": pool}).mappings()
            self._known[pool] = {
                row["person_id"]: Membership(row["present"], _read(row["head_start"]))
                for row in rows
            }
        return self._known[pool]

    def set(self, pool: str, changed: Mapping[int, Membership]) -> None:
        self._known[pool] = {**self.of(pool), **changed}
        self._changed |= {(pool, person_id): place for person_id, place in changed.items()}

    def flush(self) -> None:
        for (pool, person_id), place in sorted(self._changed.items(), key=lambda one: one[0]):
            row = {
                "pool": pool,
                "person_id": person_id,
                "present": place.present,
                "head_start": _written(place.head_start),
            }
            self._connection.execute(_set(self._connection.dialect.name), row)
        self._changed.clear()


def _read(stored: Mapping[str, float]) -> dict[date, float]:
    return {date.fromisoformat(day): leads for day, leads in stored.items()}


def _written(head_start: Mapping[date, float]) -> dict[str, float]:
    return {day.isoformat(): leads for day, leads in sorted(head_start.items()) if leads}


@cache
def _set(dialect: str) -> Insert:
    insert = insert_into(table, dialect)
    values: dict[str, Any] = {
        "present": insert.excluded.present,
        "head_start": insert.excluded.head_start,
    }
    return insert.on_conflict_do_update(index_elements=["pool", "person_id"], set_=values)
