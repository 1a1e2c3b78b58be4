"""The composition root: with ``bot/connections.py`` the only place that names concrete classes.

``build`` wires a process from its settings; ``bot/run.py`` runs one.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from bot import VERSION, first_admin, sample
from bot.alerts import Admin, Alerts
from bot.audit.health import AuditHealth
from bot.backups.runner import BackupRunner, backup_conditions
from bot.boot import Boot, WaitsFor
from bot.charts import Charts
from bot.clock import Clock, SystemClock
from bot.connections import (
    StoredMemory,
    Wiring,
    connect_intake,
    connect_platforms,
    connect_proposals,
)
from bot.customer_mails import SENDS_EVERY, CustomerMails, SendsLetters
from bot.database_health import DatabaseHealth, file_conditions, key_conditions, known_flaws
from bot.delivery import Audience, Delivery
from bot.delivery_health import delivery_conditions, refusal_condition
from bot.erasure.ledger import LedgerKeeper, ledger_of
from bot.file_reader import FileReader
from bot.health import LOOK_EVERY, Condition, ConditionSource, HealthMonitor
from bot.jobs import Jobs, Tick
from bot.metrics import ProcessState
from bot.platforms import FindsAccounts, FindsByEmail, Health, LocalizesMoments, Platform
from bot.platforms.mail.adapter import NAME as MAIL
from bot.read_receipts import ASKS_EVERY, ReadReceipts
from bot.request_threads import RequestThreads
from bot.server import Metrics
from bot.settings import Settings
from bot.supervisor import Supervisor
from handlers import jobs as work
from handlers import sync_meeting as sync
from handlers.announcements.jobs import ensure_honours
from handlers.automations import engine
from handlers.backups.jobs import ensure_backups
from handlers.composition import COMPOSITION
from handlers.core.channel_privacy import ASKS_WHO_READS, channel_of
from handlers.core.context import ContextFactory
from handlers.core.language import Language, Languages
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.digests import actions as digests
from handlers.forecast.jobs import ensure_forecasts
from handlers.intake import LeadArrival, Outcome, Reception
from handlers.library.quarterly_session import ensure_sharing
from handlers.monthly_review.jobs import ensure_reviews
from handlers.notices import Composer
from handlers.notifications.scheduling import DeliveryPolicy
from handlers.pool.jobs import ensure_pool_days
from handlers.proposals.customer_page import ProposalReader
from handlers.router import Router
from handlers.routes import ROUTES
from handlers.saved_views.service import ensure_postings
from handlers.weekly_reports.jobs import ensure_weekly_reports
from sales.contacts import LONGEST_EMAIL
from sales.errors import KeysUnavailable, StorageUnavailable
from sales.jobs import Job, JobArgs
from sales.people import Role
from storage.alerts import AlertStore
from storage.backups.runs import BackupRuns
from storage.backups.sqlite.replacement import finish_restore, plan_of
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import KeyFile, KeySetting
from storage.database.keys import Keys, bring_up
from storage.database.private_files import KEYS, make_private
from storage.database.process_lock import DatabaseInUse, ProcessLock
from storage.database.schema import is_served
from storage.outbox.dead_letters import DeadLetters
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger(__name__)
INVITES = "people.create"
"""The action that adds a colleague, whose account is looked up by the e-mail."""
WHILE_ASKED = 1.0
"""Seconds to look up who reads a channel while somebody waits for an answer."""
PLATFORM_PATIENCE = timedelta(minutes=5)
"""A shorter outage of a platform alerts nobody: it comes back by itself."""


_AWAY = ("starting", "connecting", "unreachable", "disconnected")
"""What a platform reports in turn while it cannot be reached: one condition, of which is told
once."""


def _id_of(health: Health, platform: str) -> str:
    """The id of a platform's condition, if others report the same; empty for one of its own."""
    if health.refuses:
        return refusal_condition(health.refuses, platform)
    return f"away:{platform}" if health.problem.endswith(_AWAY) else ""


@dataclass(frozen=True, slots=True)
class Storage:
    """The database with the keys that decrypt its encrypted fields.

    ``fields`` are locked until ``keys`` are verified; without ``keys`` they are open.
    """

    database: Database
    fields: Fields
    keys: Keys | None = None


def open_storage(settings: Settings) -> Storage:
    """Open the storage. Raises ValueError for a URL or keys that cannot be right.

    Connects only when used, and looks for the keys only when they are verified.
    """
    url = settings.database_url.get_secret_value()
    if not url and settings.is_demo:
        # The sample company must never mix with a real one.
        url = f"sqlite:///{settings.genjin_data_dir / 'demo.db'}"
    database = open_database(url, settings.genjin_data_dir)
    setting = settings.genjin_secret_keys.get_secret_value()
    source = KeySetting(setting) if setting else KeyFile(settings.genjin_data_dir / KEYS)
    words = Languages(settings.timezone, default=settings.default_locale)()
    fields = Fields(unreadable=words.text("health.value_unreadable"))
    return Storage(database, fields, Keys(database, fields, source, now=SystemClock().now))


def bring_up_alone(storage: Storage) -> None:
    """Migrate a database for a command.

    A schema that must change is not changed under a process that runs on it: raises DatabaseInUse,
    besides what ``bring_up`` raises.
    """
    path = storage.database.path
    if path and plan_of(path).exists():
        with ProcessLock(storage.database):
            finish_restore(path)
    storage.database.create()
    stays = is_served(storage.database)
    with contextlib.nullcontext() if stays else ProcessLock(storage.database):
        bring_up(storage.database, storage.keys)


def open_units(settings: Settings) -> UnitOfWorkFactory:
    """Open units of work for a command that runs beside the process, on a current schema."""
    storage, clock = open_storage(settings), SystemClock()
    bring_up_alone(storage)
    return UnitOfWorkFactory(
        storage.database, storage.fields, now=clock.now, country=settings.countries.home
    )


def build(settings: Settings, clock: Clock | None = None) -> "Genjin":
    """Wire a process without starting it. Raises ValueError like ``open_storage``."""
    return Genjin(settings, open_storage(settings), clock or SystemClock())


class Genjin:
    """One process: its platforms, its clock and its delivery, on one database."""

    def __init__(self, settings: Settings, storage: Storage, clock: Clock) -> None:
        self.settings = settings
        self.database = storage.database
        self.fields = storage.fields
        self.keys = storage.keys
        self._lock: ProcessLock | None = None
        self.clock = clock
        self.languages = Languages(
            settings.timezone,
            settings.genjin_currency,
            settings.default_locale,
            settings.countries,
        )
        self.supervisor = Supervisor()
        self.boot = Boot(storage.database, (self.prepare_database,))
        # The start-up steps use the database itself; everything else waits until it is ready.
        self.new_uow = self._units(storage.database.behind(self.boot.admit))
        self._own_uow = self._units(storage.database)
        self.contexts = ContextFactory(
            self.languages, clock.now, COMPOSITION, settings.site.rstrip("/")
        )
        self.router = Router(ROUTES, self.new_uow, self.contexts)
        self.registry = CollectorRegistry()
        self._metrics = Metrics(self.registry)
        self._threads = RequestThreads(one_writer=self.database.dialect == "sqlite")
        self.charts = Charts()
        self.reception = Reception(self.new_uow, self.contexts)
        self.reading_room = ProposalReader(self.new_uow, self.contexts)
        wiring = self._wiring()
        connected = connect_platforms(wiring)
        self.platforms: dict[str, Platform] = connected.platforms
        self.routes = [*connected.routes, *connect_intake(wiring), *connect_proposals(wiring)]
        localizing = [n for n, one in self.platforms.items() if isinstance(one, LocalizesMoments)]
        composer = Composer(self.new_uow, self.contexts, localizing)
        hold = DeliveryPolicy(self.new_uow, self.contexts)
        self.audience = Audience(self.platforms, self.new_uow)
        self.delivery = Delivery(
            storage.database,
            self.platforms,
            composer,
            clock,
            hold=hold,
            who_reads=self.audience,
            supervisor=self.supervisor,
        )
        self.ledger = LedgerKeeper(ledger_of(settings, storage.database), storage.fields)
        receipts = ReadReceipts(self.platforms, self.new_uow, wiring.memory, clock.now)
        self.jobs = Jobs(
            self.new_uow,
            self.perform,
            clock,
            supervisor=self.supervisor,
            also=(
                Tick("erasures", 60.0, self._write_ledger),
                Tick("read receipts", ASKS_EVERY, receipts.look),
                *self._mail_ticks(),
            ),
        )
        self.monitor = HealthMonitor(clock)
        self._watch_health()
        self.alerts = Alerts(
            self.platforms,
            AlertStore(self.new_uow.database),
            self._admins,
            self.languages,
            clock,
        )
        self.file_reader = FileReader(self.new_uow, self.contexts, supervisor=self.supervisor)
        runs = BackupRuns(self.new_uow.database)
        self.backup_runner = BackupRunner(runs, clock, supervisor=self.supervisor)
        self.ready = asyncio.Event()
        self.registry.register(self._state())

    def _mail_ticks(self) -> tuple[Tick, ...]:
        mail = self.platforms.get(MAIL)
        if not isinstance(mail, SendsLetters):
            return ()
        mails = CustomerMails(self.new_uow, mail, self.clock.now)
        return (Tick("customer mails", SENDS_EVERY, mails.send_waiting),)

    def _state(self) -> ProcessState:
        return ProcessState(
            ready=self.ready.is_set,
            conditions=lambda: [lasting.condition for lasting in self.monitor.conditions()],
            platforms=lambda: {name: one.health().ok for name, one in self.platforms.items()},
            tally=lambda: DeadLetters(self.database).tally() if self.boot.is_open else None,
            now=self.clock.now,
            database=self.database.dialect,
        )

    def _units(self, database: Database) -> UnitOfWorkFactory:
        return UnitOfWorkFactory(
            database,
            self.fields,
            now=self.clock.now,
            mails=self.settings.has_mail,
            calendars=self.settings.calendars,
            country=self.settings.countries.home,
            committed=self._something_to_deliver,
        )

    def _wiring(self) -> Wiring:
        return Wiring(
            settings=self.settings,
            languages=self.languages,
            now=self.clock.now,
            supervisor=self.supervisor,
            database=self.database,
            fields=self.fields,
            new_uow=self.new_uow,
            memory=StoredMemory(self.new_uow.database, self.fields, self.clock),
            dispatch=self.dispatch,
            draw=self.charts.draw,
            receive=self.receive,
            reception=self.reception,
            proposals=self.reading_room,
        )

    def _watch_health(self) -> None:
        """Register the health sources of this process. Another subject adds its source here."""
        database = DatabaseHealth(self.database, self.clock)
        audit = AuditHealth(self.database, self.clock)
        self.monitor.add(self.boot.conditions)
        self.monitor.add(lambda: self._once_open(database.look))
        self.monitor.add(lambda: self._once_open(audit.look))
        self.monitor.add(lambda: self._once_open(self.ledger.conditions))
        self.monitor.add(lambda: known_flaws(self.database), patience=None)
        self.monitor.add(self.supervisor.conditions)
        self.monitor.add(self.charts.conditions, patience=None)
        self.monitor.add(lambda: self._once_open(self._delivery_conditions))
        self.monitor.add(
            file_conditions(self.settings.genjin_data_dir, self.database), patience=None
        )
        if self._takes_backups:
            backups = backup_conditions(BackupRuns(self.database), self.clock)
            self.monitor.add(lambda: self._once_open(backups))
        if self.keys:
            keys = key_conditions(self.keys)
            self.monitor.add(lambda: self._once_open(keys))
        self.monitor.add(lambda: self._platform_conditions(ok=False), patience=PLATFORM_PATIENCE)
        self.monitor.add(lambda: self._platform_conditions(ok=True), patience=None)
        self.monitor.add(lambda: self._platform_conditions(ok=True, told=True))

    @property
    def _takes_backups(self) -> bool:
        """The sample company's are taken by command only."""
        return not self.settings.is_demo and bool(self.settings.backup_places)

    def _once_open(self, source: ConditionSource) -> Iterable[Condition]:
        """What a source finds in the database, which is not queried before it is open."""
        return source() if self.boot.is_open else ()

    def _delivery_conditions(self) -> list[Condition]:
        return delivery_conditions(self.database, self.clock.now())

    def _platform_conditions(self, *, ok: bool, told: bool = False) -> list[Condition]:
        """Conditions of platforms that do not work, or (``ok``) that lack something optional, of
        which the admins are ``told`` or not."""
        return [
            Condition(
                health.problem.removeprefix("health."),
                name,
                serious=not ok,
                same_as=_id_of(health, name),
            )
            for name, platform in self.platforms.items()
            if (health := platform.health()).problem and (health.ok, health.told) == (ok, told)
        ]

    async def dispatch(self, request: Request) -> Reply:
        """Run a request in a thread and measure it. Never raises."""
        loop = asyncio.get_running_loop()
        sender = request.sender
        if self.settings.learns_locale and sender.is_owner and sender.standing == "member":
            self.languages.speak(sender.locale)
        if request.action in ASKS_WHO_READS and (channel := channel_of(request)):
            request = await self._with_readers(request, channel)
        if request.action == INVITES:
            request = await self._with_account(request)
        route = ROUTES.get(request.action)
        # An unknown action must not create a new metric label.
        with self._metrics.timing(request.action if route else "unknown"):
            threads = self._threads.of(route)
            reply = await loop.run_in_executor(threads, self.router.dispatch, request)
        if request.upload:
            self.file_reader.wake()
        return reply

    async def _with_readers(self, request: Request, channel: str) -> Request:
        where = request.conversation
        try:
            readers = await self.audience(where.platform, channel, WHILE_ASKED)
        except StorageUnavailable:
            return request  # The reply will say so.
        return replace(request, conversation=replace(where, readers=readers))

    async def _with_account(self, request: Request) -> Request:
        """The request with the account of a new colleague: the chosen one, else the one behind the
        e-mail."""
        platform = self.platforms.get(request.sender.platform)
        chosen = str(request.values.get("account", "")).strip()
        if chosen and isinstance(platform, FindsAccounts):
            return replace(request, account=await platform.account(chosen))
        email = str(request.values.get("email", "")).strip()
        if "@" not in email or len(email) > LONGEST_EMAIL or not isinstance(platform, FindsByEmail):
            return request
        return replace(request, account=await platform.account_of(email))

    async def receive(self, arrival: LeadArrival) -> Outcome:
        """Take in a lead from outside, in a thread, measured. Raises like ``Reception.take``."""
        loop = asyncio.get_running_loop()
        with self._metrics.timing(f"intake.{arrival.via}"):
            return await loop.run_in_executor(self._threads.changes, self.reception.take, arrival)

    def perform(self, due: Job[JobArgs], uow: UnitOfWork, now: datetime) -> None:
        """Run one due job inside its unit of work."""
        work.PERFORM[type(due.args)](due, self.contexts.unasked(uow, now=now))

    async def start(self) -> None:
        """Start everything; returns at once.

        What cannot be reached or is refused is retried in the background, and shown by ``health``.
        """
        self.boot.begin()
        self.supervisor.start("boot", self._boot)
        for name, platform in self.platforms.items():
            self.supervisor.start(f"start of {name}", platform.start)
        self.supervisor.start("health", self._look_after_health)

    async def stop(self) -> None:
        """Stop receiving, finish what is under way, release the database."""
        starts = [f"start of {name}" for name in self.platforms]
        await self.supervisor.stop("boot", "health", *starts)
        stops = await asyncio.gather(
            *(platform.stop() for platform in self.platforms.values()), return_exceptions=True
        )
        for error in stops:
            if isinstance(error, Exception):
                log.error("platform.not_stopped", exc_info=error)
        await self.file_reader.stop()
        await self.backup_runner.stop()
        await self.jobs.stop()
        await self.delivery.stop()
        await self.supervisor.stop()
        self._threads.shutdown()
        self.database.dispose()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Connect the platforms and nothing else, which is how ``doctor`` learns their health."""
        await asyncio.gather(*(self._connect(platform) for platform in self.platforms.values()))
        try:
            yield
        finally:
            await asyncio.gather(*(platform.stop() for platform in self.platforms.values()))
            await self.supervisor.stop()
            self._threads.shutdown()
            self.database.dispose()

    async def _connect(self, platform: Platform) -> None:
        """Start a platform once, without ever delaying the others."""
        try:
            await platform.start()
        except Exception as error:
            log.exception("platform.not_started", platform=platform.name)
            self.supervisor.failed(f"start of {platform.name}", error)

    def health(self) -> dict[str, Any]:
        """What ``/health`` shows: what is wrong and what to do, in the default language.

        Blocks while the database is probed.
        """
        language = self.languages()
        lasting = self.monitor.conditions()
        problems = [item.condition.problem(language) for item in lasting]
        database = [
            problem
            for item, problem in zip(lasting, problems, strict=True)
            if item.condition.key.startswith(("database", "sqlite", "disk"))
        ]
        ready = self.ready.is_set()
        waits = self.boot.waits_for
        return {
            "ok": ready and not any(item.condition.serious for item in lasting),
            # What customers open needs the database alone, so that a load balancer may send them
            # here while a platform is away.
            "serves": ready
            and not any(
                item.condition.serious and item.condition.key.startswith("database")
                for item in lasting
            ),
            "ready": ready,
            "waits_for": waits.problem(language) if waits else "",
            "version": VERSION,
            "conditions": [
                {
                    "condition": item.condition.id,
                    "serious": item.condition.serious,
                    "since": item.since.isoformat(timespec="seconds"),
                    "problem": problem,
                    "advice": item.condition.advice(language),
                }
                for item, problem in zip(lasting, problems, strict=True)
            ],
            "database": {"kind": self.database.dialect, "problems": database},
            "platforms": self._platforms_health(language),
        }

    def _platforms_health(self, language: Language) -> dict[str, Any]:
        states = {}
        for name, platform in self.platforms.items():
            health = platform.health()
            problem = language.text(health.problem) if health.problem else ""
            advice = language.text(health.advice) if health.advice else ""
            states[name] = {"ok": health.ok, "problem": problem, "advice": advice}
        return states

    async def _boot(self) -> None:
        """Bring up the database, however long it takes; then start the scheduler and delivery."""
        await self.boot.run()
        if self.database.dialect == "sqlite":
            await self.delivery.take_over()
        await self.delivery.start()
        await self.jobs.start()
        await self.file_reader.start()
        if self._takes_backups:
            await self.backup_runner.start()
        await asyncio.to_thread(self._offer_admin_code)
        self.monitor.expire()
        self.ready.set()
        log.info("process.ready", platforms=sorted(self.platforms), database=self.database.dialect)

    async def _look_after_health(self) -> None:
        """Check health every half minute, and alert the admins about what lasts."""
        while True:
            await self.alerts.tell(await asyncio.to_thread(self.monitor.conditions))
            await asyncio.sleep(LOOK_EVERY)

    def _admins(self) -> list[Admin]:
        """The admins to alert about blocking problems, also while the process is still starting."""
        if not self.boot.is_open and not is_served(self.database):
            return []
        with self._own_uow(read_only=True) as uow:
            admins = [
                person
                for person in uow.people.everyone()
                if person.role is Role.ADMIN and person.active
            ]
            accounts = {name: uow.people.accounts(name) for name in self.platforms}
        return [
            Admin(
                admin.name,
                admin.locale,
                (
                    *(
                        (n, id_)
                        for n, linked in accounts.items()
                        for id_, p in linked
                        if p == admin
                    ),
                    (MAIL, str(admin.id)),
                ),
            )
            for admin in admins
        ]

    def prepare_database(self) -> None:
        """Bring the database up, create the demo company, make sure that digests are scheduled.

        Raises StorageUnavailable, SchemaNewer, SchemaOlder and SchemaDamaged, and WaitsFor while
        another process holds the database or the keys are not its own.
        """
        self._take_database()
        now = self.clock.now()
        with self._own_uow() as uow:
            if self.settings.learns_locale:
                self.languages.speak(first_admin.locale_of(uow))
            context = self.contexts.unasked(uow, now=now)
            if self.settings.is_demo and sample.is_empty(uow):
                sample.fill(uow, context)
            uow.audit.resume(context.actor)
            self.ledger.repeat(context)
            digests.ensure_digests(context)
            ensure_weekly_reports(context)
            ensure_pool_days(context)
            sync.ensure_syncs(context)
            ensure_sharing(context)
            ensure_postings(context)
            ensure_honours(context)
            ensure_reviews(context)
            ensure_forecasts(context)
            if self._takes_backups:
                ensure_backups(context)
            engine.ensure_sweep(context)
            uow.commit()

    async def _write_ledger(self) -> None:
        await asyncio.to_thread(self.ledger.write, self.new_uow)

    def _take_database(self) -> None:
        """Lock the database, verify the keys, migrate the schema. Raises as
        ``prepare_database``."""
        try:
            if self._lock:
                self._lock.acquire()
            bring_up(self.database, self.keys)
        except DatabaseInUse as error:
            raise WaitsFor(Condition("database_in_use", params=error.params)) from error
        except KeysUnavailable as error:
            conditions = key_conditions(self.keys)() if self.keys else ()
            raise WaitsFor(next(iter(conditions), Condition("keys_missing"))) from error

    def _offer_admin_code(self) -> None:
        """Print a code while there is no admin: whoever started the process can become one."""
        if not self.settings.has_chat:
            return
        try:
            with self.new_uow() as uow:
                code = first_admin.code_for_first(uow, self.clock.now())
                uow.commit()
        except StorageUnavailable:
            log.warning("process.no_admin_code", advice="genjin admin")
            return
        if code:
            sys.stdout.write(first_admin.words(code, self.languages(), first=True) + "\n")
            sys.stdout.flush()

    def hold_database(self) -> None:
        """Lock the database to this process, and its files to this account, until
        ``let_go_of_database``.

        Raises DatabaseInUse. What cannot be written yet, because a disk is full or read-only, is
        retried by ``prepare_database``.
        """
        make_private(self.settings.genjin_data_dir, self.database.path)
        self._lock = ProcessLock(self.database)
        try:
            self._lock.acquire()
        except DatabaseInUse:
            raise
        except StorageUnavailable:
            log.warning("process.lock_file_unwritable", database=str(self.database.path))

    def let_go_of_database(self) -> None:
        if self._lock:
            self._lock.release()

    def _something_to_deliver(self) -> None:
        self.delivery.wake()
