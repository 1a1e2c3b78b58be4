"""Indexes the next steps that are not done, which PostgreSQL else looks for among all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("closed_at IS NULL AND next_at IS NOT NULL")
    columns = ["next_at", "next_until", "at", "lead_id"]
    op.create_index(
        "ix_followup_waiting", "followup", columns,
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
