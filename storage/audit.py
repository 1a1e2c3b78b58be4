"""What was done by whom. Rows are only ever added: the database refuses anything else."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from sales.people import Person
from storage.tables import audit as table

_ADD = table.insert()


class AuditRows:
    """``sales.ports.Audit``; ``now`` is when the unit of work began."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def record(self, actor: Person, act: str, subject: str, detail: Mapping[str, str]) -> None:
        self._connection.execute(
            _ADD,
            {
                "at": self._now,
                "actor_id": actor.id,
                "act": act,
                "subject": subject,
                "detail": dict(detail),
            },
        )
