"""Which secret keys this database was sealed with. Holds no key."""

from sqlalchemy import Boolean, Column, LargeBinary, String, Table

from storage.database.types import Instant
from storage.tables.base import metadata

secret_key = Table(
    "secret_key",
    metadata,
    Column("key_id", String(20), primary_key=True),
    # A known text, sealed with this key: a key that opens it is the one.
    Column("proof", LargeBinary, nullable=False),
    # Whether blind indexes go by this one.
    Column("indexes", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    # Since when nothing is sealed with it any more, so that it may be missing.
    Column("retired_at", Instant),
)
