"""Lets a channel receive the digests of the whole company: its team is then NULL."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("binding") as binding:
        binding.alter_column("team_id", existing_type=sa.Integer, nullable=True)
