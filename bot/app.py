"""The composition root: with ``bot/connections.py`` the only place that names concrete classes.

``build`` wires a process from its settings; ``run_until_stopped`` runs one.
"""

import asyncio
import contextlib
import random
import signal
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from bot import VERSION, sample
from bot.audience import Audience
from bot.clock import Clock, SystemClock
from bot.connections import connect_intake, connect_platforms, connect_proposals
from bot.delivery import Delivery
from bot.file_reader import FileReader
from bot.jobs import Jobs
from bot.memory import StoredMemory
from bot.metrics import Metrics
from bot.platforms import Platform
from bot.server import PortTaken, WebServer, web_app
from bot.settings import Settings
from handlers import digest, work
from handlers.audience import ASKS_WHO_READS, channel_of
from handlers.automation import running as automations
from handlers.language import Languages
from handlers.library.sharing import ensure_sharing
from handlers.notices import Composer
from handlers.pool.returning import ensure_pool_days
from handlers.proposal.reading import ReadingRoom
from handlers.quiet.hold import Hold
from handlers.reception import Arrival, Outcome, Reception
from handlers.requests import Reply, Request
from handlers.router import Router
from handlers.routes import ROUTES
from handlers.sync import agenda as sync
from handlers.turns import Turn
from sales.errors import StorageUnavailable
from sales.ports import UnitOfWork, Work
from storage.engine import Database, open_database
from storage.fields import Fields
from storage.figures import FigureQueries
from storage.keyring import keyring_in, parse_keyring
from storage.schema import check, migrate
from storage.unit_of_work import UnitsOfWork

log = structlog.get_logger(__name__)
WORKERS = 2
"""Threads for requests: more would only queue for SQLite's one writer."""
LONGEST_PAUSE = 30.0
WHILE_ASKED = 1.0
"""Seconds to find out who reads a channel while somebody waits for an answer."""
PORT_TAKEN = 3


@dataclass(frozen=True, slots=True)
class Storage:
    """The database with the keys that open its sealed fields."""

    database: Database
    fields: Fields


def open_storage(settings: Settings) -> Storage:
    """Raises ValueError for a URL or keys that cannot be right. Connects only when used."""
    url = settings.database_url.get_secret_value()
    if not url and settings.is_demo:
        # The invented company must never mix with a real one.
        url = f"sqlite:///{settings.genjin_data_dir / 'demo.db'}"
    database = open_database(url, settings.genjin_data_dir)
    keys = settings.genjin_secret_keys.get_secret_value()
    keyring = parse_keyring(keys) if keys else keyring_in(settings.genjin_data_dir / "secret.keys")
    return Storage(database, Fields(keyring))


def open_units(settings: Settings) -> UnitsOfWork:
    """Units of work for a command that runs beside the process, on a current schema."""
    storage, clock = open_storage(settings), SystemClock()
    migrate(storage.database)
    return UnitsOfWork(storage.database, storage.fields, FigureQueries, now=clock.now)


def build(settings: Settings, clock: Clock | None = None) -> "Genjin":
    """A process, wired and not started. Raises ValueError like ``open_storage``."""
    return Genjin(settings, open_storage(settings), clock or SystemClock())


class Genjin:
    """One process: its platforms, its clock and its delivery, on one database."""

    def __init__(self, settings: Settings, storage: Storage, clock: Clock) -> None:
        self.settings = settings
        self.database = storage.database
        self.fields = storage.fields
        self.clock = clock
        self.languages = Languages(
            settings.timezone, settings.genjin_currency, settings.genjin_locale
        )
        self.new_uow = UnitsOfWork(
            storage.database,
            storage.fields,
            FigureQueries,
            now=clock.now,
            mails=settings.has_mail,
            committed=self._something_to_deliver,
        )
        self.router = Router(ROUTES, self.new_uow, self.languages, clock.now, settings.site)
        self.registry = CollectorRegistry()
        self._metrics = Metrics(self.registry)
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="request")
        memory = StoredMemory(storage.database, storage.fields, clock)
        connected = connect_platforms(self, memory)
        self.platforms: dict[str, Platform] = connected.platforms
        self.reception = Reception(self.new_uow, self.languages, clock.now)
        self.reading_room = ReadingRoom(self.new_uow, self.languages, clock.now)
        self.routes = [
            *connected.routes,
            *connect_intake(self, memory),
            *connect_proposals(self, memory),
        ]
        composer = Composer(self.new_uow, self.languages, clock.now)
        hold = Hold(self.new_uow, self.languages, clock.now)
        self.audience = Audience(self.platforms, self.new_uow)
        self.delivery = Delivery(
            storage.database,
            self.platforms,
            composer,
            clock,
            hold=hold,
            who_reads=self.audience,
        )
        self.jobs = Jobs(self.new_uow, self.perform, clock)
        self.file_reader = FileReader(self.new_uow, self.languages, clock.now)
        self._booting: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()

    async def dispatch(self, request: Request) -> Reply:
        """Run a request in a thread, measured. Never raises."""
        loop = asyncio.get_running_loop()
        if request.action in ASKS_WHO_READS and (channel := channel_of(request)):
            request = await self._with_readers(request, channel)
        # A made-up action does not make a new label.
        with self._metrics.timing(request.action if request.action in ROUTES else "unknown"):
            reply = await loop.run_in_executor(self._threads, self.router.dispatch, request)
        if request.upload:
            self.file_reader.wake()
        return reply

    async def _with_readers(self, request: Request, channel: str) -> Request:
        where = request.conversation
        try:
            readers = await self.audience(where.platform, channel, WHILE_ASKED)
        except StorageUnavailable:
            return request  # The answer says so.
        return replace(request, conversation=replace(where, readers=readers))

    async def receive(self, arrival: Arrival) -> Outcome:
        """Take in what comes from outside, in a thread, measured. Raises like
        ``Reception.take``."""
        loop = asyncio.get_running_loop()
        with self._metrics.timing(f"intake.{arrival.via}"):
            return await loop.run_in_executor(self._threads, self.reception.take, arrival)

    def perform(self, due: Work, uow: UnitOfWork, now: datetime) -> None:
        """Do one piece of due work inside its unit of work."""
        work.PERFORM[due.kind](due, Turn.unasked(uow, self.languages, now))

    async def start(self) -> None:
        """Begin everything. Returns at once: an unreachable database or a refused token is
        retried in the background and shown by ``health``."""
        self._booting = asyncio.create_task(self._boot())
        await asyncio.gather(*(platform.start() for platform in self.platforms.values()))

    async def stop(self) -> None:
        """Receive no more, finish what is under way, let go of the database."""
        if self._booting:
            self._booting.cancel()
            await asyncio.gather(self._booting, return_exceptions=True)
        await asyncio.gather(*(platform.stop() for platform in self.platforms.values()))
        await self.file_reader.stop()
        await self.jobs.stop()
        await self.delivery.stop()
        self._threads.shutdown()
        self.database.dispose()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Platforms connected and nothing else: how ``doctor`` hears how they are."""
        await asyncio.gather(*(platform.start() for platform in self.platforms.values()))
        try:
            yield
        finally:
            await asyncio.gather(*(platform.stop() for platform in self.platforms.values()))
            self._threads.shutdown()
            self.database.dispose()

    def health(self) -> dict[str, Any]:
        """What ``/health`` shows: the database, every platform, and what waits."""
        language = self.languages()
        state = check(self.database)
        database = [language.text(f"health.{problem}") for problem in state.problems]
        platforms = {}
        for name, platform in self.platforms.items():
            told = platform.health()
            problem = language.text(told.problem) if told.problem else ""
            advice = language.text(told.advice) if told.advice else ""
            platforms[name] = {"ok": told.ok, "problem": problem, "advice": advice}
        serious = [p for p in state.problems if p.startswith("database")]
        return {
            "ok": self.ready.is_set() and not serious and all(p["ok"] for p in platforms.values()),
            "ready": self.ready.is_set(),
            "version": VERSION,
            "database": {"kind": state.dialect, "problems": database},
            "platforms": platforms,
        }

    async def _boot(self) -> None:
        """Bring the database up, however long it takes; then start the clock and delivery."""
        pause = 0.5
        while True:
            try:
                await asyncio.to_thread(self.prepare_database)
                break
            except StorageUnavailable:
                log.warning("database_unreachable", retry_in=round(pause, 1))
                await asyncio.sleep(pause * (1 + random.random() / 4))  # noqa: S311 - jitter
                pause = min(pause * 2, LONGEST_PAUSE)
        if self.database.dialect == "sqlite":
            await self.delivery.take_over()
        await self.delivery.start()
        await self.jobs.start()
        await self.file_reader.start()
        self.ready.set()
        log.info("ready", platforms=sorted(self.platforms), database=self.database.dialect)

    def prepare_database(self) -> None:
        """Bring the schema up, invent the demo's company, see that digests are planned.

        Raises StorageUnavailable.
        """
        migrate(self.database)
        now = self.clock.now()
        with self.new_uow() as uow:
            turn = Turn.unasked(uow, self.languages, now)
            if self.settings.is_demo and sample.is_empty(uow):
                sample.fill(uow, turn)
            digest.ensure_digests(turn)
            ensure_pool_days(turn)
            sync.ensure_syncs(turn)
            ensure_sharing(turn)
            automations.ensure_sweep(turn)
            uow.commit()

    def _something_to_deliver(self) -> None:
        self.delivery.wake()


async def run_until_stopped(settings: Settings) -> int:
    """Run one process until SIGINT or SIGTERM; gives the exit status."""
    try:
        genjin = build(settings)
    except ValueError as error:
        sys.stderr.write(f"genjin: {error}\n")
        return 2
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    app = web_app(genjin.routes, genjin.health, genjin.registry)
    server = WebServer(app, settings.web_host, settings.web_port, genjin.stop)
    try:
        async with server.serving():
            await genjin.start()
            await genjin.ready.wait() if settings.is_demo else None
            _greet(genjin, server.address)
            await stopped.wait()
    except PortTaken as error:
        sys.stderr.write(f"genjin: {error}. Choose another with WEB_PORT.\n")
        return PORT_TAKEN
    return 0


def _greet(genjin: Genjin, address: str) -> None:
    """The first thing a person sees: where to go."""
    language = genjin.languages()
    if "web" in genjin.platforms:
        sys.stdout.write(language.text("run.web_chat", address=address) + "\n")
    names = [name for name in genjin.platforms if name != "web"]
    if names:
        sys.stdout.write(language.text("run.platforms", names=language.listing(names)) + "\n")
        sys.stdout.write(language.text("run.health", address=f"{address}/health") + "\n")
    sys.stdout.flush()
