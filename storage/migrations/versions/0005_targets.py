"""Targets of teams and people."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "target",
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("holder", sa.String(length=20), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("goal", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("quarter", "holder", "measure", name=op.f("pk_target")),
    )
