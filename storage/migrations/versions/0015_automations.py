"""What automations listened to, and what they made of it."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=20), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("from_stage", sa.String(length=20), nullable=True),
        sa.Column("to_stage", sa.String(length=20), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("rule_key", sa.String(length=30), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_automation_event_lead_id_lead")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_event")),
        sa.UniqueConstraint("key", name=op.f("uq_automation_event_key")),
    )
    op.create_index(op.f("ix_automation_event_lead_id"), "automation_event", ["lead_id"])
    _runs()


def _runs() -> None:
    op.create_table(
        "automation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("rule_key", sa.String(length=30), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("refused", sa.String(length=20), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=True),
        sa.Column("was_stage", sa.String(length=20), nullable=True),
        sa.Column("was_owner_id", sa.Integer(), nullable=True),
        sa.Column("overruled_at", Instant(), nullable=True),
        sa.Column("overruled_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["automation_event.id"],
            name=op.f("fk_automation_run_event_id_automation_event"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["lead.id"], name=op.f("fk_automation_run_lead_id_lead")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["task.id"], name=op.f("fk_automation_run_task_id_task")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_run")),
        sa.UniqueConstraint(
            "event_id", "rule_key", name=op.f("uq_automation_run_event_id_rule_key")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_automation_run_lead_id"), "automation_run", ["lead_id"])
    op.create_index(op.f("ix_automation_run_task_id"), "automation_run", ["task_id"])
    op.create_index(op.f("ix_automation_run_at"), "automation_run", ["at"])
