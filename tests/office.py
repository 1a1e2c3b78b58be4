"""A company on an in-memory chat: the whole product, no network, a clock that stands still.

Requests go through the router as a platform's adapter would bring them; due work is done and
delivered when a test says so.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import LargeBinary, select, type_coerce

from bot.app import Storage
from bot.platforms import Address, Health, Refused, Thread
from handlers.core.replies import Reply
from handlers.core.requests import Conversation, Request, Sender, Upload, Value
from handlers.core.ui import Button, Card, Form
from handlers.signals.service import take_signal
from sales.assignments import Offer
from sales.channel_privacy import Readers, Told
from sales.followups import FollowUp
from sales.leads import Lead
from sales.opportunities import Opportunity
from sales.people import SYSTEM, Identity, Person, Role, Team
from sales.playbook import Playbook
from sales.signals import Signal, SignalKind
from sales.targets import Quarter
from sales.tasks import Task
from storage import tables
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.unit_of_work import UnitOfWork
from tests.cards import problems_of
from tests.clock import MovableClock
from tests.forms import form_problems
from tests.plain_text import card_texts, form_texts, is_own, raw_values, unlabelled
from tests.world import TestSettings, World

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLATFORM = "desk"
Standing = Literal["member", "guest", "outsider"]
EAST, WEST = "East", "West"
PEOPLE = {
    "ada": ("Ada Admin", Role.ADMIN, EAST),
    "max": ("Max Manager", Role.MANAGER, EAST),
    "robin": ("Robin Sample", Role.REP, EAST),
    "dana": ("Dana Example", Role.REP, EAST),
    "wes": ("Wes Manager", Role.MANAGER, WEST),
    "kim": ("Kim Sample", Role.REP, WEST),
}
LEAD: Mapping[str, str] = {
    "customer": "Acme Sample Ltd",
    "source": "ads",
    "contact": "Zhang Sample",
    "title": "Purchasing manager",
    "phone": "138 1234 5678",
    "email": "zhang@acme.example",
    "budget": "15-20万",
    "need": "wants a customer tool",
    "industry": "it",
    "region": "east",
    "authority": "manager",
    "clarity": "clear",
    "timeframe": "month",
}


@dataclass
class Posted:
    """A message in a conversation; ``card`` in its current state."""

    to: str
    card: Card
    locale: str
    thread: Thread | None = None
    redrawn: int = 0


@dataclass
class Desk:
    """A platform that records what was posted."""

    name: str = PLATFORM
    seconds_between_sends: float = 0.0
    can_edit: bool = True
    has_threads: bool = True
    takes_replies: bool = True
    has_todos: bool = False
    has_calendar: bool = False
    posted: list[Posted] = field(default_factory=list)
    look_at: Callable[[Card, str], None] | None = None
    members: dict[str, Readers] = field(default_factory=dict)
    """The readers of a channel; by default leaders only."""
    refuses: dict[str, Refused] = field(default_factory=dict)
    """The refusal of messages for an address, or for any (``*``)."""

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return

    async def post(
        self, to: Address, card: Card, *, locale: str, thread: Thread | None = None
    ) -> str:
        if refused := self.refuses.get(to.id) or self.refuses.get("*"):
            raise refused
        if self.look_at:
            self.look_at(card, locale)
        self.posted.append(Posted(to.id, card, locale, thread))
        return str(len(self.posted) - 1)

    async def edit(self, to: Address, ref: str, card: Card, *, locale: str) -> None:
        message = self.posted[int(ref)]
        assert message.to == to.id
        if self.look_at:
            self.look_at(card, locale)
        message.card = card
        message.redrawn += 1

    def link(self, ref: str, lead: str) -> str:
        return f"https://desk.example/{ref}" if ref else ""

    async def readers(self, channel: str, known: Collection[str]) -> Readers:
        return self.members.get(channel, Readers(Told.ALL, frozenset({"ada", "max"})))

    def health(self) -> Health:
        return Health(ok=True)


_FIT: set[int] = set()
"""Cards that were found without a problem, by their hash: most are shown by many tests."""


class Office:
    """``PEOPLE`` at work, each with an account of the same name."""

    def __init__(self, world: World, locale: str) -> None:
        self.world = world
        self.unfit: list[str] = []
        """The problems of the cards and forms that were shown so far."""
        self.typed: list[str] = [*LEAD.values(), *(name for name, _, _ in PEOPLE.values())]
        """What was typed by people or came from elsewhere, so that it may look as it likes."""
        self.desk = Desk(look_at=self._look_at)
        self.world.platforms[PLATFORM] = self.desk
        self.locale = locale
        self.language = world.languages(locale)
        self.people: dict[str, Person] = {}
        self.teams: dict[str, Team] = {}
        self.requests = count(1)
        self.standing: dict[str, Standing] = {}
        """Accounts that the platform reports as no members."""
        self.made: Any = None

    def found(self) -> None:
        """Hire the whole staff, in an empty database."""
        world, locale = self.world, self.locale
        with world.new_uow() as uow:
            for name in (EAST, WEST):
                self.teams[name] = uow.people.add_team(Team(name=name))
            for account, (name, role, team) in PEOPLE.items():
                team_id = self.teams[team].id
                new = Person(name=name, role=role, team_id=team_id, locale=locale)
                self.people[account] = person = uow.people.add(new)
                uow.people.link(Identity(PLATFORM, account, person.id), world.clock.now())
            uow.commit()
        self.world.prepare_database()

    def say(self, key: str, **params: Any) -> str:
        return self.language.text(key, **params)

    def rules(self, **rules: Any) -> None:
        self.world.rules(Playbook(**rules))

    def request(
        self,
        account: str,
        action: str,
        *,
        pressed: str | None = None,
        text: str = "",
        state: Mapping[str, str] | None = None,
        values: Mapping[str, Value] | None = None,
        channel: str = "",
        locale: str | None = None,
        upload: Upload | None = None,
    ) -> Request:
        pressed_state = {} if pressed is None else {"value": pressed}
        return Request(
            id=f"{PLATFORM}:{next(self.requests)}",
            action=action,
            sender=Sender(
                PLATFORM,
                account,
                locale=self.locale if locale is None else locale,
                standing=self.standing.get(account, "member"),
            ),
            conversation=Conversation(PLATFORM, channel or account, private=not channel),
            text=text,
            values=values or {},
            state=state if state is not None else pressed_state,
            upload=upload,
        )

    def ask(self, account: str, action: str, **asked: Any) -> Reply:
        return self.send(self.request(account, action, **asked))

    def send(self, request: Request) -> Reply:
        self._hear(request)
        reply = self.world.router.dispatch(request)
        self._read((reply.toast, *reply.errors.values()), request.action)
        for card in (reply.card, reply.update):
            if card is not None:
                self._look_at(card, self.locale)
        if reply.form is not None:
            self.unfit += form_problems(reply.form)
            self._read(form_texts(reply.form), reply.form.action)
        return reply

    def _hear(self, request: Request) -> None:
        values = request.values.values()
        words = [text for one in values for text in ((one,) if isinstance(one, str) else one)]
        self.typed += [text for text in words if text and not is_own(text)]
        self.typed += [text for text in (request.text, request.sender.name) if text]
        if upload := request.upload:
            self.typed += [upload.name, upload.content.decode(errors="ignore")]

    def _read(self, texts: Iterable[str], where: str) -> None:
        shown = tuple(text for text in texts if text)
        if shown and (drawn := hash(shown)) not in _FIT:
            if raw := raw_values(shown, self.typed):
                self.unfit += [f"{where}: {problem}" for problem in raw]
            else:
                _FIT.add(drawn)

    def _look_at(self, card: Card, locale: str) -> None:
        language = self.world.languages(locale)
        drawn = hash((card, language.locale, language.currency, str(language.zone)))
        if drawn not in _FIT:
            problems = problems_of(card, language) + unlabelled(card)
            problems += [f"{card.title}: {raw}" for raw in raw_values(card_texts(card), self.typed)]
            self.unfit += problems
            if not problems:
                _FIT.add(drawn)

    def submit(self, account: str, form: Form, **typed: Value) -> Reply:
        """Submit a form as it came, changing what is ``typed``."""
        filled: dict[str, Value] = {one.name: getattr(one, "value", "") for one in form.fields}
        return self.ask(account, form.action, values=filled | typed, state=form.state)

    def press(self, account: str, card: Card, label: str, **params: Any) -> Reply:
        button = button_of(card, self.say(label, **params))
        return self.ask(account, button.action, pressed=button.value)

    async def settle(self) -> None:
        await self.world.settle()

    async def travel(self, *to: int) -> None:
        """Advance the clock to a moment in Shanghai, then run what became due."""
        moment = list(to) + [0] * (5 - len(to))
        year, month, day, hour, minute = moment[:5]
        await self.world.travel(datetime(year, month, day, hour, minute, tzinfo=SHANGHAI))

    def inbox(self, account: str, *, reports: bool = False) -> list[Card]:
        """What somebody or a channel got. Weekly ``reports`` come on Mondays, whatever a test is
        about: without them."""
        cards = [message.card for message in self.desk.posted if message.to == account]
        return [card for card in cards if reports or not card.subject.startswith("weekly_report")]

    def hire(self, account: str, name: str, role: Role, team: str = EAST) -> Person:
        """Hire one more person, with an account of the same name."""
        new = Person(name=name, role=role, team_id=self.teams[team].id, locale=self.locale)
        with self.world.new_uow() as uow:
            self.people[account] = person = uow.people.add(new)
            uow.people.link(Identity(PLATFORM, account, person.id), self.world.clock.now())
            uow.commit()
        return person

    def decide(self, who: str, label: str, by: str = "ada", **params: str) -> Reply:
        """Press a button, as an admin, on the card of a person who asks to be let in."""
        people = self.ask(by, "people.open").card
        assert people is not None
        card = self.press(by, people, "button.decide", name=who).card
        assert card is not None
        return self.press(by, card, label, **params)

    def let_in(self, account: str, name: str, *, by: str = "ada") -> Person:
        """Let in, as an admin, a person who wrote before, as the rules say."""
        team = min(team.name for team in self.teams.values())
        self.decide(name, "button.let_in", by, role=self.say("role.rep"), team=team)
        with self.world.new_uow(read_only=True) as uow:
            person = uow.people.find(PLATFORM, account)
        assert person is not None
        self.people[account] = person
        return person

    def log_lead(self, account: str = "max", **typed: str) -> Lead:
        """Log a lead through the form; returns the newest lead afterwards."""
        reply = self.ask(account, "lead.create", values=dict(LEAD) | typed)
        assert not reply.errors, reply.errors
        return self.leads()[0]

    def leads(self) -> list[Lead]:
        """All leads, newest first."""
        with self.world.new_uow(read_only=True) as uow:
            return uow.leads(SYSTEM).search("", 1000)

    def lead(self, lead_id: int = 1) -> Lead:
        with self.world.new_uow(read_only=True) as uow:
            return uow.leads(SYSTEM).get(lead_id)

    def history(self, lead_id: int = 1) -> list[FollowUp]:
        """The history of a lead, newest first."""
        with self.world.new_uow(read_only=True) as uow:
            return uow.followups(SYSTEM).of_lead(lead_id, 100)

    def tasks(self, lead_id: int = 1) -> list[Task]:
        """The tasks that are not cancelled, oldest first."""
        with self.world.new_uow(read_only=True) as uow:
            return uow.tasks(SYSTEM).of_lead(lead_id)[::-1]

    def offers(self, lead_id: int = 1) -> list[Offer]:
        with self.world.new_uow(read_only=True) as uow:
            return uow.offers.history(lead_id)

    def person(self, account: str) -> Person:
        with self.world.new_uow(read_only=True) as uow:
            return uow.people.get(self.people[account].id)

    def owner(self, lead_id: int = 1) -> str:
        owner_id = self.lead(lead_id).owner_id
        return next((a for a, person in self.people.items() if person.id == owner_id), "")

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, for comparing before and after."""
        found = tables.metadata.tables[table]
        with self.world.database.read() as connection:
            rows = connection.execute(select(found).order_by(*found.primary_key.columns))
            return [dict(row) for row in rows.mappings()]

    def stored(self, names: Iterable[str]) -> dict[str, list[Any]]:
        """The rows of tables as the driver gives them, only for comparing before and after: a
        tenth of the time of ``rows``."""
        with self.world.database.read() as connection:
            return {
                name: [tuple(row) for row in connection.exec_driver_sql(_all_of(name))]
                for name in names
            }

    def sealed(self, table: str, column: str) -> list[bytes]:
        """A column as stored in the database."""
        found = tables.metadata.tables[table]
        as_it_is = type_coerce(found.c[column], LargeBinary)
        with self.world.database.read() as connection:
            query = select(as_it_is).order_by(*found.primary_key.columns)
            return list(connection.scalars(query))

    def change_lead(self, lead_id: int, change: Callable[[Lead], Lead]) -> None:
        with self.world.new_uow() as uow:
            leads = uow.leads(SYSTEM)
            leads.save(change(leads.get(lead_id)))
            uow.commit()

    def change_person(self, account: str, change: Callable[[Person], Person]) -> None:
        with self.world.new_uow() as uow:
            uow.people.save(change(uow.people.get(self.people[account].id)))
            uow.commit()


@cache
def _all_of(name: str) -> str:
    key = ", ".join(column.name for column in tables.metadata.tables[name].primary_key.columns)
    return f'SELECT * FROM "{name}" ORDER BY {key}'  # noqa: S608 - our own tables


def signalled(
    office: Office, kind: SignalKind, event: str = "test:1", *, lead_id: int = 1, value: int = 0
) -> Signal | None:
    """What an entry point of the product does when a customer did something."""
    with office.world.new_uow() as uow:
        lead = uow.leads(SYSTEM).get(lead_id)
        signal = take_signal(lead, kind, event, office.world.context(uow), value=value or None)
        uow.commit()
    return signal


def an_opportunity(uow: UnitOfWork, lead_id: int) -> Opportunity:
    """An opportunity suggested by a customer's usage."""
    now = datetime(2024, 3, 1, tzinfo=SHANGHAI)
    signal = uow.signals(SYSTEM).record(
        Signal(
            lead_id=lead_id, kind=SignalKind.USAGE_UP, at=now, event=f"usage:{lead_id}", value=40
        )
    )  # fmt: skip
    assert signal
    return uow.opportunities(SYSTEM).add(
        Opportunity(lead_id=lead_id, signal_id=signal.id, quarter=Quarter(2024, 2), at=now)
    )


@contextmanager
def open_office(
    database: Database,
    fields: Fields,
    now: datetime,
    locale: str = "en",
    *,
    enter: Callable[[Office], None] = Office.found,
    **more: Any,
) -> Iterator[Office]:
    """Open an office. The caller owns the database; ``more`` are further settings."""
    named = locale.replace("_", "-")
    settings = TestSettings.of(**{"genjin_web_chat": "off", "genjin_locale": named, **more})
    world = World(settings, Storage(database, fields), MovableClock(now))
    office = Office(world, locale)
    enter(office)
    yield office
    world._threads.shutdown()
    assert not office.unfit, office.unfit


def buttons_of(card: Card) -> list[Button]:
    return list(dict.fromkeys((*card.buttons, *card.more, *card.every_button)))


def button_of(card: Card, label: str) -> Button:
    found = [button for button in buttons_of(card) if button.label == label]
    assert found, f"no {label!r} among {[button.label for button in buttons_of(card)]}"
    return found[0]


def words_of(shown: object) -> str:
    """All text of a reply, card or form, shown or carried."""
    return repr(shown)
