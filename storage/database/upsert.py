"""``INSERT … ON CONFLICT`` for both databases, which SQLAlchemy names once per dialect.

Statements that run for every request are built once and kept: to build one and to work out
its cache key takes longer than to run it.
"""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Insert = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: str) -> Insert:
    """An insert with ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
