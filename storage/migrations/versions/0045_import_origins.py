"""Remembers what an import could not place: owners and words that are not here, days not given.

Imports of before have none of it; their leads count as dated.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("sheets", "unknown"):
        op.add_column("import_job", sa.Column(name, sa.LargeBinary()))
    op.add_column("import_job", sa.Column("made", sa.JSON()))
    op.add_column("imported", sa.Column("owner", sa.LargeBinary()))
    op.add_column("imported", sa.Column("dated", sa.Boolean()))
