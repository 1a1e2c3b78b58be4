"""Adds saved views of leads, and their postings on days and hours."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id")),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("query", sa.LargeBinary, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    for whose in ("person_id", "team_id"):
        op.create_index(f"ix_saved_view_{whose}", "saved_view", [whose])
    _create_postings()


def _create_postings() -> None:
    op.create_table(
        "view_posting",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("view", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("conversation", sa.String(120), nullable=False),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), nullable=False),
        sa.Column("set_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("weekdays", sa.String(27), nullable=False),
        sa.Column("at", sa.String(5), nullable=False),
        sa.Column("workdays_only", sa.Boolean, nullable=False),
        sa.Column("when_empty", sa.String(10), nullable=False),
        sa.Column("posted_on", sa.Date),
        sa.Column("ended_at", Instant),
        sa.Column("ended_why", sa.String(20)),
        sa.Column("view_name", sa.String(40), nullable=False),
    )
    going_on = sa.text("ended_at IS NULL")
    for name, *columns in (
        ("view", "view"),
        ("person", "person_id"),
        ("set_by", "set_by"),
        ("channel", "platform", "conversation"),
    ):
        op.create_index(
            f"ix_view_posting_{name}",
            "view_posting",
            columns,
            sqlite_where=going_on,
            postgresql_where=going_on,
        )
