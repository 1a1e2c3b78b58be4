"""Adds what customers write on the page of a proposal, and mails with its link."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0064"
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
    op.create_table(
        "proposal_mail",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column(
            "proposal_id", sa.Integer, sa.ForeignKey("proposal.id"), nullable=False, index=True
        ),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("written_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("problem", sa.String(20), nullable=False),
        sa.Column("tried_at", Instant),
    )
    where = sa.text("state IN ('waiting', 'sending')")
    op.create_index(
        "ix_proposal_mail_open", "proposal_mail", ["id"], sqlite_where=where, postgresql_where=where
    )
