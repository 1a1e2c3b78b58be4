"""The public pool: when which lead was there, and how long its owners may keep it."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, text

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata

pool_stay = Table(
    "pool_stay",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("detail", String(30), nullable=False),
    Column("former_owner_id", ForeignKey("person.id")),
    # NULL: a rule did it.
    Column("put_by", Integer),
    Column("left_at", Instant),
    Column("left_to", ForeignKey("person.id")),
    Column("claimed", Boolean, nullable=False),
    Index(None, "left_to", "left_at"),
    Index(None, "team_id", "entered_at"),
    # A lead is in the pool once, whatever happens at the same moment.
    Index(
        "ix_pool_stay_open",
        "lead_id",
        unique=True,
        sqlite_where=text("left_at IS NULL"),
        postgresql_where=text("left_at IS NULL"),
    ),
)


pool_extension = Table(
    "pool_extension",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("owner_id", ForeignKey("person.id"), nullable=False),
    Column("by_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Date, nullable=False),
    Column("reason", SealedText("pool_extension.reason"), nullable=False),
)


pool_warning = Table(
    "pool_warning",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("owner_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("returns_on", Date, nullable=False),
)
