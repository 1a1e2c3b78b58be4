"""Adds loss reviews, the day of adoption and tasks by their begin, and big deals to announce."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "loss_review",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("lost_at", Instant, nullable=False, index=True),
        sa.Column("asked_at", Instant),
        sa.Column("learnt", sa.LargeBinary, nullable=False),
        sa.Column("would_have_helped", sa.LargeBinary, nullable=False),
        sa.Column("competitor", sa.LargeBinary, nullable=False),
        sa.Column("written_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("written_at", Instant),
        sa.Column("changed_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("changed_at", Instant),
        sa.Column("item_id", sa.Integer, sa.ForeignKey("library_item.id")),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "adoption",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("set_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("set_at", Instant, nullable=False),
    )
    op.create_index("ix_task_created_at", "task", ["created_at"])
    op.add_column("announcement_setting", sa.Column("big_from", sa.Numeric(14, 2)))
