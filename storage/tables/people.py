"""Tables of people and teams, their accounts and choices, and the audit log."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from storage.database.types import Instant, SealedBytes, SealedText
from storage.tables.base import metadata, only

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
    # Encrypted; these identify the same person on another platform.
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


# Accounts that wrote to the bot and belong to no person: waiting or refused; for admitted ones,
# by whom.
newcomer = Table(
    "newcomer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String(20), nullable=False),
    Column("external_id", String(80), nullable=False),
    Column("name", String(80), nullable=False),
    Column("locale", String(10), nullable=False),
    # Encrypted.
    Column("phone", SealedBytes("newcomer.phone")),
    Column("email", SealedBytes("newcomer.email")),
    Column("state", String(20), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", ForeignKey("person.id")),
    Column("decided_at", Instant),
    Column("person_id", ForeignKey("person.id"), index=True),
    UniqueConstraint("platform", "external_id", name="uq_newcomer_account"),
)


# One-time codes that create an admin, as salted digests.
admin_code = Table(
    "admin_code",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("salt", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("only_first", Boolean, nullable=False),
    Column("expires_at", Instant, nullable=False),
)


# Wrong codes, kept while they count.
admin_attempt = Table(
    "admin_attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String(20), nullable=False),
    Column("external_id", String(80), nullable=False),
    Column("at", Instant, nullable=False),
)


# How each person wants to be notified.
notice_choice = Table(
    "notice_choice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, unique=True),
    Column("by_mail", Boolean, nullable=False),
    Column("email", SealedText("notice_choice.email")),
    Column("quiet", String(11), nullable=False),
    Column("timezone", String(40), nullable=False),
    # Topics that are not sent at once: {"talk": "never"}
    Column("turned_down", JSON),
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
    # Keyed hash of the entry: written by Genjin, not by somebody with the database alone.
    Column("mark", LargeBinary),
    Index("ix_audit_reveals", "actor_id", "at", **only("act = 'contact.reveal'")),
)


# The purged rows of the audit log: the database allows no other deletion.
audit_purge = Table(
    "audit_purge",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purged_at", Instant, nullable=False),
    # Covers all rows from the then oldest up to this one, and the time of the last.
    Column("first_id", Integer, nullable=False),
    Column("last_id", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("until", Instant, nullable=False),
)


# Points of the audit's hash chain (``sales.audit_chain``), numbered without a gap.
audit_seal = Table(
    "audit_seal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("sealed_at", Instant, nullable=False),
    # The chain after this entry.
    Column("last_id", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("forged", Integer, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Index("ix_audit_seal_marks", "id", **only("kind <> 'entries'")),
)


# The newest point of the chain, signed: the only row.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("last_id", Integer, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False),
    # Entries up to this one are from before there were marks.
    Column("unmarked", Integer, nullable=False),
    Column("key_id", String(20), nullable=False),
    # Empty before the first seal.
    Column("signature", LargeBinary, nullable=False),
)
