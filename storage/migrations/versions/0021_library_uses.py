"""Who used an item of the library, also without a lead, and at most once a day."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    known = _known()
    op.drop_table("library_use")
    table = op.create_table(
        "library_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["library_item.id"], name=op.f("fk_library_use_item_id_library_item")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_library_use_person_id_person")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_library_use_lead_id_lead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_use")),
        sa.UniqueConstraint(
            "item_id",
            "person_id",
            "lead_id",
            "day",
            name=op.f("uq_library_use_item_id_person_id_lead_id_day"),
        ),
    )
    op.create_index(op.f("ix_library_use_lead_id"), "library_use", ["lead_id"])
    op.create_index(op.f("ix_library_use_at"), "library_use", ["at"])
    op.create_index(
        "ix_library_use_of_none",
        "library_use",
        ["item_id", "person_id", "day"],
        unique=True,
        sqlite_where=sa.text("lead_id IS NULL"),
        postgresql_where=sa.text("lead_id IS NULL"),
    )
    if known:
        op.bulk_insert(table, known)


def _known() -> list[dict[str, Any]]:
    """What was used so far; by whom is known from the answer or the proposal it was used in,
    and else taken to be who has the lead, or wrote the item."""
    query = sa.text(
        "SELECT u.item_id, u.lead_id, u.purpose, u.at, COALESCE("
        " (SELECT MAX(o.answered_by) FROM objection o WHERE u.purpose = 'answer'"
        "   AND o.lead_id = u.lead_id AND o.item_id = u.item_id),"
        " (SELECT MAX(p.sent_by) FROM proposal p WHERE u.purpose = 'proposal'"
        "   AND p.lead_id = u.lead_id),"
        " (SELECT l.owner_id FROM lead l WHERE l.id = u.lead_id),"
        " (SELECT i.author_id FROM library_item i WHERE i.id = u.item_id)) AS person_id"
        " FROM library_use u ORDER BY u.at, u.item_id, u.lead_id, u.purpose"
    ).columns(at=Instant())
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in op.get_bind().execute(query).mappings():
        use = {**row, "day": row["at"].date()}
        kept.setdefault((use["item_id"], use["person_id"], use["lead_id"], use["day"]), use)
    return list(kept.values())
