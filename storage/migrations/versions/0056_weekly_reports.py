"""Adds the reps' weekly reports."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

_FIGURES = ("new_leads", "high_value", "followed_up", "in_discovery", "in_proposal", "won")


def upgrade() -> None:
    op.create_table(
        "weekly_report",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("asked_at", Instant),
        sa.Column("reminded_at", Instant),
        sa.Column("nudged_at", Instant),
        sa.Column("nudged_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("submitted_at", Instant),
        sa.Column("corrected_at", Instant),
        sa.Column("late", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in _FIGURES),
        sa.Column("won_amount", sa.Numeric(16, 2), nullable=False),
        sa.Column("overdue", sa.Integer, nullable=False),
        sa.Column("focus", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("week", "person_id", name="uq_weekly_report"),
    )
    op.create_index("ix_weekly_report_person_id", "weekly_report", ["person_id"])
