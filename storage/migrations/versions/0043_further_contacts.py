"""Adds the WeChat id of a lead's contact, and their further phones and e-mails."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead", sa.Column("wechat", sa.LargeBinary))
    op.add_column("lead", sa.Column("others", sa.LargeBinary))
    op.create_table(
        "further_contact",
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), primary_key=True),
        sa.Column("contact_index", sa.String(64), primary_key=True),
    )
    op.create_index("ix_further_contact_contact_index", "further_contact", ["contact_index"])
