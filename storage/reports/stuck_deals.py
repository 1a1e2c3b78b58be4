"""Finds a team's stuck deals, for the sync between departments.

Covers the whole team and does not know who asks; why a deal is stuck is decided in
``sales.sync_meeting``.
"""

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text, union

from sales.sync_meeting import StuckFacts, StuckLook
from storage.database.encryption import Fields
from storage.leads.repository import lead_from_row
from storage.reports.conditions import (
    grade_rank,
    idle,
    imported_at,
    is_open,
    lingers,
    step_past,
)
from storage.response_clocks import CLOCKS
from storage.tables import clock, lead, task
from storage.tasks import TASKS

# SQLite uses the partial indexes only for these literal predicates.
_OPEN_TASK = text("task.state = 'open'")
_WAITING_CLOCK = text("clock.met_at IS NULL AND clock.stopped_at IS NULL")


def stuck_facts(connection: Connection, fields: Fields, look: StuckLook) -> StuckFacts:
    """See ``FigureRepository.stuck``."""
    late_tasks = and_(_OPEN_TASK, task.c.due_at < look.now)
    late_clocks = and_(_WAITING_CLOCK, clock.c.due_at < look.now)
    stuck = or_(
        step_past(look.now),
        idle(look.idle_since),
        lingers(look.entered_before),
        lead.c.id.in_(select(clock.c.lead_id).where(late_clocks)),
    )
    # Two selects instead of OR: with it, both databases read every lead there ever was.
    ours = lead.c.team_id == look.team_id
    open_ones = select(lead.c.id).where(is_open(), ours, stuck)
    late_ones = select(task.c.lead_id).where(late_tasks)
    rows = connection.execute(
        select(lead, func.count().over().label("total"), imported_at().label("imported_at"))
        .where(ours, lead.c.id.in_(union(open_ones, late_ones)))
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
