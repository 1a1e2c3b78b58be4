"""Adds the forecast: expected days of deals, outcomes by stage, snapshots, and moved days."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_DATED = sa.text("expected_close IS NOT NULL")


def upgrade() -> None:
    op.add_column("lead", sa.Column("expected_close", sa.Date))
    op.add_column("lead", sa.Column("expected_by", sa.Integer))
    op.add_column("lead", sa.Column("expected_at", Instant))
    op.add_column("lead", sa.Column("category", sa.String(12)))
    op.create_index(
        "ix_lead_expected",
        "lead",
        ["expected_close", "stage", "id"],
        sqlite_where=_DATED,
        postgresql_where=_DATED,
    )
    op.create_table(
        "stage_outcome",
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("team_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("stage", sa.String(20), primary_key=True),
        sa.Column("won", sa.Integer, nullable=False),
        sa.Column("lost", sa.Integer, nullable=False),
    )
    op.create_table(
        "forecast_snapshot",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("team_id", sa.Integer, nullable=False),
        sa.Column("owner_id", sa.Integer),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("category", sa.String(12)),
        sa.Column("month", sa.Date),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("value", sa.Numeric(16, 2), nullable=False),
        sa.Column("odds", sa.Float, nullable=False),
    )
    op.create_index("ix_forecast_snapshot_day_team_id", "forecast_snapshot", ["day", "team_id"])
    op.create_table(
        "forecast_day",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("taken_at", Instant, nullable=False),
    )
    op.create_table(
        "close_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, nullable=False),
        sa.Column("team_id", sa.Integer, nullable=False),
        sa.Column("owner_id", sa.Integer),
        sa.Column("from_day", sa.Date, nullable=False),
        sa.Column("to_day", sa.Date),
        sa.Column("worth", sa.Numeric(14, 2), nullable=False),
        sa.Column("changed_by", sa.Integer),
        sa.Column("changed_at", Instant, nullable=False),
    )
    op.create_index("ix_close_change_lead_id", "close_change", ["lead_id"])
    op.create_index("ix_close_change_from_day_lead_id", "close_change", ["from_day", "lead_id"])
