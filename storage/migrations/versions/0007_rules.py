"""Changes of the playbook before they are in force, and what its automations did."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _drafts()


def _drafts() -> None:
    op.create_table(
        "playbook_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_playbook_draft_author_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playbook_draft")),
    )
