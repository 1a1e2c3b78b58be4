"""Adds the backups that are due, and what became of them."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None
old_code_may_run = True


def upgrade() -> None:
    op.create_table(
        "backup_run",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("claimed_until", Instant),
        sa.Column("finished_at", Instant),
        sa.Column("verified_at", Instant),
        sa.Column("place", sa.String(400), nullable=False),
        sa.Column("problem", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
    )
