"""What every answer of the web chat is wrapped in: headers, and who may ask at all.

The chat has no login: see ``access``. Besides, a page of another site, open in the same browser,
must get nothing.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.platforms.web.access import COOKIE, COOKIE_AGE, PARAMETER, Access, Verdict
from bot.public_web.pages import MessageView, Pages, preferred_locale
from handlers.core.language import Language
from handlers.core.requests import LARGEST_UPLOAD

MAX_BODY = 1_000_000
"""Bytes of one request."""
MAX_WISH = MAX_BODY + LARGEST_UPLOAD * 4 // 3
"""Bytes of one that may bring a file, which travels as Base64."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STATUS: Final = {
    Verdict.NO_TOKEN: HTTPStatus.FORBIDDEN,
    Verdict.NOT_LOCAL: HTTPStatus.FORBIDDEN,
    Verdict.FOREIGN_HOST: HTTPStatus.BAD_REQUEST,
}
NewLanguage = Callable[[str], Language]


def guards(access: Access, new_language: NewLanguage, most: int = MAX_BODY) -> list[Middleware]:
    """The layers around every route, outermost first."""
    return [
        Middleware(SafeHeaders),
        Middleware(Admission, access=access, new_language=new_language),
        Middleware(SameOriginPosts, access=access),
        Middleware(RequestBodyLimitMiddleware, max_body_size=most),
    ]


class SafeHeaders:
    """Adds the security headers to every answer; nothing is kept without asking again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, send_safely)


class Admission:
    """Refuses everybody whom ``access`` does not allow, and takes the token of the link: the
    cookie stands for it from then on, and the address is without it."""

    def __init__(self, app: ASGIApp, access: Access, new_language: NewLanguage) -> None:
        self._app = app
        self._access = access
        self._words = _AccessPages(new_language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verdict = self._access.verdict(scope)
        request = Request(scope)
        at_page = scope["path"] == "/"
        if self._access.requires_token and at_page and PARAMETER in request.query_params:
            answer = self._entered(request, allowed=verdict is Verdict.ALLOWED)
        elif verdict is Verdict.ALLOWED:
            await self._app(scope, receive, send)
            return
        elif at_page:
            answer = self._words.page(request, verdict, _STATUS[verdict])
        else:
            answer = _refuse(_STATUS[verdict], verdict)
        await answer(scope, receive, send)

    def _entered(self, request: Request, *, allowed: bool) -> Response:
        if not allowed:
            if wait := self._access.wait(request.scope):
                status = HTTPStatus.TOO_MANY_REQUESTS
                return self._words.page(request, "too_many", status, wait=wait)
            if not self._access.takes(request.query_params[PARAMETER], request.scope):
                return self._words.page(request, "wrong_token", HTTPStatus.FORBIDDEN)
        entered = self._words.page(request, "entered", HTTPStatus.OK)
        # Not a redirect: after a click in another site's page, a browser sends no strict cookie
        # along with one. This page goes on by itself, and takes its place in the history.
        entered.headers["Refresh"] = "0; url=/"
        entered.set_cookie(
            COOKIE,
            self._access.cookie(),
            max_age=int(COOKIE_AGE.total_seconds()),
            httponly=True,
            samesite="strict",
            secure="https" in (request.url.scheme, request.headers.get("x-forwarded-proto")),
        )
        return entered


class _AccessPages:
    """The pages for people who are not, or only just, let in, in the language of their browser."""

    def __init__(self, new_language: NewLanguage) -> None:
        self._new_language = new_language
        self._pages = Pages()

    def page(self, request: Request, key: str, status: HTTPStatus, *, wait: int = 0) -> Response:
        language = self._new_language(preferred_locale(request))
        is_retry = key in (Verdict.NO_TOKEN, "entered")
        view = MessageView(
            language.locale.replace("_", "-"),
            language.text(f"access.{key}_title"),
            language.text(f"access.{key}"),
            back="/" if is_retry else "",
            back_text=language.text("access.open") if is_retry else "",
        )
        return self._pages.page("message.html", view, status=status, wait=wait)


class SameOriginPosts:
    """Refuses a POST that this chat's own page did not send as JSON."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "POST":
            if not self._access.is_own_origin(scope):
                await _refuse(HTTPStatus.FORBIDDEN, "foreign_origin")(scope, receive, send)
                return
            content_type = Headers(scope=scope).get("content-type", "")
            if content_type.partition(";")[0].strip() != "application/json":
                status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
                await _refuse(status, "not_json")(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _refuse(status: HTTPStatus, reason: str) -> JSONResponse:
    return JSONResponse({"error": reason}, status_code=status)
