"""Reads the journeys of leads for reports, limited to what the actor may see.

A report costs what its period and the open pipeline do, whatever the history: the leads of a period
are found by the stages they entered in it, and everything else is read of these leads, in one
statement of each kind.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
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
from storage.reports.conditions import FILED_AT, Condition, came_in, clock_due, intervals_within
from storage.scoping import IS_OPEN
from storage.tables import clock, followup, import_job, imported, lead, offer, stage_interval

T = TypeVar("T")
Ids: TypeAlias = Select[Any] | CompoundSelect[Any]
"""A query of leads' ids."""

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
        return self._read(_moved_in(start, end), only)

    def open_in(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[Journey, ...]:
        """Those of ``of_period``, and all others that were open at some time in ``[start, end)``:
        the leads of a pipeline bridge, by id.

        Costs as much as the period, what came after it, and the open pipeline together.
        """
        were_open = select(intervals_within(OPEN_STAGES, start, end).c.lead_id)
        ids: CompoundSelect[Any] = union_all(were_open, *_moved_in(start, end).selects)
        return self._read(ids, only)

    def open_at_present(self, only: JourneyFilter = ALL) -> tuple[Journey, ...]:
        """The leads that are open now, nurtured and pooled ones included, by id."""
        return self._read(select(lead.c.id).where(IS_OPEN), only)

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

    def _read(self, ids: Ids, only: JourneyFilter) -> tuple[Journey, ...]:
        asked = tuple(self._asked(only, lead.c.owner_id))
        seen: Ids = ids
        if self._scope.reach != "all" or only != ALL:
            seen = select(lead.c.id).where(lead.c.id.in_(ids), *asked)
        stays = self._stays(seen)
        contacts = dict(self._pairs(_first_contacts(seen)))
        given: dict[int, list[datetime]] = defaultdict(list)
        for lead_id, at in self._pairs(_offers(seen)):
            given[lead_id].append(at)
        return tuple(
            _journey(row, tuple(stays.get(row[0], ())), contacts.get(row[0]), given.get(row[0], ()))
            for row in self._rows(_leads(ids, asked))
        )

    def _stays(self, ids: Ids) -> dict[int, list[Stay]]:
        of_lead: dict[int, list[Stay]] = defaultdict(list)
        for lead_id, stage, entered_at, left_at in self._rows(_stays(ids)):
            of_lead[lead_id].append(Stay(_STAGES[stage], entered_at, left_at))
        return of_lead

    def _pairs(self, query: Select[Any]) -> Iterator[tuple[int, datetime]]:
        yield from self._rows(query)

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        # All at once, which takes half as long as one by one.
        return self._connection.execute(query, whose(self._scope)).all()

    def _facts(self, query: Select[Any], facts: RowMapper[T]) -> tuple[T, ...]:
        rows = self._connection.execute(query, whose(self._scope)).mappings()
        return tuple(facts.read(row) for row in rows.all())


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
    return union_all(moved, came_in(start, end))


def _leads(ids: Ids, asked: Iterable[Condition]) -> Select[Any]:
    """What ``_journey`` reads, in its order."""
    joined = lead.outerjoin(imported, imported.c.lead_id == lead.c.id).outerjoin(
        import_job, import_job.c.id == imported.c.job_id
    )
    columns = (
        "id", "team_id", "owner_id", "source_key", "region", "product", "industry", "grade",
        "score", "stage", "created_at", "closed_at", "amount", "next_at", "next_until", "pooled_at",
    )  # fmt: skip
    return (
        select(
            *(lead.c[name] for name in columns),
            _WORTH,
            # Only what is shown is decrypted.
            case((_IS_LOST, lead.c.lost_reason)),
            imported.c.job_id,
            imported.c.dated,
            case((imported.c.job_id.is_not(None), FILED_AT)),
        )
        .select_from(joined)
        .where(lead.c.id.in_(ids), *asked)
        .order_by(lead.c.id)
    )


def _stays(ids: Ids) -> Select[Any]:
    stay = stage_interval.alias("stay")
    return (
        select(stay.c.lead_id, stay.c.stage, stay.c.entered_at, stay.c.left_at)
        .where(stay.c.lead_id.in_(ids))
        .order_by(stay.c.lead_id, stay.c.entered_at, stay.c.id)
    )


def _first_contacts(ids: Ids) -> Select[Any]:
    """Follow-ups are always made by people."""
    return (
        select(followup.c.lead_id, func.min(followup.c.at))
        .where(followup.c.lead_id.in_(ids))
        .group_by(followup.c.lead_id)
    )


def _offers(ids: Ids) -> Select[Any]:
    return (
        select(offer.c.lead_id, offer.c.offered_at)
        .where(offer.c.lead_id.in_(ids))
        .order_by(offer.c.lead_id, offer.c.offered_at)
    )


def _journey(
    row: Any,
    stays: tuple[Stay, ...],
    first_contact_at: datetime | None,
    given: Sequence[datetime],
) -> Journey:
    (
        lead_id, team_id, owner_id, source, region, product, industry, grade,
        score, stage, created_at, closed_at, amount, next_at, next_until, pooled_at,
        worth, lost_reason, job_id, dated, imported_at,
    ) = row  # fmt: skip
    assigned_at = _assigned_at(given, first_contact_at)
    if assigned_at is None and owner_id is not None:
        assigned_at = imported_at or created_at
    return Journey(
        lead_id=lead_id,
        team_id=team_id,
        owner_id=owner_id,
        source=source,
        region=region,
        product=product,
        industry=industry,
        grade=_GRADES[grade],
        score=score,
        stage=_STAGES[stage],
        created_at=created_at,
        dated=dated is not False,
        imported=job_id is not None,
        imported_at=imported_at,
        closed_at=closed_at,
        amount=amount,
        worth=worth,
        lost_reason=lost_reason.partition("-")[0] if lost_reason else "",
        assigned_at=assigned_at,
        first_contact_at=first_contact_at,
        next_at=next_at,
        next_until=next_until,
        pooled=pooled_at is not None and owner_id is None,
        stays=stays,
    )


def _assigned_at(given: Sequence[datetime], first_contact_at: datetime | None) -> datetime | None:
    """See ``Journey.assigned_at``. ``given``: when it was offered to somebody, oldest first; None
    without any.

    A contact before the first offer is by whoever logged the lead.
    """
    if not given:
        return None
    if first_contact_at is None:
        return given[-1]
    before = bisect_right(given, first_contact_at)
    return given[max(0, before - 1)]


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
