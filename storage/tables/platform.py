"""Tables of the bot's own state: channels, conversations, alerts and keys."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
)

from storage.database.types import Instant, SealedBytes
from storage.tables.base import metadata

binding = Table(
    "binding",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("conversation", String(120), primary_key=True),
    # NULL for a channel of the whole company.
    Column("team_id", ForeignKey("team.id")),
    Column("locale", String(10), nullable=False),
    Column("bound_by", Integer, nullable=False),
    Column("with_names", Boolean, nullable=False, server_default=false()),
)


memory = Table(
    "memory",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("value", SealedBytes("memory.value")),
    Column("total", Integer, nullable=False),
    Column("forget_at", Instant, nullable=False, index=True),
)


# Alerts to the admins: the condition, when it was last sent, and last seen by any process.
alert = Table(
    "alert",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("key", String(80), nullable=False),
    Column("params", JSON, nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("over_at", Instant),
)


# The local web chat's transcript: what Slack's servers store for Slack.
transcript = Table(
    "transcript",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", String(120), nullable=False),
    Column("author", String(60), nullable=False),
    Column("visible_to", String(60)),
    # Encrypted: cards show contacts.
    Column("body", SealedBytes("transcript.body"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("edited_at", Instant),
    Index(None, "conversation", "id"),
    Index(None, "revision"),
)


# The secret keys this database was encrypted with. Holds no key.
secret_key = Table(
    "secret_key",
    metadata,
    Column("key_id", String(20), primary_key=True),
    # A known text, encrypted with this key: a key that decrypts it is the right one.
    Column("proof", LargeBinary, nullable=False),
    # Whether blind indexes use this key.
    Column("indexes", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    # Since when no value is encrypted with this key, so that it may be missing.
    Column("retired_at", Instant),
)
