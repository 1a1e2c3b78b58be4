"""What became of every reminder."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table

from storage.database.types import Instant
from storage.tables.base import metadata

reminder = Table(
    "reminder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("followup_id", ForeignKey("followup.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("late", Boolean, nullable=False),
    Column("seen_at", Instant),
    Column("acted_at", Instant),
    Column("missed_at", Instant),
    Index(None, "followup_id", "person_id", "due_at", unique=True),
    Index(None, "person_id", "due_at"),
)
