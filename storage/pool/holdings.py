"""How long owners have held their leads: facts for ``sales.holding``, gathered in three queries
however many leads there are."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from sales.holding import Extension, Holding, Warned
from sales.leads import WORKED_STAGES, Grade, Stage
from storage.tables import import_job, imported, lead, offer, pool_extension, pool_warning

Fact = TypeVar("Fact", Extension, Warned)

_IDLE_SINCE = func.coalesce(lead.c.last_contact_at, lead.c.created_at)
_OFFERED_AT = (
    select(func.max(offer.c.offered_at))
    .where(offer.c.lead_id == lead.c.id, offer.c.person_id == lead.c.owner_id)
    .scalar_subquery()
)
# An imported lead may have been created years ago, as its file says.
_IMPORTED_AT = (
    select(import_job.c.created_at)
    .join(imported, imported.c.job_id == import_job.c.id)
    .where(imported.c.lead_id == lead.c.id)
    .scalar_subquery()
)
_OWNED = select(
    lead.c.id,
    lead.c.owner_id,
    lead.c.stage,
    lead.c.grade,
    _IDLE_SINCE.label("idle_since"),
    func.coalesce(_OFFERED_AT, _IMPORTED_AT, lead.c.created_at).label("owned_since"),
)


class HoldingRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, lead_id: int) -> Holding | None:
        """None for a lead of nobody."""
        found = self._holdings(and_(lead.c.id == lead_id, lead.c.owner_id.is_not(None)))
        return found[0] if found else None

    def idle_before(self, moment: datetime) -> list[Holding]:
        """Owned leads that are worked on, without contact since before the moment."""
        stages = [stage.value for stage in WORKED_STAGES]
        owned = and_(lead.c.owner_id.is_not(None), lead.c.stage.in_(stages))
        return self._holdings(and_(owned, moment > _IDLE_SINCE))

    def extend(self, extension: Extension) -> None:
        self._connection.execute(pool_extension.insert(), asdict(extension))

    def warn(self, warned: Warned) -> None:
        self._connection.execute(pool_warning.insert(), asdict(warned))

    def _holdings(self, wanted: ColumnElement[bool]) -> list[Holding]:
        extensions = self._facts(pool_extension, Extension, wanted)
        warnings = self._facts(pool_warning, Warned, wanted)
        rows = self._connection.execute(_OWNED.where(wanted).order_by(lead.c.id))
        return [
            Holding(
                lead_id=row.id,
                owner_id=row.owner_id,
                stage=Stage(row.stage),
                grade=Grade(row.grade),
                idle_since=row.idle_since,
                owned_since=row.owned_since,
                extensions=_since(row.owned_since, extensions[row.id]),
                warnings=_since(row.owned_since, warnings[row.id]),
            )
            for row in rows
        ]

    def _facts(
        self, table: Table, kind: type[Fact], wanted: ColumnElement[bool]
    ) -> dict[int, list[Fact]]:
        """What is on record of the leads' present owners, by lead."""
        of_owner = and_(lead.c.id == table.c.lead_id, lead.c.owner_id == table.c.owner_id)
        query = select(*(column for column in table.c if column.name != "id"))
        rows = self._connection.execute(query.join(lead, of_owner).where(wanted)).mappings()
        found: dict[int, list[Fact]] = defaultdict(list)
        for row in rows:
            values: dict[str, Any] = dict(row)
            found[row["lead_id"]].append(kind(**values))
        return found


def _since(moment: datetime, facts: list[Fact]) -> tuple[Fact, ...]:
    """What is older was with an earlier time as owner."""
    return tuple(fact for fact in facts if fact.at >= moment)
