"""The web route of Slack's HTTP mode. The sender is proved by the signing secret before anything
of what was sent is read; Bolt proves it once more."""

from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from yarl import URL

from bot.public_web.bodies import TooLong, read_body

PATH = "/slack/events"
MAX_BODY = 1_000_000


def events_route(app: AsyncApp, signing_secret: str) -> Route:
    """``POST /slack/events``. A body too large, or of no told size, is refused unread."""
    verifier = SignatureVerifier(signing_secret)

    async def take(request: Request) -> Response:
        if "content-length" not in request.headers:
            return PlainTextResponse("length required", status_code=411)
        try:
            raw = await read_body(request, MAX_BODY)
        except TooLong:
            return PlainTextResponse("too large", status_code=413)
        if not (_is_slacks(verifier, request, raw) or _is_check(raw)):
            return PlainTextResponse("not signed by Slack", status_code=401)
        try:
            asked = _asked(request, raw.decode())
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
    """Slack's check of our certificate, which says nothing else and is answered with nothing."""
    return raw.startswith(b"ssl_check=1") or b"&ssl_check=1" in raw


def _asked(request: Request, body: str) -> AsyncBoltRequest:
    """What Slack posted, for Bolt to prove and take in.

    A submitted form comes as ten thousand percent-encoded characters: Bolt's reading of them
    takes a third of a millisecond, yarl's a twentieth.
    """
    payload = body
    if body.startswith("payload="):
        payload = URL.build(query_string=body, encoded=True).query["payload"]
    asked = AsyncBoltRequest(body=payload, headers=dict(request.headers))
    asked.raw_body = body  # It is this that Slack signed.
    return asked
