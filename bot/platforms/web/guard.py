"""What every answer of the local web chat is wrapped in: headers, and who may ask at all.

The chat has no login: it trusts whoever sits at this machine. So it must be sure that the
one who asks does: a page of another site, open in the same browser, must get nothing.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.requests import LARGEST_UPLOAD

MAX_BODY = 1_000_000
"""Bytes of one request."""
MAX_WISH = MAX_BODY + LARGEST_UPLOAD * 4 // 3
"""Bytes of one that may bring a file, which travels as Base64."""

# The Host header of every browser on this machine; another name is a rebound DNS entry.
_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

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


def guards(most: int = MAX_BODY) -> list[Middleware]:
    """The layers around every route, outermost first."""
    return [
        Middleware(SafeHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS, www_redirect=False),
        Middleware(SameOriginPosts),
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


class SameOriginPosts:
    """Refuses a POST that this chat's own page did not send as JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") == "POST":
            headers = Headers(scope=scope)
            if headers.get("origin") != f"{scope['scheme']}://{headers['host']}":
                await _refuse(403, "foreign_origin")(scope, receive, send)
                return
            if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                await _refuse(415, "not_json")(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _refuse(status: int, reason: str) -> JSONResponse:
    return JSONResponse({"error": reason}, status_code=status)
