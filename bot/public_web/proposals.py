"""``/p/{token}``: the page on which a customer reads a proposal, and which reports the reading.

Loading the page reports nothing, since chats and mail scanners load every link. The page's script
reports once the page was visible for some seconds and somebody moved, touched, turned the wheel or
typed; without scripts, a style sheet requests a picture when a part is pointed at or tapped. A
colleague is recognised by a cookie that a preview sets; a customer gets no cookie.
"""

import hmac
import secrets as random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.public_web.limits import CallLimits, TooLong, is_from_elsewhere, is_robot, read_body
from bot.public_web.pages import MessageView, PublicPages, assets, page_headers, preferred_locale
from bot.public_web.problems import is_starting, wait_for
from bot.public_web.proposal_view import draw_proposal
from bot.public_web.tickets import LIFETIME, Tickets
from handlers.core.incidents import record_incident
from handlers.core.language import Languages
from handlers.proposals.customer_page import Closed, Page
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)
_MOST: Final = 2_000
"""Most bytes of a page's report."""
_COLLEAGUE: Final = "genjin_colleague"
_A_YEAR: Final = 365 * 24 * 3600
_PARTS: Final = 12
"""How many parts of the page request the picture without scripts."""
_DOT: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
"""A transparent GIF of one pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalViewer:
    """What the pages need from the process. ``page`` and ``seen`` raise StorageUnavailable.

    ``secure``: others reach us by HTTPS.
    """

    page: Callable[[str], Awaitable[Page | Closed]]
    seen: Callable[[str, str, int], Awaitable[None]]
    limits: CallLimits
    languages: Languages
    now: Callable[[], datetime]
    secure: bool


class ProposalPages:
    """``seal`` is a keyed hash, the same on every replica."""

    def __init__(self, desk: ProposalViewer, seal: Callable[[str], str]) -> None:
        self._desk = desk
        self._seal = seal
        self._tickets = Tickets(seal)
        self._pages = PublicPages()

    def routes(self) -> list[BaseRoute]:
        return [
            assets("/p/assets"),
            Route("/p/{token}", self.show, methods=["GET"]),
            Route("/p/{token}/seen", self.told, methods=["POST"]),
            Route("/p/{token}/{ticket}/touch.css", self.touchable, methods=["GET"]),
            Route("/p/{token}/{ticket}/{part}.gif", self.touched, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            page = await self._desk.page(token)
        except StorageUnavailable as error:
            key, wait = "starting" if is_starting(error) else "away", wait_for(error)
            return self._message(request, "", key, HTTPStatus.SERVICE_UNAVAILABLE, wait=wait)
        except Exception as error:  # noqa: BLE001 - an incident
            incident = record_incident("proposal.failed", error)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            return self._message(request, "", "broken", status, incident=incident)
        if isinstance(page, Closed):
            status = HTTPStatus.GONE if page.locale else HTTPStatus.NOT_FOUND
            return self._message(request, page.locale, "closed", status)
        now = self._desk.now()
        language = self._desk.languages(page.proposal.locale)
        counts = not page.preview and not self._is_colleague(request)
        ticket = self._tickets.issue(_place(token), now) if counts else ""
        today = now.astimezone(language.timezone).date()
        view = draw_proposal(page, language, address=f"/p/{token}", ticket=ticket, today=today)
        drawn = self._pages.page("proposal.html", view, scripts=counts)
        if page.preview:
            self._mark_colleague(drawn)
        return drawn

    async def told(self, request: Request) -> Response:
        """Record the page's report that a person reads it, and for how long so far."""
        try:
            body = await read_body(request, _MOST)
            given = dict(parse_qsl(body.decode("ascii", "replace"), max_num_fields=4))
        except (TooLong, ValueError):
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        seconds = given.get("seconds", "")
        reported = (
            int(seconds) if seconds.isascii() and seconds.isdecimal() and len(seconds) < 7 else 0
        )
        await self._note(request, given.get("ticket", ""), reported)
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=page_headers())

    async def touchable(self, request: Request) -> Response:
        """The style sheet for readers without scripts: pointing at a part, or tapping it, requests
        a picture."""
        token, ticket = request.path_params["token"], request.path_params["ticket"]
        rules = ""
        if self._tickets.read(ticket, _place(token), self._desk.now()):
            rules = "".join(
                f".part-{n}:is(:hover,:active,:focus-within)"
                f"{{background-image:url(/p/{token}/{ticket}/{n}.gif)}}"
                for n in range(_PARTS)
            )
        return Response(rules, media_type="text/css", headers=page_headers())

    async def touched(self, request: Request) -> Response:
        await self._note(request, request.path_params["ticket"], 0)
        return Response(_DOT, media_type="image/gif", headers=page_headers())

    async def _note(self, request: Request, ticket: str, seconds: int) -> None:
        """Count the reading, unless a machine, another site or a colleague reports it.

        The sender learns nothing of that.
        """
        headers, token = request.headers, request.path_params["token"]
        told_by_other = is_from_elsewhere(headers, headers.get("host", ""))
        if is_robot(headers) or told_by_other or self._is_colleague(request):
            return
        read, now = self._tickets.read(ticket, _place(token), self._desk.now()), self._desk.now()
        if read is None or read.age < timedelta(seconds=1):
            return
        try:
            if await self._desk.limits.reading(self._seal(_place(token))[:32], now):
                return
            # Nobody reads for longer than the page is open.
            most = int(min(read.age, LIFETIME).total_seconds())
            await self._desk.seen(token, read.id, min(seconds, most))
        except StorageUnavailable:
            log.warning("proposal.opening_lost")

    def _is_colleague(self, request: Request) -> bool:
        mark, _, seal = request.cookies.get(_COLLEAGUE, "").partition(".")
        ours = self._seal(f"colleague {mark}")
        return bool(mark) and hmac.compare_digest(ours.encode(), seal.encode())

    def _mark_colleague(self, response: Response) -> None:
        """Set the cookie: from now on nothing that this browser opens counts."""
        mark = random.token_hex(8)
        response.set_cookie(
            _COLLEAGUE,
            f"{mark}.{self._seal(f'colleague {mark}')}",
            max_age=_A_YEAR,
            path="/p",
            httponly=True,
            samesite="lax",
            secure=self._desk.secure,
        )

    def _message(
        self,
        request: Request,
        locale: str,
        key: str,
        status: HTTPStatus,
        *,
        wait: int = 0,
        incident: str = "",
    ) -> Response:
        language = self._desk.languages(locale or preferred_locale(request))
        view = MessageView(
            language.locale.replace("_", "-"),
            language.text(f"reader.{key}_title"),
            language.text(f"reader.{key}", incident=incident),
        )
        return self._pages.page("proposal_message.html", view, status=status, wait=wait)


def _place(token: str) -> str:
    """What a ticket is bound to: it is valid for one link only."""
    return f"proposal {token}"
