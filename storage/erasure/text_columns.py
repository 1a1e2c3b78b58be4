"""Every column that holds text: where an erased person is searched for, and where not, and why.

A test fails while a column of text is in neither list, so that whoever adds one decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import JSON, Column, LargeBinary, String, Table

from storage.database.types import SealedBytes, SealedText
from storage.tables import metadata

SEARCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "leads": (
        "lead.source",
        "lead.customer",
        "lead.title",
        "lead.need",
        "lead.next_step",
        "lead.lost_reason",
        "lead.contract",
        "lead.specification",
        "lead.payment",
        "lead.liability",
        "enquiry.source",
        "enquiry.said",
        "signing.contract",
        "signing.reason",
        "opportunity.word",
        "pool_stay.detail",
        "pool_extension.reason",
        "access_request.why",
        "access_request.word",
        "signal.event",
        "loss_review.learnt",
        "loss_review.would_have_helped",
        "loss_review.competitor",
    ),
    "followups": ("followup.summary", "followup.feedback", "followup.next_step"),
    "discovery": ("discovery.needs",),
    "proposals": (
        "proposal.offering",
        "proposal_reply.name",
        "proposal_reply.words",
        "proposal_mail.address",
        "proposal_mail.subject",
        "proposal_mail.body",
    ),
    "remarks": ("remark.text", "objection.said", "objection.answer"),
    "tasks": ("task.question", "task.note", "task.problems", "task.invoice", "task.why"),
    "reports": (
        "weekly_report.focus",
        "announcement.words",
        "sharing_topic.words",
    ),
    "library": (
        "library_item.words",
        "library_item.note",
        "library_item.title_folded",
        "library_item.body_folded",
        "library_edition.content",
    ),
    "imports": (
        "import_job.name",
        "import_job.choices",
        "import_job.unknown",
        "import_job.sheets",
        "import_page.content",
        "imported.owner",
    ),
    "lists": (
        "bulk_act.note",
        "bulk_act.query",
        "bulk_lead.changes",
        "bulk_lead.why",
        "merge.kept",
        "saved_view.name",
        "saved_view.query",
        "view_posting.view_name",
        "offer.why",
        "transfer_part.why",
    ),
    "chat": ("transcript.body",),
    "messages": (
        "message.fields",
        "message.problem",
        "posting.fields",
        "work.args",
        "memory.value",
        "alert.params",
        "refusal.detail",
    ),
    "playbook": (
        "playbook.why",
        "playbook.document",
        "playbook_draft.document",
        "automation_run.rule",
    ),
    "people": ("newcomer.name",),
}
"""Columns that are searched, by the heading under which their rows are counted."""

_ID: Final = "a key, a kind, a state or a time, which the program itself writes"
_INDEX: Final = "a keyed hash; it is rebuilt or deleted with what it was made of"
_OF_LEAD: Final = "deleted or rebuilt for the lead's own contact when the erasure begins"
_OF_PERSON: Final = "deleted or replaced for the colleague when the erasure begins"
_AUDIT: Final = "append-only by triggers; holds names of fields and ids, no text that anybody typed"

LEFT: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("lead.contact", "lead.phone", "lead.email", "lead.wechat", "lead.others"), _OF_LEAD
    ),
    **dict.fromkeys(
        ("lead.customer_words", "lead.other_words", "lead.customer_head", "lead.customer_order"),
        "made of customer, contact and need, and rebuilt whenever one of them is cleaned",
    ),
    **dict.fromkeys(
        (
            "lead.phone_index",
            "lead.email_index",
            "lead.email_domain_index",
            "lead.contract_index",
            "further_contact.contact_index",
            "import_claim.contact",
        ),
        _INDEX,
    ),
    **dict.fromkeys(
        (
            "person.name",
            "person.phone",
            "person.phone_index",
            "person.email",
            "person.email_index",
            "person.hours",
            "person.locale",
            "identity.external_id",
            "newcomer.external_id",
            "newcomer.phone",
            "newcomer.email",
            "newcomer.locale",
            "notice_choice.email",
            "notice_choice.quiet",
            "notice_choice.timezone",
            "notice_choice.turned_down",
            "message.lane",
            "posting.lane",
            "lane.key",
            "transcript.conversation",
            "transcript.author",
            "transcript.visible_to",
            "refusal.key",
            "refusal.address",
            "admin_attempt.external_id",
        ),
        _OF_PERSON,
    ),
    **dict.fromkeys(("audit.act", "audit.subject", "audit.detail"), _AUDIT),
    **dict.fromkeys(
        (
            "audit.mark",
            "audit_head.chain",
            "audit_head.head",
            "audit_head.key_id",
            "audit_head.signature",
            "audit_seal.kind",
            "audit_seal.chain",
            "audit_seal.head",
        ),
        "hashes of the audit's entries, which hold no text that anybody typed",
    ),
    **dict.fromkeys(
        ("backup_run.place", "backup_run.problem", "backup_run.reason"),
        "directories and the system's own errors",
    ),
    **dict.fromkeys(
        (
            "erasure.uid",
            "erasure.kind",
            "erasure.leads",
            "erasure.marks",
            "erasure.key_id",
            "erasure.reason",
            "erasure.state",
            "erasure.cursor",
            "erasure.tally",
        ),
        "the ledger itself: ids and keyed hashes",
    ),
    "erasure.forms": "what is searched for; deleted when everything was searched",
    "memory.key": "ids of the platform's own forms, cards and people; forgotten within months",
    "team.name": "unique, and in plain sight of admins, who rename a team called after somebody",
    "secret_key.proof": "a known text",
    **dict.fromkeys(
        (
            "lead.source_key",
            "lead.industry",
            "lead.region",
            "lead.product",
            "lead.authority",
            "lead.clarity",
            "lead.timeframe",
            "lead.answers_read",
            "lead.answers_refused",
            "lead.grade",
            "lead.stage",
            "lead.category",
            "stage_interval.stage",
            "access_request.state",
            "automation_event.trigger",
            "automation_event.from_stage",
            "automation_event.to_stage",
            "automation_event.objection",
            "automation_event.rule_key",
            "automation_event.key",
            "automation_run.rule_key",
            "automation_run.refused",
            "automation_run.was_stage",
            "followup.method",
            "clock.kind",
            "task.kind",
            "task.role",
            "task.state",
            "objection.kind",
            "objection.state",
            "proposal.locale",
            "proposal.state",
            "proposal_link.token_hash",
            "proposal_mail.state",
            "proposal_mail.problem",
            "proposal_reply.kind",
            "proposal_reply.edition",
            "proposal_reply.key",
            "proposal_visit.key",
            "signal.kind",
            "signal.effect",
            "signing.state",
            "signing.edition",
            "signing.verdict",
            "opportunity.product",
            "opportunity.quarter",
            "opportunity.state",
            "offer.state",
            "pool_stay.reason",
            "pool_member.pool",
            "pool_member.head_start",
            "transfer.rule",
            "announcement.occasion",
            "announcement.key",
            "announcement.platform",
            "announcement.conversation",
            "announcement.stage",
            "announcement_setting.platform",
            "announcement_setting.conversation",
            "weekly_report.week",
            "target.quarter",
            "target.holder",
            "target.measure",
            "forecast_snapshot.stage",
            "forecast_snapshot.category",
            "stage_outcome.stage",
            "library_item.kind",
            "library_item.industry",
            "library_item.product",
            "library_item.stage",
            "library_item.objection",
            "library_item.state",
            "library_use.purpose",
            "sharing.quarter",
            "sharing_topic.quarter",
            "sharing_topic.key",
            "sharing_volunteer.quarter",
            "import_job.kind",
            "import_job.encoding",
            "import_job.state",
            "import_job.tally",
            "import_job.made",
            "bulk_act.kind",
            "bulk_act.reason",
            "bulk_act.state",
            "bulk_lead.state",
            "bulk_lead.left_out",
            "bulk_lead.kept",
            "bulk_lead.told",
            "view_posting.view",
            "view_posting.platform",
            "view_posting.conversation",
            "view_posting.weekdays",
            "view_posting.at",
            "view_posting.when_empty",
            "view_posting.ended_why",
            "person.role",
            "identity.platform",
            "newcomer.platform",
            "newcomer.state",
            "admin_code.salt",
            "admin_code.digest",
            "admin_attempt.platform",
            "binding.platform",
            "binding.conversation",
            "binding.locale",
            "alert.id",
            "alert.key",
            "secret_key.key_id",
            "work.key",
            "work.kind",
            "work.subject",
            "message.kind",
            "message.state",
            "message.ref",
            "message.unique_key",
            "message.subject",
            "posting.subject",
            "posting.ref",
            "posting.kind",
            "posting.thread",
            "inbound.id",
            "refusal.platform",
            "refusal.kind",
            "refusal.reason",
            "refusal.code",
        ),
        _ID,
    ),
}
"""Columns of text that are not searched, each with the reason."""

FILES: Final = -1
"""The number of an import's page that is its whole file, in which nothing can be searched."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table to search: its columns, and the headings under which a row of it counts."""

    table: Table
    columns: tuple[Column[Any], ...]
    heading: str

    @property
    def name(self) -> str:
        return self.table.name


def holds_text(column: Column[Any]) -> bool:
    """Whether a column can hold a person's name."""
    return isinstance(column.type, String | JSON | SealedText | SealedBytes | LargeBinary)


def _places() -> Iterator[Place]:
    columns: dict[str, tuple[str, list[Column[Any]]]] = {}
    for heading, names in SEARCHED.items():
        for name in names:
            table, _, column = name.partition(".")
            known = columns.setdefault(table, (heading, []))
            known[1].append(metadata.tables[table].c[column])
    for table, (heading, found) in columns.items():
        yield Place(metadata.tables[table], tuple(found), heading)


PLACES: Final[tuple[Place, ...]] = tuple(_places())
"""What is searched, in order."""

OF_LEADS: Final[tuple[Place, ...]] = tuple(
    place for place in PLACES if place.name == "lead" or "lead_id" in place.table.c
)
"""The tables whose rows belong to a lead."""
