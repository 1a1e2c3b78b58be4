"""The baseline: slack-bolt with nothing but one raw insert, as a first prototype would be.

Started by ``bench.forms`` with the environment of the measured bot. It stores the submission in one
table, acknowledges, and confirms in the chat, without rights, idempotency or an outbox.
"""

import json
import os
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

TABLE = "CREATE TABLE IF NOT EXISTS raw (id TEXT PRIMARY KEY, customer TEXT, body TEXT)"
Insert = Callable[[str, str, str], None]


def open_insert(url: str) -> Insert:
    """A function that stores one row and commits it, as durably as Genjin does."""
    if url.startswith("postgres"):
        server = psycopg.connect(url, autocommit=True)
        server.execute(TABLE)
        return lambda *row: void(server.execute("INSERT INTO raw VALUES (%s, %s, %s)", row))
    file = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = FULL")
    file.execute(TABLE)
    return lambda *row: void(file.execute("INSERT INTO raw VALUES (?, ?, ?)", row))


def void(_: object) -> None:
    return None


def build() -> Starlette:
    """The application; for uvicorn's ``--factory``."""
    insert = open_insert(os.environ["DATABASE_URL"])
    client = AsyncWebClient(
        token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]
    )
    app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.command("/lead")
    async def open_form(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("raw")
    async def store(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        values = body["view"]["state"]["values"]
        customer = values["customer"]["customer"]["value"]
        insert(f"{body['view']['id']}:{body['view']['hash']}", customer, json.dumps(values))
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Saved {customer}")

    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[Route("/slack/events", events, methods=["POST"]), Route("/health", health)]
    )


FORM = {
    "type": "modal",
    "callback_id": "raw",
    "title": {"type": "plain_text", "text": "Log a lead"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": name,
            "label": {"type": "plain_text", "text": name},
            "element": {"type": "plain_text_input", "action_id": name},
        }
        for name in ("customer", "phone", "email", "budget", "need")
    ],
}
