"""Creates the schema of the first release.

A database of an earlier build has it already when the 24 revisions that this one replaces brought
it to 0040; an older one is refused (``storage.database.schema``). Written out, and not built from
``storage.tables``, which keep changing.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0040"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _leads()
    _library()
    _process()
    _assignment()
    _playbook()
    _imports()
    _outbox()
    _platform()
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement)


def only(condition: str) -> dict[str, Any]:
    """Return the options of a partial index over these rows."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _people() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("away_until", sa.Date),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("hours", sa.String(120), nullable=False),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("phone_index", sa.String(64), unique=True),
        sa.Column("email", sa.LargeBinary),
        sa.Column("email_index", sa.String(64), unique=True),
    )
    op.create_table(
        "identity",
        sa.Column("platform", sa.String(20), primary_key=True),
        sa.Column("external_id", sa.String(80), primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("last_used_at", Instant, nullable=False),
    )
    op.create_table(
        "newcomer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("email", sa.LargeBinary),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("decided_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("decided_at", Instant),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), index=True),
        sa.UniqueConstraint("platform", "external_id", name="uq_newcomer_account"),
    )
    op.create_table(
        "admin_code",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("only_first", sa.Boolean, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_table(
        "admin_attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("external_id", sa.String(80), nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "notice_choice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, unique=True),
        sa.Column("by_mail", sa.Boolean, nullable=False),
        sa.Column("email", sa.LargeBinary),
        sa.Column("quiet", sa.String(11), nullable=False),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("turned_down", sa.JSON),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor_id", sa.Integer, nullable=False),
        sa.Column("act", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False, index=True),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index(
        "ix_audit_reveals", "audit", ["actor_id", "at"], **only("act = 'contact.reveal'")
    )
    op.create_table(
        "audit_purge",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("purged_at", Instant, nullable=False),
        sa.Column("first_id", sa.Integer, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("until", Instant, nullable=False),
    )


def _leads() -> None:
    op.create_table(
        "lead",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("customer", sa.LargeBinary, nullable=False),
        sa.Column("customer_words", sa.Text, nullable=False, server_default=""),
        sa.Column("other_words", sa.Text, nullable=False, server_default=""),
        sa.Column("customer_head", sa.String(8), index=True),
        sa.Column("industry", sa.String(30), nullable=False),
        sa.Column("contact", sa.LargeBinary, nullable=False),
        sa.Column("title", sa.LargeBinary, nullable=False),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("phone_index", sa.String(64), unique=True),
        sa.Column("email", sa.LargeBinary),
        sa.Column("email_index", sa.String(64), unique=True),
        sa.Column("email_domain_index", sa.String(64), index=True),
        sa.Column("budget_low", sa.Numeric(14, 2)),
        sa.Column("budget_high", sa.Numeric(14, 2)),
        sa.Column("need", sa.LargeBinary, nullable=False),
        sa.Column("region", sa.String(30), nullable=False),
        sa.Column("product", sa.String(30), nullable=False),
        sa.Column("authority", sa.String(20), nullable=False),
        sa.Column("clarity", sa.String(20), nullable=False),
        sa.Column("timeframe", sa.String(20), nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("grade", sa.String(10), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("stage_since", Instant, nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("pooled_at", Instant),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Integer, nullable=False),
        sa.Column("last_contact_at", Instant),
        sa.Column("next_at", Instant),
        sa.Column("next_step", sa.LargeBinary, nullable=False),
        sa.Column("amount", sa.Numeric(14, 2)),
        sa.Column("closed_at", Instant),
        sa.Column("lost_reason", sa.LargeBinary, nullable=False),
        sa.Column("contract", sa.LargeBinary, nullable=False),
        sa.Column("contract_index", sa.String(64), index=True),
        sa.Column("specification", sa.LargeBinary, nullable=False),
        sa.Column("payment", sa.LargeBinary, nullable=False),
        sa.Column("liability", sa.LargeBinary, nullable=False),
        sa.Column("hot_since", Instant),
        sa.Column("origin_id", sa.Integer, sa.ForeignKey("lead.id"), index=True),
        sa.Column("version", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lead_deal", "lead", ["closed_at"], **only("length(payment) > 0"))
    op.create_index("ix_lead_hot", "lead", ["hot_since"], **only("hot_since IS NOT NULL"))
    op.create_index("ix_lead_owner_id_next_at", "lead", ["owner_id", "next_at"])
    op.create_index("ix_lead_pooled", "lead", ["pooled_at"], **only("pooled_at IS NOT NULL"))
    op.create_index("ix_lead_team_id_closed_at", "lead", ["team_id", "closed_at"])
    op.create_index("ix_lead_team_id_created_at", "lead", ["team_id", "created_at"])
    op.create_index("ix_lead_team_id_next_at", "lead", ["team_id", "next_at"])
    op.create_table(
        "stage_interval",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("entered_at", Instant, nullable=False),
        sa.Column("left_at", Instant),
    )
    op.create_index("ix_stage_interval_stage_entered_at", "stage_interval", ["stage", "entered_at"])
    op.create_index(
        "ix_stage_interval_stage_left_at_entered_at_lead_id",
        "stage_interval",
        ["stage", "left_at", "entered_at", "lead_id"],
    )
    op.create_table(
        "enquiry",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("source", sa.LargeBinary, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "collaborator",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), primary_key=True, index=True),
    )
    op.create_table(
        "access_request",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("asker_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("why", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("answered_by", sa.Integer),
        sa.Column("answered_at", Instant),
        sa.Column("word", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_access_request_lead_id_asker_id", "access_request", ["lead_id", "asker_id"])
    op.create_index(
        "ix_access_request_open",
        "access_request",
        ["lead_id", "asker_id"],
        unique=True,
        **only("state = 'open'"),
    )
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("winner_id", sa.Integer, nullable=False, index=True),
        sa.Column("loser_id", sa.Integer, nullable=False),
        sa.Column("merged_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("merged_at", Instant, nullable=False),
        sa.Column("undo_until", Instant, nullable=False),
        sa.Column("shared_with", sa.Integer),
        sa.Column("undone_at", Instant),
        sa.Column("kept", sa.LargeBinary),
    )
    op.create_table(
        "lead_alias",
        sa.Column("lead_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("winner_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
    )


def _library() -> None:
    op.create_table(
        "library_item",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("industry", sa.String(30), nullable=False),
        sa.Column("product", sa.String(30), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("objection", sa.String(30), nullable=False),
        sa.Column("basic", sa.Numeric(14, 2)),
        sa.Column("advanced", sa.Numeric(14, 2)),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("changed_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("library_item.id")),
        sa.Column("decided_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("decided_at", Instant),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("title_folded", sa.Text, nullable=False),
        sa.Column("body_folded", sa.Text, nullable=False),
    )
    op.create_index("ix_library_item_state_kind", "library_item", ["state", "kind"])
    op.create_table(
        "library_edition",
        sa.Column("item_id", sa.Integer, sa.ForeignKey("library_item.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "library_use",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("item_id", sa.Integer, sa.ForeignKey("library_item.id"), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), index=True),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("at", Instant, nullable=False, index=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.UniqueConstraint("item_id", "person_id", "lead_id", "day"),
    )
    op.create_index(
        "ix_library_use_of_none",
        "library_use",
        ["item_id", "person_id", "day"],
        unique=True,
        **only("lead_id IS NULL"),
    )
    op.create_table(
        "sharing",
        sa.Column("quarter", sa.String(7), primary_key=True),
        sa.Column("begins_at", Instant, nullable=False),
        sa.Column("announced_at", Instant, nullable=False),
    )
    op.create_table(
        "sharing_volunteer",
        sa.Column("quarter", sa.String(7), sa.ForeignKey("sharing.quarter"), primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )


def _process() -> None:
    op.create_table(
        "followup",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant, nullable=False, index=True),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("summary", sa.LargeBinary, nullable=False),
        sa.Column("feedback", sa.LargeBinary, nullable=False),
        sa.Column("next_step", sa.LargeBinary, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("closed_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index(
        "ix_followup_closed_at_next_at_at_lead_id",
        "followup",
        ["closed_at", "next_at", "at", "lead_id"],
    )
    op.create_index("ix_followup_lead_id_at", "followup", ["lead_id", "at"])
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("followup_id", sa.Integer, sa.ForeignKey("followup.id"), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("sent_at", Instant),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("seen_at", Instant),
        sa.Column("acted_at", Instant),
        sa.Column("missed_at", Instant),
    )
    op.create_index(
        "ix_reminder_followup_id_person_id_due_at",
        "reminder",
        ["followup_id", "person_id", "due_at"],
        unique=True,
    )
    op.create_index("ix_reminder_person_id_due_at", "reminder", ["person_id", "due_at"])
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("for_feedback", sa.Boolean, nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False, index=True),
        sa.Column("met_at", Instant),
        sa.Column("breached_at", Instant),
        sa.Column("stopped_at", Instant),
    )
    op.create_index("ix_clock_lead_id_id", "clock", ["lead_id", "id"])
    op.create_index(
        "ix_clock_waiting",
        "clock",
        ["lead_id", "for_feedback"],
        unique=True,
        **only("met_at IS NULL AND stopped_at IS NULL"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("role", sa.String(20)),
        sa.Column("assignee_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("why", sa.JSON, nullable=False),
        sa.Column("asked_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("answered_at", Instant),
        sa.Column("done_at", Instant),
        sa.Column("done_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("problems", sa.LargeBinary, nullable=False),
        sa.Column("satisfaction", sa.Integer),
        sa.Column("invoice", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("ix_task_assignee_id_lead_id", "task", ["assignee_id", "lead_id"])
    op.create_index("ix_task_open", "task", ["due_at"], **only("state = 'open'"))
    op.create_table(
        "discovery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("written_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("needs", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("lead_id", "version"),
    )
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("item_id", sa.Integer, sa.ForeignKey("library_item.id")),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("raised_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("raised_at", Instant, nullable=False),
        sa.Column("answered_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("answered_at", Instant),
        sa.Column("accepted_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_remark_lead_id_at", "remark", ["lead_id", "at"])
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("offering", sa.LargeBinary, nullable=False),
        sa.Column("written_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("written_at", Instant, nullable=False),
        sa.Column("sent_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("sent_at", Instant),
        sa.Column("revoked_at", Instant),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("lead_id", "number"),
    )
    op.create_table(
        "proposal_link",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "proposal_id", sa.Integer, sa.ForeignKey("proposal.id"), nullable=False, index=True
        ),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("preview", sa.Boolean, nullable=False),
        sa.Column("made_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_table(
        "proposal_visit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("proposal_id", sa.Integer, sa.ForeignKey("proposal.id"), nullable=False),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("seconds", sa.Integer, nullable=False),
    )
    op.create_index("ix_proposal_visit_proposal_id_at", "proposal_visit", ["proposal_id", "at"])
    op.create_table(
        "signal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("event", sa.String(140), nullable=False, unique=True),
        sa.Column("value", sa.Integer),
        sa.Column("effect", sa.String(20), nullable=False),
    )
    op.create_index("ix_signal_lead_id_kind_at", "signal", ["lead_id", "kind", "at"])
    op.create_table(
        "signing",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("contract", sa.LargeBinary, nullable=False),
        sa.Column("amount", sa.Numeric(14, 2)),
        sa.Column("expected", sa.Numeric(14, 2)),
        sa.Column("basic", sa.Numeric(14, 2)),
        sa.Column("advanced", sa.Numeric(14, 2)),
        sa.Column("edition", sa.String(10)),
        sa.Column("reason", sa.LargeBinary, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
    )
    op.create_table(
        "opportunity",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("signal_id", sa.Integer, sa.ForeignKey("signal.id"), nullable=False),
        sa.Column("product", sa.String(30), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2)),
        sa.Column("quarter", sa.String(7), nullable=False, index=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("word", sa.LargeBinary, nullable=False),
        sa.Column("made_id", sa.Integer, sa.ForeignKey("lead.id"), index=True),
    )
    op.create_index("ix_opportunity_open", "opportunity", ["id"], **only("state = 'open'"))


def _assignment() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("why", sa.JSON, nullable=False),
        sa.Column("offered_at", Instant, nullable=False),
        sa.Column("expires_at", Instant),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("answered_at", Instant),
    )
    op.create_table(
        "share",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("leads", sa.Integer, nullable=False),
    )
    op.create_table(
        "pool_stay",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), nullable=False),
        sa.Column("entered_at", Instant, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(30), nullable=False),
        sa.Column("former_owner_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("put_by", sa.Integer),
        sa.Column("left_at", Instant),
        sa.Column("left_to", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("claimed", sa.Boolean, nullable=False),
    )
    op.create_index("ix_pool_stay_left_to_left_at", "pool_stay", ["left_to", "left_at"])
    op.create_index(
        "ix_pool_stay_open", "pool_stay", ["lead_id"], unique=True, **only("left_at IS NULL")
    )
    op.create_index("ix_pool_stay_team_id_entered_at", "pool_stay", ["team_id", "entered_at"])
    op.create_table(
        "pool_extension",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("by_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("reason", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "pool_warning",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("returns_on", sa.Date, nullable=False),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("from_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("by_id", sa.Integer, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
    )
    op.create_table(
        "transfer_part",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "transfer_id", sa.Integer, sa.ForeignKey("transfer.id"), nullable=False, index=True
        ),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("task_id", sa.Integer, sa.ForeignKey("task.id")),
        sa.Column("to_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("why", sa.JSON, nullable=False),
    )


def _playbook() -> None:
    op.create_table(
        "playbook",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("stored_at", Instant, nullable=False),
        sa.Column("stored_by", sa.Integer, nullable=False),
        sa.Column("why", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "playbook_draft",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("closed_at", Instant),
    )
    op.create_table(
        "target",
        sa.Column("quarter", sa.String(7), primary_key=True),
        sa.Column("holder", sa.String(20), primary_key=True),
        sa.Column("measure", sa.String(20), primary_key=True),
        sa.Column("goal", sa.Numeric(14, 2), nullable=False),
    )
    op.create_table(
        "automation_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("trigger", sa.String(20), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("from_stage", sa.String(20)),
        sa.Column("to_stage", sa.String(20)),
        sa.Column("satisfaction", sa.Integer),
        sa.Column("objection", sa.String(30), nullable=False),
        sa.Column("rule_key", sa.String(30), nullable=False),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("cause", sa.Integer),
        sa.Column("key", sa.String(120), unique=True),
    )
    op.create_table(
        "automation_run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("automation_event.id"), nullable=False),
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), nullable=False, index=True),
        sa.Column("rule_key", sa.String(30), nullable=False),
        sa.Column("rule", sa.JSON, nullable=False),
        sa.Column("at", Instant, nullable=False, index=True),
        sa.Column("refused", sa.String(20), nullable=False),
        sa.Column("task_id", sa.Integer, sa.ForeignKey("task.id"), index=True),
        sa.Column("was_stage", sa.String(20)),
        sa.Column("was_owner_id", sa.Integer),
        sa.Column("overruled_at", Instant),
        sa.Column("overruled_by", sa.Integer),
        sa.UniqueConstraint("event_id", "rule_key"),
    )


def _imports() -> None:
    op.create_table(
        "import_job",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("encoding", sa.String(20), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("choices", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("tally", sa.JSON, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("finished_at", Instant),
        sa.Column("forget_at", Instant, nullable=False, index=True),
    )
    op.create_table(
        "import_page",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job_id", sa.Integer, sa.ForeignKey("import_job.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("job_id", "number"),
    )
    op.create_table(
        "import_claim",
        sa.Column("job_id", sa.Integer, sa.ForeignKey("import_job.id"), primary_key=True),
        sa.Column("contact", sa.String(64), primary_key=True),
    )
    op.create_table(
        "imported",
        sa.Column("lead_id", sa.Integer, sa.ForeignKey("lead.id"), primary_key=True),
        sa.Column("job_id", sa.Integer, sa.ForeignKey("import_job.id"), nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
    )
    op.create_index("ix_imported_job_id_row", "imported", ["job_id", "row"])


def _outbox() -> None:
    op.create_table(
        "work",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("done_at", Instant),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("not_before", Instant),
    )
    op.create_index("ix_work_kind_subject", "work", ["kind", "subject"])
    op.create_index("ix_work_waiting", "work", ["due_at"], **only("done_at IS NULL"))
    op.create_table(
        "lane",
        sa.Column("key", sa.String(140), primary_key=True),
        sa.Column("ready_at", Instant, nullable=False),
        sa.Column("leased_until", Instant),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("pending", sa.Integer, nullable=False),
        sa.Column("news_until", Instant),
        sa.Column("offers_until", Instant),
    )
    op.create_index("ix_lane_waiting", "lane", ["ready_at"], **only("pending > 0"))
    op.create_table(
        "message",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("lane", sa.String(140), sa.ForeignKey("lane.key"), nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("once", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("sent_at", Instant),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("problem", sa.String(200), nullable=False),
        sa.Column("unique_key", sa.String(80), unique=True),
        sa.Column("tell_at", Instant),
        sa.Column("subject", sa.String(60)),
        sa.Column("acted_at", Instant),
    )
    op.create_index(
        "ix_message_about",
        "message",
        ["person_id", "subject"],
        **only("state = 'sent' AND acted_at IS NULL"),
    )
    op.create_index("ix_message_kept", "message", ["person_id"], **only("state = 'kept'"))
    op.create_index("ix_message_state_created_at", "message", ["state", "created_at"])
    op.create_index(
        "ix_message_waiting", "message", ["lane", "id"], **only("state IN ('waiting', 'sending')")
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject", sa.String(60), nullable=False, index=True),
        sa.Column("lane", sa.String(140), nullable=False),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("posted_at", Instant, nullable=False),
        sa.Column("thread", sa.String(60), nullable=False, server_default=""),
    )
    op.create_index("ix_posting_lane_ref", "posting", ["lane", "ref"])
    op.create_table(
        "inbound",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("at", Instant, nullable=False, index=True),
    )
    op.create_table(
        "refusal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(140), nullable=False, unique=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("address", sa.String(120), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("retry_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
    )


def _platform() -> None:
    op.create_table(
        "binding",
        sa.Column("platform", sa.String(20), primary_key=True),
        sa.Column("conversation", sa.String(120), primary_key=True),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("bound_by", sa.Integer, nullable=False),
        sa.Column("with_names", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("value", sa.LargeBinary),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("forget_at", Instant, nullable=False, index=True),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("over_at", Instant),
    )
    op.create_table(
        "transcript",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation", sa.String(120), nullable=False),
        sa.Column("author", sa.String(60), nullable=False),
        sa.Column("visible_to", sa.String(60)),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False, index=True),
        sa.Column("posted_at", Instant, nullable=False),
        sa.Column("edited_at", Instant),
    )
    op.create_index("ix_transcript_conversation_id", "transcript", ["conversation", "id"])
    op.create_table(
        "secret_key",
        sa.Column("key_id", sa.String(20), primary_key=True),
        sa.Column("proof", sa.LargeBinary, nullable=False),
        sa.Column("indexes", sa.Boolean, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("retired_at", Instant),
    )


# The audit is append-only, but for what its ledger says is over: from the oldest row on, and
# nothing that is younger than half a year. The database itself refuses all else.
SQLITE = (
    (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
    ),
    """
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    WHEN NOT EXISTS (
        SELECT 1 FROM audit_purge
        WHERE OLD.id BETWEEN first_id AND last_id AND OLD.at < until
    )
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_purge_of_the_old BEFORE INSERT ON audit_purge
    WHEN NEW.until > datetime('now', '-180 days')
        OR NEW.first_id IS NOT (SELECT min(id) FROM audit)
        OR EXISTS (
            SELECT 1 FROM audit
            WHERE id BETWEEN NEW.first_id AND NEW.last_id AND at >= NEW.until
        )
    BEGIN SELECT RAISE(ABORT, 'audit is kept for half a year and goes from its oldest row on'); END
    """,
    *(
        f"CREATE TRIGGER audit_purge_no_{act.lower()} BEFORE {act} ON audit_purge "
        "BEGIN SELECT RAISE(ABORT, 'audit_purge is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ),
)

POSTGRESQL = (
    (
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    ),
    """
    CREATE FUNCTION audit_goes_by_its_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM audit_purge
            WHERE OLD.id BETWEEN first_id AND last_id AND OLD.at < until
        ) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit is append-only';
    END $$
    """,
    (
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_goes_by_its_ledger()"
    ),
    """
    CREATE FUNCTION audit_purge_of_the_old() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.until > now() - interval '180 days'
            OR NEW.first_id IS DISTINCT FROM (SELECT min(id) FROM audit)
            OR EXISTS (
                SELECT 1 FROM audit
                WHERE id BETWEEN NEW.first_id AND NEW.last_id AND at >= NEW.until
            )
        THEN
            RAISE EXCEPTION 'audit is kept for half a year and goes from its oldest row on';
        END IF;
        RETURN NEW;
    END $$
    """,
    (
        "CREATE TRIGGER audit_purge_of_the_old BEFORE INSERT ON audit_purge "
        "FOR EACH ROW EXECUTE FUNCTION audit_purge_of_the_old()"
    ),
    (
        "CREATE FUNCTION audit_purge_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit_purge is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER audit_purge_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_purge "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_purge_is_append_only()"
    ),
)
