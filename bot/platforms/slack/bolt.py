"""The Bolt app: proves senders, drops the bot's own messages, hands every payload on.

One middleware takes all payloads in. Bolt's listeners would acknowledge an event before the
work on it is committed, and look every 10 ms whether something was acknowledged; here the
acknowledgement is what the middleware returns, after the commit.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.config import SlackConfig
from bot.platforms.slack.connection import sdk_logger
from bot.platforms.slack.people import Workspace

Take: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[BoltResponse]]
Apologise: TypeAlias = Callable[[Exception, Mapping[str, Any]], BoltResponse]


class _Inbox(AsyncMiddleware):
    """The last middleware: every proven payload that is not the bot's own ends here."""

    def __init__(self, take: Take) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - Bolt's signature, as is the next
        next: Any,  # noqa: A002, ARG002
    ) -> BoltResponse:
        return await self._take(req.body)


def bolt_app(
    config: SlackConfig,
    client: AsyncWebClient,
    *,
    take: Take,
    apologise: Apologise,
    workspace: Callable[[], Workspace],
) -> AsyncApp:
    """``client`` has no token: with one, Bolt ignores ``authorize`` and asks Slack itself."""

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
        logger=sdk_logger(),
        raise_error_for_unhandled_request=True,
    )
    app.use(_Inbox(take))
    app.error(on_error)
    return app


def web_client(config: SlackConfig, token: str | None) -> AsyncWebClient:
    """No retries: the SDK's would post a message twice when the reply to the first is lost."""
    return AsyncWebClient(
        token=token, base_url=config.api_url, retry_handlers=[], logger=sdk_logger()
    )
