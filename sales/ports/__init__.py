"""What the rules and handlers ask of storage, as protocols.

A unit of work is one transaction. Repositories of leads and follow-ups are made for an
actor and show nothing else: a lead the actor may not see is not found.
"""

from typing import Protocol

from sales.people import Person
from sales.ports.company import (
    Audit,
    Binding,
    Bindings,
    Figures,
    Offers,
    People,
    Playbooks,
    Targets,
)
from sales.ports.discovery import Discoveries
from sales.ports.leads import Clocks, Duplicates, Enquiries, FollowUps, Leads, Tasks, WaitingClocks
from sales.ports.library import Library
from sales.ports.proposals import Proposals
from sales.ports.signals import Signals
from sales.ports.work import Inbound, Outbox, Recipient, Schedule, Work, WorkKind

__all__ = [
    "Audit",
    "Binding",
    "Bindings",
    "Clocks",
    "Discoveries",
    "Duplicates",
    "Enquiries",
    "Figures",
    "FollowUps",
    "Inbound",
    "Leads",
    "Library",
    "NewUnitOfWork",
    "Offers",
    "Outbox",
    "People",
    "Playbooks",
    "Proposals",
    "Recipient",
    "Schedule",
    "Signals",
    "Targets",
    "Tasks",
    "UnitOfWork",
    "WaitingClocks",
    "Work",
    "WorkKind",
]


class UnitOfWork(Protocol):
    """One transaction. Leaving the ``with`` block without ``commit`` undoes everything."""

    people: People
    offers: Offers
    duplicates: Duplicates
    enquiries: Enquiries
    schedule: Schedule
    outbox: Outbox
    bindings: Bindings
    inbound: Inbound
    audit: Audit
    playbooks: Playbooks
    figures: Figures
    targets: Targets

    def leads(self, actor: Person) -> Leads: ...

    def followups(self, actor: Person) -> FollowUps: ...

    def clocks(self, actor: Person) -> Clocks: ...

    def tasks(self, actor: Person) -> Tasks: ...

    def library(self, actor: Person) -> Library: ...

    def signals(self, actor: Person) -> Signals: ...

    def proposals(self, actor: Person) -> Proposals: ...

    def discoveries(self, actor: Person) -> Discoveries: ...

    def commit(self) -> None: ...

    def __enter__(self) -> "UnitOfWork": ...

    def __exit__(self, *exc: object) -> None: ...


class NewUnitOfWork(Protocol):
    def __call__(self, *, read_only: bool = False) -> UnitOfWork:
        """``read_only`` never waits for a writer and refuses to write."""
