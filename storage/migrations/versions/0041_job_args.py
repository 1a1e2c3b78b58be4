"""Moves job arguments to a column of their own.

Until here they were stored in the key and the subject, which are parsed one last time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_BATCH = 1000
_JOBS = sa.table(
    "work",
    sa.column("id", sa.Integer),
    sa.column("key", sa.String),
    sa.column("kind", sa.String),
    sa.column("subject", sa.String),
    sa.column("args", sa.JSON),
)
_ARGS: Mapping[str, Mapping[str, tuple[str, int, Callable[[str], Any]]]] = {
    "reminder": {"followup_id": ("subject", 0, int)},
    "overdue": {"followup_id": ("subject", 0, int), "level": ("key", 3, int)},
    "offer": {"offer_id": ("subject", 0, int), "lead_id": ("key", 2, int)},
    "unowned": {"lead_id": ("subject", 0, int)},
    "clock": {"clock_id": ("subject", 0, int), "level": ("key", 2, str)},
    "record": {"clock_id": ("subject", 0, int), "person_id": ("subject", 1, int)},
    "digest": {"team_id": ("key", 1, int), "week": ("key", 2, str)},
    "sync": {"team_id": ("key", 1, int), "week": ("key", 2, str)},
    "revival": {"lead_id": ("subject", 0, int)},
    "task": {"task_id": ("subject", 0, int), "level": ("key", 2, int)},
    "leaver": {"person_id": ("subject", 0, int)},
    "pool_day": {"day": ("key", 1, str)},
    "pool_lead": {"lead_id": ("subject", 0, int)},
    "pool_brief": {"team_id": ("subject", 0, int), "since": ("key", 2, int)},
    "cool": {"lead_id": ("subject", 0, int)},
    "repeat": {
        "lead_id": ("subject", 0, int),
        "signal": ("key", 2, str),
        "year": ("key", 3, int),
        "value": ("key", 4, int),
        "closed_at": ("key", 5, int),
    },
    "talk": {"lead_id": ("key", 1, int), "start": ("key", 2, int), "end": ("key", 3, int)},
    "event": {"event_id": ("subject", 0, int)},
    "import": {"import_id": ("subject", 0, int), "run": ("key", 2, int), "step": ("key", 3, int)},
    "morning": {
        "person_id": ("subject", 0, int),
        "message_id": ("key", 1, int),
        "why": ("key", 0, str),
    },
    "reveals": {"person_id": ("subject", 0, int), "window": ("subject", 1, str)},
    "probing": {"person_id": ("subject", 0, int), "window": ("subject", 1, str)},
    "refusal": {"refusal_id": ("subject", 0, int), "again": ("key", 3, "again".__eq__)},
}
"""Where each argument was stored: in which column, and in which of its parts."""


def upgrade() -> None:
    op.add_column("work", sa.Column("args", sa.JSON(), nullable=False, server_default="{}"))
    connection = op.get_bind()
    update = _JOBS.update().where(_JOBS.c.id == sa.bindparam("job"))
    for rows in _batches(connection):
        args = []
        for row in rows:
            # A job that cannot be parsed fails when it is due, as it did before.
            with suppress(IndexError, ValueError):
                args.append({"job": row.id, "args": _args(row)})
        if args:
            connection.execute(update, args)
    if connection.dialect.name == "postgresql":
        # A previous-version replica fails to schedule a job rather than schedule an empty one.
        op.alter_column("work", "args", server_default=None)


def _batches(connection: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    after = 0
    query = sa.select(_JOBS).order_by(_JOBS.c.id).limit(_BATCH)
    while rows := connection.execute(query.where(_JOBS.c.id > after)).all():
        yield rows
        after = rows[-1].id


def _args(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        name: read(getattr(row, column).split(":")[place])
        for name, (column, place, read) in _ARGS.get(row.kind, {}).items()
    }
