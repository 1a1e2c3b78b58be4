"""The HTTP client for DingTalk's APIs: token, rate limit, monthly count, and typed errors.

Knows how a call is made, not what any call is for. Never logs a body, a token or a query.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
import structlog

from bot.platforms import Memory, Refused, Suspended, Throttled, Unavailable, Unclear
from bot.platforms.dingtalk.config import DingTalkConfig
from bot.platforms.dingtalk.errors import (
    error_code,
    failure_of,
    is_quota_spent,
    is_token_refused,
    missing_scopes,
)
from bot.platforms.dingtalk.health import Conditions, Part
from bot.platforms.retry_after import seconds_to_wait
from sales.errors import StorageUnavailable
from sales.refusals import Reason

log = structlog.get_logger(__name__)

_CALLS_PER_SECOND = 18.0  # DingTalk allows 20 per app and interface
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
# More connections make httpx slower, not faster: it scans all of them for each call.
_LIMITS = httpx.Limits(max_connections=24, max_keepalive_connections=24)
_RENEW_BEFORE = 300.0
_COUNT_KEPT = timedelta(days=62)
_EARLY = 0.8

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for a multipart call."""

    name: str
    content: bytes
    kind: str


class TooLarge(Exception):
    """A file is longer than its caller accepts."""


class Quota:
    """Counts this month's use, shared by all replicas, and warns before it runs out."""

    def __init__(
        self,
        config: DingTalkConfig,
        memory: Memory,
        conditions: Conditions,
        now: Callable[[], datetime],
    ) -> None:
        self._limits: dict[Part, int] = {
            "calls": config.monthly_calls,
            "messages": config.monthly_messages,
        }
        self._app = config.client_id
        self._memory = memory
        self._conditions = conditions
        self._now = now
        self._uncounted: Counter[Part] = Counter()
        self.is_short = False
        """Whether few of the month's calls are left, which messages need more than extras do."""

    async def use(self, part: Part, by: int = 1) -> None:
        """Count ``by`` uses of ``calls`` (OpenAPI) or ``messages`` (stream and webhook).

        While the database is away they are counted later: it must not keep a message from going
        out.
        """
        month = f"{self._now():%Y-%m}"
        key = f"dingtalk:{part}:{self._app}:{month}"
        by += self._uncounted.pop(part, 0)
        try:
            used = await self._memory.count(key, by, keep=_COUNT_KEPT)
        except StorageUnavailable:
            self._uncounted[part] += by
            return
        limit = self._limits[part]
        if part == "calls":
            self.is_short = used >= limit * _EARLY
        if used >= limit:
            self._conditions.report(part, f"{part}_spent", detail=f"{used}/{limit}")
        elif used >= limit * _EARLY:
            self._conditions.report(part, f"{part}_near", detail=f"{used}/{limit}", ok=True)
        else:
            self._conditions.clear(part)


class CallCount(Protocol):
    """Counts the calls and messages of a month, as ``Quota`` does."""

    async def use(self, part: Part, by: int = 1) -> None: ...


class NotPermitted(Refused):
    """The app lacks the permission for something optional."""

    def __init__(self, scopes: tuple[str, ...]) -> None:
        named = ", ".join(scopes)
        super().__init__(f"not permitted: {named}", reason=Reason.SCOPE, detail=named)
        self.scopes = scopes


class CallPace:
    """Spaces the calls of one interface evenly, across all conversations of this process."""

    def __init__(
        self,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap = 1.0 / _CALLS_PER_SECOND
        self._next: dict[str, float] = {}
        self._sleep = sleep
        self._clock = clock

    async def wait(self, interface: str) -> None:
        now = self._clock()
        slot = max(now, self._next.get(interface, 0.0))
        self._next[interface] = slot + self._gap
        if slot > now:
            await self._sleep(slot - now)


class Transport:
    """Calls DingTalk's APIs as the app. Every method raises the delivery errors."""

    def __init__(self, config: DingTalkConfig, quota: CallCount, conditions: Conditions) -> None:
        self._config = config
        self._quota = quota
        self._conditions = conditions
        self._pace = CallPace()
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS)
        self._token = ""
        self._token_until = 0.0
        self._token_lock = asyncio.Lock()

    async def close(self) -> None:
        await self._client.aclose()

    async def api(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        optional: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Call the current API (``x-acs-dingtalk-access-token``).

        ``optional`` names the interface of an optional feature: its missing permission is not
        reported but raised as NotPermitted.
        """
        return await self._as_app(
            optional or path,
            lambda token: self._client.build_request(
                method,
                self._config.api_url + path,
                json=body,
                headers={"x-acs-dingtalk-access-token": token, **(headers or {})},
            ),
            optional=bool(optional),
        )

    async def oapi(
        self,
        path: str,
        body: Mapping[str, Any],
        upload: Upload | None = None,
        *,
        optional: bool = False,
    ) -> dict[str, Any]:
        """Call the older API, whose token travels in the query.

        ``optional``: an optional feature; its missing permission is not reported but raised as
        NotPermitted.
        """
        files = {"media": (upload.name, upload.content, upload.kind)} if upload else None
        answered = await self._as_app(
            path,
            lambda token: self._client.build_request(
                "POST",
                self._config.oapi_url + path,
                params={"access_token": token},
                files=files,
                data=dict(body) if upload else None,
                json=None if upload else body,
            ),
            optional=optional,
        )

        if str(answered.get("errcode")) != "0":
            raise Unclear("DingTalk did not say that it took the call")
        return answered

    async def download(self, url: str, most: int) -> bytes:
        """Download from a link that DingTalk gave; it needs no token. Also raises TooLarge."""
        try:
            async with self._client.stream("GET", url) as response:
                if not response.is_success:
                    raise Refused(f"the file's link answered {response.status_code}")
                content = bytearray()
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > most:
                        raise TooLarge
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"the file was not read: {type(error).__name__}") from error
        return bytes(content)

    async def webhook(self, url: str, body: Mapping[str, Any]) -> bool:
        """Post to a session webhook, which needs no token.

        True only if DingTalk says that it accepted the message: not for another status, a page of
        some proxy, or nothing.
        """
        await self._quota.use("messages")
        response = await self._send(self._client.build_request("POST", url, json=body))
        try:
            answered = response.json()
        except ValueError:
            answered = None
        took = isinstance(answered, dict) and str(answered.get("errcode")) == "0"
        if not took or not response.is_success:
            code = error_code(answered) if isinstance(answered, dict) else ""
            log.warning("dingtalk.webhook_refused", status=response.status_code, code=code)
            return False
        return True

    async def _as_app(
        self, path: str, build: Callable[[str], httpx.Request], *, optional: bool = False
    ) -> dict[str, Any]:
        refused = ""
        while True:
            token = await self._token_other_than(refused)
            await self._pace.wait(path)
            await self._quota.use("calls")
            response = await self._send(build(token))
            body = _body(response)
            if not refused and is_token_refused(response.status_code, body):
                refused = token
                continue
            if optional and (scopes := missing_scopes(body)) is not None:
                raise NotPermitted(scopes)
            self._judge(response, body)
            return body

    def _judge(self, response: httpx.Response, body: Mapping[str, Any]) -> None:
        """Raise the error of a response, and record what the admin has to fix."""
        failure = failure_of(response.status_code, body, _wait(response))
        scopes = missing_scopes(body)
        if scopes is not None:
            self._conditions.report("scope", "scope", detail=", ".join(scopes))
        elif is_quota_spent(body):
            self._conditions.report("calls", "calls_spent")
        elif failure is None:
            self._conditions.clear("scope", "credentials")
        if failure is not None:
            raise failure

    async def _token_other_than(self, refused: str) -> str:
        """The token; a new one if it expired or is the one that was just refused.

        One caller fetches it while all others wait.
        """
        loop = asyncio.get_running_loop()
        async with self._token_lock:
            if not self._token or self._token == refused or loop.time() >= self._token_until:
                self._token, lasts = await self._fetch_token()
                self._token_until = loop.time() + lasts - min(_RENEW_BEFORE, lasts / 2)
            return self._token

    async def _fetch_token(self) -> tuple[str, float]:
        try:
            response = await self._send(
                self._client.build_request(
                    "POST",
                    self._config.api_url + "/v1.0/oauth2/accessToken",
                    json={
                        "appKey": self._config.client_id,
                        "appSecret": self._config.client_secret,
                    },
                )
            )
            body = _body(response)
        except Unclear as error:  # asking for a token posts nothing: it may be asked again
            raise Unavailable("no token: DingTalk broke off") from error
        status, code = response.status_code, error_code(body)
        failure = failure_of(status, body, _wait(response))
        if isinstance(failure, Throttled):
            raise failure
        if failure is not None and status < 500:
            self._conditions.report("credentials", "credentials", detail=code)
            reason = failure.reason if isinstance(failure, Suspended) else Reason.CREDENTIALS
            raise Suspended(code or str(status), reason=reason)
        if failure is not None or "accessToken" not in body:
            raise Unavailable(f"no token ({status} {code})")
        return str(body["accessToken"]), float(body.get("expireIn") or 7200)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._client.send(request)
        except _NEVER_SENT as error:
            raise Unavailable(f"DingTalk cannot be reached: {type(error).__name__}") from error
        except httpx.TransportError as error:
            raise Unclear(f"the call broke: {type(error).__name__}") from error


def _wait(response: httpx.Response) -> float | None:
    return seconds_to_wait(response.headers.get("retry-after"), response.headers.get("date"))


def _body(response: httpx.Response) -> dict[str, Any]:
    if response.is_success and not response.content:
        return {}  # a deletion says nothing more
    try:
        body = response.json()
    except ValueError as error:
        if response.is_success:
            raise Unclear("DingTalk answered something that is no JSON") from error
        return {}
    if not isinstance(body, dict):
        raise Unclear("DingTalk answered something that is no object")
    return body


class HideQueries(logging.Filter):
    """Strips the query from every URL that httpx logs: it holds tokens and session keys."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                arg.copy_with(query=None) if isinstance(arg, httpx.URL) else arg
                for arg in record.args
            )
        return True
