"""Calls to Slack's Web API, with every failure as one of the delivery errors.

The line that matters is whether Slack may have acted: only what surely did not reach it is
``Unavailable``; a call that broke after it was sent is ``Unclear`` and not for us to repeat.
"""

import json
from collections.abc import Awaitable, Mapping
from typing import Any, NoReturn

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.platforms import DeliveryError, Refused, Throttled, Unavailable, Unclear

TOKEN_REFUSED = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
)
TRIGGER_GONE = frozenset(
    {
        "expired_trigger_id",
        "trigger_expired",
        "exchanged_trigger_id",
        "trigger_exchanged",
        "invalid_trigger_id",
        "invalid_trigger",
    }
)
THREAD_GONE = frozenset(
    {"cannot_reply_to_message", "restricted_action_thread_locked", "thread_not_found"}
)
"""The card under which something was to be posted is gone, or takes no replies any more."""
_BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_attachments"})
_NOT_DONE = frozenset({"service_unavailable", "team_added_to_org", "request_timeout"})
# Slack's words: "some aspect of the operation may have succeeded before the error".
_MAYBE_DONE = frozenset({"internal_error", "fatal_error"})


class SlackRefused(Refused):
    """Slack said no; ``code`` is its word for why, ``needed`` the scope it misses."""

    def __init__(self, code: str, needed: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.needed = needed


class BlocksRefused(SlackRefused):
    """Slack does not take the blocks, or not yet in this workspace. Nothing was posted."""


async def sent(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Await a Web API call; raises Throttled, Unavailable, Unclear or SlackRefused."""
    try:
        return await call
    except SlackApiError as error:
        raise _verdict(error) from error
    except SlackClientError as error:
        raise Unclear(type(error).__name__) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise _broken(error) from error


async def respond(client: AsyncWebClient, url: str, body: Mapping[str, Any]) -> None:
    """Post to a ``response_url``. Raises like ``sent``; Slack takes five posts in 30 minutes."""
    hook = AsyncWebhookClient(url, session=client.session, retry_handlers=[], logger=client.logger)
    try:
        response = await hook.send_dict(dict(body))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise _broken(error) from error
    if response.status_code != 200:
        code = _webhook_code(response.body)
        _raise(response.status_code, code, response.headers)


def _verdict(error: SlackApiError) -> DeliveryError:
    response = error.response
    if not isinstance(response, AsyncSlackResponse):
        return Unclear("unreadable reply")
    found = response.data if isinstance(response.data, dict) else {}
    try:
        _raise(
            response.status_code or 0,
            str(found.get("error", "")),
            response.headers,
            str(found.get("needed", "")),
        )
    except DeliveryError as verdict:
        return verdict


def _raise(status: int, code: str, headers: Mapping[str, Any], needed: str = "") -> NoReturn:
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        raise Throttled(_seconds(headers))
    if status == 504 or code in _MAYBE_DONE:
        raise Unclear(code or str(status))
    if status >= 500 or code in _NOT_DONE:
        raise Unavailable(code or str(status))
    if code in _BLOCKS_REFUSED:
        raise BlocksRefused(code)
    if not code and status < 400:
        raise Unclear("unreadable reply")
    raise SlackRefused(code or str(status), needed)


def _seconds(headers: Mapping[str, Any]) -> float:
    given = headers.get("Retry-After", headers.get("retry-after", "1"))
    try:
        return max(0.0, float(given))
    except ValueError:
        return 1.0


def _webhook_code(body: str) -> str:
    """``no_text`` or ``{"ok": false, "error": "invalid_blocks"}``: both are in use."""
    try:
        found = json.loads(body)
    except ValueError:
        return body.strip()[:80]
    return str(found.get("error", "")) if isinstance(found, dict) else ""


def _broken(error: Exception) -> DeliveryError:
    """Never sent: no connection came about, or a kept one turned out closed before a byte."""
    unconnected = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    closed = aiohttp.ClientConnectionResetError
    never_sent = isinstance(error, unconnected) or isinstance(error.__cause__, closed)
    reason = type(error).__name__
    return Unavailable(reason) if never_sent else Unclear(reason)
