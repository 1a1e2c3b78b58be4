"""Stores offers of leads to people, with the reason for each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, text

from sales.assignments import Offer, OfferState, Why
from sales.errors import OfferClosed
from sales.people import Person
from sales.routing import changes_of, entered
from storage.assignment.capacity import reserve_capacity
from storage.assignment.pools import PoolMemberRepository
from storage.assignment.tally import ShareRepository, day_of
from storage.database.rows import Codec, RowMapper
from storage.tables import offer as table


def _why_to_json(why: Why) -> dict[str, Any]:
    skipped = [list(pair) for pair in why.skipped]
    return {"reason": why.reason, "rule": why.rule, "skipped": skipped}


def _why_from_json(stored: dict[str, Any]) -> Why:
    skipped = tuple((who, reason) for who, reason in stored["skipped"])
    return Why(stored["reason"], stored["rule"], skipped)


WHY = Codec(_why_from_json, _why_to_json)
"""How a reason is stored in a JSON column."""
_OFFERS = RowMapper(Offer, why=WHY)
_NOT_PASSED_ON = (OfferState.OPEN.value, OfferState.ACCEPTED.value)
_ADD = table.insert().returning(table.c.id)
_SAVE = table.update().where(table.c.id == bindparam("known"))
_ONE = select(table).where(table.c.id == bindparam("wanted"))
_OF_LEAD = select(table).where(table.c.lead_id == bindparam("wanted")).order_by(table.c.id)
_OPEN = (
    select(table)
    .where(table.c.lead_id == bindparam("wanted"), table.c.state == OfferState.OPEN.value)
    .order_by(table.c.id.desc())
    .limit(1)
)
# SQLite uses the partial index only for the literal predicate.
_IS_OPEN = text("offer.state = 'open'")
_OPEN_OF = (
    select(table)
    .where(table.c.person_id == bindparam("wanted"), _IS_OPEN)
    .order_by(table.c.lead_id, table.c.id)
)
_COUNTS_ON = select(func.max(table.c.offered_at)).where(
    table.c.lead_id == bindparam("lead"),
    table.c.person_id == bindparam("person"),
    table.c.state.in_(_NOT_PASSED_ON),
)


class OfferRepository:
    """Offers. ``locks`` True: of two answers to one offer the second waits.

    ``new_leads`` are the ids of leads that have not been offered to anybody yet.
    """

    def __init__(self, connection: Connection, *, locks: bool, new_leads: set[int]) -> None:
        self._connection = connection
        self._locks = locks
        self._new_leads = new_leads
        self._tally = ShareRepository(connection)
        self._pools = PoolMemberRepository(connection)

    def add(self, offer: Offer) -> Offer:
        before = None if offer.lead_id in self._new_leads else self._counts_on(offer)
        offer_id: int = self._connection.execute(_ADD, _OFFERS.write(offer)).scalar_one()
        if offer.state.value in _NOT_PASSED_ON:
            after = max(offer.offered_at, before or offer.offered_at)
            self._tally.move(offer.person_id, before, after)
            self._new_leads.discard(offer.lead_id)
        return replace(offer, id=offer_id)

    def get(self, offer_id: int) -> Offer:
        """Return an offer. Raises OfferClosed when there is none."""
        offer = self._first(_ONE, offer_id)
        if offer is None:
            raise OfferClosed
        return offer

    def save(self, offer: Offer) -> Offer:
        before = self._counts_on(offer)
        saved = self._connection.execute(_SAVE, _OFFERS.write(offer) | {"known": offer.id})
        if saved.rowcount == 0:
            raise OfferClosed
        self._tally.move(offer.person_id, before, self._counts_on(offer))
        return offer

    def open_for(self, lead_id: int) -> Offer | None:
        return self._first(_OPEN, lead_id)

    def open_of(self, person_id: int) -> list[Offer]:
        """List the offers that a person has not answered, by lead."""
        rows = self._connection.execute(_OPEN_OF, {"wanted": person_id})
        return [_OFFERS.read(row) for row in rows.mappings()]

    def history(self, lead_id: int) -> list[Offer]:
        """List a lead's offers, oldest first."""
        rows = self._connection.execute(_OF_LEAD, {"wanted": lead_id})
        return [_OFFERS.read(row) for row in rows.mappings()]

    def reserve_capacity(self, person: Person) -> bool:
        """Whether a person takes one more open lead. If so, nobody else finds room with them
        before this unit of work is done. Several are to be asked in the order of their ids."""
        return reserve_capacity(self._connection, person)

    def counts_since(self, moment: datetime) -> Mapping[int, int]:
        """Count the leads each person was offered and did not decline, by person id."""
        return self._tally.since(moment)

    def head_starts(
        self, pool: str, present: Mapping[int, int], moment: datetime
    ) -> Mapping[int, float]:
        """The head starts in a pool that still count, by person id, after those who are new to it
        or back in it have got theirs. ``present`` are the weights by person id."""
        known = self._pools.of(pool)
        if any(changes_of(present, known)):
            self._pools.set(pool, entered(present, known, self._tally.by_day(moment)))
        first_day = day_of(moment)
        places = self._pools.of(pool)
        return {one: places[one].leads_since(first_day) for one in present if one in places}

    def attach(self, offer_ids: Sequence[int], from_lead: int, to_lead: int) -> None:
        """Move offers, and their tally, from one lead to another."""
        whose = select(table.c.person_id).where(table.c.id.in_(offer_ids)).distinct()
        pairs = [
            (lead_id, person_id)
            for person_id in self._connection.scalars(whose)
            for lead_id in (from_lead, to_lead)
        ]
        before = {pair: self._counted(*pair) for pair in pairs}
        moved = table.update().where(table.c.id.in_(offer_ids))
        self._connection.execute(moved.values(lead_id=to_lead))
        for pair in pairs:
            self._tally.move(pair[1], before[pair], self._counted(*pair))

    def flush(self) -> None:
        """Write the tally and the pools. Called right before the commit."""
        self._tally.flush()
        self._pools.flush()

    def _counts_on(self, offer: Offer) -> datetime | None:
        """Return when the tally counts the lead for the person.

        It counts once, at the newest offer that the person did not decline.
        """
        return self._counted(offer.lead_id, offer.person_id)

    def _counted(self, lead_id: int, person_id: int) -> datetime | None:
        pair = {"lead": lead_id, "person": person_id}
        at: datetime | None = self._connection.scalar(_COUNTS_ON, pair)
        return at

    def _first(self, query: Select[Any], key: int) -> Offer | None:
        held = _holding(query) if self._locks else query
        row = self._connection.execute(held, {"wanted": key}).mappings().first()
        return None if row is None else _OFFERS.read(row)


@cache
def _holding(query: Select[Any]) -> Select[Any]:
    return query.with_for_update(key_share=True)
