"""One replica that delivers to a local Slack, DingTalk and mail server until it is killed.

It uses the real adapters. Its clock runs fast, so that pauses of minutes pass in seconds.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address as MailAddress
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.delivery import Delivery
from bot.platforms import Platform
from bot.platforms.dingtalk import DingTalkConfig, DingTalkPlatform
from bot.platforms.mail.adapter import MailPlatform
from bot.platforms.mail.config import SmtpServer
from bot.platforms.mail.render import Letterhead
from bot.platforms.slack import SlackConfig, SlackPlatform
from bot.sending import SendingLimits
from handlers.core.language import Languages
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Card
from sales.notices import DigestReady, LeadOffered, Notice
from storage.database import engine
from storage.database.engine import open_database
from storage.outbox.outbox import Recipient
from tests.platforms.memory import KeptMemory

SPEED = 400.0
LIMITS = SendingLimits(senders=8, lease=SPEED * 1.1, send=0.8, poll=0.05)


@dataclass(frozen=True)
class FarSides:
    """Where the servers of the test listen, and the keys to them."""

    slack_url: str
    slack_token: str
    dingtalk_url: str
    dingtalk_app: str
    dingtalk_secret: str
    dingtalk_robot: str
    mail_port: int
    began: float
    idle: int = engine._IDLE_S
    """Seconds after which the database ends a transaction of a replica that it hears no more of."""


class FastClock:
    """A clock on which minutes pass in each second, the same in all processes."""

    def __init__(self, began: float) -> None:
        self._began = began

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._began, UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.time() - self._began) * SPEED  # noqa: TID251 - shared by processes


def compose(
    notice: Notice, to: Recipient, *, again: bool = False, **_more: object
) -> tuple[Card, str] | None:
    match notice:
        case LeadOffered(number) | DigestReady(number):
            return Card(title=f"number {number}"), "en"
        case _:
            return None


def platforms_of(far: FarSides, clock: FastClock) -> dict[str, Platform]:
    async def nothing(_request: Request) -> Reply:
        return Reply()

    languages = Languages(ZoneInfo("Asia/Shanghai"))
    slack = SlackPlatform(
        SlackConfig(far.slack_token, signing_secret="unused", api_url=far.slack_url),
        nothing,
        KeptMemory(),
    )
    slack.seconds_between_sends = 1.0
    dingtalk = DingTalkPlatform(
        DingTalkConfig(
            far.dingtalk_app,
            far.dingtalk_secret,
            far.dingtalk_robot,
            api_url=far.dingtalk_url,
            oapi_url=far.dingtalk_url,
            todos=False,
        ),
        nothing,
        KeptMemory(),
        lambda _chart, _locale: b"",
        languages,
        now=clock.now,
    )
    mail = MailPlatform(
        SmtpServer("localhost", far.mail_port, direct=False, upgrade=False),
        Letterhead(MailAddress("Genjin", addr_spec="bot@genjin.example"), ""),
        lambda number: f"reader-{number}@mail.example",
        languages,
        now=clock.now,
    )
    return {"slack": slack, "dingtalk": dingtalk, "email": mail}


async def _deliver(url: str, far: FarSides, limits: SendingLimits) -> None:
    clock = FastClock(far.began)
    engine._IDLE_S = far.idle  # type: ignore[misc]
    platforms = platforms_of(far, clock)
    await platforms["slack"].start()
    delivery = Delivery(open_database(url, Path()), platforms, compose, clock, limits=limits)
    await delivery.start()
    await asyncio.Event().wait()


def main(url: str, far: FarSides) -> None:
    asyncio.run(_deliver(url, far, LIMITS))


def one_by_one(url: str, far: FarSides) -> None:
    """Like ``main``, with nothing under way beside the message that is being sent."""
    asyncio.run(_deliver(url, far, replace(LIMITS, senders=1)))
