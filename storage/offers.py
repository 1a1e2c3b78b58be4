"""Offers of leads to people, with why each was made."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select

from sales.assignments import Offer, OfferState, Why
from sales.errors import OfferClosed
from storage.tables import offer as table

_NOT_PASSED_ON = (OfferState.OPEN.value, OfferState.ACCEPTED.value)


class OfferRows:
    """``sales.ports.Offers``. ``locks`` True: of two answers to one offer the second waits."""

    def __init__(self, connection: Connection, *, locks: bool) -> None:
        self._connection = connection
        self._locks = locks

    def add(self, offer: Offer) -> Offer:
        insert = table.insert().values(_row(offer)).returning(table.c.id)
        return replace(offer, id=self._connection.execute(insert).scalar_one())

    def get(self, offer_id: int) -> Offer:
        """Raises OfferClosed when there is none."""
        found = self._first(select(table).where(table.c.id == offer_id))
        if found is None:
            raise OfferClosed
        return found

    def save(self, offer: Offer) -> Offer:
        update = table.update().where(table.c.id == offer.id).values(_row(offer))
        if self._connection.execute(update).rowcount == 0:
            raise OfferClosed
        return offer

    def open_for(self, lead_id: int) -> Offer | None:
        query = select(table).where(
            table.c.lead_id == lead_id, table.c.state == OfferState.OPEN.value
        )
        return self._first(query.order_by(table.c.id.desc()).limit(1))

    def history(self, lead_id: int) -> list[Offer]:
        query = select(table).where(table.c.lead_id == lead_id).order_by(table.c.id)
        return [_offer(row) for row in self._connection.execute(query).mappings()]

    def counts_since(self, moment: datetime) -> Mapping[int, int]:
        query = (
            select(table.c.person_id, func.count(table.c.lead_id.distinct()).label("leads"))
            .where(table.c.offered_at >= moment, table.c.state.in_(_NOT_PASSED_ON))
            .group_by(table.c.person_id)
        )
        return {row.person_id: row.leads for row in self._connection.execute(query)}

    def _first(self, query: Select[Any]) -> Offer | None:
        held = query.with_for_update(key_share=True) if self._locks else query
        row = self._connection.execute(held).mappings().first()
        return None if row is None else _offer(row)


def _offer(row: RowMapping) -> Offer:
    why = row["why"]
    return Offer(
        id=row["id"],
        lead_id=row["lead_id"],
        person_id=row["person_id"],
        why=Why(why["reason"], why["rule"], tuple((who, reason) for who, reason in why["skipped"])),
        offered_at=row["offered_at"],
        expires_at=row["expires_at"],
        state=OfferState(row["state"]),
        answered_at=row["answered_at"],
    )


def _row(offer: Offer) -> dict[str, Any]:
    return {
        "lead_id": offer.lead_id,
        "person_id": offer.person_id,
        "why": {
            "reason": offer.why.reason,
            "rule": offer.why.rule,
            "skipped": [list(pair) for pair in offer.why.skipped],
        },
        "offered_at": offer.offered_at,
        "expires_at": offer.expires_at,
        "state": offer.state.value,
        "answered_at": offer.answered_at,
    }
