"""The public pool."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _stays()
    _holding("pool_extension", ("by_id",), sa.Column("until", sa.Date(), nullable=False),
             sa.Column("reason", sa.String(length=200), nullable=False))  # fmt: skip
    _holding("pool_warning", (), sa.Column("returns_on", sa.Date(), nullable=False))


def _stays() -> None:
    op.create_table(
        "pool_stay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=30), nullable=False),
        sa.Column("former_owner_id", sa.Integer(), nullable=True),
        sa.Column("put_by", sa.Integer(), nullable=True),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("left_to", sa.Integer(), nullable=True),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        _refers("pool_stay", "lead_id", "lead"),
        _refers("pool_stay", "team_id", "team"),
        _refers("pool_stay", "former_owner_id", "person"),
        _refers("pool_stay", "left_to", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_stay")),
    )
    op.create_index(op.f("ix_pool_stay_lead_id"), "pool_stay", ["lead_id"])
    op.create_index(op.f("ix_pool_stay_left_to_left_at"), "pool_stay", ["left_to", "left_at"])
    op.create_index(op.f("ix_pool_stay_team_id_entered_at"), "pool_stay", ["team_id", "entered_at"])
    op.create_index(
        "ix_pool_stay_open",
        "pool_stay",
        ["lead_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )


def _holding(name: str, people: tuple[str, ...], *columns: sa.Column[object]) -> None:
    """A fact about how long somebody holds a lead."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        *(sa.Column(who, sa.Integer(), nullable=False) for who in people),
        sa.Column("at", Instant(), nullable=False),
        *columns,
        _refers(name, "lead_id", "lead"),
        *(_refers(name, who, "person") for who in ("owner_id", *people)),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_lead_id"), name, ["lead_id"])


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))
