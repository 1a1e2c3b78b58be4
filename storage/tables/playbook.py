"""Tables of the playbook, sales targets, and automation runs."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    UniqueConstraint,
)

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata

playbook = Table(
    "playbook",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("stored_by", Integer, nullable=False),
    Column("why", SealedText("playbook.why"), nullable=False),
)


# Prepared changes; closed when put in force or discarded.
playbook_draft = Table(
    "playbook_draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("base", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
)


# One row for each measure; ``holder`` is ``team:1`` or ``person:3``.
target = Table(
    "target",
    metadata,
    Column("quarter", String(7), primary_key=True),
    Column("holder", String(20), primary_key=True),
    Column("measure", String(20), primary_key=True),
    Column("goal", Numeric(14, 2), nullable=False),
)


# Lead events that automations listen to, and the resulting runs.
automation_event = Table(
    "automation_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("trigger", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("from_stage", String(20)),
    Column("to_stage", String(20)),
    Column("satisfaction", Integer),
    Column("objection", String(30), nullable=False),
    Column("rule_key", String(30), nullable=False),
    Column("depth", Integer, nullable=False),
    Column("cause", Integer),
    Column("key", String(120), unique=True),
)


automation_run = Table(
    "automation_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", ForeignKey("automation_event.id"), nullable=False),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("rule_key", String(30), nullable=False),
    # A copy of the rule, so that the run can be explained after the rule changed.
    Column("rule", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("refused", String(20), nullable=False),
    Column("task_id", ForeignKey("task.id"), index=True),
    Column("was_stage", String(20)),
    Column("was_owner_id", Integer),
    Column("overruled_at", Instant),
    Column("overruled_by", Integer),
    UniqueConstraint("event_id", "rule_key"),
    Index(None, "at"),
)
