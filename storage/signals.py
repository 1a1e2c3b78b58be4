"""Signals and signings; limited to leads the actor may see."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, func
from sqlalchemy.sql.dml import ReturningInsert

from sales.contract_signed import Signing
from sales.permissions import Reach
from sales.signals import Effect, Recent, Signal, SignalKind, SignalTally
from storage.database.rows import RowMapper
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.lead_scoped import EditableLeadScoped, LeadScoped
from storage.tables import signal as table
from storage.tables import signing


class SignalRepository(LeadScoped[Signal]):
    """Signals, limited to what one actor may see."""

    table = table
    rows = RowMapper(Signal)

    def record(self, signal: Signal) -> Signal | None:
        """Record a signal; None when the same event exists already."""
        insert = _unless_known(self._connection.dialect.name)
        added: int | None = self._connection.scalar(insert, self.rows.write(signal))
        return None if added is None else replace(signal, id=added)

    def since(self, moment: datetime, lead_id: int, kind: SignalKind) -> Recent:
        asked = self._with(lead_id) | {"kind": kind.value, "moment": moment}
        times, acted = self._connection.execute(_counted(self._scope.reach), asked).one()
        return Recent(times, acted=bool(acted))

    def tallies(self, lead_id: int) -> list[SignalTally]:
        """Count a lead's signals by kind, in no particular order."""
        rows = self._connection.execute(_tallied(self._scope.reach), self._with(lead_id))
        return [SignalTally(SignalKind(kind), times, last) for kind, times, last in rows]


@cache
def _unless_known(dialect: str) -> ReturningInsert[Any]:
    insert = insert_into(table, dialect).on_conflict_do_nothing(index_elements=["event"])
    return insert.returning(table.c.id)


@cache
def _counted(reach: Reach) -> Select[int, Any]:
    acted = func.sum(case((table.c.effect == Effect.COUNT.value, 0), else_=1))
    return (
        SignalRepository.all_of_lead(reach)
        .with_only_columns(func.count(), acted)
        .where(
            table.c.kind == bindparam("kind"),
            table.c.at > bindparam("moment", type_=Instant),
        )
    )


@cache
def _tallied(reach: Reach) -> Select[Any]:
    last = func.max(table.c.at, type_=Instant)
    of_lead = SignalRepository.all_of_lead(reach)
    return of_lead.with_only_columns(table.c.kind, func.count(), last).group_by(table.c.kind)


class SigningRepository(EditableLeadScoped[Signing]):
    """Limited to what one actor may see."""

    table = signing
    rows = RowMapper(Signing)
    by_rules = True
