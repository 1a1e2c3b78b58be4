"""How events from Slack reach the bot: a socket, or the web route of Slack's HTTP mode.

The SDK repairs its socket, but retries a dead address for ever when a repair fails half-way; so a
socket that stays down is replaced by a new one. Knows nothing of requests.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from yarl import URL

from bot.platforms import DeliveryError, Health, Refused
from bot.platforms.slack.client import is_token_refused, sent
from bot.platforms.slack.config import Patience, SlackConfig
from bot.platforms.slack.people import Workspace
from bot.public_web.limits import TooLong, read_body
from bot.supervisor import Supervisor, backoff
from sales.refusals import Reason

log = structlog.get_logger(__name__)
_TOKEN, _SOCKET = "slack token", "slack socket"
SCOPES = (
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:read",
    "im:history",
    "im:write",
    "usergroups:read",
    "users:read",
    "users:read.email",
)
"""All scopes that the bot requests; manifest.yaml lists the same."""
OPTIONAL = frozenset({"usergroups:read"})
"""Optional scopes: without them, rules that admit a user group's members admit nobody."""
_SECRETS = re.compile(r"(xox[a-z]-|xapp-)[\w-]+|(ticket=|hooks?/|/commands/|/actions/)[^\s'\"]+")
Take: TypeAlias = Callable[[Mapping[str, Any], float], Awaitable[BoltResponse]]
"""Takes a payload, and the seconds since it was sent."""
Apologise: TypeAlias = Callable[[Exception, Mapping[str, Any]], BoltResponse]
PATH = "/slack/events"
MAX_BODY = 1_000_000
WAITS = 3.0
"""Seconds for which Slack waits for an acknowledgement."""


def _problem_health(name: str, detail: str = "") -> Health:
    refuses = Reason.CREDENTIALS if name == "refused_token" else None
    return Health(False, f"health.slack.{name}", f"health.slack.{name}.advice", detail, refuses)


STARTING = _problem_health("starting")
WELL = Health(True)


class Redacting(logging.Filter):
    """Removes tokens, tickets and response addresses from what the SDK logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            text = f"{text} ({type(error).__name__}: {error})"
        record.msg, record.args = _SECRETS.sub("[hidden]", text), ()
        record.exc_info = record.exc_text = None
        return True


def sdk_logger() -> logging.Logger:
    """The SDK's logger: warnings only, since at lower levels it logs whole payloads."""
    logger = logging.getLogger("bot.platforms.slack.sdk")
    logger.setLevel(logging.WARNING)
    if not any(isinstance(present, Redacting) for present in logger.filters):
        logger.addFilter(Redacting())
    return logger


class Connection:
    """Two loops: one checks the bot token, one holds the socket (if there is an app token)."""

    def __init__(
        self,
        config: SlackConfig,
        client: AsyncWebClient,
        pace: Patience,
        *,
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
        supervisor: Supervisor,
    ) -> None:
        self._supervisor = supervisor
        self.workspace = Workspace()
        self._config = config
        self._client = client
        self._pace = pace
        self._sleep = sleep
        self._jitter = jitter
        self._token = STARTING
        self._socket = STARTING if config.app_token else WELL
        self._handler: AsyncSocketModeHandler | None = None

    def health(self) -> Health:
        if not self._config.app_token and not self._config.signing_secret:
            return _problem_health("no_way_in")
        return self._socket if self._token.ok else self._token

    def start(self, app: AsyncApp) -> None:
        self._supervisor.start(_TOKEN, self._prove_token)
        if self._config.app_token:
            self._supervisor.start(_SOCKET, lambda: self._hold_socket(app))

    async def stop(self) -> None:
        await self._supervisor.stop(_TOKEN, _SOCKET)
        await self._disconnect()

    def token_refused(self) -> None:
        """Record that a call met a refused token, before the next check finds it."""
        self._token = _problem_health("refused_token")

    async def is_token_good(self) -> bool:
        """Whether Slack accepts the bot's token now."""
        self._token = await self._check_token()
        return self._token.ok or self._token.problem == "health.slack.missing_scope"

    async def _prove_token(self) -> None:
        failures = 0
        while True:
            self._token = await self._check_token()
            failures = 0 if self._token.ok else failures + 1
            await self._sleep(self._wait(failures) if failures else self._pace.recheck_token)

    async def _check_token(self) -> Health:
        try:
            response = await sent(self._client.auth_test())
        except Refused as error:
            log.warning("slack.token_refused", reason=error.code)
            return _problem_health(
                "refused_token" if is_token_refused(error) else "unreachable", error.code
            )
        except DeliveryError as error:
            log.warning("slack.unreachable", reason=str(error))
            return _problem_health("unreachable", str(error))
        self.workspace = Workspace(
            response.get("team_id") or "",
            response.get("enterprise_id") or "",
            response.get("user_id") or "",
            response.get("bot_id") or "",
            response.get("team") or "",
            response.get("url") or "",
        )
        if response.get("is_enterprise_install"):
            # Its token is of no single workspace: every call would have to name one.
            return _problem_health("org_install", self.workspace.name)
        granted = str(response.headers.get("x-oauth-scopes", "")).replace(" ", "")
        required = [scope for scope in SCOPES if scope not in OPTIONAL]
        missing = [scope for scope in required if granted and scope not in granted.split(",")]
        return _problem_health("missing_scope", ", ".join(missing)) if missing else WELL

    async def _hold_socket(self, app: AsyncApp) -> None:
        failures = 0
        await self._disconnect()  # left over from a broken attempt
        while True:
            try:
                await self._connect(app)
                failures, self._socket = 0, WELL
                log.info("slack.connected")
                await self._until_down()
            except Refused as error:
                refused = is_token_refused(error)
                self._socket = _problem_health(
                    "refused_app_token" if refused else "unreachable", error.code
                )
            except (DeliveryError, TimeoutError) as error:
                self._socket = _problem_health("unreachable", str(error) or type(error).__name__)
            await self._disconnect()
            log.warning("slack.socket_down", reason=self._socket.problem)
            await self._sleep(self._wait(failures := failures + 1))

    async def _connect(self, app: AsyncApp) -> None:
        opened = await sent(self._client.apps_connections_open(app_token=self._config.app_token))
        self._handler = AsyncSocketModeHandler(
            app,
            self._config.app_token,
            sdk_logger(),
            self._client,
            ping_interval=self._pace.ping,
        )
        self._handler.client.wss_uri = opened["url"]
        async with asyncio.timeout(self._pace.connect_within):
            await self._handler.client.connect()  # type: ignore[no-untyped-call]

    async def _until_down(self) -> None:
        """Watch the socket; returns when the SDK has not repaired it for too long."""
        down = 0.0
        while down < self._pace.down_grace:
            await self._sleep(self._pace.glance)
            up = self._handler is not None and await self._handler.client.is_connected()
            down = 0.0 if up else down + self._pace.glance
            self._socket = WELL if up else _problem_health("disconnected")

    async def _disconnect(self) -> None:
        handler, self._handler = self._handler, None
        if handler is None:
            return
        client = handler.client
        await client.close()  # type: ignore[no-untyped-call]
        tasks = (client.message_processor, client.current_session_monitor, client.message_receiver)
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)

    def _wait(self, failures: int) -> float:
        """Seconds to wait: doubling from the first retry to the longest, minus up to half at
        random."""
        return backoff(
            failures - 1,
            first=self._pace.first_retry,
            longest=self._pace.longest_retry,
            spread=0.5,
            jitter=self._jitter,
        )


class _Inbox(AsyncMiddleware):
    """The last middleware: every payload that is not the bot's own ends here.

    Bolt's listeners would acknowledge an event before the work on it is committed, and poll every
    10 ms whether something was acknowledged; here the acknowledgement is what the middleware
    returns, after the commit.
    """

    def __init__(self, take: Take) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - Bolt's signature, as is the next
        next: Any,  # noqa: A002, ARG002
    ) -> BoltResponse:
        return await self._take(req.body, _age(req))


def _age(request: AsyncBoltRequest) -> float:
    """The least number of seconds since Slack sent a request; 0 for one that came by the socket.

    Slack signs whole seconds, so up to one of them may not have passed. More than Slack waits is
    no age but a wrong clock.
    """
    stamp = (request.headers.get("x-slack-request-timestamp") or [""])[0]
    if not stamp.isdecimal():
        return 0.0
    age = Clock().now() - int(stamp) - 1
    return age if 0 < age < WAITS else 0.0


def bolt_app(
    config: SlackConfig,
    client: AsyncWebClient,
    *,
    take: Take,
    apologise: Apologise,
    workspace: Callable[[], Workspace],
) -> AsyncApp:
    """The Bolt app, which passes every payload on; who sent it is verified before.

    ``client`` has no token: with one, Bolt ignores ``authorize`` and asks Slack itself.
    """

    # Functions, since Bolt reads argument names and stumbles over a bound method's self.
    async def authorize() -> AuthorizeResult:
        ours = workspace()
        return AuthorizeResult(
            enterprise_id=ours.enterprise or None,
            team_id=ours.team or None,
            bot_user_id=ours.bot_user or None,
            bot_id=ours.bot or None,
            bot_token=config.bot_token,
        )

    async def on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return apologise(error, body)

    app = AsyncApp(
        name="genjin.slack",
        client=client,
        authorize=authorize,
        signing_secret=config.signing_secret,
        # The route has verified it: once more would hash ten kilobytes for nothing.
        request_verification_enabled=False,
        logger=sdk_logger(),
        raise_error_for_unhandled_request=True,
    )
    app.use(_Inbox(take))
    app.error(on_error)
    return app


def web_client(config: SlackConfig, token: str | None) -> AsyncWebClient:
    """The Web API client, without retries.

    The SDK's would post a message twice when the reply to the first is lost.
    """
    return AsyncWebClient(
        token=token, base_url=config.api_url, retry_handlers=[], logger=sdk_logger()
    )


def events_route(app: AsyncApp, signing_secret: str) -> Route:
    """``POST /slack/events``.

    The sender is verified by the signing secret before anything that was sent is parsed. A body
    that is too large, or of unstated size, is refused unread.
    """
    verifier = SignatureVerifier(signing_secret)

    async def take(request: Request) -> Response:
        if "content-length" not in request.headers:
            return PlainTextResponse("length required", status_code=411)
        try:
            raw = await read_body(request, MAX_BODY)
        except TooLong:
            return PlainTextResponse("too large", status_code=413)
        if not _is_slacks(verifier, request, raw):
            if _is_check(raw):
                return PlainTextResponse("")
            return PlainTextResponse("not signed by Slack", status_code=401)
        try:
            asked = _bolt_request(request, raw.decode())
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return PlainTextResponse("unreadable", status_code=400)
        return to_starlette_response(await app.async_dispatch(asked))

    return Route(PATH, take, methods=["POST"])


def _is_slacks(verifier: SignatureVerifier, request: Request, raw: bytes) -> bool:
    try:
        return verifier.is_valid_request(raw, request.headers)
    except (ValueError, TypeError):  # A time that is no number, a signature that is no text.
        return False


def _is_check(raw: bytes) -> bool:
    """Whether this is Slack's check of our certificate.

    It holds nothing else and gets an empty response.
    """
    return raw.startswith(b"ssl_check=1") or b"&ssl_check=1" in raw


def _bolt_request(request: Request, body: str) -> AsyncBoltRequest:
    """The request that Slack posted, for Bolt to verify and parse.

    A submitted form comes as ten thousand percent-encoded characters: Bolt's parsing of them takes
    a third of a millisecond, yarl's a twentieth.
    """
    payload = body
    if body.startswith("payload="):
        payload = URL.build(query_string=body, encoded=True).query["payload"]
    asked = AsyncBoltRequest(body=payload, headers=dict(request.headers))
    asked.raw_body = body  # This is what Slack signed.
    return asked
