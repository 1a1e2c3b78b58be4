"""``/p/{token}``: the page on which a customer reads a proposal, and which reports the reading.

Loading the page reports nothing, since chats and mail scanners load every link. The page's script
reports once the page was visible for some seconds and somebody moved, touched, turned the wheel or
typed; without scripts, a style sheet requests a picture when a part is pointed at or tapped. A
colleague is recognised by a cookie that a preview sets; a customer gets no cookie. A reader may ask
or accept by a form that works without scripts; its ticket fends off machines and other sites.
"""

import hmac
import secrets as random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.addresses import block_of, client_of
from bot.public_web.limits import CallLimits, TooLong, is_from_elsewhere, is_robot, read_body
from bot.public_web.logo import Logo
from bot.public_web.pages import (
    MessageView,
    PublicPages,
    ResendView,
    assets,
    page_headers,
    preferred_locale,
)
from bot.public_web.problems import away_key, is_starting, wait_for
from bot.public_web.proposal_view import ReplyState, draw_proposal
from bot.public_web.tickets import LIFETIME, Ticket, Tickets
from handlers.core.incidents import record_incident
from handlers.core.language import Language, Languages
from handlers.proposals.customer_page import Closed, Page, TooManyReplies, TypedReply
from sales.errors import InvalidInput, Problem, StorageUnavailable
from sales.proposals import ReplyKind

log = structlog.get_logger(__name__)
_MOST: Final = 2_000
"""Most bytes of a page's report."""
_MOST_WRITTEN: Final = 32_000
"""Most bytes of a reply."""
_TRAP: Final = "homepage"
"""The honeypot: a field that no person sees, but machines fill in."""
_QUICKEST: Final = timedelta(seconds=2)
"""No person reads a proposal and answers it sooner."""
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
    reply: Callable[[str, TypedReply], Awaitable[Closed | None]]
    limits: CallLimits
    languages: Languages
    now: Callable[[], datetime]
    secure: bool
    logo: Logo | None = None


@dataclass(frozen=True, slots=True)
class _Form:
    """A reply as it was sent."""

    request: Request
    kind: ReplyKind
    given: Mapping[str, str]
    ticket: Ticket | None

    @property
    def token(self) -> str:
        return str(self.request.path_params["token"])


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
            Route("/p/logo", self.logo, methods=["GET"]),
            Route("/p/{token}", self.show, methods=["GET"]),
            Route("/p/{token}/seen", self.told, methods=["POST"]),
            Route("/p/{token}/reply", self.reply, methods=["POST"]),
            # Who comes back to the address of a form that was refused.
            Route("/p/{token}/reply", self.back, methods=["GET"]),
            Route("/p/{token}/{ticket}/touch.css", self.touchable, methods=["GET"]),
            Route("/p/{token}/{ticket}/{part}.gif", self.touched, methods=["GET"]),
        ]

    async def logo(self, request: Request) -> Response:
        """The company's logo."""
        logo = self._desk.logo
        if logo is None:
            return self._message(request, "", "closed", HTTPStatus.NOT_FOUND)
        headers = page_headers() | {"Cache-Control": "max-age=3600"}
        return Response(logo.content, media_type=logo.media_type, headers=headers)

    async def show(self, request: Request) -> Response:
        sent = request.query_params.get("sent", "")
        kind = next((kind for kind in ReplyKind if kind.value == sent), None)
        return await self._shown(request, lambda _: ReplyState(sent=kind))

    async def back(self, request: Request) -> Response:
        place = f"/p/{request.path_params['token']}"
        return RedirectResponse(place, HTTPStatus.SEE_OTHER, page_headers())

    async def _shown(
        self,
        request: Request,
        state: Callable[[Language], ReplyState] = lambda _: ReplyState(),
        status: HTTPStatus = HTTPStatus.OK,
        wait: int = 0,
    ) -> Response:
        """The page, or why it cannot be shown."""
        token = request.path_params["token"]
        try:
            page = await self._desk.page(token)
        except StorageUnavailable as error:
            key, pause = "starting" if is_starting(error) else "away", wait_for(error)
            return self._message(request, "", key, HTTPStatus.SERVICE_UNAVAILABLE, wait=pause)
        except Exception as error:  # noqa: BLE001 - an incident
            incident = record_incident("proposal.failed", error)
            failed = HTTPStatus.INTERNAL_SERVER_ERROR
            return self._message(request, "", "broken", failed, incident=incident)
        if isinstance(page, Closed):
            return self._closed(request, page)
        now = self._desk.now()
        language = self._desk.languages(page.proposal.locale)
        counts = not page.preview and not self._is_colleague(request)
        ticket = self._tickets.issue(_place(token), now) if counts else ""
        today = now.astimezone(language.timezone).date()
        view = draw_proposal(
            page,
            language,
            address=f"/p/{token}",
            ticket=ticket,
            today=today,
            state=state(language),
            logo="/p/logo" if self._desk.logo else "",
        )
        drawn = self._pages.page("proposal.html", view, status=status, wait=wait, scripts=counts)
        if page.preview:
            self._mark_colleague(drawn)
        return drawn

    async def reply(self, request: Request) -> Response:
        """Take in a question or an acceptance. What is refused stays in the form."""
        try:
            given = _fields_of(await read_body(request, _MOST_WRITTEN))
            kind = ReplyKind(given.get("kind", ""))
        except (TooLong, ValueError):
            return await self._shown(request, status=HTTPStatus.BAD_REQUEST)
        place, now = _place(request.path_params["token"]), self._desk.now()
        ticket = self._tickets.read(given.get("ticket", ""), place, now)
        form = _Form(request, kind, given, ticket)
        try:
            return await self._refused(form) or await self._keep(form)
        except StorageUnavailable as error:
            return self._resend(form, error)

    async def _refused(self, form: _Form) -> Response | None:
        """The form again for who comes too often or from elsewhere; None if it may be taken."""
        headers = form.request.headers
        if is_from_elsewhere(headers, headers.get("host", "")):
            return await self._again(form, "reply_elsewhere", HTTPStatus.FORBIDDEN)
        visitor = f"reply visitor {block_of(client_of(form.request.scope))}"
        page = self._seal(_place(form.token))[:32]
        now = self._desk.now()
        if wait := await self._desk.limits.reply(page, self._seal(visitor)[:32], now):
            return await self._again(form, "reply_often", HTTPStatus.TOO_MANY_REQUESTS, wait=wait)
        if form.ticket is None:
            return await self._again(form, "reply_expired", HTTPStatus.CONFLICT)
        if form.given.get(_TRAP) or form.ticket.age < _QUICKEST:
            return await self._again(form, "reply_quick", HTTPStatus.UNPROCESSABLE_ENTITY)
        return None

    async def _keep(self, form: _Form) -> Response:
        if form.ticket is None or self._is_colleague(form.request):
            return await self._again(form, "reply_closed", HTTPStatus.FORBIDDEN)
        texts = {name: form.given.get(name, "") for name in ("name", "words", "edition")}
        try:
            closed = await self._desk.reply(
                form.token, TypedReply(kind=form.kind, key=form.ticket.id, **texts)
            )
        except InvalidInput as error:
            return await self._again(
                form, "", HTTPStatus.UNPROCESSABLE_ENTITY, problems=error.problems
            )
        except TooManyReplies:
            return await self._again(form, "reply_often", HTTPStatus.TOO_MANY_REQUESTS)
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - an incident
            incident = record_incident("proposal.reply_failed", error)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            return await self._again(form, "broken", status, incident=incident)
        if closed is not None:
            return self._closed(form.request, closed)
        address = f"/p/{form.token}?sent={form.kind}#reply"
        return RedirectResponse(address, HTTPStatus.SEE_OTHER, page_headers())

    async def _again(
        self,
        form: _Form,
        key: str,
        status: HTTPStatus,
        *,
        problems: Mapping[str, Problem] | None = None,
        wait: int = 0,
        incident: str = "",
    ) -> Response:
        """The page with what was typed, and why it did not arrive."""

        def state(language: Language) -> ReplyState:
            return ReplyState(
                kind=form.kind,
                typed=form.given,
                errors={
                    name: language.text(f"problem.{problem.key}", **problem.params)
                    for name, problem in (problems or {}).items()
                },
                notice=language.text(f"reader.{key}", incident=incident) if key else "",
            )

        return await self._shown(form.request, state, status, wait)

    def _resend(self, form: _Form, error: StorageUnavailable) -> Response:
        """A page that holds what was typed, to be sent again in a moment."""
        language = self._desk.languages(preferred_locale(form.request))
        view = ResendView(
            language.locale.replace("_", "-"),
            language.text("visitor.sorry"),
            language.text(f"visitor.{away_key(error)}"),
            tuple(form.given.items()),
            language.text("visitor.send_again"),
        )
        status, wait = HTTPStatus.SERVICE_UNAVAILABLE, wait_for(error)
        return self._pages.page("resend.html", view, status=status, wait=wait)

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

    def _closed(self, request: Request, closed: Closed) -> Response:
        status = HTTPStatus.GONE if closed.locale else HTTPStatus.NOT_FOUND
        return self._message(request, closed.locale, "closed", status)

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


def _fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form; raises ValueError for more than it has."""
    text = body.decode("ascii", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=12))


def _place(token: str) -> str:
    """What a ticket is bound to: it is valid for one link only."""
    return f"proposal {token}"
