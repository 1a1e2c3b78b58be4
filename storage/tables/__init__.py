"""Every table of Genjin, as SQLAlchemy Core, by subject. Migrations follow these."""

from storage.tables.base import metadata
from storage.tables.chat import inbound, lane, memory, message, posting, transcript, work
from storage.tables.company import audit, binding, identity, person, playbook, team
from storage.tables.discovery import discovery
from storage.tables.library import library_edition, library_item, library_use
from storage.tables.proposals import proposal, proposal_link, proposal_visit
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
from storage.tables.signals import signal
from storage.tables.targets import target

__all__ = [
    "audit",
    "binding",
    "clock",
    "discovery",
    "enquiry",
    "followup",
    "identity",
    "inbound",
    "lane",
    "lead",
    "library_edition",
    "library_item",
    "library_use",
    "memory",
    "message",
    "metadata",
    "offer",
    "person",
    "playbook",
    "posting",
    "proposal",
    "proposal_link",
    "proposal_visit",
    "share",
    "signal",
    "stage_interval",
    "target",
    "task",
    "team",
    "transcript",
    "work",
]
