"""Tables of leads, their collaborators, and merges."""

from typing import Final

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Numeric, String, Table, Text, text

from storage.database.types import Instant, SealedBytes, SealedText
from storage.tables.base import metadata, only

# Of ten years of leads, a day's work is with these. As sales.leads.OPEN_STAGES has it.
OPEN_LEADS: Final = (
    "stage IN ('captured', 'screened', 'discovery', 'proposal', 'negotiation', 'nurture')"
)

# As sales.leads has the stages that are not open.
CLOSED_LEADS: Final = "stage IN ('won', 'aftersales', 'lost')"
WON_LEADS: Final = "stage IN ('won', 'aftersales')"

# In the same words as indexes hold them; without bound values, which no index has.
WORTH: Final = "coalesce(nullif(amount, 0), nullif(budget_high, 0), budget_low, 0)"
LAST_CONTACT: Final = "coalesce(last_contact_at, created_at)"
CLOSED_WHEN: Final = "coalesce(closed_at, stage_since)"

_SUMMED_UP: Final = ("stage", "amount", "budget_high", "budget_low", "id")
_SORTED_BY: Final = ("closed_at", "stage_since", "created_at", "last_contact_at", "customer_order")

lead = Table(
    "lead",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", SealedText("lead.source"), nullable=False),
    Column("customer", SealedText("lead.customer"), nullable=False),
    # Text of customer, contact and need, without anything that may be a phone or an e-mail:
    # encrypted values cannot be searched.
    Column("customer_words", Text, nullable=False, server_default=""),
    Column("other_words", Text, nullable=False, server_default=""),
    # Used to look up customers with similar names.
    Column("customer_head", String(8), index=True),
    # Used to sort by customer (sales.lead_lists.order_of).
    Column("customer_order", String(80), nullable=False, server_default=""),
    # The source's key in the vocabulary, without the detail that somebody typed.
    Column("source_key", String(30), nullable=False, server_default=""),
    Column("industry", String(30), nullable=False),
    Column("contact", SealedText("lead.contact"), nullable=False),
    Column("title", SealedText("lead.title"), nullable=False),
    Column("phone", SealedBytes("lead.phone")),
    Column("phone_index", String(64), unique=True),
    Column("email", SealedBytes("lead.email")),
    Column("email_index", String(64), unique=True),
    Column("email_domain_index", String(64), index=True),
    Column("wechat", SealedBytes("lead.wechat")),
    # Further phones and e-mails, as a JSON list; looked up in ``further_contact``.
    Column("others", SealedBytes("lead.others")),
    Column("budget_low", Numeric(14, 2)),
    Column("budget_high", Numeric(14, 2)),
    Column("need", SealedText("lead.need"), nullable=False),
    Column("region", String(30), nullable=False),
    Column("product", String(30), nullable=False),
    Column("authority", String(20), nullable=False),
    Column("clarity", String(20), nullable=False),
    Column("timeframe", String(20), nullable=False),
    # Names of the answers above, separated by blanks.
    Column("answers_read", String(40), nullable=False, server_default=""),
    Column("answers_refused", String(40), nullable=False, server_default=""),
    Column("score", Integer, nullable=False),
    Column("grade", String(10), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("stage_since", Instant, nullable=False),
    Column("owner_id", ForeignKey("person.id")),
    Column("pooled_at", Instant),
    Column("team_id", ForeignKey("team.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Integer, nullable=False),
    Column("last_contact_at", Instant),
    Column("next_at", Instant),
    Column("next_until", Instant),
    Column("next_step", SealedText("lead.next_step"), nullable=False),
    Column("amount", Numeric(14, 2)),
    Column("closed_at", Instant),
    Column("lost_reason", SealedText("lead.lost_reason"), nullable=False),
    Column("contract", SealedText("lead.contract"), nullable=False),
    Column("contract_index", String(64), index=True),
    Column("specification", SealedText("lead.specification"), nullable=False),
    Column("payment", SealedText("lead.payment"), nullable=False),
    Column("liability", SealedText("lead.liability"), nullable=False),
    Column("hot_since", Instant),
    Column("origin_id", ForeignKey("lead.id"), index=True),
    Column("expected_close", Date),
    Column("expected_by", Integer),
    Column("expected_at", Instant),
    Column("category", String(12)),
    Column("version", Integer, nullable=False),
    Index(None, "owner_id", "id"),
    Index("ix_lead_open_of_owner", "owner_id", "next_at", **only(OPEN_LEADS)),
    Index("ix_lead_open_of_team", "team_id", "next_at", **only(OPEN_LEADS)),
    # These two cover what targets count.
    Index(None, "team_id", "created_at", "owner_id"),
    Index(None, "team_id", "closed_at", "stage", "owner_id", "amount"),
    Index("ix_lead_pooled", "pooled_at", **only("pooled_at IS NOT NULL")),
    Index("ix_lead_deal", "closed_at", **only("length(payment) > 0")),
    Index("ix_lead_hot", "hot_since", **only("hot_since IS NOT NULL")),
    # These cover what is counted and summed up of closed leads, and how somebody's are sorted.
    Index("ix_lead_closed_of_owner", "owner_id", *_SUMMED_UP, *_SORTED_BY, **only(CLOSED_LEADS)),
    Index("ix_lead_closed_of_team", "team_id", *_SUMMED_UP, **only(CLOSED_LEADS)),
    Index(
        "ix_lead_closed_of_owner_when", "owner_id", text(CLOSED_WHEN), "id", **only(CLOSED_LEADS)
    ),
    # Each order of a list has its index: closed leads are too many to be sorted.
    Index("ix_lead_closed_when", text(CLOSED_WHEN), "id", **only(CLOSED_LEADS)),
    Index("ix_lead_closed_created", "created_at", "id", **only(CLOSED_LEADS)),
    Index("ix_lead_closed_worth", text(WORTH), "id", **only(CLOSED_LEADS)),
    Index("ix_lead_won_worth", text(WORTH), "id", **only(WON_LEADS)),
    Index("ix_lead_closed_contact", text(LAST_CONTACT), "id", **only(CLOSED_LEADS)),
    Index("ix_lead_closed_since", "stage_since", "id", **only(CLOSED_LEADS)),
    Index("ix_lead_closed_customer", "customer_order", "id", **only(CLOSED_LEADS)),
    Index(
        "ix_lead_expected", "expected_close", "stage", "id", **only("expected_close IS NOT NULL")
    ),
    # The number of a deleted lead is never reused.
    sqlite_autoincrement=True,
)


stage_interval = Table(
    "stage_interval",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("entered_at", Instant, nullable=False),
    Column("left_at", Instant),
    Index(None, "lead_id", "entered_at", "stage"),
    Index(None, "stage", "entered_at"),
    # These two cover everything that the weekly figures read: SQLite prefers such an index.
    Index(None, "stage", "left_at", "entered_at", "lead_id"),
)


# Blind indexes of a lead's further phones and e-mails.
further_contact = Table(
    "further_contact",
    metadata,
    Column("lead_id", ForeignKey("lead.id"), primary_key=True),
    Column("contact_index", String(64), primary_key=True, index=True),
)


# An existing customer who contacted us again.
enquiry = Table(
    "enquiry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("source", SealedText("enquiry.source"), nullable=False),
    # Sealed: it holds contacts.
    Column("said", SealedText("enquiry.said"), nullable=False),
)


# People who see a lead and work on it beside its owner.
collaborator = Table(
    "collaborator",
    metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), primary_key=True, index=True),
)


access_request = Table(
    "access_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", ForeignKey("lead.id"), nullable=False),
    Column("asker_id", ForeignKey("person.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("why", SealedText("access_request.why"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("answered_by", Integer),
    Column("answered_at", Instant),
    Column("word", SealedText("access_request.word"), nullable=False),
    Index(None, "lead_id", "asker_id"),
    # Of two concurrent requests one is kept.
    Index("ix_access_request_open", "lead_id", "asker_id", unique=True, **only("state = 'open'")),
)


merge = Table(
    "merge",
    metadata,
    Column("id", Integer, primary_key=True),
    # No foreign keys: one lead is deleted, and the other may be later.
    Column("winner_id", Integer, nullable=False, index=True),
    Column("loser_id", Integer, nullable=False),
    Column("merged_by", ForeignKey("person.id"), nullable=False),
    Column("merged_at", Instant, nullable=False),
    Column("undo_until", Instant, nullable=False),
    Column("shared_with", Integer),
    Column("undone_at", Instant),
    # Snapshots of both leads, encrypted, until the undo period is over.
    Column("kept", SealedBytes("merge.kept")),
)


# The numbers of leads that were merged into others.
lead_alias = Table(
    "lead_alias",
    metadata,
    Column("lead_id", Integer, primary_key=True, autoincrement=False),
    Column("winner_id", ForeignKey("lead.id"), nullable=False, index=True),
)
