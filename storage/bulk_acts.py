"""Stores acts on several leads, what became of each lead, and what an undo needs."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from sales.assignments import OfferState
from sales.bulk_acts import BulkAct, BulkActNotFound, BulkLead, may_see_act
from sales.people import SYSTEM, Person
from storage.assignment.offers import WHY
from storage.database.rows import Codec, RowMapper
from storage.leads.snapshots import Changes
from storage.people import PersonRepository
from storage.tables import bulk_act as table
from storage.tables import bulk_lead, followup, offer

_AT_ONCE = 500
"""Values in one list of a query."""


def _read_why(stored: dict[str, Any] | None) -> Any:
    return WHY.read(stored) if stored else None


def _write_why(why: Any) -> Any:
    return WHY.write(why) if why else None


class _Leads(RowMapper[BulkLead]):
    """Maps an act's leads; their state follows from what became of them, and has an index."""

    def write(self, instance: BulkLead) -> dict[str, Any]:
        return super().write(instance) | {"state": instance.state}


_ACTS = RowMapper(BulkAct)
_LEADS = _Leads(BulkLead, why=Codec(_read_why, _write_why), told=Codec(tuple, list))
_SHOWN = [bulk_lead.c[name] for name in _LEADS.names]
_OF_ACT = select(*_SHOWN).where(bulk_lead.c.act_id == bindparam("act")).order_by(bulk_lead.c.id)
_NEXT = _OF_ACT.where(bulk_lead.c.state == bindparam("state")).limit(1)
_COUNTS = (
    select(bulk_lead.c.state, func.count())
    .where(bulk_lead.c.act_id == bindparam("act"))
    .group_by(bulk_lead.c.state)
)
_OFFERED = select(offer.c.lead_id).where(
    offer.c.lead_id.in_(bindparam("leads", expanding=True)),
    offer.c.state == OfferState.OPEN.value,
)
_WITH_STEP = select(followup.c.lead_id).where(
    followup.c.lead_id.in_(bindparam("leads", expanding=True)),
    followup.c.next_at.is_not(None),
    followup.c.closed_at.is_(None),
)


class BulkActRepository:
    """Acts on several leads, limited to those that a person did and, for leaders, their people.

    ``locks``: a second person who changes the same act waits.
    """

    def __init__(
        self, connection: Connection, actor: Person, people: PersonRepository, *, locks: bool
    ) -> None:
        self._connection = connection
        self._actor = actor
        self._people = people
        self._locks = locks

    def add(self, act: BulkAct, leads: Sequence[BulkLead]) -> BulkAct:
        """Store a preview with all its leads."""
        insert = table.insert().returning(table.c.id)
        act_id: int = self._connection.execute(insert, _ACTS.write(act)).scalar_one()
        rows = [_LEADS.write(replace(lead, act_id=act_id)) for lead in leads]
        if rows:
            self._connection.execute(bulk_lead.insert(), rows)
        return replace(act, id=act_id)

    def get(self, act_id: int) -> BulkAct:
        """Return an act, locked until the unit of work ends. Raises BulkActNotFound."""
        query: Select[Any] = select(table).where(table.c.id == act_id)
        held = query.with_for_update(key_share=True) if self._locks else query
        row = self._connection.execute(held).mappings().first()
        if row is None:
            raise BulkActNotFound
        act = _ACTS.read(row)
        if self._actor != SYSTEM and not self._sees(act):
            raise BulkActNotFound
        return act

    def save(self, act: BulkAct) -> BulkAct:
        update = table.update().where(table.c.id == act.id)
        self._connection.execute(update.values(_ACTS.write(act)))
        return act

    def leads(self, act_id: int) -> list[BulkLead]:
        """List the act's leads in their order."""
        rows = self._connection.execute(_OF_ACT, {"act": act_id}).mappings()
        return [_LEADS.read(row) for row in rows]

    def counts(self, act_id: int) -> Mapping[str, int]:
        """Count the act's leads by what became of them (``BulkLead.state``)."""
        rows = self._connection.execute(_COUNTS, {"act": act_id})
        return Counter({state: int(count) for state, count in rows})

    def next_lead(self, act_id: int, state: str) -> BulkLead | None:
        """Find the first lead in this state."""
        params = {"act": act_id, "state": state}
        row = self._connection.execute(_NEXT, params).mappings().first()
        return None if row is None else _LEADS.read(row)

    def save_lead(self, lead: BulkLead, changes: Changes | None = None) -> None:
        """Save what became of a lead; with what the act changed, which an undo takes back."""
        row = _LEADS.write(lead)
        if changes is not None:
            row["changes"] = json.dumps(changes, ensure_ascii=False)
        self._connection.execute(bulk_lead.update().where(bulk_lead.c.id == lead.id), row)

    def changes(self, lead: BulkLead) -> Changes | None:
        """Return what the act changed of a lead; None when that is deleted or unreadable."""
        query = select(bulk_lead.c.changes).where(bulk_lead.c.id == lead.id)
        stored: str | None = self._connection.scalar(query)
        try:
            changes: Changes | None = json.loads(stored) if stored else None
        except ValueError:
            return None
        return changes

    def offered(self, lead_ids: Sequence[int]) -> set[int]:
        """Return those of the leads that somebody was asked to take and has not answered."""
        return self._those(_OFFERED, lead_ids)

    def with_step(self, lead_ids: Sequence[int]) -> set[int]:
        """Return those of the leads that have an open next step."""
        return self._those(_WITH_STEP, lead_ids)

    def _those(self, query: Select[Any], lead_ids: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for some in _portions(lead_ids):
            found |= set(self._connection.scalars(query, {"leads": list(some)}))
        return found

    def _sees(self, act: BulkAct) -> bool:
        return may_see_act(self._actor, act, self._people.get(act.actor_id))


def forget(connection: Connection, now: datetime, until: datetime) -> int:
    """Delete what no undo needs any more, previews that nobody confirmed, and acts that were
    forgotten before ``until``. Returns the number of deleted acts."""
    stale = select(table.c.id).where(table.c.forget_at <= now)
    kept = (bulk_lead.c.act_id.in_(stale), bulk_lead.c.changes.is_not(None))
    connection.execute(bulk_lead.update().where(*kept).values(changes=None))
    words = (table.c.forget_at <= now, func.length(table.c.note) > 0)
    connection.execute(table.update().where(*words).values(note=""))
    unused = table.c.state.in_(_UNUSED) & (table.c.forget_at <= now)
    over = select(table.c.id).where(unused | (table.c.forget_at <= until))
    ids = list(connection.scalars(over.limit(_AT_ONCE)))
    connection.execute(bulk_lead.delete().where(bulk_lead.c.act_id.in_(ids)))
    return connection.execute(table.delete().where(table.c.id.in_(ids))).rowcount


_UNUSED: Collection[str] = ("previewed", "dropped")


def _portions(values: Sequence[int]) -> list[Sequence[int]]:
    return [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]
