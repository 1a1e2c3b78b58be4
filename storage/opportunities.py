"""Repeat business; limited to leads the actor may see."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, func, or_, text

from sales.leads import OPEN_STAGES
from sales.opportunities import Opportunity
from sales.permissions import Reach
from sales.signals import SignalKind
from sales.targets import Holder, Quarter
from storage.database.rows import Codec, RowMapper
from storage.lead_scoped import EditableLeadScoped
from storage.leads.repository import whose
from storage.tables import lead, signal
from storage.tables import opportunity as table


@dataclass(frozen=True, slots=True)
class KnownOpportunity:
    """An opportunity waiting for an answer, with the kind of signal it came from."""

    id: int
    kind: SignalKind


# SQLite uses the partial index only for the literal predicate.
_OPEN = text("opportunity.state = 'open'")


class OpportunityRepository(EditableLeadScoped[Opportunity]):
    """Opportunities, limited to what one actor may see."""

    table = table
    rows = RowMapper(Opportunity, quarter=Codec(Quarter.parse, str))
    by_rules = True

    def open_of(self, lead_id: int) -> list[KnownOpportunity]:
        """List a customer's opportunities that wait for an answer."""
        query = (
            self.visible(self._scope.reach)
            .join(signal, signal.c.id == table.c.signal_id)
            .where(_OPEN, table.c.lead_id == lead_id)
            .with_only_columns(table.c.id, signal.c.kind)
        )
        rows = self._connection.execute(query, whose(self._scope))
        return [KnownOpportunity(row.id, SignalKind(row.kind)) for row in rows]

    def waiting(self, limit: int, offset: int = 0) -> list[Opportunity]:
        """List the opportunities that wait for an answer, newest first."""
        return self._all(_waiting(self._scope.reach).limit(limit).offset(offset))

    def count_waiting(self) -> int:
        """Count the opportunities that wait for an answer."""
        return int(
            self._connection.execute(_count(self._scope.reach), whose(self._scope)).scalar_one()
        )

    def expected(self, quarter: Quarter, holder: Holder) -> tuple[int, Decimal]:
        """Return the number and value of purchases expected in the quarter.

        Counts opportunities that wait for an answer, and those that became a lead that is open.
        """
        whose_is_it = lead.c.team_id if holder.kind == "team" else lead.c.owner_id
        made = lead.alias("made")
        open_still = made.c.stage.in_([stage.value for stage in OPEN_STAGES])
        query = (
            self.visible(self._scope.reach)
            .outerjoin(made, made.c.id == table.c.made_id)
            .where(table.c.quarter == str(quarter))
            .where(whose_is_it == holder.id, or_(_OPEN, open_still))
            .with_only_columns(func.count(), func.sum(table.c.amount))
        )
        n, amount = self._connection.execute(query, whose(self._scope)).one()
        return n, amount or Decimal(0)


@cache
def _count(reach: Reach) -> Select[Any]:
    waiting = OpportunityRepository.visible(reach).where(_OPEN)
    return waiting.with_only_columns(func.count())


@cache
def _waiting(reach: Reach) -> Select[Any]:
    return OpportunityRepository.visible(reach).where(_OPEN).order_by(table.c.id.desc())
