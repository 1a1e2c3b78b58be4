"""The Slack side of the form benchmark: a Slack that says ok, and signed requests to the bot."""

import json
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.platforms.slack.connection import SCOPES

TOKEN, SECRET = "xoxb-bench", "bench-signing-secret"
ME = {"id": "U1", "username": "robin", "team_id": "T1"}


@dataclass
class OkSlack:
    """Answers every Web API method with the minimum; keeps the last form that was opened."""

    form: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/api/"

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if request.match_info["method"] == "views.open":
            text = await request.text()
            is_json = request.content_type == "application/json"
            body = json.loads(text) if is_json else dict(urllib.parse.parse_qsl(text))
            view = body["view"]
            self.form = json.loads(view) if isinstance(view, str) else view
        return web.json_response(
            {
                "ok": True,
                "user_id": "UB", "bot_id": "BB", "team_id": "T1", "team": "Bench", "url": self.url,
                "channel": {"id": "D1"}, "ts": "1.1",
                "view": {"id": "V1", "hash": "h"},
                "user": {"id": "U1", "name": "robin", "real_name": "Robin Sample", "profile": {},
                         "locale": "en-US", "is_bot": False, "team_id": "T1"},
            },
            headers={"x-oauth-scopes": ",".join(SCOPES)},
        )  # fmt: skip


class Sender:
    """Posts signed payloads to one bot. ``post`` returns the seconds until the acknowledgement.

    ``numbers`` make each payload unique, across all senders.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, numbers: Iterator[int]) -> None:
        self._session, self._url = session, f"{url}/slack/events"
        self._verifier = SignatureVerifier(SECRET)
        self.numbers = numbers

    async def post(self, fields: dict[str, str]) -> tuple[float, str]:
        body = urllib.parse.urlencode(fields)
        stamp = str(int(time.time()))  # noqa: TID251 - Slack's servers have a clock of their own
        signature = self._verifier.generate_signature(timestamp=stamp, body=body) or ""
        headers = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        async with self._session.post(self._url, data=body, headers=headers) as answer:
            text = await answer.text()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {text[:200]}")
        return time.perf_counter() - began, text

    async def command(self, word: str, text: str = "") -> str:
        """Type a command; gives the trigger that it came with, once it is acknowledged."""
        number = next(self.numbers)
        fields = {
            "command": word, "text": text, "trigger_id": f"t{number}", "user_id": "U1",
            "user_name": "robin", "team_id": "T1", "channel_id": "D1", "channel_name": "dm",
            "response_url": "http://127.0.0.1:9/none", "api_app_id": "A1",
        }  # fmt: skip
        await self.post(fields)
        return fields["trigger_id"]

    async def submit(self, form: dict[str, Any], answers: dict[str, str]) -> tuple[float, str]:
        """Submit a filled form as a view of its own."""
        number = next(self.numbers)
        state = {
            block["block_id"]: {block["element"]["action_id"]: _state(block["element"], answers)}
            for block in form["blocks"]
            if block["type"] == "input"
        }
        view = form | {"id": f"V{number}", "hash": f"h{number}", "state": {"values": state},
                       "root_view_id": f"V{number}", "app_id": "A1", "bot_id": "BB",
                       "team_id": "T1"}  # fmt: skip
        payload = {
            "type": "view_submission", "team": {"id": "T1", "domain": "bench"}, "user": ME,
            "api_app_id": "A1", "trigger_id": f"t{number}", "view": view, "response_urls": [],
        }  # fmt: skip
        return await self.post({"payload": json.dumps(payload)})


def _state(element: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    value = answers.get(element["action_id"])
    if "select" in element["type"]:
        chosen = {"value": value} if value else element.get("initial_option")
        return {"type": element["type"], "selected_option": chosen}
    return {"type": element["type"], "value": value}
