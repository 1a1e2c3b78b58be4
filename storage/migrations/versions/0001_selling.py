"""People, leads, and what is done with them."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _leads()
    _selling()
    _intake()
    _tasks()
    _time()
    _rules()
    _audit()
    _append_only()


def _people() -> None:
    """Teams, people and their accounts."""
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("hours", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_person_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email_index", name=op.f("uq_person_email_index")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_person_phone_index")),
    )
    op.create_table(
        "identity",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("last_used_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_identity_person_id_person")
        ),
        sa.PrimaryKeyConstraint("platform", "external_id", name=op.f("pk_identity")),
    )
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"])


def _leads() -> None:
    """Leads and how long each stood in a stage."""
    op.create_table(
        "lead",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("customer_head", sa.String(length=8), nullable=True),
        sa.Column("industry", sa.String(length=30), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("email_index", sa.String(length=64), nullable=True),
        sa.Column("email_domain_index", sa.String(length=64), nullable=True),
        sa.Column("budget_low", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("budget_high", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("need", sa.Text(), nullable=False),
        sa.Column("region", sa.String(length=30), nullable=False),
        sa.Column("product", sa.String(length=30), nullable=False),
        sa.Column("authority", sa.String(length=20), nullable=False),
        sa.Column("clarity", sa.String(length=20), nullable=False),
        sa.Column("timeframe", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=10), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("stage_since", Instant(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("pooled_at", Instant(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("last_contact_at", Instant(), nullable=True),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("next_step", sa.String(length=300), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("lost_reason", sa.String(length=200), nullable=False),
        sa.Column("contract", sa.String(length=80), nullable=False),
        sa.Column("hot_since", Instant(), nullable=True),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["origin_id"], ["lead.id"], name=op.f("fk_lead_origin_id_lead")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_lead_owner_id_person")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_lead_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("email_index", name=op.f("uq_lead_email_index")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_lead_phone_index")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_lead_customer_head"), "lead", ["customer_head"])
    op.create_index(op.f("ix_lead_email_domain_index"), "lead", ["email_domain_index"])
    op.create_index(op.f("ix_lead_contract"), "lead", ["contract"])
    op.create_index(op.f("ix_lead_origin_id"), "lead", ["origin_id"])
    op.create_index(
        "ix_lead_hot",
        "lead",
        ["hot_since"],
        sqlite_where=sa.text("hot_since IS NOT NULL"),
        postgresql_where=sa.text("hot_since IS NOT NULL"),
    )
    op.create_index(op.f("ix_lead_owner_id_next_at"), "lead", ["owner_id", "next_at"])
    op.create_index(op.f("ix_lead_team_id_closed_at"), "lead", ["team_id", "closed_at"])
    op.create_index(op.f("ix_lead_team_id_created_at"), "lead", ["team_id", "created_at"])
    op.create_index(op.f("ix_lead_team_id_next_at"), "lead", ["team_id", "next_at"])
    op.create_index(
        "ix_lead_pooled",
        "lead",
        ["pooled_at"],
        sqlite_where=sa.text("pooled_at IS NOT NULL"),
        postgresql_where=sa.text("pooled_at IS NOT NULL"),
    )
    op.create_table(
        "stage_interval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_stage_interval_lead_id_lead")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_interval")),
    )
    op.create_index(op.f("ix_stage_interval_lead_id"), "stage_interval", ["lead_id"])
    op.create_index(
        op.f("ix_stage_interval_stage_entered_at"), "stage_interval", ["stage", "entered_at"]
    )
    op.create_index(
        op.f("ix_stage_interval_stage_left_at_entered_at_lead_id"),
        "stage_interval",
        ["stage", "left_at", "entered_at", "lead_id"],
    )


def _selling() -> None:
    """Follow-ups, offers and response clocks."""
    op.create_table(
        "followup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("next_step", sa.String(length=300), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_followup_lead_id_lead")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_followup_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followup")),
    )
    op.create_index(op.f("ix_followup_at"), "followup", ["at"])
    op.create_index(
        op.f("ix_followup_closed_at_next_at_at_lead_id"),
        "followup",
        ["closed_at", "next_at", "at", "lead_id"],
    )
    op.create_index(op.f("ix_followup_lead_id_at"), "followup", ["lead_id", "at"])
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("offered_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_offer_lead_id_lead")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_offer_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index(op.f("ix_offer_lead_id"), "offer", ["lead_id"])
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("for_feedback", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("met_at", Instant(), nullable=True),
        sa.Column("breached_at", Instant(), nullable=True),
        sa.Column("stopped_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_clock_lead_id_lead")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_clock_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index(op.f("ix_clock_due_at"), "clock", ["due_at"])
    op.create_index(op.f("ix_clock_lead_id_id"), "clock", ["lead_id", "id"])
    op.create_index(
        "ix_clock_waiting",
        "clock",
        ["lead_id", "for_feedback"],
        unique=True,
        sqlite_where=sa.text("met_at IS NULL AND stopped_at IS NULL"),
        postgresql_where=sa.text("met_at IS NULL AND stopped_at IS NULL"),
    )
    op.create_table(
        "share",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("leads", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_share_person_id_person")
        ),
        sa.PrimaryKeyConstraint("day", "person_id", name=op.f("pk_share")),
    )


def _intake() -> None:
    """What known customers sent again from outside."""
    op.create_table(
        "enquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_enquiry_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
    )
    op.create_index(op.f("ix_enquiry_lead_id"), "enquiry", ["lead_id"])


def _tasks() -> None:
    """What others than the seller do for a lead."""
    people = ("assignee_id", "asked_by", "done_by")
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("invoice", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_task_lead_id_lead")),
        *(
            sa.ForeignKeyConstraint([who], ["person.id"], name=op.f(f"fk_task_{who}_person"))
            for who in people
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_lead_id"), "task", ["lead_id"])
    op.create_index(op.f("ix_task_assignee_id_lead_id"), "task", ["assignee_id", "lead_id"])
    op.create_index(
        "ix_task_open",
        "task",
        ["due_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _time() -> None:
    """Scheduled work."""
    op.create_table(
        "work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sa.UniqueConstraint("key", name=op.f("uq_work_key")),
    )
    op.create_index(op.f("ix_work_kind_subject"), "work", ["kind", "subject"])
    op.create_index(
        "ix_work_waiting",
        "work",
        ["due_at"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _rules() -> None:
    """The playbook's versions."""
    op.create_table(
        "playbook",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.Column("stored_by", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=300), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_playbook")),
    )


def _audit() -> None:
    """What was done."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"])
    op.create_index(
        "ix_audit_reveals",
        "audit",
        ["actor_id", "at"],
        sqlite_where=sa.text("act = 'contact.reveal'"),
        postgresql_where=sa.text("act = 'contact.reveal'"),
    )


def _append_only() -> None:
    """The database itself refuses to change or drop an audit row."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
