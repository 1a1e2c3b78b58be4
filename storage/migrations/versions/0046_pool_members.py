"""Records who is in which pool of the routing rules, so that a newcomer begins at its level."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pool_member",
        sa.Column("pool", sa.String(80), primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("head_start", sa.JSON, nullable=False),
    )
