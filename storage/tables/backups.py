"""The table of scheduled backups. The backups themselves are described in their own places."""

from sqlalchemy import Column, Date, String, Table

from storage.database.types import Instant
from storage.tables.base import metadata

backup_run = Table(
    "backup_run",
    metadata,
    Column("day", Date, primary_key=True),
    Column("asked_at", Instant, nullable=False),
    # Whoever takes it extends this; once it has passed, another process may try.
    Column("claimed_until", Instant),
    Column("finished_at", Instant),
    # When a backup of this run was verified, in whatever place.
    Column("verified_at", Instant),
    # What went wrong last, and where: the end of a catalogue key and its parameter.
    Column("place", String(400), nullable=False),
    Column("problem", String(40), nullable=False),
    Column("reason", String(400), nullable=False),
)
