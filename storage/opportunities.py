"""Repeat business, of the leads an actor may see and of no others."""

from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, func, or_, select, text

from sales.errors import LeadNotFound
from sales.leads import OPEN_STAGES
from sales.opportunities import Opportunity, OpportunityState
from sales.permissions import Reach, Scope
from sales.signals import SignalKind
from sales.targets import Holder, Quarter
from storage.leads.repository import whose, within
from storage.tables import lead, signal
from storage.tables import opportunity as table


@dataclass(frozen=True, slots=True)
class KnownOpportunity:
    """One that waits for an answer, and the kind of signal it came of."""

    id: int
    kind: SignalKind


_PLAIN = tuple(
    field.name for field in fields_of(Opportunity) if field.name not in ("state", "quarter")
)
# SQLite uses the partial index only for the literal predicate.
_OPEN = text("opportunity.state = 'open'")
_ADD = table.insert().returning(table.c.id)
_SAVE = table.update().where(table.c.id == bindparam("wanted"))


class OpportunityRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, opportunity: Opportunity) -> Opportunity:
        added = self._connection.execute(_ADD, _row(opportunity))
        return replace(opportunity, id=added.scalar_one())

    def get(self, opportunity_id: int) -> Opportunity:
        """Raises LeadNotFound."""
        query = _visible(self._scope.reach).where(table.c.id == bindparam("wanted"))
        found = self._all(query, opportunity_id)
        if not found:
            raise LeadNotFound(number="")
        return found[0]

    def save(self, opportunity: Opportunity) -> Opportunity:
        self.get(opportunity.id)
        self._connection.execute(_SAVE, _row(opportunity) | {"wanted": opportunity.id})
        return opportunity

    def open_of(self, lead_id: int) -> list[KnownOpportunity]:
        """Those of a customer that wait for an answer."""
        query = (
            select(table.c.id, signal.c.kind)
            .join(lead, lead.c.id == table.c.lead_id)
            .join(signal, signal.c.id == table.c.signal_id)
            .where(within(self._scope.reach), _OPEN, table.c.lead_id == lead_id)
        )
        rows = self._connection.execute(query, whose(self._scope))
        return [KnownOpportunity(row.id, SignalKind(row.kind)) for row in rows]

    def waiting(self, limit: int) -> list[Opportunity]:
        """Those that wait for an answer, the newest first."""
        return self._all(_waiting(self._scope.reach).limit(limit), 0)

    def expected(self, quarter: Quarter, holder: Holder) -> tuple[int, Decimal]:
        """How many are expected to be bought in the quarter, and for how much: what waits for an
        answer, and what became a lead that is open."""
        whose_is_it = lead.c.team_id if holder.kind == "team" else lead.c.owner_id
        made = lead.alias("made")
        open_still = made.c.stage.in_([stage.value for stage in OPEN_STAGES])
        query = (
            select(func.count(), func.sum(table.c.amount))
            .join(lead, lead.c.id == table.c.lead_id)
            .outerjoin(made, made.c.id == table.c.made_id)
            .where(within(self._scope.reach), table.c.quarter == str(quarter))
            .where(whose_is_it == holder.id, or_(_OPEN, open_still))
        )
        n, amount = self._connection.execute(query, whose(self._scope)).one()
        return n, amount or Decimal(0)

    def _all(self, query: Select[Any], wanted: int) -> list[Opportunity]:
        rows = self._connection.execute(query, {"wanted": wanted} | whose(self._scope))
        return [_opportunity(row) for row in rows.mappings()]


@cache
def _visible(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _waiting(reach: Reach) -> Select[Any]:
    return _visible(reach).where(_OPEN).order_by(table.c.id.desc())


def _opportunity(row: RowMapping) -> Opportunity:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    state, quarter = OpportunityState(row["state"]), Quarter.parse(row["quarter"])
    return Opportunity(state=state, quarter=quarter, **known)


def _row(opportunity: Opportunity) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(opportunity, name) for name in _PLAIN if name != "id"}
    return row | {"state": opportunity.state.value, "quarter": str(opportunity.quarter)}
