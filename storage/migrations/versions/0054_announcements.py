"""Adds announcements to channels: a team's choice, what was announced, and congratulations."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement_setting",
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), primary_key=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("conversation", sa.String(120), nullable=False),
        sa.Column("wins", sa.Boolean, nullable=False),
        sa.Column("amount", sa.Boolean, nullable=False),
        sa.Column("customer", sa.Boolean, nullable=False),
        sa.Column("honours", sa.Boolean, nullable=False),
        sa.Column("set_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), nullable=False),
        sa.Column("lead_id", sa.Integer, nullable=False),
        sa.Column("occasion", sa.String(10), nullable=False),
        sa.Column("key", sa.String(80), nullable=False, unique=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("conversation", sa.String(120), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "congratulation",
        sa.Column(
            "announcement_id", sa.Integer, sa.ForeignKey("announcement.id"), primary_key=True
        ),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
