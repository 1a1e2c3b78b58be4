"""Fixtures of the delivery: an outbox with Robin and Kim, a scripted platform, a delivery."""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

import pytest
from structlog.testing import capture_logs

from bot.delivery import Delivery
from bot.sending import SendingLimits
from handlers.core.ui import Card
from sales.notices import DigestDetails, DigestReady, LeadOffered, LeadUnclaimed, Notice
from sales.people import Identity
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.dead_letters import DeadLetters
from storage.outbox.lanes import Outcome
from storage.outbox.outbox import Recipient
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY, MovableClock
from tests.delivery.platform import ScriptedPlatform
from tests.storage.company import Company, found_company


@dataclass
class Words:
    """Composes a card ``<kind> <field>…``; living if ``subject`` is set.

    ``trouble`` is met first, one by one: None makes the notice moot.
    """

    subject: str = ""
    version: str = ""
    trouble: list[Exception | None] = field(default_factory=list)
    meanwhile: list[Callable[[], None]] = field(default_factory=list)
    """Called after a card was composed, as if something changed before it was sent."""

    def __call__(
        self, notice: Notice, to: Recipient, *, again: bool = False, **_more: object
    ) -> tuple[Card, str] | None:
        if self.trouble:
            trouble = self.trouble.pop(0)
            if trouble is not None:
                raise trouble
            return None
        match notice:
            case LeadOffered(number) | LeadUnclaimed(number):
                title = f"{notice.kind} {number}{self.version}"
            case _:
                title = notice.kind
        card = Card(title=title, subject=self.subject)
        if isinstance(notice, DigestReady):
            card = replace(card, starts=f"digest:{notice.week}")
        if isinstance(notice, DigestDetails):
            card = replace(card, thread=f"digest:{notice.week}")
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return card, ""


@dataclass
class Post:
    """The post office of a test: an outbox, and a delivery to drain it with."""

    units: UnitOfWorkFactory
    company: Company
    clock: MovableClock
    platform: ScriptedPlatform
    words: Words

    def put(self, *notices: Notice, to: Recipient | None = None) -> None:
        # Of two conversations that are ready at the same instant either may go first.
        self.clock.advance(timedelta(microseconds=1))
        with self.units() as uow:
            for notice in notices:
                uow.outbox.add(notice, self.company.robin.id if to is None else to)
            uow.commit()

    def refresh(self, subject: str) -> None:
        with self.units() as uow:
            uow.outbox.refresh(subject)
            uow.commit()

    def delivery(self, **limits: float) -> Delivery:
        known = SendingLimits(**limits)  # type: ignore[arg-type]
        platforms = {self.platform.name: self.platform}
        return Delivery(self.units.database, platforms, self.words, self.clock, limits=known)

    def outcome(self, state: Literal["sent", "dead"]) -> Outcome:
        return Outcome(state)

    @property
    def letters(self) -> DeadLetters:
        return DeadLetters(self.units.database)

    @property
    def titles(self) -> list[str]:
        return [title for _, title in self.platform.posts]


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """Captures the log instead of printing it."""
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def post(database: Database, fields: Fields) -> Post:
    clock = MovableClock()
    units = UnitOfWorkFactory(database, fields, now=clock.now)
    company = found_company(units)
    with units() as uow:
        uow.people.link(Identity("slack", "U-ROBIN", company.robin.id), MONDAY)
        uow.people.link(Identity("slack", "U-BO", company.boss.id), MONDAY)
        uow.commit()
    return Post(units, company, clock, ScriptedPlatform(), Words())
