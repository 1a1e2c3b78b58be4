"""Adds topics that are proposed for a quarter's session of sharing what works."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sharing_topic",
        sa.Column("quarter", sa.String(7), primary_key=True),
        sa.Column("key", sa.String(60), primary_key=True),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
