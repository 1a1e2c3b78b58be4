"""The table of erasures: who was erased, by keyed hashes, and how far each one is."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table

from storage.database.types import Instant, SealedJSON
from storage.tables.base import metadata, only

# Without foreign keys: after an older backup was restored, what was erased may not be there.
erasure = Table(
    "erasure",
    metadata,
    Column("id", Integer, primary_key=True),
    # The same in every copy of the database.
    Column("uid", String(32), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    # [[lead's id, when it was created], …]
    Column("leads", JSON, nullable=False),
    Column("person_id", Integer),
    # Keyed hashes of names and contacts, and the id of their key.
    Column("marks", JSON, nullable=False),
    Column("key_id", String(20), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("asked_by", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    # What is searched for, encrypted; deleted when everything was searched.
    Column("forms", SealedJSON("erasure.forms")),
    # How far the search is: the place, then the key of the last row.
    Column("cursor", JSON, nullable=False),
    Column("tally", JSON, nullable=False),
    Column("done_at", Instant),
    Column("replayed", Boolean, nullable=False),
    Column("step", Integer, nullable=False),
    Index("ix_erasure_open", "id", **only("state <> 'done'")),
)
