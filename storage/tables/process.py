"""Tables of the sales process: what happens with leads on the way to a deal and after."""

from typing import Final

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
    UniqueConstraint,
    false,
)

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata, only

# Of ten years of steps, those that are not done.
WAITING_STEP: Final = "closed_at IS NULL AND next_at IS NOT NULL"

followup = Table(
    "followup",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    # NULL: logged at the time of the contact itself.
    Column("logged_at", Instant),
    # The time of day of the contact is unknown.
    Column("day_only", Boolean, nullable=False, server_default=false()),
    Column("method", String(20), nullable=False),
    Column("summary", SealedText("followup.summary"), nullable=False),
    Column("feedback", SealedText("followup.feedback"), nullable=False),
    Column("next_step", SealedText("followup.next_step"), nullable=False),
    Column("next_at", Instant),
    # Until when the step is not overdue: the end of its day, unless a time was named.
    Column("next_until", Instant),
    Column("closed_at", Instant),
    Column("version", Integer, nullable=False),
    Index(None, "lead_id", "at"),
    Index(None, "at"),
    Index(None, "closed_at", "next_at", "at", "lead_id"),
    Index("ix_followup_waiting", "next_at", "next_until", "at", "lead_id", **only(WAITING_STEP)),
)


# The outcome of every reminder.
reminder = Table(
    "reminder",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("followup_id", ForeignKey("followup.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("late", Boolean, nullable=False),
    Column("seen_at", Instant),
    Column("acted_at", Instant),
    Column("missed_at", Instant),
    Index(None, "followup_id", "person_id", "due_at", unique=True),
    Index(None, "person_id", "due_at"),
)


# By when a lead's owner must respond to the customer, and the outcome.
clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    # Follows from the kind; stored here for the index.
    Column("for_feedback", Boolean, nullable=False),
    Column("owner_id", ForeignKey("person.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("met_at", Instant),
    Column("breached_at", Instant),
    Column("stopped_at", Instant),
    Index(None, "lead_id", "id"),
    Index(None, "due_at"),
    # A lead has at most one waiting response clock, and one for feedback, even under concurrent
    # writes.
    Index(
        "ix_clock_waiting",
        "lead_id",
        "for_feedback",
        unique=True,
        **only("met_at IS NULL AND stopped_at IS NULL"),
    ),
    Index("ix_clock_waiting_due", "due_at", **only("met_at IS NULL AND stopped_at IS NULL")),
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
    Index(None, "created_at"),
    Index("ix_task_open", "due_at", **only("state = 'open'")),
    Index("ix_task_open_of", "assignee_id", "due_at", **only("state = 'open'")),
)


# Discovery notes on customers' needs, versioned.
discovery = Table(
    "discovery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("written_by", ForeignKey("person.id"), nullable=False),
    Column("written_at", Instant, nullable=False),
    # Encrypted: what a customer tells about their problems and decision makers.
    Column("needs", SealedText("discovery.needs"), nullable=False),
    UniqueConstraint("lead_id", "version"),
)


# Customers' objections, and our answers.
objection = Table(
    "objection",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("kind", String(30), nullable=False),
    Column("said", SealedText("objection.said"), nullable=False),
    Column("answer", SealedText("objection.answer"), nullable=False),
    Column("item_id", ForeignKey("library_item.id")),
    Column("state", String(20), nullable=False),
    Column("raised_by", ForeignKey("person.id"), nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("answered_by", ForeignKey("person.id")),
    Column("answered_at", Instant),
    Column("accepted_at", Instant),
    Column("version", Integer, nullable=False),
)


# Colleagues' remarks about a lead.
remark = Table(
    "remark",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("text", SealedText("remark.text"), nullable=False),
    Index(None, "lead_id", "at"),
)


proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("locale", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    # Encrypted: the customer's problems, and the price.
    Column("offering", SealedText("proposal.offering"), nullable=False),
    Column("written_by", ForeignKey("person.id"), nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("sent_by", ForeignKey("person.id")),
    Column("sent_at", Instant),
    Column("revoked_at", Instant),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lead_id", "number"),
)


proposal_link = Table(
    "proposal_link",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("proposal_id", ForeignKey("proposal.id"), nullable=False, index=True),
    # SHA-256 of the token: reading the table is not enough to open a page.
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("preview", Boolean, nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)


proposal_visit = Table(
    "proposal_visit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("proposal_id", ForeignKey("proposal.id"), nullable=False),
    Column("key", String(32), nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("seconds", Integer, nullable=False),
    Index(None, "proposal_id", "at"),
)


# What customers wrote on the page of a proposal.
proposal_reply = Table(
    "proposal_reply",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("proposal_id", ForeignKey("proposal.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("edition", String(10)),
    Column("name", SealedText("proposal_reply.name"), nullable=False),
    Column("words", SealedText("proposal_reply.words"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("key", String(50), nullable=False, unique=True),
)


# Mails that bring customers the link to a proposal.
proposal_mail = Table(
    "proposal_mail",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("proposal_id", ForeignKey("proposal.id"), nullable=False, index=True),
    Column("address", SealedText("proposal_mail.address"), nullable=False),
    Column("subject", SealedText("proposal_mail.subject"), nullable=False),
    Column("body", SealedText("proposal_mail.body"), nullable=False),
    Column("written_by", ForeignKey("person.id"), nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("problem", String(20), nullable=False),
    Column("tried_at", Instant),
    Index("ix_proposal_mail_open", "id", **only("state IN ('waiting', 'sending')")),
)


# Customers' own actions, the outcome of their contracts, and what they may buy next.
signal = Table(
    "signal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", String(140), nullable=False, unique=True),
    Column("value", Integer),
    Column("effect", String(20), nullable=False),
    Index(None, "lead_id", "kind", "at"),
)


signing = Table(
    "signing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("contract", SealedText("signing.contract"), nullable=False),
    Column("amount", Numeric(14, 2)),
    Column("expected", Numeric(14, 2)),
    Column("basic", Numeric(14, 2)),
    Column("advanced", Numeric(14, 2)),
    Column("edition", String(10)),
    Column("reason", SealedText("signing.reason"), nullable=False),
    Column("verdict", String(20), nullable=False),
)


opportunity = Table(
    "opportunity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("signal_id", ForeignKey("signal.id"), nullable=False),
    Column("product", String(30), nullable=False),
    Column("amount", Numeric(14, 2)),
    Column("quarter", String(7), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("word", SealedText("opportunity.word"), nullable=False),
    Column("made_id", ForeignKey("lead.id"), index=True),
    Index("ix_opportunity_open", "id", **only("state = 'open'")),
)


loss_review = Table(
    "loss_review",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("lost_at", Instant, nullable=False, index=True),
    Column("asked_at", Instant),
    Column("learnt", SealedText("loss_review.learnt"), nullable=False),
    Column("would_have_helped", SealedText("loss_review.would_have_helped"), nullable=False),
    Column("competitor", SealedText("loss_review.competitor"), nullable=False),
    Column("written_by", ForeignKey("person.id")),
    Column("written_at", Instant),
    Column("changed_by", ForeignKey("person.id")),
    Column("changed_at", Instant),
    Column("item_id", ForeignKey("library_item.id")),
    Column("version", Integer, nullable=False),
)


adoption = Table(
    "adoption",
    metadata,
    # There is one row at most: an admin's word from which day on Genjin was used.
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("set_by", ForeignKey("person.id"), nullable=False),
    Column("set_at", Instant, nullable=False),
)
