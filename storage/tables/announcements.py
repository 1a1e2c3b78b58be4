"""Tables of announcements: what a team announces, what was announced, and who congratulated."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Numeric, String, Table

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata

announcement_setting = Table(
    "announcement_setting",
    metadata,
    Column("team_id", ForeignKey("team.id"), primary_key=True),
    Column("platform", String(20), nullable=False),
    Column("conversation", String(120), nullable=False),
    Column("wins", Boolean, nullable=False),
    Column("amount", Boolean, nullable=False),
    Column("customer", Boolean, nullable=False),
    Column("honours", Boolean, nullable=False),
    Column("big_from", Numeric(14, 2)),
    Column("set_by", ForeignKey("person.id"), nullable=False),
)


announcement = Table(
    "announcement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    # No foreign key: a lead may be merged into another, or its import be undone.
    Column("lead_id", Integer, nullable=False),
    Column("occasion", String(10), nullable=False),
    Column("key", String(80), nullable=False, unique=True),
    Column("platform", String(20), nullable=False),
    Column("conversation", String(120), nullable=False),
    Column("person_id", ForeignKey("person.id")),
    Column("stage", String(20), nullable=False),
    Column("round", Integer, nullable=False),
    Column("words", SealedText("announcement.words"), nullable=False),
    Column("at", Instant, nullable=False),
)


congratulation = Table(
    "congratulation",
    metadata,
    Column("announcement_id", ForeignKey("announcement.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)
