"""Limits on public requests: body size, rate, and whether a person or a robot sends them."""

import re
from datetime import datetime, timedelta
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request

from bot.platforms import Memory
from sales.intake import Intake

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
READINGS: Final = 60
"""How often a minute the readers of one proposal may report that they are reading."""
REPLIES: Final = 10
"""How often an hour the readers of one proposal may write; and one visitor, of any of them."""
MOST: Final = 1_000_000
"""Most bytes of one request, like everywhere else."""


class CallLimits:
    """Rate limits in fixed windows.

    Counts are in the memory that the platforms share too: an in-process count would let through as
    many times more as there are replicas.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def call(self, name: str, per_minute: int, now: datetime) -> int:
        """Count a signed call; 0 if it may pass, else the seconds to wait."""
        return await self._count(f"intake:{name}", per_minute, _MINUTE, now)

    async def form(self, visitor: str, rules: Intake, now: datetime) -> int:
        """Count a submitted form. ``visitor`` is a keyed hash, never an address."""
        return await self._count(f"intake:form:{visitor}", rules.form_per_hour, _HOUR, now)

    async def reading(self, page: str, now: datetime) -> int:
        """Count a report that a proposal is being read. ``page`` is a keyed hash of its token."""
        return await self._count(f"proposal:{page}", READINGS, _MINUTE, now)

    async def reply(self, page: str, visitor: str, now: datetime) -> int:
        """Count what is written on a proposal's page; both are keyed hashes."""
        for key in (visitor, page):
            if wait := await self._count(f"proposal:reply:{key}", REPLIES, _HOUR, now):
                return wait
        return 0

    async def _count(self, key: str, most: int, window: timedelta, now: datetime) -> int:
        length = int(window.total_seconds())
        number, passed = divmod(int(now.timestamp()), length)
        total = await self._memory.count(f"{key}:{number}", keep=2 * window)
        return length - passed if total > most else 0


_NAMES = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|headless|phantom|puppeteer|playwright|selenium|lighthouse"
    r"|facebookexternalhit|embedly|linkexpanding|slack-imgproxy|whatsapp/|skypeuri|iframely|vkshare"
    r"|scan|safelinks|proofpoint|mimecast|barracuda|forcepoint|urlcheck|urldefense|fetch|monitor"
    r"|curl|wget|python|httpx|aiohttp|java/|okhttp|go-http|node|axios|libwww|perl|ruby|php|http_client",
    re.IGNORECASE,
)
_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def is_robot(headers: Headers) -> bool:
    """Whether the request comes from no person: by its client's name, or because it is a
    prefetch."""
    agent = headers.get("user-agent", "")
    ahead = any("pre" in headers.get(name, "").lower() for name in _AHEAD)
    return ahead or not agent.strip() or _NAMES.search(agent) is not None


def is_from_elsewhere(headers: Headers, host: str) -> bool:
    """Whether a browser says that another site sent the request.

    Our own pages send no referrer, so some browsers name no origin either.
    """
    site = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin", "null")
    return site != "same-origin" or (origin != "null" and origin.partition("://")[2] != host)


class TooLong(Exception):
    """The body is, or says it is, longer than allowed."""


async def read_body(request: Request, most: int = MOST) -> bytes:
    """Read the whole body; raises TooLong before more than ``most`` bytes are kept.

    Starlette's own middleware does this too, but responds in plain text by itself.
    """
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and (len(length) > 12 or int(length) > most):
        raise TooLong
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLong
    return bytes(body)
