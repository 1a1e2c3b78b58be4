"""``INSERT … ON CONFLICT`` for both databases, which SQLAlchemy defines once per dialect.

Statements that run for every request are built once and cached: building one and computing its
cache key takes longer than running it.
"""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: str) -> Insert:
    """Create an insert with ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
