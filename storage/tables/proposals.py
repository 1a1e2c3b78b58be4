"""Proposals, the links to their pages, and the visits there."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata

proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("locale", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    # Sealed: what a customer suffers from, and what they are to pay.
    Column("offering", SealedText("proposal.offering"), nullable=False),
    Column("written_by", ForeignKey("person.id"), nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("sent_by", ForeignKey("person.id")),
    Column("sent_at", Instant),
    Column("revoked_at", Instant),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lead_id", "number"),
)


proposal_link = Table(
    "proposal_link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("proposal_id", ForeignKey("proposal.id"), nullable=False, index=True),
    # SHA-256 of the token: who reads the table cannot open a page.
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("preview", Boolean, nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)


proposal_visit = Table(
    "proposal_visit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("proposal_id", ForeignKey("proposal.id"), nullable=False),
    Column("key", String(32), nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("seconds", Integer, nullable=False),
    Index(None, "proposal_id", "at"),
)
