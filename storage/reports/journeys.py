"""Reads the journeys of leads for reports, limited to what the actor may see.

A report costs what its period and the open pipeline do, whatever the history: the leads of a period
are found by the stages they entered in it, and everything else is read of these leads, in one
statement of each kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    case,
    func,
    select,
    union_all,
)

from sales.leads import OPEN_STAGES, Grade, Stage
from sales.permissions import Scope
from sales.reports.discipline import ClockFact, OfferFact, StepFact
from sales.reports.journeys import ALL, Journey, JourneyFilter, Stay
from storage.database.rows import RowMapper
from storage.leads.repository import whose, within
from storage.reports.conditions import Condition, clock_due, intervals_within
from storage.scoping import IS_OPEN
from storage.tables import clock, followup, import_job, imported, lead, offer, stage_interval

T = TypeVar("T")

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
        """The leads that were created, came with a file, entered a stage, or were closed in
        ``[start, end)``, each with its whole journey, by id."""
        return self._read(lead.c.id.in_(_moved_in(start, end)), only)

    def open_in(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[Journey, ...]:
        """Those of ``of_period``, and all others that were open at some time in ``[start, end)``:
        the leads of a pipeline bridge, by id.

        Costs as much as the period, what came after it, and the open pipeline together.
        """
        were_open = select(intervals_within(OPEN_STAGES, start, end).c.lead_id)
        ids: CompoundSelect[Any] = union_all(were_open, *_moved_in(start, end).selects)
        return self._read(lead.c.id.in_(ids), only)

    def open_at_present(self, only: JourneyFilter = ALL) -> tuple[Journey, ...]:
        """The leads that are open now, nurtured and pooled ones included, by id."""
        return self._read(and_(IS_OPEN), only)

    def clocks_due(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[ClockFact, ...]:
        """The response clocks that were due in ``[start, end)``, by lead; owners are filtered by
        those of the clocks."""
        columns = (clock.c[name] for name in _CLOCKS.names if name != "team_id")
        query = (
            select(*columns, lead.c.team_id)
            .join(lead, lead.c.id == clock.c.lead_id)
            .where(clock_due(start, end), *self._asked(only, clock.c.owner_id))
            .order_by(clock.c.lead_id, clock.c.id)
        )
        return self._facts(query, _CLOCKS)

    def steps_due(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[StepFact, ...]:
        """The next steps that were due in ``[start, end)``, but for those done before it began, by
        lead; owners are filtered by the people who planned them."""
        step = followup
        due = select(
            step.c.id,
            step.c.lead_id,
            step.c.person_id,
            step.c.next_at.label("due_at"),
            func.coalesce(step.c.next_until, step.c.next_at, type_=step.c.next_at.type).label(
                "overdue_after"
            ),
            step.c.closed_at,
        ).where(step.c.next_at >= start, step.c.next_at < end)
        # Two selects instead of OR: SQLite then searches the index in both.
        steps = union_all(
            due.where(step.c.closed_at.is_(None)), due.where(step.c.closed_at >= start)
        ).subquery()
        query = (
            select(steps, lead.c.team_id)
            .join(lead, lead.c.id == steps.c.lead_id)
            .where(*self._asked(only, steps.c.person_id))
            .order_by(steps.c.lead_id, steps.c.id)
        )
        return self._facts(query, _STEPS)

    def offers_of(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[OfferFact, ...]:
        """The offers of the leads of ``of_period`` that were made in ``[start, end)``, by lead,
        oldest first; owners are filtered by the people who were offered them."""
        columns = (offer.c[name] for name in _OFFERS.names if name != "team_id")
        query = (
            select(*columns, lead.c.team_id)
            .join(lead, lead.c.id == offer.c.lead_id)
            .where(
                lead.c.id.in_(_moved_in(start, end)),
                offer.c.offered_at >= start,
                offer.c.offered_at < end,
                *self._asked(only, offer.c.person_id),
            )
            .order_by(offer.c.lead_id, offer.c.offered_at, offer.c.id)
        )
        return self._facts(query, _OFFERS)

    def _asked(
        self, only: JourneyFilter, owner: ColumnElement[Any]
    ) -> Iterator[ColumnElement[bool]]:
        yield within(self._scope.reach)
        yield from _matching(only, owner)

    def _read(self, which: Condition, only: JourneyFilter) -> tuple[Journey, ...]:
        conditions = (which, *self._asked(only, lead.c.owner_id))
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

    def _facts(self, query: Select[Any], facts: RowMapper[T]) -> tuple[T, ...]:
        rows = self._connection.execute(query, whose(self._scope)).mappings()
        return tuple(facts.read(row) for row in rows)


_STAGES: Final = {stage.value: stage for stage in Stage}
_GRADES: Final = {grade.value: grade for grade in Grade}
_CLOCKS: Final = RowMapper(ClockFact)
_STEPS: Final = RowMapper(StepFact)
_OFFERS: Final = RowMapper(OfferFact)


def _moved_in(start: datetime, end: datetime) -> CompoundSelect[Any]:
    """The ids of the leads that entered a stage in the window, or came with a file: of every lead a
    stage begins when it is created, and another when it is closed."""
    moved = select(stage_interval.c.lead_id).where(
        # All are named, since the index has the stage first.
        stage_interval.c.stage.in_(tuple(Stage)),
        stage_interval.c.entered_at >= start,
        stage_interval.c.entered_at < end,
    )
    came = (
        select(imported.c.lead_id)
        .join(import_job, import_job.c.id == imported.c.job_id)
        .where(import_job.c.created_at >= start, import_job.c.created_at < end)
    )
    return union_all(moved, came)


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


def _matching(only: JourneyFilter, owner: ColumnElement[Any]) -> Iterator[ColumnElement[bool]]:
    asked: tuple[tuple[ColumnElement[Any], frozenset[Any]], ...] = (
        (lead.c.team_id, only.team_ids),
        (owner, only.owner_ids),
        (lead.c.source_key, only.sources),
        (lead.c.product, only.products),
        (lead.c.region, only.regions),
    )
    for column, values in asked:
        if values:
            yield column.in_(sorted(values))
