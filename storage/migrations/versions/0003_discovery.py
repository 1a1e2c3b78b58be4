"""What customers need."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("needs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_discovery_lead_id_lead")),
        sa.ForeignKeyConstraint(
            ["written_by"], ["person.id"], name=op.f("fk_discovery_written_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discovery")),
        sa.UniqueConstraint("lead_id", "version", name=op.f("uq_discovery_lead_id_version")),
    )
