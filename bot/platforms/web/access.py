"""Decides who may use the web chat, and wraps every response.

Allowed are people at this machine or, if a token is required, people who opened the link with it
once. The chat has no login, so a request must prove where it comes from. The Host header and
everything a proxy adds prove nothing: the sender or the proxy writes them. What counts is the
socket's peer, or a cookie that only the right token yields. Besides, a page of another site, open
in the same browser, must get nothing.
"""

import hmac
import os
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.addresses import block_of, client_of, is_forwarded, is_loopback, peer_of
from bot.public_web.pages import MessageView, PublicPages, preferred_locale
from handlers.core.language import Language
from handlers.core.requests import LARGEST_UPLOAD

log = structlog.get_logger(__name__)
COOKIE: Final = "genjin_chat"
COOKIE_AGE: Final = timedelta(days=30)
PARAMETER: Final = "token"
MOST_WRONG: Final = 10
WINDOW: Final = timedelta(minutes=10)
"""After this many wrong tokens in this window, an address has to wait for its end."""
_ADDRESSES: Final = 10_000
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
# The Host header of a browser on this machine; another name is a rebound DNS entry.
_LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
MAX_BODY = 1_000_000
"""Most bytes of one request."""
MAX_WISH = MAX_BODY + LARGEST_UPLOAD * 4 // 3
"""Most bytes of a request that may carry a file, which travels as Base64."""
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
NewLanguage = Callable[[str], Language]


class AccessVerdict(StrEnum):
    """Whether a request is served, and why not."""

    ALLOWED = "allowed"
    NO_TOKEN = "no_token"  # noqa: S105 - the name of a refusal
    NOT_LOCAL = "not_local"
    FOREIGN_HOST = "foreign_host"


class Access:
    """The access rules of the chat.

    ``token`` is required of everybody, also at this machine; with "" only this machine is served.
    ``seal`` is a keyed hash, the same on every replica: a cookie is the sealed token, so it cannot
    be derived from a guessed one. ``addresses`` are where people open the chat through a proxy that
    changes the Host header.
    """

    def __init__(
        self,
        token: str = "",
        seal: Callable[[str], str] = str,
        now: Callable[[], datetime] = lambda: _EPOCH,
        addresses: Collection[str] = (),
    ) -> None:
        self._token = token
        self._seal = seal
        self._now = now
        self._sites = frozenset(urlsplit(address).netloc.lower() for address in addresses)
        self._wrong: OrderedDict[str, tuple[int, int]] = OrderedDict()

    @property
    def requires_token(self) -> bool:
        return bool(self._token)

    def verdict(self, scope: Scope) -> AccessVerdict:
        """Decide whether the request is served, by where it comes from and by its cookie."""
        if self._token:
            return AccessVerdict.ALLOWED if self._has_cookie(scope) else AccessVerdict.NO_TOKEN
        headers = Headers(scope=scope)
        if not is_loopback(peer_of(scope)) or is_forwarded(headers):
            return AccessVerdict.NOT_LOCAL
        hosts = headers.getlist("host")
        is_local = len(hosts) == 1 and _LOCAL_HOST.fullmatch(hosts[0]) is not None
        return AccessVerdict.ALLOWED if is_local else AccessVerdict.FOREIGN_HOST

    def is_own_origin(self, scope: Scope) -> bool:
        """Whether a request that changes something was sent by our own page.

        With a cookie the scheme may differ: a proxy may terminate TLS in front of us.
        """
        headers = Headers(scope=scope)
        scheme, _, host = headers.get("origin", "").lower().partition("://")
        own = headers.get("host", "").lower()
        if not host or scheme not in ("http", "https"):
            return False
        if not self._token:
            return host == own and scheme == scope["scheme"]
        return host == own or host in self._sites

    def wait(self, scope: Scope) -> int:
        """Seconds until this client may try a token again; 0 if it may now."""
        number, passed = self._window()
        seen, wrong = self._wrong.get(block_of(client_of(scope)), (0, 0))
        limited = seen == number and wrong >= MOST_WRONG
        return int(WINDOW.total_seconds()) - passed if limited else 0

    def takes(self, token: str, scope: Scope) -> bool:
        """Whether the token is right; a wrong one is counted for the client."""
        if self._token and hmac.compare_digest(token.encode(), self._token.encode()):
            return True
        number, _ = self._window()
        block = block_of(client_of(scope))
        seen, wrong = self._wrong.pop(block, (number, 0))
        self._wrong[block] = (number, wrong + 1 if seen == number else 1)
        if len(self._wrong) > _ADDRESSES:
            self._wrong.popitem(last=False)
        if self._wrong[block][1] == MOST_WRONG:
            log.warning("web.wrong_tokens", address=block)
        return False

    def cookie(self) -> str:
        """The cookie that identifies a browser that has shown the token."""
        return self._seal(f"web chat {self._token}")

    def _has_cookie(self, scope: Scope) -> bool:
        given = HTTPConnection({**scope, "type": "http"}).cookies.get(COOKIE, "")
        return hmac.compare_digest(given.encode(), self.cookie().encode())

    def _window(self) -> tuple[int, int]:
        return divmod(int(self._now().timestamp()), int(WINDOW.total_seconds()))


def stored_token(path: Path) -> str:
    """The token in a file that only its owner can read; created if it is missing.

    If nothing can be written, a token for this run only.
    """
    try:
        if stored := path.read_text("ascii").strip():
            return stored
    except (OSError, ValueError):
        pass
    token = secrets.token_urlsafe(24)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{token}\n")
        draft.replace(path)
    except OSError as error:
        log.warning("web.token_not_stored", path=str(path), reason=error.strerror)
    return token


_STATUS: Final = {
    AccessVerdict.NO_TOKEN: HTTPStatus.FORBIDDEN,
    AccessVerdict.NOT_LOCAL: HTTPStatus.FORBIDDEN,
    AccessVerdict.FOREIGN_HOST: HTTPStatus.BAD_REQUEST,
}


def guards(access: Access, new_language: NewLanguage, most: int = MAX_BODY) -> list[Middleware]:
    """The layers around every route, outermost first."""
    return [
        Middleware(SafeHeaders),
        Middleware(Admission, access=access, new_language=new_language),
        Middleware(SameOriginPosts, access=access),
        Middleware(RequestBodyLimitMiddleware, max_body_size=most),
    ]


class SafeHeaders:
    """Adds the security headers to every response; browsers revalidate before using a copy."""

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
    """Refuses everybody whom ``access`` does not allow, and accepts the token of the link.

    From then on the cookie replaces the token, and the address no longer contains it.
    """

    def __init__(self, app: ASGIApp, access: Access, new_language: NewLanguage) -> None:
        self._app = app
        self._access = access
        self._words = _AccessPages(new_language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verdict = self._access.verdict(scope)
        request = Request(scope)
        at_page = scope["path"] == "/"
        if self._access.requires_token and at_page and PARAMETER in request.query_params:
            answer = self._entered(request, allowed=verdict is AccessVerdict.ALLOWED)
        elif verdict is AccessVerdict.ALLOWED:
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
        # along with one. This page redirects by itself, and replaces its entry in the history.
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
    """The pages for people who are refused or have just been let in, in their browser's
    language."""

    def __init__(self, new_language: NewLanguage) -> None:
        self._new_language = new_language
        self._pages = PublicPages()

    def page(self, request: Request, key: str, status: HTTPStatus, *, wait: int = 0) -> Response:
        language = self._new_language(preferred_locale(request))
        is_retry = key in (AccessVerdict.NO_TOKEN, "entered")
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
