"""Chains the audit log: each entry carries a mark, seals name points of the chain, one head is
signed.

Nothing may change a seal; one goes only when retention has deleted what it sealed. The head only
goes on.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None
# Entries that versions before it write carry no mark, and look forged.
old_code_may_run = False


def upgrade() -> None:
    op.add_column("audit", sa.Column("mark", sa.LargeBinary))
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("sealed_at", Instant, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("forged", sa.Integer, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
    )
    marks = sa.text("kind <> 'entries'")
    op.create_index(
        "ix_audit_seal_marks", "audit_seal", ["id"], sqlite_where=marks, postgresql_where=marks
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("unmarked", sa.Integer, nullable=False),
        sa.Column("key_id", sa.String(20), nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    _begin()
    dialect = op.get_bind().dialect.name
    for statement in SQLITE if dialect == "sqlite" else POSTGRESQL:
        op.execute(statement)


def _begin() -> None:
    """Begin the chain; the entries written until now carry no mark."""
    start = bytes(32)
    op.get_bind().execute(
        sa.text(
            "INSERT INTO audit_head "
            "(id, number, last_id, chain, head, unmarked, key_id, signature) "
            "SELECT 1, 0, 0, :chain, :head, coalesce(max(id), 0), '', :signature FROM audit"
        ),
        {"chain": start, "head": start, "signature": b""},
    )


_PURGED = "(SELECT max(last_id) FROM audit_seal WHERE kind = 'purge')"

SQLITE = (
    (
        "CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal "
        "BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END"
    ),
    f"""
    CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal
    WHEN OLD.last_id >= coalesce({_PURGED}, OLD.last_id)
    BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END
    """,
    """
    CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
    WHEN NEW.id <> 1 OR NEW.unmarked <> OLD.unmarked OR NEW.number < OLD.number
        OR (NEW.number = OLD.number AND NEW.head <> OLD.head)
    BEGIN SELECT RAISE(ABORT, 'the head of the audit only goes on'); END
    """,
    """
    CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head
    WHEN NEW.id <> 1 OR EXISTS (SELECT 1 FROM audit_head)
    BEGIN SELECT RAISE(ABORT, 'the audit has one head'); END
    """,
    (
        "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head "
        "BEGIN SELECT RAISE(ABORT, 'the head of the audit only goes on'); END"
    ),
)

POSTGRESQL = (
    (
        "CREATE FUNCTION audit_seal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit_seal is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR TRUNCATE ON audit_seal "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_is_append_only()"
    ),
    f"""
    CREATE FUNCTION audit_seal_goes_with_its_entries() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.last_id < {_PURGED} THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'audit_seal is append-only';
    END $$
    """,
    (
        "CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal "
        "FOR EACH ROW EXECUTE FUNCTION audit_seal_goes_with_its_entries()"
    ),
    """
    CREATE FUNCTION audit_head_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.id <> 1 OR NEW.unmarked <> OLD.unmarked OR NEW.number < OLD.number
            OR (NEW.number = OLD.number AND NEW.head <> OLD.head)
        THEN
            RAISE EXCEPTION 'the head of the audit only goes on';
        END IF;
        RETURN NEW;
    END $$
    """,
    (
        "CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head "
        "FOR EACH ROW EXECUTE FUNCTION audit_head_goes_on()"
    ),
    (
        "CREATE FUNCTION audit_head_stays() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the head of the audit only goes on'; END $$"
    ),
    (
        "CREATE TRIGGER audit_head_stays BEFORE DELETE OR TRUNCATE ON audit_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_head_stays()"
    ),
    """
    CREATE FUNCTION audit_head_is_one() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.id <> 1 OR EXISTS (SELECT 1 FROM audit_head) THEN
            RAISE EXCEPTION 'the audit has one head';
        END IF;
        RETURN NEW;
    END $$
    """,
    (
        "CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head "
        "FOR EACH ROW EXECUTE FUNCTION audit_head_is_one()"
    ),
)
