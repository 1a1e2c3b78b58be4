"""Every table of Genjin, as SQLAlchemy Core, by subject. Migrations follow these."""

from storage.tables.automations import automation_event, automation_run
from storage.tables.base import metadata
from storage.tables.chat import alert, inbound, lane, memory, message, posting, transcript, work
from storage.tables.company import (
    admin_attempt,
    admin_code,
    audit,
    binding,
    identity,
    newcomer,
    person,
    playbook,
    playbook_draft,
    team,
)
from storage.tables.customers import access_request, collaborator, lead_alias, merge
from storage.tables.delivery import refusal
from storage.tables.discovery import discovery
from storage.tables.imports import import_claim, import_job, import_page, imported
from storage.tables.keys import secret_key
from storage.tables.library import (
    library_edition,
    library_item,
    library_use,
    objection,
    remark,
    sharing,
    sharing_volunteer,
)
from storage.tables.notices import notice_choice
from storage.tables.pool import pool_extension, pool_stay, pool_warning
from storage.tables.proposals import proposal, proposal_link, proposal_visit
from storage.tables.reminders import reminder
from storage.tables.retention import audit_purge
from storage.tables.selling import (
    clock,
    enquiry,
    followup,
    lead,
    offer,
    share,
    stage_interval,
    task,
)
from storage.tables.signals import opportunity, signal, signing
from storage.tables.targets import target
from storage.tables.transfers import transfer, transfer_part

__all__ = [
    "access_request",
    "admin_attempt",
    "admin_code",
    "alert",
    "audit",
    "audit_purge",
    "automation_event",
    "automation_run",
    "binding",
    "clock",
    "collaborator",
    "discovery",
    "enquiry",
    "followup",
    "identity",
    "import_claim",
    "import_job",
    "import_page",
    "imported",
    "inbound",
    "lane",
    "lead",
    "lead_alias",
    "library_edition",
    "library_item",
    "library_use",
    "memory",
    "merge",
    "message",
    "metadata",
    "newcomer",
    "notice_choice",
    "objection",
    "offer",
    "opportunity",
    "person",
    "playbook",
    "playbook_draft",
    "pool_extension",
    "pool_stay",
    "pool_warning",
    "posting",
    "proposal",
    "proposal_link",
    "proposal_visit",
    "refusal",
    "remark",
    "reminder",
    "secret_key",
    "share",
    "sharing",
    "sharing_volunteer",
    "signal",
    "signing",
    "stage_interval",
    "target",
    "task",
    "team",
    "transcript",
    "transfer",
    "transfer_part",
    "work",
]
