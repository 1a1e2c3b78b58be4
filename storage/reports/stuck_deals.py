"""Finds a team's stuck deals, for the sync between departments.

Covers the whole team and does not know who asks; why a deal is stuck is decided in
``sales.sync_meeting``.
"""

from sqlalchemy import ColumnElement, Connection, and_, func, select

from sales.sync_meeting import StuckFacts, StuckLook
from storage.database.encryption import Fields
from storage.leads.repository import lead_from_row
from storage.reports.conditions import (
    OPEN_TASK,
    WAITING_CLOCK,
    grade_rank,
    imported_at,
    stuck,
)
from storage.response_clocks import CLOCKS
from storage.tables import clock, lead, task
from storage.tasks import TASKS


def stuck_facts(connection: Connection, fields: Fields, look: StuckLook) -> StuckFacts:
    """See ``FigureRepository.stuck``."""
    late_tasks = and_(OPEN_TASK, task.c.due_at < look.now)
    late_clocks = and_(WAITING_CLOCK, clock.c.due_at < look.now)
    rows = connection.execute(
        select(lead, func.count().over().label("total"), imported_at().label("imported_at"))
        .where(stuck(look.team_id, look.now, look.idle_since, look.entered_before))
        .order_by(_worth().desc(), grade_rank(), lead.c.id)
        .limit(look.limit)
    )
    found = rows.mappings().all()
    ids = [row["id"] for row in found]
    tasks = select(task).where(late_tasks, task.c.lead_id.in_(ids)).order_by(task.c.due_at)
    clocks = select(clock).where(late_clocks, clock.c.lead_id.in_(ids))
    return StuckFacts(
        leads=tuple(lead_from_row(row, fields) for row in found),
        tasks=tuple(TASKS.read(row) for row in connection.execute(tasks).mappings()),
        clocks=tuple(CLOCKS.read(row) for row in connection.execute(clocks).mappings()),
        imported_at={row["id"]: row["imported_at"] for row in found if row["imported_at"]},
        total=found[0]["total"] if found else 0,
    )


def _worth() -> ColumnElement[object]:
    """A deal's worth, as ``sales.sync_meeting.worth``; 0 when unknown."""
    return func.coalesce(lead.c.amount, lead.c.budget_high, lead.c.budget_low, 0)
