"""Tables of jobs, outgoing messages, and incoming requests."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table

from storage.database.types import Instant
from storage.tables.base import metadata, only

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
    Index("ix_work_waiting", "due_at", **only("done_at IS NULL")),
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
    # Until when notices of a kind that was just sent are batched (``sales.notices.Batch``).
    Column("news_until", Instant),
    Column("offers_until", Instant),
    Index("ix_lane_waiting", "ready_at", **only("pending > 0")),
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
    # waiting, sending, sent, moot, unknown, dead; kept (deferred for quiet hours or batching),
    # told (delivered in a bundle), opened (from the bundle)
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("ref", String(200), nullable=False),
    Column("problem", String(200), nullable=False),
    Column("unique_key", String(80), unique=True),
    # When a deferred message is to be delivered.
    Column("tell_at", Instant),
    # The subject of a sent message (``lead:12``), and when its reader acted on it.
    Column("subject", String(60)),
    Column("acted_at", Instant),
    Index("ix_message_waiting", "lane", "id", **only("state IN ('waiting', 'sending')")),
    Index("ix_message_kept", "person_id", **only("state = 'kept'")),
    Index(
        "ix_message_about",
        "person_id",
        "subject",
        **only("state = 'sent' AND acted_at IS NULL"),
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
    # The notice that posted it, so that the card can be rendered again.
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


# What platforms refuse until somebody fixes it.
refusal = Table(
    "refusal",
    metadata,
    Column("id", Integer, primary_key=True),
    # A platform, the 1:1 conversations of one, or a lane (``sales.refusals.keys_over``).
    Column("key", String(140), nullable=False, unique=True),
    Column("platform", String(20), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("address", String(120), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("code", String(80), nullable=False),
    Column("detail", String(200), nullable=False),
    Column("since", Instant, nullable=False),
    Column("retry_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
)
