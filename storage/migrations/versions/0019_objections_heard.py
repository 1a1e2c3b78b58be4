"""Automations hear of objections: their kind is kept with the event."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("automation_event") as batch:
        batch.add_column(
            sa.Column("objection", sa.String(length=30), nullable=False, server_default="")
        )
        batch.alter_column("objection", server_default=None)
