"""What customers need, as it was written down, version by version."""

from sqlalchemy import Column, ForeignKey, Integer, Table, UniqueConstraint

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata

discovery = Table(
    "discovery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("written_by", ForeignKey("person.id"), nullable=False),
    Column("written_at", Instant, nullable=False),
    # Sealed: what a customer tells of their troubles and of who decides.
    Column("needs", SealedText("discovery.needs"), nullable=False),
    UniqueConstraint("lead_id", "version"),
)
