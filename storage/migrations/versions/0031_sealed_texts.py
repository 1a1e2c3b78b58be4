"""Seals what people type, and keeps a proof of every key. What is there is sealed on the way, so
that it is in clear either wholly, before, or not at all; ``storage.database.scrub`` wipes
what it leaves."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from sales.duplicates import head_of
from sales.errors import KeysUnavailable
from sales.text_search import search_words
from storage.database.encryption import Fields
from storage.database.scrub import ask_to_scrub
from storage.database.types import Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SEALED: Mapping[str, Sequence[str]] = {
    "lead": (
        "source", "customer", "contact", "title", "need", "next_step", "lost_reason", "contract",
        "specification", "payment", "liability",
    ),
    "followup": ("summary", "feedback", "next_step"),
    "task": ("question", "note", "problems", "invoice"),
    "enquiry": ("source",),
    "access_request": ("why", "word"),
    "objection": ("said", "answer"),
    "remark": ("text",),
    "signing": ("contract", "reason"),
    "opportunity": ("word",),
    "pool_extension": ("reason",),
    "import_job": ("name", "choices"),
    "playbook": ("why",),
}  # fmt: skip
_KEYS = {"playbook": "version"}
_NEW = "sealed_{}"
_BATCH = 1000


def upgrade() -> None:
    op.create_table(
        "secret_key",
        sa.Column("key_id", sa.String(length=20), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("indexes", sa.Boolean(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("retired_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_secret_key")),
    )
    op.drop_index("ix_lead_deal", "lead")
    op.drop_index(op.f("ix_lead_contract"), "lead")
    for name in ("customer_words", "other_words"):
        op.add_column("lead", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("lead", sa.Column("contract_index", sa.String(length=64), nullable=True))
    touched = [table for table in SEALED if _seal(table)]
    op.create_index(op.f("ix_lead_contract_index"), "lead", ["contract_index"])
    op.create_index(
        "ix_lead_deal",
        "lead",
        ["closed_at"],
        sqlite_where=sa.text("length(payment) > 0"),
        postgresql_where=sa.text("length(payment) > 0"),
    )
    if touched:
        ask_to_scrub(op.get_bind(), touched)


def _seal(table: str) -> bool:
    """Put sealed columns in the place of those in clear; whether there was anything."""
    connection = op.get_bind()
    nothing = "x''" if connection.dialect.name == "sqlite" else "''"
    for name in SEALED[table]:
        new = _NEW.format(name)
        column = sa.Column(new, sa.LargeBinary(), nullable=False, server_default=sa.text(nothing))
        op.add_column(table, column)
    found = False
    for rows in _batches(connection, table):
        found = True
        _write(connection, table, rows)
    for name in SEALED[table]:
        op.drop_column(table, name)
        op.execute(f'ALTER TABLE "{table}" RENAME COLUMN {_NEW.format(name)} TO "{name}"')
    return found


def _batches(connection: sa.Connection, table: str) -> Iterator[Sequence[Any]]:
    key = _KEYS.get(table, "id")
    columns = ", ".join(f'"{name}"' for name in (key, *SEALED[table]))
    query = sa.text(
        f'SELECT {columns} FROM "{table}" WHERE "{key}" > :after '  # noqa: S608 - own names
        f'ORDER BY "{key}" LIMIT {_BATCH}'
    )
    after = -1
    while rows := connection.execute(query, {"after": after}).mappings().all():
        yield rows
        after = rows[-1][key]


def _write(connection: sa.Connection, table: str, rows: Sequence[Any]) -> None:
    fields: Fields | None = context.config.attributes.get("fields")
    if fields is None:
        raise KeysUnavailable
    key = _KEYS.get(table, "id")
    written = []
    for row in rows:
        new: dict[str, Any] = {"row_key": row[key]}
        for name in SEALED[table]:
            value = row[name] if isinstance(row[name], str) else json.dumps(row[name])
            new[_NEW.format(name)] = fields.seal(value, f"{table}.{name}") if value else b""
        written.append(new | (_found_by(row, fields) if table == "lead" else {}))
    names = [name for name in written[0] if name != "row_key"]
    assigned = ", ".join(f"{name} = :{name}" for name in names)
    update = f'UPDATE "{table}" SET {assigned} WHERE "{key}" = :row_key'  # noqa: S608
    connection.execute(sa.text(update), written)


def _found_by(row: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    words = search_words(row["customer"])
    contract = row["contract"]
    return {
        "customer_words": words,
        "customer_head": head_of(words),
        "other_words": search_words(row["contact"], row["need"]),
        "contract_index": fields.index(contract, "lead.contract") if contract else None,
    }
