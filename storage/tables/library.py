"""Tables of the library, the uses of its items, and the quarterly session."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata, only

library_item = Table(
    "library_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("words", JSON, nullable=False),
    Column("industry", String(30), nullable=False),
    Column("product", String(30), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("objection", String(30), nullable=False),
    Column("basic", Numeric(14, 2)),
    Column("advanced", Numeric(14, 2)),
    Column("author_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("changed_by", ForeignKey("person.id"), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("replaces", ForeignKey("library_item.id")),
    Column("decided_by", ForeignKey("person.id")),
    Column("decided_at", Instant),
    Column("note", String(300), nullable=False),
    Column("version", Integer, nullable=False),
    # The text in all languages, folded for comparison (sales.text_search.fold).
    Column("title_folded", Text, nullable=False),
    Column("body_folded", Text, nullable=False),
    Index(None, "state", "kind"),
)


# Every version of an item's text.
library_edition = Table(
    "library_edition",
    metadata,
    Column("item_id", ForeignKey("library_item.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", JSON, nullable=False),
    Column("by_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
)


# Uses of an item: by whom, when, for which lead (NULL: none in particular), and in what.
library_use = Table(
    "library_use",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("item_id", ForeignKey("library_item.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("lead_id", ForeignKey("lead.id"), index=True),
    Column("purpose", String(20), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("day", Date, nullable=False),
    UniqueConstraint("item_id", "person_id", "lead_id", "day"),
    # NULLs are all distinct in the constraint above.
    Index(
        "ix_library_use_of_none",
        "item_id",
        "person_id",
        "day",
        unique=True,
        **only("lead_id IS NULL"),
    ),
)


# The quarterly session, once it is announced, and its volunteers.
sharing = Table(
    "sharing",
    metadata,
    Column("quarter", String(7), primary_key=True),
    Column("begins_at", Instant, nullable=False),
    Column("announced_at", Instant, nullable=False),
)


# What somebody wants to be talked about in a quarter's session; ``key`` is what it is about.
sharing_topic = Table(
    "sharing_topic",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quarter", String(7), nullable=False),
    Column("key", String(60), nullable=False),
    Column("words", SealedText("sharing_topic.words"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("quarter", "key", name="uq_sharing_topic_quarter"),
)


sharing_volunteer = Table(
    "sharing_volunteer",
    metadata,
    Column("quarter", ForeignKey("sharing.quarter"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)
