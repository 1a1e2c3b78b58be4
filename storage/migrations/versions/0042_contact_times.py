"""Adds when a follow-up was logged, beside when the contact took place."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # NULL: logged at the time of the contact itself, as all were until here.
    op.add_column("followup", sa.Column("logged_at", Instant))
    op.add_column(
        "followup", sa.Column("day_only", sa.Boolean(), nullable=False, server_default=sa.false())
    )
