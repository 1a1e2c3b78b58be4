"""Files of leads."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("forget_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_import_job_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
    )
    op.create_index(op.f("ix_import_job_person_id"), "import_job", ["person_id"])
    op.create_index(op.f("ix_import_job_forget_at"), "import_job", ["forget_at"])
    op.create_table(
        "import_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_import_page_job_id_import_job")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_page")),
        sa.UniqueConstraint("job_id", "number", name=op.f("uq_import_page_job_id_number")),
    )
    op.create_table(
        "import_claim",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_import_claim_job_id_import_job")
        ),
        sa.PrimaryKeyConstraint("job_id", "contact", name=op.f("pk_import_claim")),
    )
    op.create_table(
        "imported",
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_imported_lead_id_lead")),
        sa.ForeignKeyConstraint(
            ["job_id"], ["import_job.id"], name=op.f("fk_imported_job_id_import_job")
        ),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_imported")),
    )
    op.create_index(op.f("ix_imported_job_id_row"), "imported", ["job_id", "row"])
