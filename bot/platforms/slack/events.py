"""The web route of Slack's HTTP mode. Bolt proves the sender by the signing secret."""

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

PATH = "/slack/events"
MAX_BODY = 1_000_000


def events_route(app: AsyncApp) -> Route:
    """``POST /slack/events``. A body too large, or of no told size, is refused unread."""
    handler = AsyncSlackRequestHandler(app)

    async def take(request: Request) -> Response:
        size = request.headers.get("content-length", "")
        if not size.isdigit():
            return PlainTextResponse("length required", status_code=411)
        if int(size) > MAX_BODY:
            return PlainTextResponse("too large", status_code=413)
        return await handler.handle(request)

    return Route(PATH, take, methods=["POST"])
