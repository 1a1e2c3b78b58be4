"""Which rows of the audit are gone: the only way out that the database lets them take."""

from sqlalchemy import Column, Integer, Table

from storage.database.types import Instant
from storage.tables.base import metadata

audit_purge = Table(
    "audit_purge",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purged_at", Instant, nullable=False),
    # All rows from the first that there was up to this one, and the time of the last of them.
    Column("first_id", Integer, nullable=False),
    Column("last_id", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("until", Instant, nullable=False),
)
