"""Hand-overs of people's work."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_id"], ["person.id"], name=op.f("fk_transfer_from_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    refers = {"transfer_id": "transfer", "lead_id": "lead", "task_id": "task", "to_id": "person"}
    op.create_table(
        "transfer_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{to}.id"], name=op.f(f"fk_transfer_part_{column}_{to}")
            )
            for column, to in refers.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_part")),
    )
    op.create_index(op.f("ix_transfer_part_transfer_id"), "transfer_part", ["transfer_id"])
    op.create_index(op.f("ix_transfer_part_lead_id"), "transfer_part", ["lead_id"])
