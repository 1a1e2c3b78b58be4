"""Of every posted card, the lead it is about: what is typed under it is about that lead."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "posting", sa.Column("thread", sa.String(length=60), nullable=False, server_default="")
    )
    op.execute("UPDATE posting SET thread = subject WHERE subject LIKE 'lead:%'")
    op.create_index(op.f("ix_posting_lane_ref"), "posting", ["lane", "ref"])
