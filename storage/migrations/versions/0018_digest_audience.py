"""What a leader chose for a channel whose readers the platform cannot tell."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "binding", sa.Column("with_names", sa.Boolean(), nullable=False, server_default=sa.false())
    )
