"""What was quoted when a contract was signed, and which edition it was."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signing", sa.Column("basic", sa.Numeric(14, 2), nullable=True))
    op.add_column("signing", sa.Column("advanced", sa.Numeric(14, 2), nullable=True))
    op.add_column("signing", sa.Column("edition", sa.String(length=10), nullable=True))
