"""Tables of acts on several leads at once."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata

bulk_act = Table(
    "bulk_act",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("actor_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("to_id", ForeignKey("person.id")),
    Column("reason", String(30), nullable=False),
    Column("note", SealedText("bulk_act.note"), nullable=False),
    Column("day", Date),
    # The list that the leads were chosen from; it may hold words that were searched for.
    Column("query", SealedText("bulk_act.query"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("run", Integer, nullable=False),
    Column("planned", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("undone_by", ForeignKey("person.id")),
    Column("forget_at", Instant, nullable=False, index=True),
)


bulk_lead = Table(
    "bulk_lead",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("act_id", ForeignKey("bulk_act.id"), nullable=False),
    # No foreign key: a lead may be merged into another, or its import be undone.
    Column("lead_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("from_id", ForeignKey("person.id")),
    Column("to_id", ForeignKey("person.id")),
    Column("why", JSON),
    # 'planned', 'left', 'done', 'undone' or 'kept': what the jobs look up.
    Column("state", String(10), nullable=False),
    Column("left_out", String(20), nullable=False),
    Column("done_at", Instant),
    Column("kept", String(20), nullable=False),
    Column("undone_at", Instant),
    Column("told", JSON, nullable=False),
    # What the act changed, encrypted, until it cannot be undone any more.
    Column("changes", SealedText("bulk_lead.changes")),
    Index(None, "act_id", "state", "id"),
    Index(None, "act_id", "lead_id", unique=True),
)
