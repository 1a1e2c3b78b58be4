"""Signals, of the leads an actor may see and of no others."""

from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, case, func, select
from sqlalchemy.sql.dml import ReturningInsert

from sales.contract_signed import Signing, SigningState, Verdict
from sales.errors import LeadNotFound
from sales.permissions import Reach, Scope
from sales.quotes import Edition
from sales.signals import Effect, Recent, Signal, SignalKind, SignalTally
from storage.database.types import Instant
from storage.database.upsert import insert_into
from storage.leads.repository import whose, within
from storage.tables import lead
from storage.tables import signal as table
from storage.tables import signing as signing_table


class SignalRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, signal: Signal) -> Signal | None:
        """None when the same event is there already."""
        insert = _unless_known(self._connection.dialect.name)
        added: int | None = self._connection.scalar(insert, _row(signal))
        return None if added is None else replace(signal, id=added)

    def get(self, signal_id: int) -> Signal:
        """Raises LeadNotFound."""
        query = _visible(self._scope.reach).where(table.c.id == bindparam("wanted"))
        row = self._connection.execute(query, self._asked(signal_id)).mappings().first()
        if row is None:
            raise LeadNotFound(number="")
        return _signal(row)

    def since(self, moment: datetime, lead_id: int, kind: SignalKind) -> Recent:
        asked = self._asked(lead_id) | {"kind": kind.value, "moment": moment}
        times, acted = self._connection.execute(_counted(self._scope.reach), asked).one()
        return Recent(times, acted=bool(acted))

    def tallies(self, lead_id: int) -> list[SignalTally]:
        """Each kind that came for a lead, in no order."""
        rows = self._connection.execute(_tallied(self._scope.reach), self._asked(lead_id))
        return [SignalTally(SignalKind(kind), times, last) for kind, times, last in rows]

    def _asked(self, wanted: int) -> dict[str, Any]:
        return {"wanted": wanted} | whose(self._scope)


@cache
def _unless_known(dialect: str) -> ReturningInsert[Any]:
    insert = insert_into(table, dialect).on_conflict_do_nothing(index_elements=["event"])
    return insert.returning(table.c.id)


@cache
def _visible(reach: Reach) -> Select[Any]:
    return select(table).join(lead, lead.c.id == table.c.lead_id).where(within(reach))


@cache
def _counted(reach: Reach) -> Select[int, Any]:
    acted = func.sum(case((table.c.effect == Effect.COUNT.value, 0), else_=1))
    query = select(func.count(), acted).join(lead, lead.c.id == table.c.lead_id)
    return query.where(
        within(reach),
        table.c.lead_id == bindparam("wanted"),
        table.c.kind == bindparam("kind"),
        table.c.at > bindparam("moment", type_=Instant),
    )


@cache
def _tallied(reach: Reach) -> Select[Any]:
    last = func.max(table.c.at, type_=Instant)
    query = select(table.c.kind, func.count(), last).join(lead, lead.c.id == table.c.lead_id)
    mine = query.where(within(reach), table.c.lead_id == bindparam("wanted"))
    return mine.group_by(table.c.kind)


def _signal(row: RowMapping) -> Signal:
    return Signal(
        id=row["id"],
        lead_id=row["lead_id"],
        kind=SignalKind(row["kind"]),
        at=row["at"],
        event=row["event"],
        value=row["value"],
        effect=Effect(row["effect"]),
    )


def _row(signal: Signal) -> dict[str, Any]:
    return {
        "lead_id": signal.lead_id,
        "kind": signal.kind.value,
        "at": signal.at,
        "event": signal.event,
        "value": signal.value,
        "effect": signal.effect.value,
    }


_ENUMS = {"state": SigningState, "verdict": Verdict}
_PLAIN = tuple(field.name for field in fields_of(Signing) if field.name not in (*_ENUMS, "edition"))
_ADD = signing_table.insert().returning(signing_table.c.id)
_SAVE = signing_table.update().where(signing_table.c.id == bindparam("wanted"))


class SigningRepository:
    """Limited to what one actor may see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def add(self, signing: Signing) -> Signing:
        return replace(
            signing, id=self._connection.execute(_ADD, _signing_row(signing)).scalar_one()
        )

    def get(self, signing_id: int) -> Signing:
        """Raises LeadNotFound."""
        asked = {"wanted": signing_id} | whose(self._scope)
        row = self._connection.execute(_one(self._scope.reach), asked).mappings().first()
        if row is None:
            raise LeadNotFound(number="")
        return _signing(row)

    def save(self, signing: Signing) -> Signing:
        self.get(signing.id)
        self._connection.execute(_SAVE, _signing_row(signing) | {"wanted": signing.id})
        return signing


@cache
def _one(reach: Reach) -> Select[Any]:
    query = (
        select(signing_table).join(lead, lead.c.id == signing_table.c.lead_id).where(within(reach))
    )
    return query.where(signing_table.c.id == bindparam("wanted"))


def _signing(row: RowMapping) -> Signing:
    known: dict[str, Any] = {name: row[name] for name in _PLAIN}
    known |= {name: kind(row[name]) for name, kind in _ENUMS.items()}
    return Signing(edition=Edition(row["edition"]) if row["edition"] else None, **known)


def _signing_row(signing: Signing) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(signing, name) for name in _PLAIN if name != "id"}
    row["edition"] = signing.edition.value if signing.edition else None
    return row | {name: getattr(signing, name).value for name in _ENUMS}
