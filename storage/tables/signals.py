"""What customers did by themselves."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from storage.columns import Instant
from storage.tables.base import metadata

signal = Table(
    "signal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", String(140), nullable=False, unique=True),
    Column("value", Integer),
    Column("effect", String(20), nullable=False),
    Index(None, "lead_id", "kind", "at"),
)
