"""Calls Slack's Web API and turns every failure into one of the delivery errors.

What matters is whether Slack may have acted: only what certainly did not reach it is
``Unavailable``; a call that broke after it was sent is ``Unclear`` and not for us to repeat.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.platforms import DeliveryError, Refused, Throttled, Unavailable, Unclear, Unrecognised
from bot.platforms.retry_after import seconds_to_wait
from bot.platforms.slack.errors import Unconfirmed, error_of
from sales.refusals import Reason

_READS = 3
"""How often a read is tried."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
"""Seconds between two reads."""
_A_SECOND = 1.0
"""The pause when Slack throttles and does not say for how long."""


def is_token_refused(error: DeliveryError) -> bool:
    """Whether Slack no longer accepts the token."""
    return isinstance(error, Refused) and error.reason is Reason.CREDENTIALS


async def sent(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Await a Web API call; raises the delivery errors."""
    try:
        return await call
    except SlackApiError as error:
        raise _verdict(error) from error
    except SlackClientError as error:
        raise Unclear(type(error).__name__) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise _broken(error) from error


async def read(
    ask: Callable[[], Awaitable[AsyncSlackResponse]], sleep: Callable[[float], Awaitable[None]]
) -> AsyncSlackResponse:
    """Await a call that only reads, and again where Slack is busy or fails; raises like ``sent``.

    What is asked for a person who waits is bounded by its caller.
    """
    for turn in range(_READS - 1):
        try:
            return await sent(ask())
        except Throttled as error:
            if error.retry_after > _LONGEST_PAUSE:
                raise
            await sleep(error.retry_after)
        except (Unavailable, Unclear):
            await sleep(_FIRST_PAUSE * 2**turn)
    return await sent(ask())


async def respond(client: AsyncWebClient, url: str, body: Mapping[str, Any]) -> None:
    """Post to a ``response_url``. Raises like ``sent``; Slack accepts five posts in 30 minutes."""
    hook = AsyncWebhookClient(url, session=client.session, retry_handlers=[], logger=client.logger)
    try:
        response = await hook.send_dict(dict(body))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise _broken(error) from error
    if response.status_code != 200 or not _webhook_took(response.body):
        code = _webhook_code(response.body)
        raise _error(response.status_code, code, response.headers)


def _verdict(error: SlackApiError) -> DeliveryError:
    response = error.response
    if not isinstance(response, AsyncSlackResponse):
        return Unconfirmed("unreadable reply")
    data = response.data if isinstance(response.data, dict) else {}
    return _error(
        response.status_code or 0,
        str(data.get("error", "")),
        response.headers,
        str(data.get("needed", "")),
    )


def _error(status: int, code: str, headers: Mapping[str, Any], needed: str = "") -> DeliveryError:
    wait = seconds_to_wait(
        headers.get("Retry-After", headers.get("retry-after")),
        headers.get("Date", headers.get("date")),
    )
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return Throttled(_A_SECOND if wait is None else wait)
    if status == 503:
        return Unavailable(code or str(status)) if wait is None else Throttled(wait)
    if status >= 500:
        return Unconfirmed(code or str(status))
    if code:
        return error_of(code, needed=needed)
    return Unconfirmed("unreadable reply") if status < 400 else Unrecognised(str(status))


def _webhook_took(body: str) -> bool:
    """``ok`` or ``{"ok": true}``; a page of some proxy, or nothing, is no success."""
    try:
        data = json.loads(body)
    except ValueError:
        return body.strip() == "ok"
    return isinstance(data, dict) and data.get("ok") is True


def _webhook_code(body: str) -> str:
    """The error code in ``no_text`` or ``{"ok": false, "error": "invalid_blocks"}``: both are in
    use."""
    try:
        data = json.loads(body)
    except ValueError:
        data = body.strip()
        return data if data.isascii() and data.replace("_", "").isalnum() else ""
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _broken(error: Exception) -> DeliveryError:
    """Unavailable if the call was certainly never sent, else Unclear.

    Never sent: no connection came about, or a kept one turned out closed before a byte.
    """
    unconnected = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    closed = aiohttp.ClientConnectionResetError
    never_sent = isinstance(error, unconnected) or isinstance(error.__cause__, closed)
    reason = type(error).__name__
    return Unavailable(reason) if never_sent else Unclear(reason)
