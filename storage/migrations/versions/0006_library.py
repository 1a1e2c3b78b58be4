"""The library."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "library_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("industry", sa.String(length=30), nullable=False),
        sa.Column("product", sa.String(length=30), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("objection", sa.String(length=30), nullable=False),
        sa.Column("basic", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("advanced", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_folded", sa.Text(), nullable=False),
        sa.Column("body_folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_library_item_author_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["person.id"], name=op.f("fk_library_item_changed_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["library_item.id"], name=op.f("fk_library_item_replaces_library_item")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_library_item_decided_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_item")),
    )
    op.create_index(op.f("ix_library_item_author_id"), "library_item", ["author_id"])
    op.create_index(op.f("ix_library_item_state_kind"), "library_item", ["state", "kind"])
    op.create_table(
        "library_edition",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_item.id"], name=op.f("fk_library_edition_item_id_library_item")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_library_edition_by_id_person")
        ),
        sa.PrimaryKeyConstraint("item_id", "number", name=op.f("pk_library_edition")),
    )
    op.create_table(
        "library_use",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_item.id"], name=op.f("fk_library_use_item_id_library_item")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_library_use_lead_id_lead")),
        sa.PrimaryKeyConstraint("item_id", "lead_id", "purpose", name=op.f("pk_library_use")),
    )
    op.create_index(op.f("ix_library_use_lead_id"), "library_use", ["lead_id"])
    op.create_index(op.f("ix_library_use_at"), "library_use", ["at"])
