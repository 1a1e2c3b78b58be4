"""What the rules and handlers ask of storage, as protocols.

A unit of work is one transaction. Repositories of leads and follow-ups are made for an
actor and show nothing else: a lead the actor may not see is not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sales.assignments import Offer
from sales.clocks import Clock
from sales.followups import FollowUp
from sales.intake import Enquiry
from sales.leads import Lead, Stage
from sales.notices import Notice
from sales.people import Identity, Person, Team
from sales.playbook import Playbook
from sales.reports import Behind, Number, Outlook, Period, WeekFacts
from sales.tasks import Task


class Leads(Protocol):
    """The leads one actor may see (``sales.permissions.scope_of``)."""

    def add(self, lead: Lead) -> Lead:
        """Store a new lead and open its first stage interval; gives it its id."""

    def get(self, lead_id: int) -> Lead:
        """Raises LeadNotFound, also when the actor may not see it."""

    def save(self, lead: Lead) -> Lead:
        """Raises Conflict when ``lead.version`` is not the stored one. A changed stage
        closes its interval at ``lead.stage_since`` and opens the next."""

    def search(self, text: str, limit: int) -> list[Lead]:
        """Leads whose number, customer, contact or need contains the text, newest first."""

    def most_urgent(self, matching: str, limit: int) -> list[Lead]:
        """Open leads, earliest next step first, then the newest; ``matching`` as in search."""

    def due_before(self, moment: datetime, limit: int) -> list[Lead]:
        """Open leads whose next step is due before the moment, earliest first."""

    def stage_counts(self) -> Mapping[Stage, int]: ...

    def open_of(self, person_id: int) -> int:
        """How many open leads a person owns."""

    def follow(self, person: Person) -> None:
        """The open leads of a person become their team's."""


class Duplicates(Protocol):
    """Looks over every lead, whoever asks: tells that one exists, the caller hides whose."""

    def by_contact(self, phone: str, email: str, *, but: int = 0) -> Lead | None:
        """A lead with the same phone or e-mail; ``but`` is a lead id to leave out."""

    def by_domain(self, email: str, *, but: int = 0) -> list[Lead]:
        """Leads whose e-mail has the same company domain (≤ 50, newest first)."""


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
        """The lead's newest clock, whatever became of it."""

    def waiting(self, now: datetime, limit: int) -> WaitingClocks: ...


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
        """The open tasks of everybody but one person, the first due first."""

    def open_counts(self) -> Mapping[int, int]:
        """How many open tasks each person has, by person id; nobody with none."""


class People(Protocol):
    def hold(self) -> None:
        """Until this unit of work ends nobody else who holds them changes people or teams.
        To be called before reading what is then changed."""

    def get(self, person_id: int) -> Person:
        """Raises PersonNotFound."""

    def find(self, platform: str, external_id: str) -> Person | None: ...

    def add(self, person: Person) -> Person: ...

    def save(self, person: Person) -> Person: ...

    def link(self, identity: Identity, now: datetime) -> None:
        """Attach an account to a person, or note that it was used just now."""

    def accounts(self, platform: str) -> list[tuple[str, Person]]:
        """The active people with an account on a platform, by the account's external id."""

    def everyone(self) -> list[Person]:
        """Ordered by team, then name; the inactive too."""

    def members(self, team_id: int) -> list[Person]:
        """Active people of a team, by name."""

    def teams(self) -> list[Team]: ...

    def add_team(self, team: Team) -> Team: ...


class Offers(Protocol):
    def add(self, offer: Offer) -> Offer: ...

    def get(self, offer_id: int) -> Offer: ...

    def save(self, offer: Offer) -> Offer: ...

    def open_for(self, lead_id: int) -> Offer | None: ...

    def history(self, lead_id: int) -> list[Offer]:
        """Oldest first."""

    def counts_since(self, moment: datetime) -> Mapping[int, int]:
        """How many leads each person was offered and did not pass on, by person id."""


WorkKind = Literal["reminder", "overdue", "offer", "clock", "record", "digest", "revival", "task"]


@dataclass(frozen=True, slots=True)
class Work:
    """Something to do at a time. ``key`` is unique for ever: the same work is done once."""

    key: str
    kind: WorkKind
    subject: str
    due_at: datetime


class Schedule(Protocol):
    def add(self, work: Work) -> bool:
        """False when this key is there already, done or not."""

    def cancel(self, kind: WorkKind, subject: str) -> None:
        """Forget all of this kind for a subject that is not done yet."""


Recipient = int | tuple[str, str]
"""A person's id, or a channel as (platform, conversation id)."""


class Outbox(Protocol):
    def add(self, notice: Notice, to: Recipient) -> None:
        """Deliver after this unit of work is committed, in order for each recipient."""

    def refresh(self, subject: str) -> None:
        """Draw every posted card of the subject anew; several calls before delivery are one."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A channel that receives a team's digests."""

    platform: str
    conversation: str
    team_id: int
    locale: str
    bound_by: int


class Bindings(Protocol):
    def bind(self, binding: Binding) -> None:
        """Replaces what was bound to the same channel."""

    def unbind(self, platform: str, conversation: str) -> None: ...

    def of_channel(self, platform: str, conversation: str) -> Binding | None: ...

    def of_team(self, team_id: int) -> list[Binding]: ...


class Inbound(Protocol):
    def is_new(self, request_id: str, now: datetime) -> bool:
        """Record the request; False when it was recorded before. Undone with the unit of work."""


class Audit(Protocol):
    def record(self, actor: Person, act: str, subject: str, detail: Mapping[str, str]) -> None:
        """Append what was done; ``detail`` holds field names and reasons, never contacts."""


class Playbooks(Protocol):
    def current(self) -> Playbook: ...

    def version(self, number: int) -> Playbook | None:
        """A stored version; None when there is none with this number."""

    def versions(self) -> list[tuple[int, datetime, str]]:
        """Number, when and by whom, the newest first; "" for the command line."""

    def store(self, playbook: Playbook, by: Person, now: datetime) -> int:
        """Make it the current one; gives its version number."""


class Figures(Protocol):
    def week(self, team_id: int, start: datetime, end: datetime) -> WeekFacts:
        """What happened in a team in ``[start, end)``."""

    def outlook(self, period: Period) -> Outlook:
        """How the team's open leads stand now."""

    def behind(
        self, number: Number, period: Period, *, person_id: int | None, limit: int
    ) -> Behind:
        """The leads that a number of the digest counts; ``person_id`` None for the whole team.

        Looks at the whole team, whoever asks: read the leads through ``leads(actor)``.
        """


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

    def leads(self, actor: Person) -> Leads: ...

    def followups(self, actor: Person) -> FollowUps: ...

    def clocks(self, actor: Person) -> Clocks: ...

    def tasks(self, actor: Person) -> Tasks: ...

    def commit(self) -> None: ...

    def __enter__(self) -> "UnitOfWork": ...

    def __exit__(self, *exc: object) -> None: ...


class NewUnitOfWork(Protocol):
    def __call__(self, *, read_only: bool = False) -> UnitOfWork:
        """``read_only`` never waits for a writer and refuses to write."""
