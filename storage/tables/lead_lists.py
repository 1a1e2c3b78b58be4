"""Tables of saved views of leads, and of their postings."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from storage.database.types import Instant, SealedText
from storage.tables.base import metadata, only

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Integer, primary_key=True),
    # Whose it is: one of the two. Names are unique for each, which no constraint demands: when two
    # people turn out to be one, all views stay.
    Column("person_id", ForeignKey("person.id"), index=True),
    Column("team_id", ForeignKey("team.id"), index=True),
    Column("name", String(40), nullable=False),
    # Encrypted: people filter by the names of customers.
    Column("query", SealedText("saved_view.query"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("changed_at", Instant, nullable=False),
)


view_posting = Table(
    "view_posting",
    metadata,
    Column("id", Integer, primary_key=True),
    # A saved view's id, or the key of a built-in one.
    Column("view", String(20), nullable=False),
    # To a person, or to a channel.
    Column("person_id", ForeignKey("person.id")),
    Column("platform", String(20), nullable=False),
    Column("conversation", String(120), nullable=False),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("set_by", ForeignKey("person.id"), nullable=False),
    # mon,wed,fri
    Column("weekdays", String(27), nullable=False),
    # 09:00
    Column("at", String(5), nullable=False),
    Column("workdays_only", Boolean, nullable=False),
    Column("when_empty", String(10), nullable=False),
    Column("posted_on", Date),
    Column("ended_at", Instant),
    Column("ended_why", String(20)),
    Column("view_name", String(40), nullable=False),
    Index("ix_view_posting_view", "view", **only("ended_at IS NULL")),
    Index("ix_view_posting_person", "person_id", **only("ended_at IS NULL")),
    Index("ix_view_posting_set_by", "set_by", **only("ended_at IS NULL")),
    Index("ix_view_posting_channel", "platform", "conversation", **only("ended_at IS NULL")),
)
