"""What of one person's work went to whom when they left."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table

from storage.database.types import Instant
from storage.tables.base import metadata

transfer = Table(
    "transfer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("from_id", ForeignKey("person.id"), nullable=False),
    # 0: nobody chose in time.
    Column("by_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("rule", String(20), nullable=False),
)


transfer_part = Table(
    "transfer_part",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("transfer_id", ForeignKey("transfer.id"), nullable=False, index=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("task_id", ForeignKey("task.id")),
    # NULL: into the public pool.
    Column("to_id", ForeignKey("person.id")),
    Column("why", JSON, nullable=False),
)
