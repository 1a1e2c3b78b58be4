"""The leads in the public pool, as far as an actor may claim them, and no more of each."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, select

from sales.leads import WORKED_STAGES, Grade, Stage
from sales.permissions import Scope
from sales.pool import PooledLead, PoolQuery, PoolReason
from storage.conditions import grade_rank
from storage.leads import whose, within
from storage.tables import lead
from storage.tables import pool_stay as stay

_PLAIN = ("id", "customer", "industry", "region", "product", "pooled_at", "detail")
_SHOWN = (
    *(lead.c[name] for name in (*_PLAIN[:-1], "grade", "stage")),
    stay.c.reason,
    stay.c.detail,
)


class PoolRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._whose = whose(scope)
        self._claimable = and_(
            within(scope.reach),
            lead.c.pooled_at.is_not(None),
            lead.c.owner_id.is_(None),
            lead.c.stage.in_([stage.value for stage in WORKED_STAGES]),
            stay.c.left_at.is_(None),
        )

    def find(self, lead_id: int) -> PooledLead | None:
        """None also for one that the actor may not claim."""
        found = self._all(self._select(*_SHOWN).where(lead.c.id == lead_id))
        return found[0] if found else None

    def page(self, query: PoolQuery, offset: int, limit: int) -> list[PooledLead]:
        """The best grade first, then the newest in the pool."""
        asked = self._select(*_SHOWN).where(*_matching(query))
        ordered = asked.order_by(grade_rank(), lead.c.pooled_at.desc(), lead.c.id.desc())
        return self._all(ordered.offset(offset).limit(limit))

    def count(self, query: PoolQuery) -> int:
        asked = self._select(func.count()).where(*_matching(query))
        counted: int = self._connection.execute(asked, self._whose).scalar_one()
        return counted

    def _select(self, *columns: ColumnElement[Any]) -> Select[Any]:
        joined = lead.join(stay, stay.c.lead_id == lead.c.id)
        return select(*columns).select_from(joined).where(self._claimable)

    def _all(self, query: Select[Any]) -> list[PooledLead]:
        rows = self._connection.execute(query, self._whose)
        return [_pooled(row) for row in rows.mappings()]


def _matching(query: PoolQuery) -> list[ColumnElement[bool]]:
    """By what is shown and nothing else: a search for a phone must not tell whose it is."""
    asked = [
        column == value
        for column, value in (
            (lead.c.region, query.region),
            (lead.c.industry, query.industry),
            (lead.c.grade, query.grade),
        )
        if value
    ]
    if query.text:
        asked.append(lead.c.customer_words.icontains(query.text, autoescape=True))
    return asked


def _pooled(row: RowMapping) -> PooledLead:
    return PooledLead(
        grade=Grade(row["grade"]),
        stage=Stage(row["stage"]),
        reason=PoolReason(row["reason"]),
        **{name: row[name] for name in _PLAIN},
    )
