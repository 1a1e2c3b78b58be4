"""A lead to start from, for tests of the rules."""

from datetime import UTC, datetime
from typing import Any

from sales.leads import Lead

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday 23 November 2026, 10:00 in Shanghai."""


def a_lead(**known: Any) -> Lead:
    fields: dict[str, Any] = {
        "id": 1,
        "source": "ads-SEM",
        "customer": "Alder Sample Software",
        "team_id": 1,
        "stage_since": MONDAY,
        "created_at": MONDAY,
        "created_by": 1,
    }
    return Lead(**(fields | known))
