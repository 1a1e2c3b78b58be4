"""How each person wants to hear of things."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table

from storage.database.types import SealedText
from storage.tables.base import metadata

notice_choice = Table(
    "notice_choice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, unique=True),
    Column("by_mail", Boolean, nullable=False),
    Column("email", SealedText("notice_choice.email")),
    Column("quiet", String(11), nullable=False),
    Column("timezone", String(40), nullable=False),
    # What is not at once, by topic: {"talk": "never"}
    Column("turned_down", JSON),
)
