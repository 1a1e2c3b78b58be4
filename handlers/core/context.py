"""What a handler works with: the request, the actor, the time, the language and the playbook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from handlers.core.events import Event
from handlers.core.language import Language, Languages
from handlers.core.requests import Conversation, Request, Sender, Value
from handlers.core.text import one_line
from handlers.core.ui import Button, Card
from sales.calendar import WorkCalendar
from sales.contacts import mask_contacts
from sales.days import Order
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

_MONTH_FIRST = frozenset(("CN", "TW", "JP", "KR", "US", "CA", "PH"))
"""Countries that write the month before the day: 5/12 is in May."""
NOWHERE = Conversation("", "", private=True)


def date_order(country: str) -> Order:
    """Which of the two numbers of ``5/12`` is the month in a country (ISO code)."""
    return "mdy" if country in _MONTH_FIRST else "dmy"


@dataclass(frozen=True, slots=True)
class TaskOrigin:
    """Why an automation gave a task, in words, with the buttons to overrule it."""

    words: str = ""
    buttons: tuple[Button, ...] = ()


class NoticeCard(Protocol):
    """Draws a notice of any kind; None when its occasion is over."""

    def __call__(self, notice: Notice, context: "Context", /, *, again: bool) -> Card | None: ...


@dataclass(frozen=True, slots=True)
class Composition:
    """Functions that need every subject, passed in so that no subject imports its siblings. They
    draw the lead card with a section from each subject, draw the card for any notice, find where a
    task comes from, and apply the consequences of an event."""

    lead_card: Callable[[Lead, "Context"], Card]
    notice_card: NoticeCard
    task_origin: Callable[[int, "Context"], TaskOrigin]
    consequences: Mapping[type, Callable[[Any, "Context"], None]]


@dataclass(frozen=True, slots=True)
class Context:
    """A request being answered or a job being run, inside its unit of work. A job has no requester:
    its ``actor`` is ``SYSTEM`` and its request is empty."""

    request: Request
    actor: Person
    uow: UnitOfWork
    now: datetime
    language: Language
    playbook: Playbook
    composition: Composition
    cause: int | None = None
    """The automation run on whose behalf this context acts."""
    public_url: str = ""
    """The address at which others reach the HTTP server; empty when it is not public."""
    company_locale: str = ""
    """The language of what belongs to nobody in particular."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "language", self.language.at(self.now))

    def lead_card(self, lead: Lead) -> Card:
        """The lead's card as the actor sees it, with the sections of every subject."""
        return self.composition.lead_card(lead, self)

    def notice_card(self, notice: Notice, *, again: bool) -> Card | None:
        """The notice's card as the actor sees it. ``again`` redraws a card posted before: something
        that is over is then shown as over."""
        return self.composition.notice_card(notice, self, again=again)

    def task_origin(self, task_id: int) -> TaskOrigin:
        """Which automation gave the task, if any."""
        return self.composition.task_origin(task_id, self)

    def publish(self, event: Event) -> None:
        """Apply every consequence of ``event``, in this unit of work."""
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
        """The company's working hours."""
        return WorkCalendar(self.playbook.working_hours, self.timezone)

    def calendar_of(self, person_id: int | None) -> WorkCalendar:
        """The person's working hours, in their own timezone; the company's where they have none of
        their own."""
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
        """The date in the person's timezone, for dates that they plan themselves."""
        return self.now.astimezone(self.language.zone).date()

    @property
    def clock_here(self) -> time:
        """The time of day in the person's timezone, from which they count hours."""
        return self.now.astimezone(self.language.zone).time()

    @property
    def country(self) -> str:
        """The country (ISO code) whose phone numbers the actor types without a country code."""
        countries = self.language.countries
        if not countries.by_team or not self.actor.team_id:
            return countries.home
        teams = {team.id: team.name for team in self.uow.people.teams()}
        return countries.of(teams.get(self.actor.team_id, ""))

    @property
    def figures(self) -> Order:
        """Which of the two numbers of ``5/12`` is the month, where the actor works."""
        return date_order(self.country)

    @property
    def pressed(self) -> str:
        """The value of the button that was pressed."""
        return self.request.state.get("value", "")

    def midnight(self, day: date) -> datetime:
        """The instant at which a day begins in the company's timezone."""
        return datetime.combine(day, time(), self.timezone)

    def midnight_here(self, day: date) -> datetime:
        """The instant at which a day begins in the person's timezone."""
        return datetime.combine(day, time(), self.language.zone)

    def typed(self, name: str) -> str:
        """A field's value as one stripped text; empty when absent."""
        value: Value = self.request.values.get(name, "")
        return value.strip() if isinstance(value, str) else ", ".join(value)

    def ticked(self, name: str) -> tuple[str, ...]:
        """The selected values of a checklist or a multiple choice."""
        value: Value = self.request.values.get(name, ())
        return (value,) if isinstance(value, str) else tuple(value)

    def line(self, name: str) -> str:
        """A field's value on one line."""
        return one_line(self.typed(name))

    def said(self, words: str) -> str:
        """Text that somebody typed about a lead (need, follow-up, reason), with contacts masked for
        display. Cards are masked as a whole; this is for text that goes elsewhere. Remarks and
        objections are masked when they are saved, and discovery notes refuse contacts: nobody looks
        for one there."""
        return mask_contacts(words)

    def text(self, key: str, **params: object) -> str:
        return self.language.text(key, **params)


@dataclass(frozen=True, slots=True)
class ContextFactory:
    """Creates every context from the dependencies they share."""

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
        """The context for answering a request."""
        return Context(
            request,
            actor,
            uow,
            now or self.now(),
            language,
            uow.playbooks.current(),
            self.composition,
            public_url=self.public_url,
            company_locale=self.languages.default,
        )

    def unasked(
        self,
        uow: UnitOfWork,
        *,
        reader: Person = SYSTEM,
        locale: str = "",
        where: Conversation = NOWHERE,
        now: datetime | None = None,
        marks_moments: bool = False,
    ) -> Context:
        """A context without a request. For a job, or to render text for ``reader`` or for everybody
        who reads a channel (``where``), marked for a platform that shows each their own time."""
        request = Request("", "", Sender("", ""), where)
        language = self.languages(locale, reader.timezone)
        if where.id and not where.private:
            names_zone = _in_several_zones(uow, language.timezone, self.now())
            language = language.for_channel(marks=marks_moments, names_zone=names_zone)
        return self.of_request(request, reader, uow, language, now=now)


def _in_several_zones(uow: UnitOfWork, company: tzinfo, now: datetime) -> bool:
    """Whether somebody's clock shows another time than the company's."""
    zones = {person.timezone for person in uow.people.everyone() if person.active}
    offset = now.astimezone(company).utcoffset()
    return any(now.astimezone(ZoneInfo(zone)).utcoffset() != offset for zone in zones if zone)
