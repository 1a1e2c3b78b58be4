"""Tables of the forecast: outcomes of a month, snapshots of what was open, and moved days."""

from sqlalchemy import Column, Date, Float, Index, Integer, Numeric, String, Table

from storage.database.types import Instant
from storage.tables.base import metadata

# Deals closed in a month that had reached a stage; of the whole company with team 0.
stage_outcome = Table(
    "stage_outcome",
    metadata,
    Column("month", Date, primary_key=True),
    Column("team_id", Integer, primary_key=True, autoincrement=False),
    Column("stage", String(20), primary_key=True),
    Column("won", Integer, nullable=False),
    Column("lost", Integer, nullable=False),
)


# Open deals as they were on a day; without foreign keys, since a snapshot stays as it was taken.
forecast_snapshot = Table(
    "forecast_snapshot",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("team_id", Integer, nullable=False),
    Column("owner_id", Integer),
    Column("stage", String(20), nullable=False),
    Column("category", String(12)),
    Column("month", Date),
    Column("n", Integer, nullable=False),
    Column("value", Numeric(16, 2), nullable=False),
    Column("odds", Float, nullable=False),
    Index(None, "day", "team_id"),
)


# The days of which there is a snapshot, also when nothing was open.
forecast_day = Table(
    "forecast_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("taken_at", Instant, nullable=False),
)


# Each time that the day on which a deal is expected moved. No foreign key: a lead may be merged
# into another, or its import be undone.
close_change = Table(
    "close_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", Integer, nullable=False, index=True),
    Column("team_id", Integer, nullable=False),
    Column("owner_id", Integer),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date),
    Column("worth", Numeric(14, 2), nullable=False),
    Column("changed_by", Integer),
    Column("changed_at", Instant, nullable=False),
    Index(None, "from_day", "lead_id"),
)
