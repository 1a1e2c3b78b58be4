"""``/form/{source}``: a page on which a visitor leaves an enquiry.

There is no login and no cookie, so there is nothing that another site could misuse in a visitor's
name; a signed ticket in the page fends off machines and double clicks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.addresses import block_of, client_of
from bot.public_web.form_view import draw_form
from bot.public_web.limits import TooLong, read_body
from bot.public_web.pages import (
    MessageView,
    PublicPages,
    ResendView,
    assets,
    page_headers,
    preferred_locale,
)
from bot.public_web.problems import away_key, wait_for
from bot.public_web.signed import Doorway
from bot.public_web.tickets import Ticket, Tickets
from handlers.core.incidents import record_incident
from handlers.core.language import Language
from handlers.core.text import clean, one_line
from handlers.intake import LeadArrival, Via
from handlers.leads.forms import LONGEST
from sales.errors import InvalidInput, Problem, StorageUnavailable
from sales.intake import PublicForm
from sales.playbook import Playbook

log = structlog.get_logger(__name__)
MOST = 64_000
"""Most bytes of a submitted form."""
TRAP = "homepage"
"""The honeypot: a field that no person sees and no browser fills in, but machines do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """A visitor of an open form."""

    source: str
    form: PublicForm
    playbook: Playbook
    language: Language
    typed: Mapping[str, str]
    ticket: str


class PublicForms:
    """``seal`` is a keyed hash, the same on every replica: for tickets and for addresses."""

    def __init__(self, door: Doorway, seal: Callable[[str], str]) -> None:
        self._door = door
        self._seal = seal
        self._tickets = Tickets(seal)
        self._pages = PublicPages()
        self._last: Playbook | None = None

    def routes(self) -> list[BaseRoute]:
        return [
            assets(),
            Route("/form/{source}", self.show, methods=["GET"]),
            Route("/form/{source}", self.send, methods=["POST"]),
            Route("/form/{source}/thanks", self.thanks, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        language = self._language(request, request.query_params.get("lang", ""))
        try:
            playbook = await self._playbook()
        except StorageUnavailable as error:
            return self._away(language, error)
        source = request.path_params["source"]
        form = playbook.intake.forms.get(source)
        if form is None:
            return self._message(language, "closed", HTTPStatus.NOT_FOUND)
        detail = one_line(clean(request.query_params.get("detail", "")))
        typed = {"source_detail": detail[: LONGEST["source_detail"]]}
        ticket = self._tickets.issue(source, self._door.now())
        return self._page(
            _Visit(
                source=source, form=form, playbook=playbook, language=language, typed=typed,
                ticket=ticket,
            )
        )  # fmt: skip

    async def thanks(self, request: Request) -> Response:
        source, chosen = request.path_params["source"], request.query_params.get("lang", "")
        language = self._language(request, chosen)
        playbook = self._last or await self._playbook_or_none()
        form = playbook.intake.forms.get(source) if playbook else None
        if form is None:
            return self._message(language, "closed", HTTPStatus.NOT_FOUND)
        view = MessageView(
            language.locale.replace("_", "-"),
            language.text("visitor.thanks_title"),
            language.text("visitor.thanks_body"),
            "good",
            f"/form/{source}?{urlencode({'lang': chosen})}" if chosen else f"/form/{source}",
            language.text("visitor.another"),
        )
        return self._pages.page("message.html", view, embed_on=form.embed_on)

    async def send(self, request: Request) -> Response:
        try:
            body = await read_body(request, MOST)
            given = _fields_of(body)
        except (TooLong, ValueError):
            language = self._language(request, "")
            return self._message(language, "unreadable", HTTPStatus.BAD_REQUEST)
        language = self._language(request, given.get("switch", "") or given.get("lang", ""))
        try:
            playbook, away = await self._playbook(), None
        except StorageUnavailable as error:
            # The form can still be drawn, with everything that was typed.
            if self._last is None:
                return self._resend(language, given, error)
            playbook, away = self._last, error
        source = request.path_params["source"]
        form = playbook.intake.forms.get(source)
        if form is None:
            return self._message(language, "closed", HTTPStatus.NOT_FOUND)
        asked = (*form.fields, "source_detail")
        typed = {name: clean(given[name]) for name in asked if name in given}
        visit = _Visit(
            source=source, form=form, playbook=playbook, language=language, typed=typed,
            ticket=given.get("ticket", ""),
        )  # fmt: skip
        if away is not None and "switch" not in given:
            return self._put_off(visit, away)
        if "switch" in given:
            return await self._in_other_language(request, visit, away=away is not None)
        return await self._sent(request, visit, caught=bool(given.get(TRAP)))

    async def _in_other_language(self, request: Request, visit: _Visit, *, away: bool) -> Response:
        """The form in the other language; drawing it is work, so it is counted too."""
        if away:
            return self._page(visit)
        try:
            return await self._limited(request, visit) or self._page(visit)
        except StorageUnavailable:
            return self._page(visit)

    async def _limited(self, request: Request, visit: _Visit) -> Response | None:
        """The refusal of a visitor who comes too often; None otherwise."""
        rules = visit.playbook.intake
        wait = await self._door.limits.form(self._visitor(request), rules, self._door.now())
        if not wait:
            return None
        return self._page(visit, "limited", HTTPStatus.TOO_MANY_REQUESTS, wait=wait)

    async def _sent(self, request: Request, visit: _Visit, *, caught: bool) -> Response:
        """Take in a form. A visitor who is refused finds everything typed still there, and can send
        it again."""
        now, rules = self._door.now(), visit.playbook.intake
        try:
            if limited := await self._limited(request, visit):
                return limited
            ticket = self._tickets.read(visit.ticket, visit.source, now)
            if ticket is None:
                fresh = self._tickets.issue(visit.source, now)
                return self._page(visit, "expired", HTTPStatus.CONFLICT, ticket=fresh)
            if caught or ticket.age < timedelta(seconds=rules.form_seconds):
                return self._page(visit, "too_quick", HTTPStatus.UNPROCESSABLE_ENTITY)
            await self._door.take(_arrival(visit, ticket))
        except InvalidInput as error:
            return self._page(
                visit,
                status=HTTPStatus.UNPROCESSABLE_ENTITY,
                errors=_visitor_errors(error.problems, visit.language),
            )
        except StorageUnavailable as error:
            return self._put_off(visit, error)
        except Exception as error:  # noqa: BLE001 - an incident
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            return self._page(
                visit, "broken", status, incident=record_incident("form.failed", error)
            )
        locale = visit.language.locale.replace("_", "-")
        headers = page_headers(visit.form.embed_on)
        return RedirectResponse(
            f"/form/{visit.source}/thanks?lang={locale}", HTTPStatus.SEE_OTHER, headers
        )

    def _page(
        self,
        visit: _Visit,
        notice: str = "",
        status: int = 200,
        *,
        errors: Mapping[str, str] | None = None,
        ticket: str = "",
        wait: int = 0,
        incident: str = "",
    ) -> Response:
        view = draw_form(
            visit.form,
            visit.playbook,
            visit.language,
            typed=visit.typed,
            errors=errors or {},
            notice=visit.language.text(f"visitor.{notice}", incident=incident) if notice else "",
            ticket=ticket or visit.ticket,
        )
        embed_on = visit.form.embed_on
        return self._pages.page("form.html", view, status=status, embed_on=embed_on, wait=wait)

    def _put_off(self, visit: _Visit, error: StorageUnavailable) -> Response:
        """The form with all that was typed, to be sent again in a moment."""
        notice, wait = away_key(error), wait_for(error)
        return self._page(visit, notice, HTTPStatus.SERVICE_UNAVAILABLE, wait=wait)

    def _resend(
        self, language: Language, given: Mapping[str, str], error: StorageUnavailable
    ) -> Response:
        """Offer to resend. Without the playbook the form is not known, so what was sent stays in
        the page."""
        view = ResendView(
            language.locale.replace("_", "-"),
            language.text("visitor.sorry"),
            language.text(f"visitor.{away_key(error)}"),
            tuple(given.items()),
            language.text("visitor.send_again"),
        )
        status, wait = HTTPStatus.SERVICE_UNAVAILABLE, wait_for(error)
        return self._pages.page("resend.html", view, status=status, wait=wait)

    def _away(self, language: Language, error: StorageUnavailable) -> Response:
        key, wait = away_key(error), wait_for(error)
        return self._message(language, key, HTTPStatus.SERVICE_UNAVAILABLE, wait=wait)

    def _message(
        self, language: Language, key: str, status: HTTPStatus, *, wait: int = 0
    ) -> Response:
        view = MessageView(
            language.locale.replace("_", "-"),
            language.text("visitor.sorry"),
            language.text(f"visitor.{key}"),
        )
        return self._pages.page("message.html", view, status=status, wait=wait)

    async def _playbook(self) -> Playbook:
        self._last = await self._door.playbook()
        return self._last

    async def _playbook_or_none(self) -> Playbook | None:
        try:
            return await self._playbook()
        except StorageUnavailable:
            return None

    def _language(self, request: Request, chosen: str) -> Language:
        return self._door.languages(preferred_locale(request, chosen))

    def _visitor(self, request: Request) -> str:
        """A keyed hash of the address: enough for counting, without storing who it was."""
        return self._seal(f"visitor {block_of(client_of(request.scope))}")[:32]


def _fields_of(body: bytes) -> dict[str, str]:
    """What a browser sent; the last of several with one name.

    Raises ValueError for more fields than a form has.
    """
    text = body.decode("ascii", "replace")
    return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=60))


def _arrival(visit: _Visit, ticket: Ticket) -> LeadArrival:
    return LeadArrival(
        via=Via.FORM,
        ids=(f"intake:form:{ticket.id}",),
        values={**visit.typed, "source": visit.source},
        reachable=True,
        locale=visit.language.locale,
    )


def _visitor_errors(problems: Mapping[str, Problem], language: Language) -> dict[str, str]:
    """Texts for a visitor where they differ from those for a colleague."""
    worded = {}
    for name, problem in problems.items():
        key = f"visitor.problem_{problem.key}"
        key = key if language.has(key) else f"problem.{problem.key}"
        worded[name] = language.text(key, **problem.params)
    return worded
