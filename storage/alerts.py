"""Alerts sent to the admins: claimed once across replicas, repeated daily, closed when over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, update

from storage.database.clock_skew import FARTHEST
from storage.database.engine import Database
from storage.database.upsert import insert_into
from storage.tables import alert as table

AGAIN: Final = timedelta(days=1)
"""An alert whose condition persists is sent again this long after it was last sent."""
_CAME_BACK: Final = timedelta(hours=1)
"""An alert whose condition comes and goes is sent at most this often."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert: the ``id`` of its condition, and the catalogue key and params of its text."""

    id: str
    key: str
    params: Mapping[str, str]


class AlertStore:
    """Stores alerts. Every call is a transaction of its own and raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, alert: Alert, now: datetime) -> bool:
        """Claim the right to send an alert now: exactly one process gets True."""
        what = {"key": alert.key, "params": dict(alert.params), "told_at": now, "seen_at": now}
        due = or_(
            table.c.told_at <= now - AGAIN,
            table.c.told_at > now + FARTHEST,
            and_(table.c.over_at.is_not(None), table.c.told_at <= now - _CAME_BACK),
        )
        with self._database.write() as connection:
            insert = insert_into(table, connection.dialect.name).values(id=alert.id, **what)
            claimed = insert.on_conflict_do_update(
                index_elements=["id"], set_=what | {"over_at": None}, where=due
            )
            return connection.execute(claimed.returning(table.c.id)).first() is not None

    def release(self, alert_id: str) -> None:
        """Give up a claim because the alert could not be sent; the next process may try."""
        with self._database.write() as connection:
            connection.execute(table.delete().where(table.c.id == alert_id))

    def close(self, alert_id: str, now: datetime) -> None:
        """Record that the alert was told when its condition was over already."""
        with self._database.write() as connection:
            connection.execute(update(table).where(table.c.id == alert_id).values(over_at=now))

    def see(self, ids: Collection[str], now: datetime) -> None:
        """Record that these conditions persist. Writes only when there are any."""
        if not ids:
            return
        seen = update(table).where(table.c.id.in_(ids), table.c.over_at.is_(None))
        with self._database.write() as connection:
            connection.execute(seen.values(seen_at=now))

    def take_over(self, silent_since: datetime, now: datetime) -> list[Alert]:
        """End the alerts that no process has seen since then; each is returned to one caller
        only."""
        silent = or_(table.c.seen_at < silent_since, table.c.seen_at > now + FARTHEST)
        gone = and_(table.c.over_at.is_(None), silent)
        with self._database.read() as connection:
            if connection.execute(table.select().where(gone).limit(1)).first() is None:
                return []
        ended = update(table).where(gone).values(over_at=now)
        with self._database.write() as connection:
            rows = connection.execute(ended.returning(table.c.id, table.c.key, table.c.params))
            return [Alert(*row) for row in rows]
