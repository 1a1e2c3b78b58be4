"""Every table of Genjin, as SQLAlchemy Core. Migrations follow this file."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    text,
)

from storage.columns import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

team = Table(
    "team",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("locale", String(10), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("away_until", Date),
    Column("weight", Integer, nullable=False),
)

identity = Table(
    "identity",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("external_id", String(80), primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("last_used_at", Instant, nullable=False),
)

lead = Table(
    "lead",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(120), nullable=False),
    Column("customer", String(200), nullable=False),
    Column("industry", String(30), nullable=False),
    Column("contact", String(80), nullable=False),
    Column("title", String(80), nullable=False),
    Column("phone", LargeBinary),
    Column("phone_index", String(64), unique=True),
    Column("email", LargeBinary),
    Column("email_index", String(64), unique=True),
    Column("email_domain_index", String(64), index=True),
    Column("budget_low", Numeric(14, 2)),
    Column("budget_high", Numeric(14, 2)),
    Column("need", Text, nullable=False),
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
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Integer, nullable=False),
    Column("last_contact_at", Instant),
    Column("next_at", Instant),
    Column("next_step", String(300), nullable=False),
    Column("amount", Numeric(14, 2)),
    Column("closed_at", Instant),
    Column("lost_reason", String(200), nullable=False),
    Column("contract", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "owner_id", "next_at"),
    Index(None, "team_id", "next_at"),
    Index(None, "team_id", "created_at"),
    Index(None, "team_id", "closed_at"),
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
    Column("summary", Text, nullable=False),
    Column("feedback", Text, nullable=False),
    Column("next_step", String(300), nullable=False),
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
    Column("owner_id", ForeignKey("person.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("met_at", Instant),
    Column("breached_at", Instant),
    Column("stopped_at", Instant),
    Index(None, "lead_id", "id"),
    Index(None, "due_at"),
    # A lead has one clock that waits, whatever happens at the same moment.
    Index(
        "ix_clock_waiting",
        "lead_id",
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
    Column("question", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("answered_at", Instant),
    Column("done_at", Instant),
    Column("done_by", ForeignKey("person.id")),
    Column("note", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("satisfaction", Integer),
    Column("invoice", String(60), nullable=False),
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
    Column("source", String(120), nullable=False),
    # Sealed: it holds contacts.
    Column("said", LargeBinary, nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("subject", String(80), nullable=False),
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
    # waiting, sending, sent, moot, unknown, dead
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("ref", String(200), nullable=False),
    Column("problem", String(200), nullable=False),
    Column("unique_key", String(80), unique=True),
    Index(
        "ix_message_waiting",
        "lane",
        "id",
        sqlite_where=text("state IN ('waiting', 'sending')"),
        postgresql_where=text("state IN ('waiting', 'sending')"),
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
)

binding = Table(
    "binding",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("conversation", String(120), primary_key=True),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("locale", String(10), nullable=False),
    Column("bound_by", Integer, nullable=False),
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
    Column("value", LargeBinary),
    Column("total", Integer, nullable=False),
    Column("forget_at", Instant, nullable=False, index=True),
)

playbook = Table(
    "playbook",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("stored_by", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_id", Integer, nullable=False),
    Column("act", String(60), nullable=False),
    Column("subject", String(60), nullable=False, index=True),
    Column("detail", JSON, nullable=False),
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
    Column("body", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("edited_at", Instant),
    Index(None, "conversation", "id"),
    Index(None, "revision"),
)
