"""The public pool: which lead was in it when, its owner before and after."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, select

from sales.errors import LeadNotFound
from sales.leads import WORKED_STAGES
from sales.permissions import Scope
from sales.pool import Extension, Holding, PooledLead, PoolQuery, PoolReason, PoolStay, Warned
from storage.database.rows import RowMapper
from storage.leads.repository import whose, within
from storage.reports.conditions import grade_rank, imported_at
from storage.scoping import IS_OPEN
from storage.tables import lead, offer, pool_extension, pool_warning
from storage.tables import pool_stay as stay
from storage.tables import pool_stay as stay_table

_STAYS = RowMapper(PoolStay)


class StayRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enter(self, stay: PoolStay) -> PoolStay:
        self._end(stay.lead_id, left_at=stay.entered_at)
        insert = stay_table.insert().values(_STAYS.write(stay)).returning(stay_table.c.id)
        return replace(stay, id=self._connection.execute(insert).scalar_one())

    def begin(self, stays: Sequence[PoolStay]) -> None:
        """Store the first stays of new leads in one batch."""
        if stays:
            self._connection.execute(stay_table.insert(), [_STAYS.write(stay) for stay in stays])

    def leave(self, lead_id: int, to: int | None, at: datetime, *, claimed: bool) -> None:
        """End the lead's stay in the pool: somebody has it now, or (None) it was merged into
        another.

        Does nothing when it was not in the pool.
        """
        self._end(lead_id, left_at=at, left_to=to, claimed=claimed)

    def get(self, stay_id: int) -> PoolStay:
        """Return a stay. Raises LeadNotFound."""
        stay = self._first(select(stay_table).where(stay_table.c.id == stay_id))
        if stay is None:
            raise LeadNotFound(number="")
        return stay

    def latest(self, lead_id: int) -> PoolStay | None:
        return self._first(_newest_first(select(stay_table).where(stay_table.c.lead_id == lead_id)))

    def let_go_at(self, lead_id: int, person_id: int) -> datetime | None:
        """Return when the lead last went from this person into the pool."""
        at: datetime | None = self._connection.scalar(
            select(func.max(stay_table.c.entered_at)).where(
                stay_table.c.lead_id == lead_id, stay_table.c.former_owner_id == person_id
            )
        )
        return at

    def claims_since(self, person_id: int, moment: datetime) -> int:
        claimed = select(func.count()).where(
            stay_table.c.left_to == person_id, stay_table.c.left_at >= moment, stay_table.c.claimed
        )
        return self._connection.execute(claimed).scalar_one()

    def held_by(self, person_id: int) -> int:
        """Count the open leads the person owns that they claimed."""
        held = (
            select(func.count(lead.c.id.distinct()))
            .join(stay_table, stay_table.c.lead_id == lead.c.id)
            .where(
                lead.c.owner_id == person_id,
                IS_OPEN,
                stay_table.c.left_to == person_id,
                stay_table.c.claimed,
            )
        )
        return self._connection.execute(held).scalar_one()

    def entered(self, team_id: int, since: datetime, until: datetime) -> list[PoolStay]:
        """List what came into the pool from a team in ``[since, until)``, oldest first.

        Leaves out imported leads, which are reported in one message.
        """
        came = select(stay_table).where(
            stay_table.c.team_id == team_id,
            stay_table.c.entered_at >= since,
            stay_table.c.entered_at < until,
            stay_table.c.reason != PoolReason.IMPORTED.value,
        )
        rows = self._connection.execute(came.order_by(stay_table.c.id)).mappings()
        return [_STAYS.read(row) for row in rows]

    def _end(self, lead_id: int, **end: Any) -> None:
        there = stay_table.update().where(
            stay_table.c.lead_id == lead_id, stay_table.c.left_at.is_(None)
        )
        self._connection.execute(there.values(end))

    def _first(self, query: Select[Any]) -> PoolStay | None:
        row = self._connection.execute(query).mappings().first()
        return None if row is None else _STAYS.read(row)


def _newest_first(query: Select[Any]) -> Select[Any]:
    return query.order_by(stay_table.c.id.desc()).limit(1)


Fact = TypeVar("Fact", Extension, Warned)

_IDLE_SINCE = func.coalesce(lead.c.last_contact_at, lead.c.created_at)
_OFFERED_AT = (
    select(func.max(offer.c.offered_at))
    .where(offer.c.lead_id == lead.c.id, offer.c.person_id == lead.c.owner_id)
    .scalar_subquery()
)
_HOLDINGS = RowMapper(Holding, given=("extensions", "warnings"))
_OWNED = select(
    lead.c.id.label("lead_id"),
    lead.c.owner_id,
    lead.c.stage,
    lead.c.grade,
    _IDLE_SINCE.label("idle_since"),
    func.coalesce(_OFFERED_AT, imported_at(), lead.c.created_at).label("owned_since"),
)


class HoldingRepository:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, lead_id: int) -> Holding | None:
        """Return the lead's holding; None for a lead without an owner."""
        holdings = self._holdings(and_(lead.c.id == lead_id, lead.c.owner_id.is_not(None)))
        return holdings[0] if holdings else None

    def some(self, lead_ids: Sequence[int]) -> list[Holding]:
        """List the holdings of those of the leads that have an owner."""
        return self._holdings(and_(lead.c.id.in_(lead_ids), lead.c.owner_id.is_not(None)))

    def idle_before(self, moment: datetime) -> list[Holding]:
        """List owned leads in progress without contact since before the moment."""
        stages = [stage.value for stage in WORKED_STAGES]
        owned = and_(IS_OPEN, lead.c.owner_id.is_not(None), lead.c.stage.in_(stages))
        return self._holdings(and_(owned, moment > _IDLE_SINCE))

    def extend(self, extension: Extension) -> None:
        self._connection.execute(pool_extension.insert(), asdict(extension))

    def warn(self, warned: Warned) -> None:
        self._connection.execute(pool_warning.insert(), asdict(warned))

    def _holdings(self, condition: ColumnElement[bool]) -> list[Holding]:
        extensions = self._facts(pool_extension, Extension, condition)
        warnings = self._facts(pool_warning, Warned, condition)
        rows = self._connection.execute(_OWNED.where(condition).order_by(lead.c.id)).mappings()
        return [
            _HOLDINGS.read(
                row,
                extensions=_since(row["owned_since"], extensions[row["lead_id"]]),
                warnings=_since(row["owned_since"], warnings[row["lead_id"]]),
            )
            for row in rows
        ]

    def _facts(
        self, table: Table, kind: type[Fact], condition: ColumnElement[bool]
    ) -> dict[int, list[Fact]]:
        """Return the facts on record about the leads' present owners, by lead."""
        of_owner = and_(lead.c.id == table.c.lead_id, lead.c.owner_id == table.c.owner_id)
        query = select(*(column for column in table.c if column.name != "id"))
        rows = self._connection.execute(query.join(lead, of_owner).where(condition)).mappings()
        found: dict[int, list[Fact]] = defaultdict(list)
        for row in rows:
            values: dict[str, Any] = dict(row)
            found[row["lead_id"]].append(kind(**values))
        return found


def _since(moment: datetime, facts: list[Fact]) -> tuple[Fact, ...]:
    """Drop older facts: they belong to an earlier period of ownership."""
    return tuple(fact for fact in facts if fact.at >= moment)


_POOLED = RowMapper(PooledLead)
_OF_STAY = ("reason", "detail")
_SHOWN = [(stay if name in _OF_STAY else lead).c[name] for name in _POOLED.names]


class PoolRepository:
    """The public pool, limited to what one actor may see."""

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
        """Find a pooled lead; None also for one that the actor may not claim."""
        leads = self._all(self._select(*_SHOWN).where(lead.c.id == lead_id))
        return leads[0] if leads else None

    def page(self, query: PoolQuery, offset: int, limit: int) -> list[PooledLead]:
        """List a page of pooled leads: best grade first, then the newest in the pool."""
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
        return [_POOLED.read(row) for row in rows.mappings()]


def _matching(query: PoolQuery) -> list[ColumnElement[bool]]:
    """The search condition, over displayed fields only: a search for a phone must not reveal whose
    it is."""
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
