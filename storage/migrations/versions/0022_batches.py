"""What is not urgent waits for company: until when, in each conversation and each message."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lane", sa.Column("news_until", Instant(), nullable=True))
    op.add_column("lane", sa.Column("offers_until", Instant(), nullable=True))
    op.add_column("message", sa.Column("tell_at", Instant(), nullable=True))
