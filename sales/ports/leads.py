"""The leads one actor may see, and what belongs to them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sales.clocks import Clock
from sales.exports import ExportedLead, LeadFilter
from sales.followups import FollowUp
from sales.intake import Enquiry
from sales.leads import Lead, Stage
from sales.people import Person
from sales.tasks import Task


class Leads(Protocol):
    """The leads one actor may see (``sales.permissions.scope_of``). What waits in the public
    pool is nobody's work: lists and counts leave it out, ``get`` and ``search`` do not."""

    def add(self, lead: Lead) -> Lead:
        """Store a new lead and open its first stage interval; gives it its id."""

    def get(self, lead_id: int) -> Lead:
        """Raises LeadNotFound, also when the actor may not see it."""

    def some(self, lead_ids: Collection[int]) -> Mapping[int, Lead]:
        """Those of the leads that the actor may see, by id; to be looked at, not changed."""

    def save(self, lead: Lead) -> Lead:
        """Raises Conflict when ``lead.version`` is not the stored one. A changed stage
        closes its interval at ``lead.stage_since`` and opens the next."""

    def search(self, text: str, limit: int) -> list[Lead]:
        """Leads whose number, customer, contact or need contains the text, newest first."""

    def most_urgent(self, matching: str, limit: int) -> list[Lead]:
        """Open leads, earliest next step first, then the newest; ``matching`` as in search."""

    def due_before(self, moment: datetime, limit: int) -> list[Lead]:
        """Open leads whose next step is due before the moment, earliest first."""

    def hot(self, limit: int) -> list[Lead]:
        """Open leads of high intent, the latest first."""

    def last_deal(self) -> Lead | None:
        """The customer who signed last, of those whose terms of payment are known."""

    def stage_counts(self) -> Mapping[Stage, int]: ...

    def open_of(self, person_id: int) -> int:
        """How many open leads a person owns."""

    def open_counts(self) -> Mapping[int, int]:
        """How many open leads each person owns, by person id; nobody with none."""

    def held_by(self, person_id: int) -> list[Lead]:
        """A person's leads that somebody must look after: the open ones, earliest next step
        first, then the customers."""

    def follow(self, person: Person) -> None:
        """The open leads of a person become their team's."""


class FollowUps(Protocol):
    """Follow-ups of the leads one actor may see."""

    def add(self, followup: FollowUp) -> FollowUp: ...

    def get(self, followup_id: int) -> FollowUp:
        """Raises FollowUpNotFound."""

    def save(self, followup: FollowUp) -> FollowUp:
        """Raises Conflict when somebody saved it in between."""

    def waiting_on(self, lead_id: int) -> FollowUp | None:
        """The one whose next step is open."""

    def history(self, lead_id: int, limit: int) -> list[FollowUp]:
        """Newest first."""


class Enquiries(Protocol):
    def add(self, enquiry: Enquiry) -> Enquiry: ...

    def get(self, enquiry_id: int) -> Enquiry:
        """Raises LeadNotFound."""


@dataclass(frozen=True, slots=True)
class WaitingClocks:
    """The clocks of customers who wait, nearest first, and how many there are: ``running``
    and ``breached``."""

    nearest: tuple[Clock, ...] = ()
    running: int = 0
    breached: int = 0


class Clocks(Protocol):
    """Response clocks of the leads one actor may see. To be changed only with the lead held
    (``Leads.get``), which keeps others away from its clocks."""

    def add(self, clock: Clock) -> Clock: ...

    def get(self, clock_id: int) -> Clock:
        """Raises LeadNotFound."""

    def save(self, clock: Clock) -> Clock: ...

    def latest(self, lead_id: int) -> Clock | None:
        """The lead's newest response clock, whatever became of it."""

    def feedback(self, lead_id: int) -> Clock | None:
        """The newest clock for feedback on a proposal."""

    def newest(self, lead_id: int) -> list[Clock]:
        """``latest`` and ``feedback``, those that there are."""

    def waiting_on(self, lead_id: int) -> list[Clock]:
        """The lead's clocks that wait: at most one of each sort."""

    def waiting(self, now: datetime, limit: int) -> WaitingClocks: ...


class Exports(Protocol):
    """The leads one actor decides on, for a file."""

    def count(self, wanted: LeadFilter) -> int: ...

    def leads(self, wanted: LeadFilter) -> Iterator[ExportedLead]:
        """Oldest first."""


class Tasks(Protocol):
    """The tasks one actor may see: the own, and those of the leads they own or lead. A task
    that was cancelled is gone for who comes to a lead only by tasks."""

    def add(self, task: Task) -> Task: ...

    def get(self, task_id: int) -> Task:
        """Raises TaskNotFound."""

    def save(self, task: Task) -> Task:
        """Raises Conflict when somebody saved it in between."""

    def of_lead(self, lead_id: int) -> list[Task]:
        """What was not cancelled, newest first."""

    def open_of(self, person_id: int) -> list[Task]:
        """A person's open tasks, the first due first."""

    def open_for_leads_of(self, person_id: int) -> list[Task]:
        """The open tasks on the leads a person owns, whoever does them."""

    def open_of_others(self, person_id: int, limit: int) -> list[Task]:
        """The open tasks of everybody but one person, of leads that the actor leads, the first
        due first."""

    def open_counts(self) -> Mapping[int, int]:
        """How many open tasks each person has, by person id; nobody with none."""
