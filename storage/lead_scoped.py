"""Base repositories for records of leads; limited to leads the actor may see.

A subclass names its table and class, and adds its own queries.
"""

from dataclasses import replace
from functools import cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, Update, bindparam, select
from sqlalchemy.sql.dml import ReturningInsert

from sales.errors import Conflict, GenjinError, LeadNotFound
from sales.leads import lead_number
from sales.permissions import Reach, Scope
from storage.database.rows import RowMapper
from storage.database.types import keep_unreadable
from storage.leads.repository import require_seen, whose, within
from storage.tables import lead


class OfLead(Protocol):
    """A record that belongs to a lead."""

    @property
    def id(self) -> int: ...
    @property
    def lead_id(self) -> int: ...


T = TypeVar("T", bound=OfLead)


class LeadScoped(Generic[T]):
    """A repository of records of leads, limited to what one actor may see."""

    table: ClassVar[Table]
    rows: ClassVar[RowMapper[Any]]
    order: ClassVar[tuple[ColumnElement[Any], ...]] = ()
    """The order in which a lead's records are listed."""
    not_found: ClassVar[type[GenjinError]] = LeadNotFound
    by_rules: ClassVar[bool] = False
    """Whether only the process itself adds records, to leads it already holds."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, record: T) -> T:
        """Store a record. Raises LeadNotFound for a lead the actor may not see."""
        if not self.by_rules:
            require_seen(self._connection, self._scope, record.lead_id)
        known: Any = record
        added = self._connection.execute(_insert(self.table), self.rows.write(record))
        stored: T = replace(known, id=added.scalar_one())
        return stored

    def get(self, record_id: int) -> T:
        """Return a record. Raises ``not_found``."""
        record = self.find(record_id)
        if record is None:
            raise self.not_found(id=record_id, number="")
        return record

    def find(self, record_id: int) -> T | None:
        return self._first(self._one(self._scope.reach), record_id)

    def of_lead(self, lead_id: int, limit: int | None = None) -> list[T]:
        return self._all(_up_to(limit, self.all_of_lead(self._scope.reach)), lead_id)

    @classmethod
    def visible_to(cls, reach: Reach) -> ColumnElement[bool]:
        """The condition for records an actor sees; the actor is in the parameters (``whose``)."""
        return within(reach)

    @classmethod
    @cache
    def visible(cls, reach: Reach) -> Select[Any]:
        joined = cls.table.join(lead, lead.c.id == cls.table.c.lead_id)
        return select(cls.table).select_from(joined).where(cls.visible_to(reach))

    @classmethod
    @cache
    def all_of_lead(cls, reach: Reach) -> Select[Any]:
        of_lead = cls.table.c.lead_id == bindparam("wanted")
        return cls.visible(reach).where(of_lead).order_by(*cls.order)

    @classmethod
    @cache
    def _one(cls, reach: Reach) -> Select[Any]:
        return cls.visible(reach).where(cls.table.c.id == bindparam("wanted"))

    def _all(self, query: Select[Any], wanted: int = 0) -> list[T]:
        rows = self._connection.execute(query, self._with(wanted)).mappings()
        return [self.rows.read(row) for row in rows]

    def _first(self, query: Select[Any], wanted: int = 0) -> T | None:
        row = self._connection.execute(query, self._with(wanted)).mappings().first()
        return None if row is None else self.rows.read(row)

    def _with(self, wanted: int) -> dict[str, Any]:
        return {"wanted": wanted} | whose(self._scope)


class EditableLeadScoped(LeadScoped[T]):
    """Records that can be updated. Those with a ``version`` use optimistic locking."""

    def save(self, record: T) -> T:
        """Update a record. Raises Conflict when somebody saved it in between."""
        saved: Any = record
        known = {"wanted": record.id}
        before = self.rows.write(self.get(record.id))
        if "version" in before:
            known["known_version"] = saved.version
            saved = replace(saved, version=saved.version + 1)
        row = keep_unreadable(self.rows.write(saved), before) | known
        if self._connection.execute(_update(self.table), row).rowcount == 0:
            raise Conflict(number=lead_number(record.lead_id))
        stored: T = saved
        return stored


@cache
def _up_to(limit: int | None, query: Select[Any]) -> Select[Any]:
    return query.limit(limit)


@cache
def _insert(table: Table) -> ReturningInsert[Any]:
    return table.insert().returning(table.c.id)


@cache
def _update(table: Table) -> Update:
    update = table.update().where(table.c.id == bindparam("wanted"))
    if "version" not in table.c:
        return update
    return update.where(table.c.version == bindparam("known_version"))
