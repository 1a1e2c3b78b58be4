"""What a customer bought, how it is paid, and who is liable; when a proposal was taken back."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0028"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("specification", 300), ("payment", 200), ("liability", 200)):
        column = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        op.add_column("lead", column)
    op.create_index(
        "ix_lead_deal",
        "lead",
        ["closed_at"],
        sqlite_where=sa.text("payment <> ''"),
        postgresql_where=sa.text("payment <> ''"),
    )
    op.add_column("proposal", sa.Column("revoked_at", Instant(), nullable=True))
