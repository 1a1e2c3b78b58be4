"""Renders the public pages, and wraps every one of them in security headers.

Autoescaped templates, nothing from another site; no script and no cookie unless a page says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.core.language import nearest_locale

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
_STRICT: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}
_POLICY: Final = (
    "default-src 'none'; {scripts}style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {ancestors}"
)


@dataclass(frozen=True, slots=True)
class MessageView:
    """A page that only shows a text; ``back`` is where its link leads, "" for none."""

    lang: str
    title: str
    body: str
    tone: str = "plain"
    back: str = ""
    back_text: str = ""


@dataclass(frozen=True, slots=True)
class ResendView:
    """A page that says why a form was not accepted.

    It holds everything that was sent in ``typed``, to be sent again by the button ``again``.
    """

    lang: str
    title: str
    body: str
    typed: tuple[tuple[str, str], ...]
    again: str


class PublicPages:
    """``page`` draws a template with a view."""

    @cached_property
    def _templates(self) -> "Environment":
        # Imported for the first page: hours may pass until somebody asks for one.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(
        self,
        template: str,
        view: Any,
        *,
        status: int = 200,
        embed_on: Sequence[str] = (),
        wait: int = 0,
        scripts: bool = False,
    ) -> HTMLResponse:
        """Render a template with a view.

        ``embed_on``: the sites that may show the page in a frame besides our own; ``scripts``:
        whether our own may run, and call our own server.
        """
        html = self._templates.get_template(template).render(view=view)
        headers = page_headers(embed_on, scripts=scripts) | {
            "Content-Language": view.lang,
            "Vary": "Accept-Language",
        }
        if wait:
            headers["Retry-After"] = str(wait)
        return HTMLResponse(html, status, headers)


def page_headers(embed_on: Sequence[str] = (), *, scripts: bool = False) -> dict[str, str]:
    """The security headers; they differ by who may frame the page, and whether scripts run."""
    allowed = "script-src 'self'; connect-src 'self'; " if scripts else ""
    ancestors = " ".join(("'self'", *embed_on))
    headers = _STRICT | {
        "Content-Security-Policy": _POLICY.format(ancestors=ancestors, scripts=allowed),
        "Cross-Origin-Resource-Policy": "cross-origin" if embed_on else "same-origin",
        "Cache-Control": "no-store",
    }
    # X-Frame-Options cannot name a site; browsers follow frame-ancestors if both are present.
    return headers if embed_on else headers | {"X-Frame-Options": "SAMEORIGIN"}


def assets(path: str = "/form-assets") -> Mount:
    """The style sheets that the pages share."""
    return Mount(path, app=_Safely(StaticFiles(directory=_HERE / "assets")))


class _Safely:
    """Adds the headers to a file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
                raw = [(name.lower().encode(), value.encode()) for name, value in extra.items()]
                message["headers"] = [*message["headers"], *raw]
            await send(message)

        await self._app(scope, receive, send_safely)


_PART = re.compile(r"\s*([A-Za-z-]{1,20}|\*)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def preferred_locale(request: Request, chosen: str = "") -> str:
    """``en`` or ``zh_CN``: the visitor's choice, else the browser's preference.

    The one ``chosen`` on the page, else the first supported one that the browser lists; "" if it
    names none.
    """
    return nearest_locale(chosen, "") or accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The best supported locale in an Accept-Language header; "" for none."""
    wishes: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        if match := _PART.fullmatch(part):
            locale, weight = nearest_locale(match[1], ""), float(match[2] or 1)
            if locale and weight > 0:
                wishes.append((weight, locale))
    return max(wishes, key=lambda wish: wish[0], default=(0.0, ""))[1]
