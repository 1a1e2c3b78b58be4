"""Records acts on several leads at once, with what is needed to undo them for a day."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0052"
branch_labels = None
depends_on = None

_Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("to_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("query", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("planned", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("created_at", _Instant, nullable=False),
        sa.Column("shown_at", _Instant, nullable=False),
        sa.Column("finished_at", _Instant),
        sa.Column("undone_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("forget_at", _Instant, nullable=False),
    )
    op.create_index("ix_bulk_act_actor_id", "bulk_act", ["actor_id"])
    op.create_index("ix_bulk_act_forget_at", "bulk_act", ["forget_at"])
    op.create_table(
        "bulk_lead",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("act_id", sa.Integer, sa.ForeignKey("bulk_act.id"), nullable=False),
        sa.Column("lead_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("from_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("to_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("why", sa.JSON),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("left_out", sa.String(20), nullable=False),
        sa.Column("done_at", _Instant),
        sa.Column("kept", sa.String(20), nullable=False),
        sa.Column("undone_at", _Instant),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("changes", sa.LargeBinary),
    )
    op.create_index("ix_bulk_lead_act_id_state_id", "bulk_lead", ["act_id", "state", "id"])
    op.create_index("ix_bulk_lead_act_id_lead_id", "bulk_lead", ["act_id", "lead_id"], unique=True)
