"""The audit stays append-only, but for what its ledger says is over: from the oldest row on, and
nothing that is younger than half a year."""

import sqlalchemy as sa
from alembic import op

from storage.database.types import Instant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_purge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purged_at", Instant(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_purge")),
    )
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in statements:
        op.execute(statement)


SQLITE = (
    "DROP TRIGGER audit_no_delete",
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
    "DROP TRIGGER audit_append_only ON audit",
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
