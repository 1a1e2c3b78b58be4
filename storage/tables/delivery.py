"""What platforms refuse until somebody mends it."""

from sqlalchemy import Column, Integer, String, Table

from storage.database.types import Instant
from storage.tables.base import metadata

refusal = Table(
    "refusal",
    metadata,
    Column("id", Integer, primary_key=True),
    # A platform, the 1:1 conversations of one, or a lane (``sales.refusals.keys_over``).
    Column("key", String(140), nullable=False, unique=True),
    Column("platform", String(20), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("address", String(120), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("code", String(80), nullable=False),
    Column("detail", String(200), nullable=False),
    Column("since", Instant, nullable=False),
    Column("retry_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
)
