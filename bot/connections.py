"""Decides by the settings which platforms a process connects and which public pages it serves."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute

from bot import sample
from bot.clock import Clock
from bot.platforms import Dispatch, DrawChart, Memory, Platform
from bot.platforms.mail.adapter import MailPlatform
from bot.platforms.mail.config import parse_smtp_url
from bot.platforms.mail.render import Letterhead
from bot.platforms.web.access import Access, stored_token
from bot.platforms.web.adapter import WebPlatform
from bot.platforms.web.people import Channel, Persona
from bot.public_web.calls import Hooks, HookSecrets, SignedCalls
from bot.public_web.forms import PublicForms
from bot.public_web.limits import CallLimits
from bot.public_web.logo import read_logo
from bot.public_web.proposals import ProposalPages, ProposalViewer
from bot.public_web.signed import Doorway
from bot.settings import Settings
from bot.shown_cards import ShownCards
from bot.supervisor import Supervisor
from handlers.core.labels import enum_label
from handlers.core.language import Languages
from handlers.core.ui import Card
from handlers.intake import LeadArrival, Outcome, Reception
from handlers.people.newcomers import active_admins
from handlers.proposals.customer_page import ProposalReader
from handlers.workflow_steps import WorkflowSteps
from sales.errors import StorageUnavailable
from sales.leads import lead_number
from sales.notices import PermissionMissing
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.platform_memory import MemoryStore
from storage.transcripts import Transcripts
from storage.unit_of_work import UnitOfWorkFactory


class StoredMemory:
    """Platform adapters' memory, kept in the database (``bot.platforms.Memory``).

    Every call raises StorageUnavailable when the database does not answer.
    """

    def __init__(self, database: Database, fields: Fields, clock: Clock) -> None:
        self._store = MemoryStore(database, fields)
        self._clock = clock

    async def put(self, key: str, value: Mapping[str, Any], *, keep: timedelta) -> None:
        await asyncio.to_thread(self._store.put, key, value, self._clock.now() + keep)

    async def get(self, key: str) -> dict[str, Any] | None:
        return await asyncio.to_thread(self._store.get, key, self._clock.now())

    async def take(self, key: str) -> dict[str, Any] | None:
        return await asyncio.to_thread(self._store.take, key, self._clock.now())

    async def count(self, key: str, by: int = 1, *, keep: timedelta) -> int:
        now = self._clock.now()
        return await asyncio.to_thread(self._store.count, key, by, now, now + keep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What platforms and public pages need from the process.

    ``database`` may still be starting; ``new_uow`` and ``memory`` wait until it may be used.
    """

    settings: Settings
    languages: Languages
    now: Callable[[], datetime]
    supervisor: Supervisor
    database: Database
    fields: Fields
    new_uow: UnitOfWorkFactory
    memory: Memory
    dispatch: Dispatch
    draw: DrawChart
    receive: Callable[[LeadArrival], Awaitable[Outcome]]
    reception: Reception
    proposals: ProposalReader


@dataclass(frozen=True, slots=True)
class Connected:
    """The connected platforms by name, and the HTTP routes they need."""

    platforms: dict[str, Platform] = field(default_factory=dict)
    routes: list[BaseRoute] = field(default_factory=list)

    def add(self, platform: Platform, routes: list[BaseRoute]) -> None:
        self.platforms[platform.name] = platform
        self.routes.extend(routes)


def connect_platforms(wiring: Wiring) -> Connected:
    """Connect each platform whose settings are present; its SDK is imported only then."""
    connected, settings = Connected(), wiring.settings
    if settings.has_slack:
        _add_slack(wiring, connected)
    if settings.has_dingtalk:
        _add_dingtalk(wiring, connected)
    if settings.has_web_chat:
        _add_web_chat(wiring, connected)
    if settings.has_mail:
        _add_mail(wiring, connected)
    return connected


def connect_intake(wiring: Wiring) -> list[BaseRoute]:
    """The routes for leads from outside, whatever platforms there are.

    Signed calls, if there is a secret, and the forms that the playbook enables.
    """
    settings = wiring.settings
    door = Doorway(
        take=wiring.receive,
        playbook=lambda: asyncio.to_thread(wiring.reception.playbook),
        limits=CallLimits(wiring.memory),
        languages=wiring.languages,
        now=wiring.now,
        public_url=settings.public_url,
    )
    forms = PublicForms(door, lambda text: wiring.fields.index(text, "intake"))
    calls = SignedCalls(door, settings.intake_secrets)
    secrets = HookSecrets(
        own=settings.hooks_secrets,
        app_id=settings.esign_app_id,
        app_secret=settings.esign_app_secret.get_secret_value(),
    )
    return [*calls.routes(), *Hooks(door, secrets).routes(), *forms.routes()]


def connect_proposals(wiring: Wiring) -> list[BaseRoute]:
    """The proposal pages, for anyone who holds a link."""
    room = wiring.proposals
    desk = ProposalViewer(
        page=lambda token: asyncio.to_thread(room.page, token),
        seen=lambda *seen: asyncio.to_thread(room.seen, *seen),
        reply=lambda token, written: asyncio.to_thread(room.reply, token, written),
        limits=CallLimits(wiring.memory),
        languages=wiring.languages,
        now=wiring.now,
        secure=wiring.settings.site.startswith("https:"),
        logo=read_logo(Path(logo)) if (logo := wiring.settings.genjin_logo) else None,
    )
    seal = partial(wiring.fields.index, place="proposal page")
    return ProposalPages(desk, seal).routes()


def _add_slack(wiring: Wiring, connected: Connected) -> None:
    from bot.platforms.slack.adapter import SlackPlatform
    from bot.platforms.slack.config import SlackConfig

    settings = wiring.settings
    config = SlackConfig(
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        api_url=settings.slack_api_url,
        timezone=settings.genjin_timezone,
        default_locale=settings.default_locale,
        currency=settings.genjin_currency,
        addresses=tuple(filter(None, (settings.public_url, settings.chat_url))),
    )
    platform = SlackPlatform(
        config,
        wiring.dispatch,
        wiring.memory,
        wiring.draw,
        supervisor=wiring.supervisor,
        lead_cards=ShownCards(wiring.new_uow, wiring.now),
        steps=WorkflowSteps(wiring.receive, wiring.new_uow, wiring.languages),
    )
    connected.add(platform, list(platform.routes()))


def _add_dingtalk(wiring: Wiring, connected: Connected) -> None:
    from bot.platforms.dingtalk.adapter import DingTalkPlatform
    from bot.platforms.dingtalk.config import DingTalkConfig

    settings = wiring.settings
    config = DingTalkConfig(
        client_id=settings.dingtalk_client_id,
        client_secret=settings.dingtalk_client_secret.get_secret_value(),
        robot_code=settings.robot_code,
        card_template_id=settings.dingtalk_card_template_id,
        lead_card_template_id=settings.dingtalk_lead_card_template_id,
        agent_id=settings.dingtalk_agent_id,
        todos=settings.dingtalk_todos == "auto",
        calendar=settings.dingtalk_calendar == "auto",
        chat_url=settings.chat_url,
        api_url=settings.dingtalk_api_url,
        oapi_url=settings.dingtalk_oapi_url,
        # Empty: the company's language, as learnt from Slack.
        default_locale="" if settings.learns_locale else settings.default_locale,
    )
    platform = DingTalkPlatform(
        config,
        wiring.dispatch,
        wiring.memory,
        wiring.draw,
        wiring.languages,
        now=wiring.now,
        supervisor=wiring.supervisor,
        lead_cards=ShownCards(wiring.new_uow, wiring.now),
        tell_admins=_tell_admins(wiring),
    )
    connected.add(platform, [])


def _tell_admins(wiring: Wiring) -> Callable[[str, str], Awaitable[None]]:
    def write(part: str, codes: str) -> None:
        with wiring.new_uow() as uow:
            for person in active_admins(uow.people.everyone()):
                uow.outbox.add(PermissionMissing("dingtalk", part, codes), person.id)
            uow.commit()

    async def tell(part: str, codes: str) -> None:
        await asyncio.to_thread(write, part, codes)

    return tell


def _add_mail(wiring: Wiring, connected: Connected) -> None:
    settings = wiring.settings
    name, address = parseaddr(settings.smtp_from)
    head = Letterhead(Address(name, addr_spec=address), settings.chat_url)
    server = parse_smtp_url(settings.smtp_url.get_secret_value())

    def address_of(person_id: int) -> str | None:
        with wiring.new_uow(read_only=True) as uow:
            choice = uow.notification_preferences.of(person_id)
        return choice.email if choice.by_mail and "@" in choice.email else None

    def link_of(person_id: int, card: Card) -> str:
        kind, _, lead_id = card.thread.partition(":")
        lead = lead_number(int(lead_id)) if kind == "lead" else ""
        with wiring.new_uow(read_only=True) as uow:
            name, ref = uow.posted_cards.standing(person_id, card.thread, card.subject)
        platform = connected.platforms.get(name)
        return platform.link(ref, lead) if platform else ""

    mail = MailPlatform(
        server,
        head,
        address_of,
        wiring.languages,
        now=wiring.now,
        link_of=link_of,
        supervisor=wiring.supervisor,
    )
    connected.add(mail, [])


def _add_web_chat(wiring: Wiring, connected: Connected) -> None:
    channels = (
        Channel(sample.MANAGERS, roles=frozenset({"manager", "admin"})),
        Channel(sample.SALES),
    )
    transcripts = Transcripts(wiring.database.writer, wiring.fields, reader=wiring.database.reader)
    platform = WebPlatform(
        wiring.dispatch,
        transcripts,
        lambda: _personas(wiring),
        wiring.now,
        wiring.languages,
        memory=wiring.memory,
        channels=channels,
        address=wiring.settings.chat_url or f"http://127.0.0.1:{wiring.settings.web_port}",
        access=_web_access(wiring),
        lead_cards=ShownCards(wiring.new_uow, wiring.now),
    )
    connected.add(platform, platform.routes())


def _web_access(wiring: Wiring) -> Access:
    settings = wiring.settings
    return Access(
        web_token(settings),
        lambda text: wiring.fields.index(text, "web chat"),
        wiring.now,
        addresses=(settings.public_url, settings.chat_url),
    )


def web_token(settings: Settings) -> str:
    """The token of the web chat: the setting, or one generated once; "" if none is required."""
    if not settings.needs_web_token:
        return ""
    given = settings.genjin_web_token.get_secret_value()
    return given or stored_token(settings.genjin_data_dir / "web.token")


async def _personas(wiring: Wiring) -> list[Persona]:
    """Everybody with an account in the web chat; at first the person who will be the admin."""

    def read() -> list[Persona]:
        with wiring.new_uow(read_only=True) as uow:
            accounts = uow.people.accounts(sample.PLATFORM)
        words = wiring.languages()
        return [
            Persona(account, person.name, person.role.value, enum_label(person.role, words))
            for account, person in accounts
        ]

    try:
        people = await asyncio.to_thread(read)
    except StorageUnavailable as error:
        raise ConnectionError(error.key) from error
    return people or [Persona("admin", wiring.languages().text("role.admin"), "admin")]
