"""Reads the journeys of leads for reports, limited to what the actor may see.

A report costs what its period and the open pipeline do, whatever the history: the leads of a period
are found by the stages they entered in it, and everything else is read of these leads, in one
statement of each kind.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
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
from sales.reports.discipline import ClockFact
from sales.reports.journeys import ALL, Journey, JourneyFilter, Stay
from storage.database.among import among
from storage.database.rows import RowMapper
from storage.leads.repository import whose, within
from storage.reports.conditions import (
    FILED_AT,
    Condition,
    came_in,
    clock_due,
    created_in,
    intervals_within,
)
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

    def created_in(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[Journey, ...]:
        """The leads that were created in ``[start, end)``, by id; of files only those that give a
        day."""
        return self._read(select(lead.c.id).where(created_in(None, start, end)), only)

    def count_created(self, start: datetime, end: datetime, only: JourneyFilter = ALL) -> int:
        """How many leads ``created_in`` returns."""
        query = select(func.count()).where(created_in(None, start, end), *self._asked(only))
        return int(self._connection.execute(query, whose(self._scope)).scalar_one())

    def open_in(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[Journey, ...]:
        """Those of ``of_period``, and all others that were open at some time in ``[start, end)``:
        the leads of a pipeline bridge, by id.

        Costs as much as the period, what came after it, and the open pipeline together.
        """
        were_open = select(intervals_within(OPEN_STAGES, start, end).c.lead_id)
        return self._read(union_all(were_open, *_moved_in(start, end).selects), only)

    def open_at_present(self, only: JourneyFilter = ALL) -> tuple[Journey, ...]:
        """The leads that are open now, nurtured and pooled ones included, by id."""
        return self._read(select(lead.c.id).where(IS_OPEN), only)

    def clocks_due(
        self, start: datetime, end: datetime, only: JourneyFilter = ALL
    ) -> tuple[ClockFact, ...]:
        """The response clocks that were due in ``[start, end)``, by lead; owners are filtered by
        those of the clocks."""
        columns = (clock.c[name] for name in _CLOCKS.names)
        query = select(*columns).where(clock_due(start, end)).order_by(clock.c.lead_id, clock.c.id)
        return self._facts(query, _CLOCKS, only, "owner_id")

    def _read(self, which: Ids, only: JourneyFilter) -> tuple[Journey, ...]:
        # The ids go to and fro: PostgreSQL would join what they are selected by to whole tables.
        leads = self._rows(_leads(tuple(self._asked(only))), self._ids(which))
        ids = [row[0] for row in leads]
        stays: dict[int, list[Stay]] = defaultdict(list)
        for lead_id, stage, entered_at, left_at in self._rows(_STAYS, ids):
            stays[lead_id].append(Stay(_STAGES[stage], entered_at, left_at))
        contacts: dict[int, datetime] = dict(self._pairs(_FIRST_CONTACTS, ids))
        given: dict[int, list[datetime]] = defaultdict(list)
        for lead_id, at in self._pairs(_OFFERED, ids):
            given[lead_id].append(at)
        return tuple(
            _journey(row, tuple(stays.get(row[0], ())), contacts.get(row[0]), given.get(row[0], ()))
            for row in leads
        )

    def _ids(self, which: Ids) -> list[int]:
        """The ids of leads, seen or not, each once."""
        return list(dict.fromkeys(self._connection.scalars(which)))

    def _facts(
        self,
        query: Select[Any],
        facts: RowMapper[T],
        only: JourneyFilter,
        owner: str,
        ids: Sequence[int] = (),
    ) -> tuple[T, ...]:
        """Those facts of a query that are of leads which the actor sees and asks for."""
        rows = self._connection.execute(query, {"leads": ids} if ids else {}).mappings().all()
        of_lead = replace(only, owner_ids=frozenset())
        seen = select(lead.c.id, lead.c.team_id).where(
            among(lead.c.id, "leads"), *self._asked(of_lead)
        )
        teams = dict(self._pairs(seen, list({row["lead_id"] for row in rows})))
        return tuple(
            facts.read(row, team_id=teams[row["lead_id"]])
            for row in rows
            if row["lead_id"] in teams and (not only.owner_ids or row[owner] in only.owner_ids)
        )

    def _pairs(self, query: Select[Any], ids: Sequence[int]) -> Iterator[tuple[int, Any]]:
        yield from self._rows(query, ids)

    def _rows(self, query: Select[Any], ids: Sequence[int]) -> Sequence[Any]:
        # All at once, which takes half as long as one by one.
        return self._connection.execute(query, {"leads": ids} | whose(self._scope)).all()

    def _asked(self, only: JourneyFilter) -> Iterator[ColumnElement[bool]]:
        yield within(self._scope.reach)
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


_STAGES: Final = {stage.value: stage for stage in Stage}
_GRADES: Final = {grade.value: grade for grade in Grade}
_CLOCKS: Final = RowMapper(ClockFact, given=("team_id",))
_STAYS: Final = (
    select(
        stage_interval.c.lead_id,
        stage_interval.c.stage,
        stage_interval.c.entered_at,
        stage_interval.c.left_at,
    )
    .where(among(stage_interval.c.lead_id, "leads"))
    .order_by(stage_interval.c.lead_id, stage_interval.c.entered_at, stage_interval.c.id)
)
# Follow-ups are always made by people.
_FIRST_CONTACTS: Final = (
    select(followup.c.lead_id, func.min(followup.c.at))
    .where(among(followup.c.lead_id, "leads"))
    .group_by(followup.c.lead_id)
)
_OFFERED: Final = (
    select(offer.c.lead_id, offer.c.offered_at)
    .where(among(offer.c.lead_id, "leads"))
    .order_by(offer.c.lead_id, offer.c.offered_at)
)


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


def _leads(asked: Iterable[Condition]) -> Select[Any]:
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
        .where(among(lead.c.id, "leads"), *asked)
        .order_by(lead.c.id)
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
