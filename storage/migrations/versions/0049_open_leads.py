"""Indexes what a day's work looks at, so that it costs the same whatever the history.

Open leads have indexes of their own, what targets count is read from indexes alone, and
``lead_text`` tells which leads contain a run of three characters, in the words that are kept in
clear for searches and in the lead's number. Triggers fill it, so that every way to write a lead
does.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_OPEN = "stage IN ('captured', 'screened', 'discovery', 'proposal', 'negotiation', 'nurture')"


def upgrade() -> None:
    _replace_indexes()
    statements = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL
    for statement in statements:
        # Not text(): that would take a colon for a parameter.
        op.get_bind().exec_driver_sql(statement)


def _replace_indexes() -> None:
    op.drop_index("ix_lead_owner_id_next_at", "lead")
    op.drop_index("ix_lead_team_id_next_at", "lead")
    op.drop_index("ix_lead_team_id_created_at", "lead")
    op.drop_index("ix_lead_team_id_closed_at", "lead")
    op.drop_index("ix_stage_interval_lead_id", "stage_interval")
    op.create_index("ix_lead_owner_id_id", "lead", ["owner_id", "id"])
    op.create_index("ix_lead_open_of_owner", "lead", ["owner_id", "next_at"], **_only(_OPEN))
    op.create_index("ix_lead_open_of_team", "lead", ["team_id", "next_at"], **_only(_OPEN))
    created = ["team_id", "created_at", "owner_id"]
    op.create_index("ix_lead_team_id_created_at_owner_id", "lead", created)
    closed = ["team_id", "closed_at", "stage", "owner_id", "amount"]
    op.create_index("ix_lead_team_id_closed_at_stage_owner_id_amount", "lead", closed)
    entered = ["lead_id", "entered_at", "stage"]
    op.create_index("ix_stage_interval_lead_id_entered_at_stage", "stage_interval", entered)
    waiting = _only("met_at IS NULL AND stopped_at IS NULL")
    op.create_index("ix_clock_waiting_due", "clock", ["due_at"], **waiting)
    due = ["assignee_id", "due_at"]
    op.create_index("ix_task_open_of", "task", due, **_only("state = 'open'"))
    op.create_index("ix_offer_open", "offer", ["person_id"], **_only("state = 'open'"))


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


# The text that is indexed of a lead; its end is marked, so that the last two characters begin runs,
# too. FTS5 keeps neither the text itself nor places: only which lead has which run.
_SQLITE = (
    """CREATE VIRTUAL TABLE lead_text
    USING fts5(words, content = '', detail = none, tokenize = 'trigram')""",
    "CREATE VIRTUAL TABLE lead_text_run USING fts5vocab('lead_text', 'row')",
    """INSERT INTO lead_text (rowid, words)
    SELECT id, customer_words || char(10) || other_words || char(10)
        || 'LX' || printf('%03d', id) || char(10) FROM lead""",
    """CREATE TRIGGER lead_text_added AFTER INSERT ON lead BEGIN
        INSERT INTO lead_text (rowid, words)
        VALUES (new.id, new.customer_words || char(10) || new.other_words || char(10)
            || 'LX' || printf('%03d', new.id) || char(10));
    END""",
    """CREATE TRIGGER lead_text_changed AFTER UPDATE OF customer_words, other_words ON lead
    WHEN old.customer_words IS NOT new.customer_words OR old.other_words IS NOT new.other_words
    BEGIN
        INSERT INTO lead_text (lead_text, rowid, words)
        VALUES ('delete', old.id, old.customer_words || char(10) || old.other_words || char(10)
            || 'LX' || printf('%03d', old.id) || char(10));
        INSERT INTO lead_text (rowid, words)
        VALUES (new.id, new.customer_words || char(10) || new.other_words || char(10)
            || 'LX' || printf('%03d', new.id) || char(10));
    END""",
    """CREATE TRIGGER lead_text_removed AFTER DELETE ON lead BEGIN
        INSERT INTO lead_text (lead_text, rowid, words)
        VALUES ('delete', old.id, old.customer_words || char(10) || old.other_words || char(10)
            || 'LX' || printf('%03d', old.id) || char(10));
    END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION lead_text_runs(lead_id integer, customer text, other text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(array_agg(DISTINCT substr(low, place, 3)))
        FROM (SELECT lower(customer || chr(10) || other || chr(10) || 'LX'
                || lpad(lead_id::text, greatest(3, length(lead_id::text)), '0') || chr(10)
            ) AS low) AS folded,
            generate_series(1, length(low)) AS place
    $$""",
    r"""CREATE FUNCTION lead_text_query(needle text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT string_agg(
            '''' || replace(replace(substr(low, place, 3), '\', '\\'), '''', '''''') || ''''
                || CASE WHEN length(low) < 3 THEN ':*' ELSE '' END,
            ' & '
        )::tsquery
        FROM (SELECT lower(needle) AS low) AS folded,
            generate_series(1, greatest(1, length(low) - 2)) AS place
    $$""",
    """CREATE TABLE lead_text (
        lead_id integer CONSTRAINT pk_lead_text PRIMARY KEY,
        runs tsvector NOT NULL
    )""",
    """INSERT INTO lead_text
    SELECT id, lead_text_runs(id, customer_words, other_words) FROM lead""",
    # Entries that are not sorted in yet are looked through by every search: few.
    """CREATE INDEX ix_lead_text_runs ON lead_text USING gin (runs)
    WITH (gin_pending_list_limit = 256)""",
    """CREATE FUNCTION lead_text_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            DELETE FROM lead_text WHERE lead_id = old.id;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO lead_text
            VALUES (new.id, lead_text_runs(new.id, new.customer_words, new.other_words));
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER lead_text_written AFTER INSERT OR DELETE ON lead
    FOR EACH ROW EXECUTE FUNCTION lead_text_keep()""",
    """CREATE TRIGGER lead_text_changed AFTER UPDATE ON lead FOR EACH ROW
    WHEN ((old.customer_words, old.other_words) IS DISTINCT FROM
          (new.customer_words, new.other_words))
    EXECUTE FUNCTION lead_text_keep()""",
)
