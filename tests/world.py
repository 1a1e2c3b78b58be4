"""The whole product for a story: real database, real SDKs, local servers, a fixed clock.

Nothing runs in the background: ``settle`` does what is due and delivers it, so a story never waits
for real time.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic_settings import SettingsConfigDict

from bot.app import Genjin, Storage
from bot.platforms import Dispatch
from bot.settings import Settings
from handlers.core.context import Context
from handlers.core.replies import Reply
from handlers.core.requests import Request
from sales.people import Identity, Person, Role, Team
from sales.playbook import Playbook
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.lanes import Lanes
from storage.outbox.refusals import Refusals
from tests.clock import MovableClock

LEASE = timedelta(minutes=1)
LONGEST_PACE = timedelta(seconds=30)


class TestSettings(Settings):
    """Settings from a test alone: neither this machine's environment nor a developer's .env."""

    __test__ = False
    model_config = SettingsConfigDict(env_file=None, env_prefix="GENJIN_TESTS_ONLY_")

    @classmethod
    def of(cls, **values: Any) -> Settings:
        return cls.model_validate(values)


class World(Genjin):
    """A Genjin whose ``dispatch`` a test may listen to."""

    clock: MovableClock
    listen: Callable[[Dispatch], Dispatch] | None = None

    async def dispatch(self, request: Request) -> Reply:
        inner = super().dispatch
        return await (self.listen(inner) if self.listen else inner)(request)

    def hire(self, platform: str, people: Mapping[str, tuple[str, Role]], locale: str) -> None:
        """A team with accounts on a platform: ``{external id: (name, role)}``."""
        with self.new_uow() as uow:
            team = uow.people.add_team(Team(name="East"))
            for account, (name, role) in people.items():
                person = uow.people.add(
                    Person(name=name, role=role, team_id=team.id, locale=locale)
                )
                uow.people.link(Identity(platform, account, person.id), self.clock.now())
            uow.commit()
        self.prepare_database()

    def rules(self, playbook: Playbook) -> None:
        with self.new_uow() as uow:
            by = uow.people.everyone()[0]
            uow.playbooks.store(playbook, by, self.clock.now())
            uow.commit()

    def context(self, uow: Any) -> Context:
        return self.contexts.unasked(uow)

    async def settle(self) -> None:
        """Do what is due and deliver all of it, except what a platform refuses.

        The pauses platforms require cost no real time.
        """
        while True:
            while await self.file_reader.read_next():
                pass
            done = await self.jobs.tick() + await self.delivery.drain()
            ready_at = Lanes(self.database, LEASE).next_ready_at(self.clock.now())
            if ready_at is None:
                return
            refused = Refusals(self.database).all()
            if refused and ready_at - self.clock.now() > LONGEST_PACE:
                if not done:
                    return
                continue
            self.clock.advance(max(ready_at - self.clock.now(), timedelta(milliseconds=1)))

    async def travel(self, to: datetime) -> None:
        """Advance the clock, then run what became due."""
        self.clock.advance(max(to - self.clock.now(), timedelta(0)))
        await self.settle()

    def bound_channels(self) -> int:
        with self.new_uow(read_only=True) as uow:
            return sum(len(uow.channels.of_team(team.id)) for team in uow.people.teams())


@asynccontextmanager
async def open_world(
    settings: Settings, database: Database, fields: Fields, now: datetime
) -> AsyncIterator[World]:
    """A product with its platforms connected. The caller owns the database."""
    world = World(settings, Storage(database, fields), MovableClock(now))
    async with world.listening():
        yield world
