"""Leads, and what happens to them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    text,
)

from storage.database.types import Instant, SealedBytes, SealedText
from storage.tables.base import metadata

lead = Table(
    "lead",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", SealedText("lead.source"), nullable=False),
    Column("customer", SealedText("lead.customer"), nullable=False),
    # The words of the customer, and of contact and need, without whatever may be a phone or an
    # e-mail: what is sealed cannot be searched.
    Column("customer_words", Text, nullable=False),
    Column("other_words", Text, nullable=False),
    # What like-named customers are looked up by.
    Column("customer_head", String(8), index=True),
    Column("industry", String(30), nullable=False),
    Column("contact", SealedText("lead.contact"), nullable=False),
    Column("title", SealedText("lead.title"), nullable=False),
    Column("phone", SealedBytes("lead.phone")),
    Column("phone_index", String(64), unique=True),
    Column("email", SealedBytes("lead.email")),
    Column("email_index", String(64), unique=True),
    Column("email_domain_index", String(64), index=True),
    Column("budget_low", Numeric(14, 2)),
    Column("budget_high", Numeric(14, 2)),
    Column("need", SealedText("lead.need"), nullable=False),
    Column("region", String(30), nullable=False),
    Column("product", String(30), nullable=False),
    Column("authority", String(20), nullable=False),
    Column("clarity", String(20), nullable=False),
    Column("timeframe", String(20), nullable=False),
    Column("score", Integer, nullable=False),
    Column("grade", String(10), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("stage_since", Instant, nullable=False),
    Column("owner_id", ForeignKey("person.id")),
    Column("pooled_at", Instant),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Integer, nullable=False),
    Column("last_contact_at", Instant),
    Column("next_at", Instant),
    Column("next_step", SealedText("lead.next_step"), nullable=False),
    Column("amount", Numeric(14, 2)),
    Column("closed_at", Instant),
    Column("lost_reason", SealedText("lead.lost_reason"), nullable=False),
    Column("contract", SealedText("lead.contract"), nullable=False),
    Column("contract_index", String(64), index=True),
    Column("specification", SealedText("lead.specification"), nullable=False),
    Column("payment", SealedText("lead.payment"), nullable=False),
    Column("liability", SealedText("lead.liability"), nullable=False),
    Column("hot_since", Instant),
    Column("origin_id", ForeignKey("lead.id"), index=True),
    Column("version", Integer, nullable=False),
    Index(None, "owner_id", "next_at"),
    Index(None, "team_id", "next_at"),
    Index(None, "team_id", "created_at"),
    Index(None, "team_id", "closed_at"),
    Index(
        "ix_lead_pooled",
        "pooled_at",
        sqlite_where=text("pooled_at IS NOT NULL"),
        postgresql_where=text("pooled_at IS NOT NULL"),
    ),
    Index(
        "ix_lead_deal",
        "closed_at",
        sqlite_where=text("length(payment) > 0"),
        postgresql_where=text("length(payment) > 0"),
    ),
    Index(
        "ix_lead_hot",
        "hot_since",
        sqlite_where=text("hot_since IS NOT NULL"),
        postgresql_where=text("hot_since IS NOT NULL"),
    ),
    # The number of a lead that is gone is never given again.
    sqlite_autoincrement=True,
)


stage_interval = Table(
    "stage_interval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("stage", String(20), nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("left_at", Instant),
    Index(None, "stage", "entered_at"),
    # These two hold all that the weekly figures read: SQLite prefers such an index.
    Index(None, "stage", "left_at", "entered_at", "lead_id"),
)


followup = Table(
    "followup",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("method", String(20), nullable=False),
    Column("summary", SealedText("followup.summary"), nullable=False),
    Column("feedback", SealedText("followup.feedback"), nullable=False),
    Column("next_step", SealedText("followup.next_step"), nullable=False),
    Column("next_at", Instant),
    Column("closed_at", Instant),
    Column("version", Integer, nullable=False),
    Index(None, "lead_id", "at"),
    Index(None, "at"),
    Index(None, "closed_at", "next_at", "at", "lead_id"),
)


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
)


# How soon a customer is to hear from whose lead it is, and what became of it.
clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    # Told by the kind; here it stands for the index.
    Column("for_feedback", Boolean, nullable=False),
    Column("owner_id", ForeignKey("person.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("met_at", Instant),
    Column("breached_at", Instant),
    Column("stopped_at", Instant),
    Index(None, "lead_id", "id"),
    Index(None, "due_at"),
    # A lead has one response clock that waits, and one for feedback, whatever happens at the
    # same moment.
    Index(
        "ix_clock_waiting",
        "lead_id",
        "for_feedback",
        unique=True,
        sqlite_where=text("met_at IS NULL AND stopped_at IS NULL"),
        postgresql_where=text("met_at IS NULL AND stopped_at IS NULL"),
    ),
)


task = Table(
    "task",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    # NULL: for the lead's owner.
    Column("role", String(20)),
    Column("assignee_id", ForeignKey("person.id")),
    Column("why", JSON, nullable=False),
    Column("asked_by", ForeignKey("person.id")),
    Column("question", SealedText("task.question"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("answered_at", Instant),
    Column("done_at", Instant),
    Column("done_by", ForeignKey("person.id")),
    Column("note", SealedText("task.note"), nullable=False),
    Column("problems", SealedText("task.problems"), nullable=False),
    Column("satisfaction", Integer),
    Column("invoice", SealedText("task.invoice"), nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "assignee_id", "lead_id"),
    Index(
        "ix_task_open",
        "due_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)


# How many leads a person was offered on a day (UTC) and did not pass on: a tally of "offer".
share = Table(
    "share",
    metadata,
    Column("day", Date, primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("leads", Integer, nullable=False),
)


# A customer whom we have, coming again by themselves.
enquiry = Table(
    "enquiry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("source", SealedText("enquiry.source"), nullable=False),
    # Sealed: it holds contacts.
    Column("said", SealedText("enquiry.said"), nullable=False),
)
