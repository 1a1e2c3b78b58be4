"""Customers whom more than one person cares for."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("word", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["asker_id"], ["person.id"], name=op.f("fk_access_request_asker_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_access_request_lead_id_lead")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
    )
    op.create_index(
        op.f("ix_access_request_lead_id_asker_id"), "access_request", ["lead_id", "asker_id"]
    )
    op.create_index(
        "ix_access_request_open",
        "access_request",
        ["lead_id", "asker_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "collaborator",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_collaborator_lead_id_lead")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_collaborator_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "lead_id", name=op.f("pk_collaborator")),
    )
    op.create_index(op.f("ix_collaborator_lead_id"), "collaborator", ["lead_id"])
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("winner_id", sa.Integer(), nullable=False),
        sa.Column("loser_id", sa.Integer(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=False),
        sa.Column("merged_at", Instant(), nullable=False),
        sa.Column("undo_until", Instant(), nullable=False),
        sa.Column("shared_with", sa.Integer(), nullable=True),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("kept", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_by"], ["person.id"], name=op.f("fk_merge_merged_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_winner_id"), "merge", ["winner_id"])
    op.create_table(
        "lead_alias",
        sa.Column("lead_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("winner_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["winner_id"], ["lead.id"], name=op.f("fk_lead_alias_winner_id_lead")
        ),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_lead_alias")),
    )
    op.create_index(op.f("ix_lead_alias_winner_id"), "lead_alias", ["winner_id"])
