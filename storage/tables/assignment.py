"""Tables of lead assignment: offers, the public pool, and transfers of work."""

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata, only

offer = Table(
    "offer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("why", JSON, nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("state", String(20), nullable=False),
    Column("answered_at", Instant),
    Index("ix_offer_open", "person_id", **only("state = 'open'")),
)


# Leads a person was offered on a day (UTC) and did not decline: a tally of "offer".
share = Table(
    "share",
    metadata,
    Column("day", Date, primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("leads", Integer, nullable=False),
)


# Who is in which pool of the routing rules, and the leads by day they began with [P6].
pool_member = Table(
    "pool_member",
    metadata,
    Column("pool", String(80), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("present", Boolean, nullable=False),
    Column("head_start", JSON, nullable=False),
)


# Each stay of a lead in the public pool.
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
    # A lead is in the pool only once, even under concurrent writes.
    Index("ix_pool_stay_open", "lead_id", unique=True, **only("left_at IS NULL")),
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


# Which of a person's work went to whom when they left.
transfer = Table(
    "transfer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("from_id", ForeignKey("person.id"), nullable=False),
    # 0: nobody chose in time.
    Column("by_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("rule", String(20), nullable=False),
)


transfer_part = Table(
    "transfer_part",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("transfer_id", ForeignKey("transfer.id"), nullable=False, index=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("task_id", ForeignKey("task.id")),
    # NULL: into the public pool.
    Column("to_id", ForeignKey("person.id")),
    Column("why", JSON, nullable=False),
)
