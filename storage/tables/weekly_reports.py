"""The table of the reps' weekly reports."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    Numeric,
    String,
    Table,
    UniqueConstraint,
)

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata

# One row for each week that a person was asked for or reported of. The figures are those that
# were submitted, and 0 until then.
weekly_report = Table(
    "weekly_report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    # 2026-W47
    Column("week", String(8), nullable=False),
    Column("asked_at", Instant),
    Column("reminded_at", Instant),
    # By a leader, once more.
    Column("nudged_at", Instant),
    Column("nudged_by", ForeignKey("person.id")),
    Column("submitted_at", Instant),
    Column("corrected_at", Instant),
    # Submitted after the week's digest.
    Column("late", Boolean, nullable=False),
    Column("new_leads", Integer, nullable=False),
    Column("high_value", Integer, nullable=False),
    Column("followed_up", Integer, nullable=False),
    Column("in_discovery", Integer, nullable=False),
    Column("in_proposal", Integer, nullable=False),
    Column("won", Integer, nullable=False),
    Column("won_amount", Numeric(16, 2), nullable=False),
    Column("overdue", Integer, nullable=False),
    # Encrypted: it names customers.
    Column("focus", SealedText("weekly_report.focus"), nullable=False),
    UniqueConstraint("week", "person_id", name="uq_weekly_report"),
)
