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
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.UniqueConstraint("quarter", "key", name="uq_sharing_topic_quarter"),
    )
