"""Due work, what goes out to people, and what the bot remembers of a conversation."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    text,
)

from storage.database.types import Instant, SealedBytes
from storage.tables.base import metadata

work = Table(
    "work",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("args", JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Instant),
    # Literal SQL: SQLite cannot use a partial index whose predicate is a bound parameter.
    Index(
        "ix_work_waiting",
        "due_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
    Index(None, "kind", "subject"),
)


lane = Table(
    "lane",
    metadata,
    Column("key", String(140), primary_key=True),
    Column("ready_at", Instant, nullable=False),
    Column("leased_until", Instant),
    Column("epoch", Integer, nullable=False),
    Column("pending", Integer, nullable=False),
    # Until when more of a kind that was just told waits for company (``sales.notices.Batch``).
    Column("news_until", Instant),
    Column("offers_until", Instant),
    Index(
        "ix_lane_waiting",
        "ready_at",
        sqlite_where=text("pending > 0"),
        postgresql_where=text("pending > 0"),
    ),
)


message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lane", ForeignKey("lane.key"), nullable=False),
    Column("person_id", Integer),
    Column("kind", String(40), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("once", Boolean, nullable=False),
    # waiting, sending, sent, moot, unknown, dead; kept for the morning or for company, told with
    # others then, opened from there
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("ref", String(200), nullable=False),
    Column("problem", String(200), nullable=False),
    Column("unique_key", String(80), unique=True),
    # When a kept one is to be told.
    Column("tell_at", Instant),
    # What a sent one was about (``lead:12``), and when its reader did something about that.
    Column("subject", String(60)),
    Column("acted_at", Instant),
    Index(
        "ix_message_waiting",
        "lane",
        "id",
        sqlite_where=text("state IN ('waiting', 'sending')"),
        postgresql_where=text("state IN ('waiting', 'sending')"),
    ),
    Index(
        "ix_message_kept",
        "person_id",
        sqlite_where=text("state = 'kept'"),
        postgresql_where=text("state = 'kept'"),
    ),
    Index(
        "ix_message_about",
        "person_id",
        "subject",
        sqlite_where=text("state = 'sent' AND acted_at IS NULL"),
        postgresql_where=text("state = 'sent' AND acted_at IS NULL"),
    ),
    Index(None, "state", "created_at"),
)


posting = Table(
    "posting",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(60), nullable=False, index=True),
    Column("lane", String(140), nullable=False),
    Column("ref", String(200), nullable=False),
    Column("person_id", Integer),
    # The notice that posted it, so that the card can be composed anew.
    Column("kind", String(40), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("posted_at", Instant, nullable=False),
    # The lead's subject when the card is about one, whatever else it shows.
    Column("thread", String(60), nullable=False, server_default=""),
    Index(None, "lane", "ref"),
)


inbound = Table(
    "inbound",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)


memory = Table(
    "memory",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("value", SealedBytes("memory.value")),
    Column("total", Integer, nullable=False),
    Column("forget_at", Instant, nullable=False, index=True),
)


# What was told to the admins: what is wrong, when it was told last and seen last by any process.
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


# What the local web chat shows: its own "far side", as Slack's servers are for Slack.
transcript = Table(
    "transcript",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", String(120), nullable=False),
    Column("author", String(60), nullable=False),
    Column("visible_to", String(60)),
    # Sealed: cards show contacts.
    Column("body", SealedBytes("transcript.body"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("edited_at", Instant),
    Index(None, "conversation", "id"),
    Index(None, "revision"),
)
