"""What a handler works with: who asks for what, when, in which language, by which rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any, Protocol

from handlers.core.events import Event
from handlers.core.language import Language, Languages
from handlers.core.requests import Conversation, Request, Sender, Value
from handlers.core.text import one_line
from handlers.core.ui import Button, Card
from sales.calendar import WorkCalendar
from sales.contacts import mask_contacts
from sales.leads import Lead
from sales.notices import Notice
from sales.people import SYSTEM, Person
from sales.playbook import Playbook
from sales.working_hours import personal_calendar
from storage.discoveries import DiscoveryRepository
from storage.discussion import DiscussionRepository
from storage.followups import FollowUpRepository
from storage.leads.repository import LeadRepository
from storage.library import LibraryRepository
from storage.objections import ObjectionRepository
from storage.proposals import ProposalRepository
from storage.tasks import TaskRepository
from storage.unit_of_work import UnitOfWork

NOWHERE = Conversation("", "", private=True)


@dataclass(frozen=True, slots=True)
class TaskOrigin:
    """Why there is a task, where an automation gave it: in words, and what overrules it."""

    words: str
    buttons: tuple[Button, ...]


class NoticeCard(Protocol):
    """Draws a notice of any kind; None when what it told of is over."""

    def __call__(self, notice: Notice, context: "Context", /, *, again: bool) -> Card | None: ...


@dataclass(frozen=True, slots=True)
class Composition:
    """What takes all subjects to make: the lead's card with a section of each, the card of a notice
    of any kind, where a task comes from, and what follows from an event. Handed in, so that no
    subject imports its siblings."""

    lead_card: Callable[[Lead, "Context"], Card]
    notice_card: NoticeCard
    task_origin: Callable[[int, "Context"], TaskOrigin]
    consequences: Mapping[type, Callable[[Any, "Context"], None]]


@dataclass(frozen=True, slots=True)
class Context:
    """One request being answered, or one piece of due work being done, inside its unit of
    work. Nobody asked for due work: its ``actor`` is ``SYSTEM`` and its request is empty."""

    request: Request
    actor: Person
    uow: UnitOfWork
    now: datetime
    language: Language
    playbook: Playbook
    composition: Composition
    cause: int | None = None
    """The automation's run that this turn acts for."""
    public_url: str = ""
    """Where others reach the HTTP server; empty when they do not."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", self.language.at(self.now))

    def lead_card(self, lead: Lead) -> Card:
        """The lead as the actor sees it, with all its subjects' sections."""
        return self.composition.lead_card(lead, self)

    def notice_card(self, notice: Notice, *, again: bool) -> Card | None:
        """The notice as the actor sees it; ``again`` when what is over is shown as over."""
        return self.composition.notice_card(notice, self, again=again)

    def task_origin(self, task_id: int) -> TaskOrigin:
        """Which automation gave the task, if any."""
        return self.composition.task_origin(task_id, self)

    def publish(self, event: Event) -> None:
        """Have everything done that follows from ``event``, in this unit of work."""
        self.composition.consequences[type(event)](event, self)

    @property
    def leads(self) -> LeadRepository:
        """The leads this person may see."""
        return self.uow.leads(self.actor)

    @property
    def followups(self) -> FollowUpRepository:
        return self.uow.followups(self.actor)

    @property
    def tasks(self) -> TaskRepository:
        return self.uow.tasks(self.actor)

    @property
    def proposals(self) -> ProposalRepository:
        return self.uow.proposals(self.actor)

    @property
    def library(self) -> LibraryRepository:
        return self.uow.library(self.actor)

    @property
    def objections(self) -> ObjectionRepository:
        return self.uow.objections(self.actor)

    @property
    def discussion(self) -> DiscussionRepository:
        return self.uow.discussion(self.actor)

    @property
    def discoveries(self) -> DiscoveryRepository:
        return self.uow.discoveries(self.actor)

    @property
    def timezone(self) -> tzinfo:
        return self.language.timezone

    @property
    def calendar(self) -> WorkCalendar:
        """When the company works."""
        return WorkCalendar(self.playbook.working_hours, self.timezone)

    def calendar_of(self, person_id: int | None) -> WorkCalendar:
        """When that person works: by own hours and in the own timezone where they have any."""
        if not person_id:
            return self.calendar
        person = self.uow.people.get(person_id)
        if not person.hours and not person.timezone:
            return self.calendar
        rules = self.playbook.working_hours
        return personal_calendar(rules, self.timezone, person.hours, person.timezone)

    @property
    def today(self) -> date:
        """The date in the company's timezone."""
        return self.now.astimezone(self.timezone).date()

    @property
    def today_here(self) -> date:
        """The date where the person is, for days that are theirs to plan and to keep."""
        return self.now.astimezone(self.language.zone).date()

    @property
    def pressed(self) -> str:
        """The value of the button that was pressed."""
        return self.request.state.get("value", "")

    def midnight(self, day: date) -> datetime:
        """The instant at which a company day begins."""
        return datetime.combine(day, time(), self.timezone)

    def midnight_here(self, day: date) -> datetime:
        """The instant at which a day begins where the person is."""
        return datetime.combine(day, time(), self.language.zone)

    def typed(self, name: str) -> str:
        """A field's answer as one stripped text; empty when absent."""
        value: Value = self.request.values.get(name, "")
        return value.strip() if isinstance(value, str) else ", ".join(value)

    def ticked(self, name: str) -> tuple[str, ...]:
        """The ticked values of a checklist or a choice of several."""
        value: Value = self.request.values.get(name, ())
        return (value,) if isinstance(value, str) else tuple(value)

    def line(self, name: str) -> str:
        """A field's answer on one line."""
        return one_line(self.typed(name))

    def said(self, words: str) -> str:
        """What somebody typed about a lead (need, follow-up, reason), to be read. Cards are masked
        as a whole; this is for what goes elsewhere. Remarks and objections are masked when they
        are saved, and discovery notes refuse contacts: nobody looks for one there."""
        return mask_contacts(words)

    def text(self, key: str, **params: object) -> str:
        return self.language.text(key, **params)


@dataclass(frozen=True, slots=True)
class ContextFactory:
    """Makes every context, from what all of them share."""

    languages: Languages
    now: Callable[[], datetime]
    composition: Composition
    public_url: str = ""

    def of_request(
        self,
        request: Request,
        actor: Person,
        uow: UnitOfWork,
        language: Language,
        *,
        now: datetime | None = None,
    ) -> Context:
        """The context in which a request is answered."""
        return Context(
            request,
            actor,
            uow,
            now or self.now(),
            language,
            uow.playbooks.current(),
            self.composition,
            public_url=self.public_url,
        )

    def unasked(
        self,
        uow: UnitOfWork,
        *,
        reader: Person = SYSTEM,
        locale: str = "",
        where: Conversation = NOWHERE,
        now: datetime | None = None,
    ) -> Context:
        """A context that no request began: due work, or words for ``reader``'s eyes, or for all
        people who read a channel (``where``)."""
        request = Request("", "", Sender("", ""), where)
        language = self.languages(locale, reader.timezone)
        return self.of_request(request, reader, uow, language, now=now)
