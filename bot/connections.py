"""Which platforms a process connects, by its settings."""

import asyncio
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from bot import sample
from bot.platforms import Memory, Platform
from bot.platforms.mail.adapter import MailPlatform
from bot.platforms.mail.config import parse_smtp_url
from bot.platforms.mail.render import Letterhead
from bot.platforms.web.access import Access, stored_token
from bot.platforms.web.adapter import WebPlatform
from bot.platforms.web.people import Channel, Persona
from bot.public_web.forms import PublicForms
from bot.public_web.hooks import Hooks, HookSecrets
from bot.public_web.intake import SignedCalls
from bot.public_web.limits import Limits
from bot.public_web.proposals import ProposalPages, ProposalViewer
from bot.public_web.signed import Doorway
from bot.settings import Settings
from handlers.core.labels import enum_label
from handlers.core.ui import Card
from sales.errors import StorageUnavailable
from sales.leads import lead_number
from storage.transcripts import Transcripts

if TYPE_CHECKING:
    from bot.app import Genjin


@dataclass(frozen=True, slots=True)
class Connected:
    """The platforms by name, and the HTTP routes they want served."""

    platforms: dict[str, Platform] = field(default_factory=dict)
    routes: list[BaseRoute] = field(default_factory=list)

    def add(self, platform: Platform, routes: list[BaseRoute]) -> None:
        self.platforms[platform.name] = platform
        self.routes.extend(routes)


def connect_platforms(genjin: "Genjin", memory: Memory) -> Connected:
    """A platform is connected when its settings are there; the SDKs are imported only then."""
    connected, settings = Connected(), genjin.settings
    if settings.has_slack:
        _add_slack(genjin, memory, connected)
    if settings.has_dingtalk:
        _add_dingtalk(genjin, memory, connected)
    if settings.has_web_chat:
        _add_web_chat(genjin, memory, connected)
    if settings.has_mail:
        _add_mail(genjin, connected)
    return connected


def connect_intake(genjin: "Genjin", memory: Memory) -> list[BaseRoute]:
    """The ways in from outside, whatever platforms there are: signed calls, when there is a
    secret, and the forms that the playbook opens."""
    settings = genjin.settings
    door = Doorway(
        take=genjin.receive,
        playbook=lambda: asyncio.to_thread(genjin.reception.playbook),
        limits=Limits(memory),
        languages=genjin.languages,
        now=genjin.clock.now,
        public_url=settings.public_url,
    )
    forms = PublicForms(door, lambda text: genjin.fields.index(text, "intake"))
    calls = SignedCalls(door, settings.intake_secrets)
    secrets = HookSecrets(
        own=settings.hooks_secrets,
        app_id=settings.esign_app_id,
        app_secret=settings.esign_app_secret.get_secret_value(),
    )
    return [*calls.routes(), *Hooks(door, secrets).routes(), *forms.routes()]


def connect_proposals(genjin: "Genjin", memory: Memory) -> list[BaseRoute]:
    """The pages of proposals, for whoever holds a link."""
    room = genjin.reading_room
    desk = ProposalViewer(
        page=lambda token: asyncio.to_thread(room.page, token),
        seen=lambda *seen: asyncio.to_thread(room.seen, *seen),
        limits=Limits(memory),
        languages=genjin.languages,
        now=genjin.clock.now,
        secure=genjin.settings.site.startswith("https:"),
    )
    seal = partial(genjin.fields.index, place="proposal page")
    return ProposalPages(desk, seal).routes()


def _add_slack(genjin: "Genjin", memory: Memory, connected: Connected) -> None:
    from bot.platforms.slack.adapter import SlackPlatform
    from bot.platforms.slack.config import SlackConfig

    settings = genjin.settings
    config = SlackConfig(
        bot_token=settings.slack_bot_token.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        api_url=settings.slack_api_url,
        timezone=settings.genjin_timezone,
        default_locale=settings.default_locale,
        currency=settings.genjin_currency,
    )
    platform = SlackPlatform(
        config, genjin.dispatch, memory, genjin.charts.draw, supervisor=genjin.supervisor
    )
    connected.add(platform, list(platform.routes()))


def _add_dingtalk(genjin: "Genjin", memory: Memory, connected: Connected) -> None:
    from bot.platforms.dingtalk.adapter import DingTalkPlatform
    from bot.platforms.dingtalk.config import DingTalkConfig

    settings = genjin.settings
    config = DingTalkConfig(
        client_id=settings.dingtalk_client_id,
        client_secret=settings.dingtalk_client_secret.get_secret_value(),
        robot_code=settings.robot_code,
        card_template_id=settings.dingtalk_card_template_id,
        todos=settings.dingtalk_todos == "auto",
        api_url=settings.dingtalk_api_url,
        oapi_url=settings.dingtalk_oapi_url,
        # Empty: the company's, as it is learnt on Slack.
        default_locale="" if settings.learns_locale else settings.default_locale,
    )
    platform = DingTalkPlatform(
        config,
        genjin.dispatch,
        memory,
        genjin.charts.draw,
        genjin.languages,
        now=genjin.clock.now,
        supervisor=genjin.supervisor,
    )
    connected.add(platform, [])


def _add_mail(genjin: "Genjin", connected: Connected) -> None:
    settings = genjin.settings
    name, address = parseaddr(settings.smtp_from)
    head = Letterhead(Address(name, addr_spec=address), settings.chat_url)
    server = parse_smtp_url(settings.smtp_url.get_secret_value())

    def address_of(person_id: int) -> str | None:
        with genjin.new_uow(read_only=True) as uow:
            choice = uow.notice_choices.of(person_id)
        return choice.email if choice.by_mail and "@" in choice.email else None

    def link_of(person_id: int, card: Card) -> str:
        kind, _, lead_id = card.thread.partition(":")
        lead = lead_number(int(lead_id)) if kind == "lead" else ""
        with genjin.new_uow(read_only=True) as uow:
            name, ref = uow.postings.standing(person_id, card.thread, card.subject)
        platform = genjin.platforms.get(name)
        return platform.link(ref, lead) if platform else ""

    mail = MailPlatform(
        server,
        head,
        address_of,
        genjin.languages,
        now=genjin.clock.now,
        link_of=link_of,
        supervisor=genjin.supervisor,
    )
    connected.add(mail, [])


def _add_web_chat(genjin: "Genjin", memory: Memory, connected: Connected) -> None:
    channels = (
        Channel(sample.MANAGERS, roles=frozenset({"manager", "admin"})),
        Channel(sample.SALES),
    )
    transcripts = Transcripts(genjin.database.writer, genjin.fields, reader=genjin.database.reader)
    platform = WebPlatform(
        genjin.dispatch,
        transcripts,
        lambda: _personas(genjin),
        genjin.clock.now,
        genjin.languages,
        memory=memory,
        channels=channels,
        address=genjin.settings.chat_url or f"http://127.0.0.1:{genjin.settings.web_port}",
        access=_web_access(genjin),
    )
    connected.add(platform, platform.routes())


def _web_access(genjin: "Genjin") -> Access:
    settings = genjin.settings
    return Access(
        web_token(settings),
        lambda text: genjin.fields.index(text, "web chat"),
        genjin.clock.now,
        addresses=(settings.public_url, settings.chat_url),
    )


def web_token(settings: Settings) -> str:
    """What opens the web chat: the setting, or one made once; "" where none is required."""
    if not settings.needs_web_token:
        return ""
    given = settings.genjin_web_token.get_secret_value()
    return given or stored_token(settings.genjin_data_dir / "web.token")


async def _personas(genjin: "Genjin") -> list[Persona]:
    """Everybody with an account in the web chat; at first the one who will be the admin."""

    def read() -> list[Persona]:
        with genjin.new_uow(read_only=True) as uow:
            accounts = uow.people.accounts(sample.PLATFORM)
        words = genjin.languages()
        return [
            Persona(account, person.name, person.role.value, enum_label(person.role, words))
            for account, person in accounts
        ]

    try:
        found = await asyncio.to_thread(read)
    except StorageUnavailable as error:
        raise ConnectionError(error.key) from error
    return found or [Persona("admin", genjin.languages().text("role.admin"), "admin")]
