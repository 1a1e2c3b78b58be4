"""Adds what customers write on the page of a proposal."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0066"
down_revision = "0063"
branch_labels = None
depends_on = None
old_code_may_run = True


def upgrade() -> None:
    op.create_table(
        "proposal_reply",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column(
            "proposal_id", sa.Integer, sa.ForeignKey("proposal.id"), nullable=False, index=True
        ),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("edition", sa.String(10)),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("key", sa.String(50), nullable=False, unique=True),
    )
