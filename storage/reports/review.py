"""Reads what the monthly review needs besides journeys: how BANT answers ended, what the routing
rules did, and what open leads lack. Limited to the leads that the actor decides on.

Costs what the period and the open pipeline do, whatever the history. No contact is ever read: only
whether there is one.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, func, null, or_, select, text

from sales.assignments import OfferState
from sales.leads import Authority, Clarity, Grade, Stage, Timeframe
from sales.permissions import Scope
from sales.reports.review_findings import DecidedGroup, RecordGaps, RuledOffer
from sales.routing import BY_RULES
from storage.assignment.offers import WHY
from storage.leads.repository import decided, whose
from storage.reports.conditions import (
    LOST,
    WON,
    Condition,
    count_if,
    is_closed,
    screened_before,
    worked_on,
)
from storage.reports.gaps import MISSING
from storage.scoping import found_by
from storage.tables import lead, offer, opportunity, team

_LET_GO: Final = frozenset({"declined", "no_answer"})
"""People passed over for these were there: they had been offered the lead before."""
_GOOD_AUTHORITY: Final = (Authority.DECIDER.value, Authority.MANAGER.value)
# SQLite uses the partial index only for the literal predicate.
_OPPORTUNITY_OPEN: Final = text("opportunity.state = 'open'")
_BACK: Final = (OfferState.DECLINED, OfferState.EXPIRED)


class ReviewRepository:
    """Facts of a review for one actor: of one team, or with ``team_id`` None of all they see."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        self._scope = scope

    def decided(
        self, start: datetime, end: datetime, team_id: int | None, budget_from: Decimal
    ) -> tuple[DecidedGroup, ...]:
        """Deals closed in ``[start, end)`` that had been screened, those alike together.

        ``budget_from`` is the playbook's: from it on, a budget is a good answer.
        """
        deals = (
            select(
                lead.c.grade,
                lead.c.score,
                _budget(budget_from).label("budget"),
                _answer(lead.c.authority, Authority.UNKNOWN, *_GOOD_AUTHORITY).label("authority"),
                _answer(lead.c.clarity, Clarity.UNKNOWN, Clarity.CLEAR).label("need"),
                _answer(lead.c.timeframe, Timeframe.UNKNOWN, Timeframe.MONTH).label("timeframe"),
                case((lead.c.stage.in_(WON), 1), else_=0).label("won"),
            )
            .where(
                *self._of(team_id),
                is_closed((*WON, *LOST), start, end),
                or_(lead.c.stage.in_(WON), screened_before(end)),
            )
            .subquery()
        )
        columns = [deals.c[name] for name in ("grade", "score", *_CRITERIA, "won")]
        counted: dict[tuple[Any, ...], list[int]] = {}
        for *alike, won, n in self._rows(select(*columns, func.count()).group_by(*columns)):
            counted.setdefault(tuple(alike), [0, 0])[0 if won else 1] += n
        return tuple(_group(alike, *numbers) for alike, numbers in counted.items())

    def ruled_offers(
        self, start: datetime, end: datetime, team_id: int | None
    ) -> tuple[RuledOffer, ...]:
        """The offers by the routing rules of leads created in ``[start, end)``, by lead and in the
        order in which they were made."""
        created = select(lead.c.id).where(
            *self._of(team_id), lead.c.created_at >= start, lead.c.created_at < end
        )
        query = (
            select(
                offer.c.lead_id, offer.c.person_id, offer.c.why, offer.c.state,
                offer.c.offered_at, offer.c.answered_at, lead.c.team_id,
            )
            .join(lead, lead.c.id == offer.c.lead_id)
            .where(*self._of(team_id), found_by(offer.c.lead_id, created))
            .order_by(offer.c.lead_id, offer.c.id)
        )  # fmt: skip
        return tuple(_ruled(self._rows(query)))

    def gaps(self, team_id: int | None) -> RecordGaps:
        """What is missing of the leads that are worked on now."""
        conditions = (*self._of(team_id), worked_on())
        total, *counts = self._one(
            select(func.count(), *(count_if(missing) for missing in MISSING.values())).where(
                *conditions
            )
        )
        missing = {gap: count or 0 for gap, count in zip(MISSING, counts, strict=True)}
        return RecordGaps(open_leads=total, missing=missing)

    def open_by_stage(self, team_id: int | None) -> Mapping[Stage, int]:
        """Count the leads that are worked on now, by stage."""
        query = select(lead.c.stage, func.count()).where(*self._of(team_id), worked_on())
        return {Stage(stage): n for stage, n in self._rows(query.group_by(lead.c.stage))}

    def renewals(self, team_id: int | None) -> tuple[int, Decimal]:
        """Count the opportunities that wait for an answer, and add up what is known of their
        value."""
        query = (
            select(func.count(), func.sum(opportunity.c.amount))
            .join(lead, lead.c.id == opportunity.c.lead_id)
            .where(_OPPORTUNITY_OPEN, decided(self._scope.reach))
        )
        if team_id is not None:
            query = query.where(lead.c.team_id == team_id)
        n, amount = self._one(query)
        return n, amount or Decimal(0)

    def _of(self, team_id: int | None) -> tuple[Condition, ...]:
        # Every team is named, since indexes have the team first.
        teams = lead.c.team_id.in_(select(team.c.id)) if team_id is None else _team(team_id)
        return decided(self._scope.reach), teams

    def _rows(self, query: Any) -> Iterator[Any]:
        yield from self._connection.execute(query, whose(self._scope))

    def _one(self, query: Any) -> Any:
        return self._connection.execute(query, whose(self._scope)).one()


_CRITERIA: Final = ("budget", "authority", "need", "timeframe")


def _team(team_id: int) -> Condition:
    return lead.c.team_id == team_id


def _budget(budget_from: Decimal) -> ColumnElement[Any]:
    """1, 0 or NULL, as ``sales.scoring.score`` reads a budget."""
    budget = func.coalesce(lead.c.budget_low, lead.c.budget_high)
    return case((budget.is_(None), null()), (budget >= budget_from, 1), else_=0)


def _answer(column: ColumnElement[str], unknown: str, *good: str) -> ColumnElement[Any]:
    return case((column == unknown, null()), (column.in_(good), 1), else_=0)


def _group(alike: tuple[Any, ...], won: int, lost: int) -> DecidedGroup:
    grade, score, *answers = alike
    return DecidedGroup(
        grade=Grade(grade),
        score=score,
        answers={
            name: None if answer is None else bool(answer)
            for name, answer in zip(_CRITERIA, answers, strict=True)
        },
        won=won,
        lost=lost,
    )


def _ruled(rows: Iterator[Any]) -> Iterator[RuledOffer]:
    for row in rows:
        why = WHY.read(row.why)
        if why.reason not in BY_RULES:
            continue
        state = OfferState(row.state)
        yield RuledOffer(
            lead_id=row.lead_id,
            person_id=row.person_id,
            rule=why.rule,
            team_id=row.team_id,
            absent=frozenset(name for name, reason in why.skipped if reason not in _LET_GO),
            kept=state not in _BACK,
            expired=state is OfferState.EXPIRED,
            offered_at=row.offered_at,
            accepted_at=row.answered_at if state is OfferState.ACCEPTED else None,
        )
