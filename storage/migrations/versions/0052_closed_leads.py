"""Indexes closed leads in each order in which they are listed: there are too many to sort them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None

_CLOSED = sa.text("stage IN ('won', 'aftersales', 'lost')")
_ORDERS: dict[str, Any] = {
    "when": sa.text("coalesce(closed_at, stage_since)"),
    "created": "created_at",
    "worth": sa.text("coalesce(nullif(amount, 0), nullif(budget_high, 0), budget_low, 0)"),
    "contact": sa.text("coalesce(last_contact_at, created_at)"),
    "since": "stage_since",
    "customer": "customer_order",
}


def upgrade() -> None:
    only: dict[str, Any] = {"sqlite_where": _CLOSED, "postgresql_where": _CLOSED}
    op.create_index("ix_lead_closed_of_owner", "lead", ["owner_id"], **only)
    for name, key in _ORDERS.items():
        op.create_index(f"ix_lead_closed_{name}", "lead", [key, "id"], **only)
