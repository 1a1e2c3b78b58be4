"""People, teams and the rules they work by."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from storage.database.types import Instant, SealedBytes, SealedText
from storage.tables.base import metadata

team = Table(
    "team",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
)


person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("locale", String(10), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("away_until", Date),
    Column("weight", Integer, nullable=False),
    Column("capacity", Integer),
    Column("hours", String(120), nullable=False),
    # Sealed; by these the same person is known on another platform.
    Column("phone", SealedBytes("person.phone")),
    Column("phone_index", String(64), unique=True),
    Column("email", SealedBytes("person.email")),
    Column("email_index", String(64), unique=True),
)


identity = Table(
    "identity",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("external_id", String(80), primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("last_used_at", Instant, nullable=False),
)


# Accounts that wrote to the bot and are no person's: they wait, or were refused; of those who
# were let in, by whom.
newcomer = Table(
    "newcomer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String(20), nullable=False),
    Column("external_id", String(80), nullable=False),
    Column("name", String(80), nullable=False),
    Column("locale", String(10), nullable=False),
    # Sealed.
    Column("phone", SealedBytes("newcomer.phone")),
    Column("email", SealedBytes("newcomer.email")),
    Column("state", String(20), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", ForeignKey("person.id")),
    Column("decided_at", Instant),
    Column("person_id", ForeignKey("person.id"), index=True),
    UniqueConstraint("platform", "external_id", name="uq_newcomer_account"),
)


# One-time codes that make an admin, as salted digests.
admin_code = Table(
    "admin_code",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("salt", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("only_first", Boolean, nullable=False),
    Column("expires_at", Instant, nullable=False),
)


# Wrong codes, for as long as they count.
admin_attempt = Table(
    "admin_attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String(20), nullable=False),
    Column("external_id", String(80), nullable=False),
    Column("at", Instant, nullable=False),
)


binding = Table(
    "binding",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("conversation", String(120), primary_key=True),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("locale", String(10), nullable=False),
    Column("bound_by", Integer, nullable=False),
    Column("with_names", Boolean, nullable=False, server_default=false()),
)


playbook = Table(
    "playbook",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("stored_by", Integer, nullable=False),
    Column("why", SealedText("playbook.why"), nullable=False, server_default=""),
)


# Changes that somebody prepares; closed when put in force or discarded.
playbook_draft = Table(
    "playbook_draft",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("base", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("closed_at", Instant),
)


audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_id", Integer, nullable=False),
    Column("act", String(60), nullable=False),
    Column("subject", String(60), nullable=False, index=True),
    Column("detail", JSON, nullable=False),
    Index(
        "ix_audit_reveals",
        "actor_id",
        "at",
        sqlite_where=text("act = 'contact.reveal'"),
        postgresql_where=text("act = 'contact.reveal'"),
    ),
)
