"""What customers did by themselves, what became of their contracts, what they may buy next."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Numeric, String, Table, text

from storage.database.types import Instant, SealedText
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


signing = Table(
    "signing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("contract", SealedText("signing.contract"), nullable=False),
    Column("amount", Numeric(14, 2)),
    Column("expected", Numeric(14, 2)),
    Column("basic", Numeric(14, 2)),
    Column("advanced", Numeric(14, 2)),
    Column("edition", String(10)),
    Column("reason", SealedText("signing.reason"), nullable=False),
    Column("verdict", String(20), nullable=False),
)


opportunity = Table(
    "opportunity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("signal_id", ForeignKey("signal.id"), nullable=False),
    Column("product", String(30), nullable=False),
    Column("amount", Numeric(14, 2)),
    Column("quarter", String(7), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("word", SealedText("opportunity.word"), nullable=False),
    Column("made_id", ForeignKey("lead.id"), index=True),
    Index(
        "ix_opportunity_open",
        "id",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
