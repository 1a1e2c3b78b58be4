"""Notes which BANT answers of a lead were read from its words.

Nothing of what is stored was: everything known so far stays the answer of a person.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("answers_read", "answers_refused"):
        op.add_column("lead", sa.Column(name, sa.String(40), nullable=False, server_default=""))
