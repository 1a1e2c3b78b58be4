"""What teams and people want to reach."""

from sqlalchemy import Column, Numeric, String, Table

from storage.tables.base import metadata

# One row for each measure; ``holder`` is ``team:1`` or ``person:3``.
target = Table(
    "target",
    metadata,
    Column("quarter", String(7), primary_key=True),
    Column("holder", String(20), primary_key=True),
    Column("measure", String(20), primary_key=True),
    Column("goal", Numeric(14, 2), nullable=False),
)
