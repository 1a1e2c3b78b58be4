"""What the rules and handlers ask of storage, as protocols.

A unit of work is one transaction. Repositories of leads and follow-ups are made for an
actor and show nothing else: a lead the actor may not see is not found.
"""

from typing import Protocol

from sales.people import Person
from sales.ports.automations import AutomationRuns
from sales.ports.company import (
    Audit,
    Binding,
    Bindings,
    Figures,
    Offers,
    People,
    Targets,
)
from sales.ports.contacts import PersonContacts
from sales.ports.customers import Access, Duplicates, Merges, Namesake
from sales.ports.discovery import Discoveries
from sales.ports.imports import ImportedLeads, Imports, TakenBack
from sales.ports.leads import (
    Clocks,
    Enquiries,
    Exports,
    FollowUps,
    Leads,
    Tasks,
    WaitingClocks,
)
from sales.ports.library import Library, Objections, Remarks, Sharings
from sales.ports.newcomers import AdminCodes, Newcomers
from sales.ports.pool import Holdings, Pool, Stays
from sales.ports.proposals import Proposals
from sales.ports.rules import Drafts, Past, Playbooks, Version
from sales.ports.signals import KnownOpportunity, Opportunities, Signals, Signings
from sales.ports.transfers import Transfers
from sales.ports.work import (
    Inbound,
    Kept,
    Noise,
    NoticeChoices,
    Outbox,
    Postings,
    Recipient,
    Refusals,
    Reminders,
    Schedule,
    Waiting,
    Work,
    WorkKind,
)

__all__ = [
    "Access",
    "AdminCodes",
    "Audit",
    "AutomationRuns",
    "Binding",
    "Bindings",
    "Clocks",
    "Discoveries",
    "Drafts",
    "Duplicates",
    "Enquiries",
    "Exports",
    "Figures",
    "FollowUps",
    "Holdings",
    "ImportedLeads",
    "Imports",
    "Inbound",
    "Kept",
    "KnownOpportunity",
    "Leads",
    "Library",
    "Merges",
    "Namesake",
    "NewUnitOfWork",
    "Newcomers",
    "Noise",
    "NoticeChoices",
    "Objections",
    "Offers",
    "Opportunities",
    "Outbox",
    "Past",
    "People",
    "PersonContacts",
    "Playbooks",
    "Pool",
    "Postings",
    "Proposals",
    "Recipient",
    "Refusals",
    "Remarks",
    "Reminders",
    "Schedule",
    "Sharings",
    "Signals",
    "Signings",
    "Stays",
    "TakenBack",
    "Targets",
    "Tasks",
    "Transfers",
    "UnitOfWork",
    "Version",
    "Waiting",
    "WaitingClocks",
    "Work",
    "WorkKind",
]


class UnitOfWork(Protocol):
    """One transaction. Leaving the ``with`` block without ``commit`` undoes everything."""

    people: People
    newcomers: Newcomers
    admin_codes: AdminCodes
    offers: Offers
    duplicates: Duplicates
    enquiries: Enquiries
    access: Access
    contacts: PersonContacts
    merges: Merges
    schedule: Schedule
    outbox: Outbox
    postings: Postings
    bindings: Bindings
    inbound: Inbound
    audit: Audit
    playbooks: Playbooks
    drafts: Drafts
    automations: AutomationRuns
    past: Past
    figures: Figures
    sharings: Sharings
    stays: Stays
    transfers: Transfers
    holdings: Holdings
    targets: Targets
    notice_choices: NoticeChoices
    noise: Noise
    reminders: Reminders
    refusals: Refusals

    def leads(self, actor: Person) -> Leads: ...

    def followups(self, actor: Person) -> FollowUps: ...

    def clocks(self, actor: Person) -> Clocks: ...

    def tasks(self, actor: Person) -> Tasks: ...

    def imports(self, actor: Person) -> Imports: ...

    def imported(self, import_id: int) -> ImportedLeads: ...

    def pool(self, actor: Person) -> Pool: ...
    def exports(self, actor: Person) -> Exports: ...
    def library(self, actor: Person) -> Library: ...

    def objections(self, actor: Person) -> Objections: ...

    def remarks(self, actor: Person) -> Remarks: ...

    def signals(self, actor: Person) -> Signals: ...

    def proposals(self, actor: Person) -> Proposals: ...

    def opportunities(self, actor: Person) -> Opportunities: ...

    def signings(self, actor: Person) -> Signings: ...

    def discoveries(self, actor: Person) -> Discoveries: ...

    def commit(self) -> None: ...

    def __enter__(self) -> "UnitOfWork": ...

    def __exit__(self, *exc: object) -> None: ...


class NewUnitOfWork(Protocol):
    def __call__(self, *, read_only: bool = False) -> UnitOfWork:
        """``read_only`` never waits for a writer and refuses to write."""
