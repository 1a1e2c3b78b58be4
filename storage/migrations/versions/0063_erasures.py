"""Adds erasures of people on request."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None
old_code_may_run = True


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.String(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("leads", sa.JSON, nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("marks", sa.JSON, nullable=False),
        sa.Column("key_id", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("asked_by", sa.Integer, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("forms", sa.LargeBinary),
        sa.Column("cursor", sa.JSON, nullable=False),
        sa.Column("tally", sa.JSON, nullable=False),
        sa.Column("done_at", Instant),
        sa.Column("replayed", sa.Boolean, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
    )
    where = sa.text("state <> 'done'")
    op.create_index(
        "ix_erasure_open", "erasure", ["id"], sqlite_where=where, postgresql_where=where
    )
