"""Customers whom more than one person cares for."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from storage.database.types import Instant, SealedBytes, SealedText
from storage.tables.base import metadata

access_request = Table(
    "access_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("asker_id", ForeignKey("person.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("why", SealedText("access_request.why"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("answered_by", Integer),
    Column("answered_at", Instant),
    Column("word", SealedText("access_request.word"), nullable=False),
    Index(None, "lead_id", "asker_id"),
    # Of two requests at the same moment one is kept.
    Index(
        "ix_access_request_open",
        "lead_id",
        "asker_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)


# Who sees a lead and works on it beside its owner.
collaborator = Table(
    "collaborator",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), primary_key=True, index=True),
)


merge = Table(
    "merge",
    metadata,
    Column("id", Integer, primary_key=True),
    # No foreign keys: one of them is gone, and the other may go later.
    Column("winner_id", Integer, nullable=False, index=True),
    Column("loser_id", Integer, nullable=False),
    Column("merged_by", ForeignKey("person.id"), nullable=False),
    Column("merged_at", Instant, nullable=False),
    Column("undo_until", Instant, nullable=False),
    Column("shared_with", Integer),
    Column("undone_at", Instant),
    # Both leads as they were, sealed, until it is too late to undo.
    Column("kept", SealedBytes("merge.kept")),
)


# The numbers of leads that became a part of others.
lead_alias = Table(
    "lead_alias",
    metadata,
    Column("lead_id", Integer, primary_key=True, autoincrement=False),
    Column("winner_id", ForeignKey("lead.id"), nullable=False, index=True),
)
