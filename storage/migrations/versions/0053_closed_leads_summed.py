"""Indexes closed leads by owner and team with everything that a list of them counts and sums up."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_CLOSED = sa.text("stage IN ('won', 'aftersales', 'lost')")
_SUMMED_UP = ("stage", "amount", "budget_high", "budget_low", "id")
_SORTED_BY = ("closed_at", "stage_since", "created_at", "last_contact_at", "customer_order")
_WHEN = sa.text("coalesce(closed_at, stage_since)")


def upgrade() -> None:
    only: dict[str, Any] = {"sqlite_where": _CLOSED, "postgresql_where": _CLOSED}
    op.drop_index("ix_lead_closed_of_owner", "lead")
    of_owner = ["owner_id", *_SUMMED_UP, *_SORTED_BY]
    op.create_index("ix_lead_closed_of_owner", "lead", of_owner, **only)
    op.create_index("ix_lead_closed_of_team", "lead", ["team_id", *_SUMMED_UP], **only)
    op.create_index("ix_lead_closed_of_owner_when", "lead", ["owner_id", _WHEN, "id"], **only)
