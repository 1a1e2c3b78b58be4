"""Who may use the web chat: whoever sits at this machine or, where a token is required, whoever
opened the link with it once.

The chat has no login, so a request must prove where it comes from. The Host header and all that a
proxy adds prove nothing: the sender or the proxy writes them. What counts is the socket's peer, or
a cookie that only the right token yields.
"""

import hmac
import os
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from bot.addresses import block_of, client_of, is_forwarded, is_loopback, peer_of

log = structlog.get_logger(__name__)
COOKIE: Final = "genjin_chat"
COOKIE_AGE: Final = timedelta(days=30)
PARAMETER: Final = "token"
MOST_WRONG: Final = 10
WINDOW: Final = timedelta(minutes=10)
"""So many wrong tokens in such a span, and an address has to wait for its end."""
_ADDRESSES: Final = 10_000
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
# The Host header of a browser on this machine; another name is a rebound DNS entry.
_LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


class Verdict(StrEnum):
    """Whether a request is served, and why not."""

    ALLOWED = "allowed"
    NO_TOKEN = "no_token"  # noqa: S105 - the name of a refusal
    NOT_LOCAL = "not_local"
    FOREIGN_HOST = "foreign_host"


class Access:
    """``token`` is required of everybody, also at this machine; with "" only this machine is
    served. ``seal`` is a keyed hash, the same on every replica: a cookie is the sealed token, so
    it cannot be made from a guessed one. ``addresses`` are where people open the chat through a
    proxy that changes the Host header."""

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

    def verdict(self, scope: Scope) -> Verdict:
        """Whether the request is served, by where it comes from and by its cookie."""
        if self._token:
            return Verdict.ALLOWED if self._has_cookie(scope) else Verdict.NO_TOKEN
        headers = Headers(scope=scope)
        if not is_loopback(peer_of(scope)) or is_forwarded(headers):
            return Verdict.NOT_LOCAL
        hosts = headers.getlist("host")
        is_local = len(hosts) == 1 and _LOCAL_HOST.fullmatch(hosts[0]) is not None
        return Verdict.ALLOWED if is_local else Verdict.FOREIGN_HOST

    def is_own_origin(self, scope: Scope) -> bool:
        """Whether a request that changes something was sent by our own page. With a cookie the
        scheme may differ: a proxy may speak TLS in front of us."""
        headers = Headers(scope=scope)
        scheme, _, host = headers.get("origin", "").lower().partition("://")
        own = headers.get("host", "").lower()
        if not host or scheme not in ("http", "https"):
            return False
        if not self._token:
            return host == own and scheme == scope["scheme"]
        return host == own or host in self._sites

    def wait(self, scope: Scope) -> int:
        """Seconds until this client may try a token again; 0 when it may now."""
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
        """What a browser that showed the token is known by from then on."""
        return self._seal(f"web chat {self._token}")

    def _has_cookie(self, scope: Scope) -> bool:
        given = HTTPConnection({**scope, "type": "http"}).cookies.get(COOKIE, "")
        return hmac.compare_digest(given.encode(), self.cookie().encode())

    def _window(self) -> tuple[int, int]:
        return divmod(int(self._now().timestamp()), int(WINDOW.total_seconds()))


def stored_token(path: Path) -> str:
    """The token in a file that only its owner can read; made when it is not there. Where nothing
    can be written, a token for this run alone."""
    try:
        if kept := path.read_text("ascii").strip():
            return kept
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
