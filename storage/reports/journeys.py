"""Reads the journeys of leads for reports, limited to what the actor may see.

A report costs what its period and the open pipeline do, whatever the history: the leads of a period
are found by the stages they entered in it, and everything else is read of these leads, in one
statement of each kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    select,
)

from sales.leads import Grade, Stage
from sales.permissions import Scope
from sales.reports.journeys import ALL, Journey, JourneyFilter, Stay
from storage.leads.repository import whose, within
from storage.reports.conditions import Condition
from storage.scoping import IS_OPEN
from storage.tables import followup, import_job, imported, lead, offer, stage_interval

_WORTH: Final = func.coalesce(
    func.nullif(lead.c.amount, 0, type_=lead.c.amount.type),
    func.nullif(lead.c.budget_high, 0),
    lead.c.budget_low,
)
_IS_LOST: Final = lead.c.stage == Stage.LOST


class JourneyRepository:
    """Journeys of the leads that one actor sees, within one transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def of_period(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[Journey, ...]:
        """The leads that were created, entered a stage, or were closed in ``[start, end)``, each
        with its whole journey, by id."""
        moved = select(stage_interval.c.lead_id).where(
            # Of every lead a stage begins when it is created and when it is closed. All stages are
            # named: the index has them first.
            stage_interval.c.stage.in_(tuple(Stage)),
            stage_interval.c.entered_at >= start,
            stage_interval.c.entered_at < end,
        )
        return self._read(lead.c.id.in_(moved), only)

    def open_at_present(self, only: JourneyFilter = ALL) -> tuple[Journey, ...]:
        """The leads that are open now, nurtured and pooled ones included, by id."""
        return self._read(and_(IS_OPEN), only)

    def _read(self, which: Condition, only: JourneyFilter) -> tuple[Journey, ...]:
        conditions = (which, within(self._scope.reach), *_matching(only))
        stays = self._stays(conditions)
        contacts = dict(self._pairs(_first_contacts(conditions)))
        given = self._given(conditions)
        return tuple(
            _journey(
                row,
                stays=tuple(stays.get(row.id, ())),
                first_contact_at=contacts.get(row.id),
                given=given.get(row.id, ()),
            )
            for row in self._connection.execute(_leads(conditions), whose(self._scope))
        )

    def _stays(self, conditions: Iterable[Condition]) -> dict[int, list[Stay]]:
        of_lead: dict[int, list[Stay]] = defaultdict(list)
        for lead_id, stage, entered_at, left_at in self._rows(_stays(conditions)):
            of_lead[lead_id].append(Stay(_STAGES[stage], entered_at, left_at))
        return of_lead

    def _given(self, conditions: Iterable[Condition]) -> dict[int, list[datetime]]:
        of_lead: dict[int, list[datetime]] = defaultdict(list)
        for lead_id, at in self._pairs(_offers(conditions)):
            of_lead[lead_id].append(at)
        return of_lead

    def _pairs(self, query: Select[Any]) -> Iterator[tuple[int, datetime]]:
        yield from self._rows(query)

    def _rows(self, query: Select[Any]) -> Iterable[Any]:
        return self._connection.execute(query, whose(self._scope))


_STAGES: Final = {stage.value: stage for stage in Stage}
_GRADES: Final = {grade.value: grade for grade in Grade}


def _leads(conditions: Iterable[Condition]) -> Select[Any]:
    came_with = imported.outerjoin(import_job, import_job.c.id == imported.c.job_id)
    joined = lead.outerjoin(came_with, imported.c.lead_id == lead.c.id)
    columns = (
        "id", "team_id", "owner_id", "region", "product", "industry", "grade", "score",
        "stage", "created_at", "closed_at", "amount", "next_at", "next_until", "pooled_at",
    )  # fmt: skip
    return (
        select(
            *(lead.c[name] for name in columns),
            lead.c.source_key,
            _WORTH.label("worth"),
            # Only what is shown is decrypted.
            case((_IS_LOST, lead.c.lost_reason)).label("lost_reason"),
            imported.c.dated,
            imported.c.job_id,
            import_job.c.created_at.label("imported_at"),
        )
        .select_from(joined)
        .where(*conditions)
        .order_by(lead.c.id)
    )


def _stays(conditions: Iterable[Condition]) -> Select[Any]:
    stay = stage_interval.alias("stay")
    return (
        select(stay.c.lead_id, stay.c.stage, stay.c.entered_at, stay.c.left_at)
        .join(lead, lead.c.id == stay.c.lead_id)
        .where(*conditions)
        .order_by(stay.c.lead_id, stay.c.entered_at, stay.c.id)
    )


def _first_contacts(conditions: Iterable[Condition]) -> Select[Any]:
    """Follow-ups are always made by people."""
    return (
        select(followup.c.lead_id, func.min(followup.c.at))
        .join(lead, lead.c.id == followup.c.lead_id)
        .where(*conditions)
        .group_by(followup.c.lead_id)
    )


def _offers(conditions: Iterable[Condition]) -> Select[Any]:
    return (
        select(offer.c.lead_id, offer.c.offered_at)
        .join(lead, lead.c.id == offer.c.lead_id)
        .where(*conditions)
        .order_by(offer.c.lead_id, offer.c.offered_at)
    )


def _journey(
    row: Any,
    *,
    stays: tuple[Stay, ...],
    first_contact_at: datetime | None,
    given: Iterable[datetime],
) -> Journey:
    stage = _STAGES[row.stage]
    return Journey(
        lead_id=row.id,
        team_id=row.team_id,
        owner_id=row.owner_id,
        source=row.source_key,
        region=row.region,
        product=row.product,
        industry=row.industry,
        grade=_GRADES[row.grade],
        score=row.score,
        stage=stage,
        created_at=row.created_at,
        dated=row.dated is not False,
        imported=row.job_id is not None,
        imported_at=row.imported_at,
        closed_at=row.closed_at,
        amount=row.amount,
        worth=row.worth,
        lost_reason=(row.lost_reason or "").partition("-")[0],
        assigned_at=_assigned_at(row, given, first_contact_at),
        first_contact_at=first_contact_at,
        next_at=row.next_at,
        next_until=row.next_until,
        pooled=row.pooled_at is not None and row.owner_id is None,
        stays=stays,
    )


def _assigned_at(
    row: Any, given: Iterable[datetime], first_contact_at: datetime | None
) -> datetime | None:
    """See ``Journey.assigned_at``. ``given``: when it was offered to somebody, oldest first.

    A contact before the first offer is by whoever logged the lead.
    """
    offers = list(given)
    if not offers:
        return None if row.owner_id is None else row.imported_at or row.created_at
    if first_contact_at is None:
        return offers[-1]
    return next((at for at in reversed(offers) if at <= first_contact_at), offers[0])


def _matching(only: JourneyFilter) -> Iterator[ColumnElement[bool]]:
    asked: tuple[tuple[ColumnElement[Any], frozenset[Any]], ...] = (
        (lead.c.team_id, only.team_ids),
        (lead.c.owner_id, only.owner_ids),
        (lead.c.source_key, only.sources),
        (lead.c.product, only.products),
        (lead.c.region, only.regions),
    )
    for column, values in asked:
        if values:
            yield column.in_(sorted(values))
