"""What a message was about and whether its reader acted on it; what people turned down."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("subject", sa.String(length=60), nullable=True))
    op.add_column("message", sa.Column("acted_at", Instant(), nullable=True))
    op.create_index(
        "ix_message_about",
        "message",
        ["person_id", "subject"],
        sqlite_where=sa.text("state = 'sent' AND acted_at IS NULL"),
        postgresql_where=sa.text("state = 'sent' AND acted_at IS NULL"),
    )
    op.add_column("notice_choice", sa.Column("turned_down", sa.JSON(), nullable=True))
