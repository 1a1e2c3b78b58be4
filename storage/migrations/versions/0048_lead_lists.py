"""Keeps of each lead what lists filter and sort by: the source's key, and the customer's place.

A source is encrypted, with the detail that somebody typed; its key in the vocabulary is not.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

_BATCH = 1000
_KEY = re.compile(r"[a-z0-9_]{1,30}", re.ASCII)
_LEADS = sa.table(
    "lead",
    sa.column("id", sa.Integer),
    sa.column("source", sa.LargeBinary),
    sa.column("customer_words", sa.Text),
    sa.column("source_key", sa.String),
    sa.column("customer_order", sa.String),
)


def upgrade() -> None:
    op.add_column(
        "lead", sa.Column("customer_order", sa.String(80), nullable=False, server_default="")
    )
    op.add_column("lead", sa.Column("source_key", sa.String(30), nullable=False, server_default=""))
    update = _LEADS.update().where(_LEADS.c.id == sa.bindparam("lead"))
    for rows in _batches():
        values = [
            {
                "lead": row.id,
                "source_key": _source_key(row.source),
                "customer_order": _customer_order(row.customer_words),
            }
            for row in rows
        ]
        op.get_bind().execute(update, values)


def _batches() -> Iterator[Sequence[sa.Row[Any]]]:
    after = 0
    columns = (_LEADS.c.id, _LEADS.c.source, _LEADS.c.customer_words)
    query: sa.Select[Any] = sa.select(*columns).order_by(_LEADS.c.id).limit(_BATCH)
    while rows := op.get_bind().execute(query.where(_LEADS.c.id > after)).all():
        yield rows
        after = rows[-1].id


def _source_key(sealed: bytes | None) -> str:
    """The key of an encrypted source; "" for one that cannot be decrypted."""
    if not sealed:
        return ""
    fields = context.config.attributes["fields"]
    key: str = fields.read(bytes(sealed), "lead.source").partition("-")[0]
    return key if _KEY.fullmatch(key) else ""


def _customer_order(words: str) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", words).casefold().split())
    return folded[:16].encode("gb18030", "replace").hex()[:80]
