"""Keeps until when a next step is not overdue, and counts imported deals as screened.

A step for a day is overdue once the day has ended, which an instant alone does not tell. Steps that
were planned before count as such, since nearly all were: due at nine, they have fifteen hours.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_BATCH = 1000
_LEFT_OF_DAY = timedelta(hours=15) - timedelta(seconds=1)
_Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("lead", "followup"):
        op.add_column(name, sa.Column("next_until", _Instant))
        _fill(name)
    _screen_imported_deals()


def _fill(name: str) -> None:
    """Give the steps that are planned the rest of their day."""
    steps = sa.table(
        name,
        sa.column("id", sa.Integer),
        sa.column("next_at", _Instant),
        sa.column("next_until", _Instant),
    )
    update = steps.update().where(steps.c.id == sa.bindparam("step"))
    for rows in _batches(sa.select(steps.c.id, steps.c.next_at), steps):
        values = [{"step": row.id, "next_until": row.next_at + _LEFT_OF_DAY} for row in rows]
        op.get_bind().execute(update, values)


def _batches(query: sa.Select[Any], steps: sa.TableClause) -> Iterator[Sequence[sa.Row[Any]]]:
    after = 0
    planned = query.where(steps.c.next_at.is_not(None)).order_by(steps.c.id).limit(_BATCH)
    while rows := op.get_bind().execute(planned.where(steps.c.id > after)).all():
        yield rows
        after = rows[-1].id


def _screen_imported_deals() -> None:
    """Count deals that were closed in their file as screened before, won and lost alike.

    An import writes both intervals of such a deal one after the other, and the deal was closed
    before the file came.
    """
    op.execute(
        sa.text(
            """
            UPDATE stage_interval SET stage = 'screened'
            WHERE stage = 'captured' AND left_at IS NOT NULL AND EXISTS (
                SELECT 1 FROM stage_interval AS closed
                JOIN imported ON imported.lead_id = closed.lead_id
                JOIN import_job ON import_job.id = imported.job_id
                WHERE closed.id = stage_interval.id + 1
                  AND closed.lead_id = stage_interval.lead_id
                  AND closed.stage IN ('won', 'aftersales', 'lost')
                  AND closed.entered_at = stage_interval.left_at
                  AND closed.entered_at <= COALESCE(import_job.finished_at, import_job.created_at)
            )
            """
        )
    )
