"""Every table of Genjin, as SQLAlchemy Core. Migrations follow this file."""

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table

from storage.columns import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# What the local web chat shows: its own "far side", as Slack's servers are for Slack.
transcript = Table(
    "transcript",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", String(120), nullable=False),
    Column("author", String(60), nullable=False),
    Column("message", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Index(None, "conversation", "id"),
    Index(None, "revision"),
)
