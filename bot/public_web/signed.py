"""Signed calls: checks who calls, in what shape and how often; handlers decide what it means."""

import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.public_web.fields import Body, BodyField, NotAnObject, parse_body
from bot.public_web.limits import CallLimits, TooLong, read_body
from bot.public_web.pages import preferred_locale
from bot.public_web.problems import Refusal, away_key, problem_response, wait_for
from handlers.core.incidents import record_incident
from handlers.core.language import Language, Languages
from handlers.intake import LeadArrival, Outcome, Via
from sales.errors import InvalidInput, LeadNotFound, Problem, StorageUnavailable
from sales.playbook import Playbook

WINDOW: Final = timedelta(minutes=5)
"""The maximum age of a call, and how far it may be ahead of our clock."""
PREFIX: Final = "sha256="
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)
EVENT: Final = r"^[A-Za-z0-9._:-]{1,100}$"
_EVENT = re.compile(EVENT, re.ASCII)


class Unsigned(Exception):
    """No timestamp, no signature, or one that does not match the body."""


class Stale(Exception):
    """Signed, but not within the time window."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The header's value: ``sha256=`` and 64 hexadecimal digits."""
    message = timestamp.encode() + b"." + body
    return PREFIX + hmac.new(secret.encode(), message, sha256).hexdigest()


def verify(secrets: Sequence[str], timestamp: str, given: str, body: bytes, now: datetime) -> None:
    """Verify a signature. Raises Unsigned or Stale.

    Several secrets are valid while one replaces another; every one is tried, so that the time taken
    reveals nothing.
    """
    if not _SECONDS.fullmatch(timestamp):
        raise Unsigned
    fits = [
        hmac.compare_digest(signature(secret, timestamp, body).encode(), given.lower().encode())
        for secret in secrets
    ]
    if not any(fits):
        raise Unsigned
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        raise Stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """What every public entry point needs from the process.

    ``take`` and ``playbook`` raise StorageUnavailable; ``take`` also InvalidInput and LeadNotFound.
    """

    take: Callable[[LeadArrival], Awaitable[Outcome]]
    playbook: Callable[[], Awaitable[Playbook]]
    limits: CallLimits
    languages: Languages
    now: Callable[[], datetime]
    public_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One signed address: the fields of its body, and the name and rate limit per minute of its
    calls."""

    path: str
    via: Via
    fields: tuple[BodyField, ...]
    limit: Callable[[Body, Playbook], tuple[str, int]]
    operation: str
    title: str
    about: str
    schema: str


class SignedEndpoint:
    """Serves one endpoint. ``secrets`` are all valid; with none, every call is refused."""

    def __init__(self, endpoint: Endpoint, door: Doorway, secrets: Sequence[str]) -> None:
        self._endpoint = endpoint
        self._door = door
        self._secrets = tuple(secrets)

    async def take(self, request: Request) -> Response:
        return await answered(self._door, request, self._accept)

    async def _accept(self, request: Request, language: Language) -> Response:
        raw, proof = await self._signed_body(request)
        event = request.headers.get("x-genjin-event-id", "")
        if not _EVENT.fullmatch(event):
            raise Refusal(HTTPStatus.BAD_REQUEST, "intake.no_event")
        try:
            body = parse_body(raw, self._endpoint.fields)
        except NotAnObject as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "intake.no_json") from error
        playbook = await self._door.playbook()
        await self._limit(body, playbook)
        via = self._endpoint.via
        arrival = LeadArrival(
            via=via,
            ids=(f"{via.family}:event:{event}", f"{via.family}:proof:{proof}"),
            values=body.values,
            problems=body.problems,
            locale=language.locale,
        )
        try:
            await self._door.take(arrival)
        except InvalidInput as error:
            errors = [self._wrong(*item, language, playbook) for item in error.problems.items()]
            refused = Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, "intake.wrong", errors=errors, n=len(errors)
            )
            raise refused from error
        return JSONResponse({"status": "received"}, headers={"Cache-Control": "no-store"})

    async def _signed_body(self, request: Request) -> tuple[bytes, str]:
        """The body, and a hash of what was signed.

        The event id is not signed, so an intercepted call must not pass again under another id.
        """
        body = await json_bytes(request)
        timestamp = request.headers.get("x-genjin-timestamp", "")
        given = request.headers.get("x-genjin-signature", "")
        try:
            verify(self._secrets, timestamp, given, body, self._door.now())
        except (Unsigned, Stale) as error:
            raise not_let_in(error) from error
        return body, sha256(timestamp.encode() + b"." + body).hexdigest()

    async def _limit(self, body: Body, playbook: Playbook) -> None:
        name, per_minute = self._endpoint.limit(body, playbook)
        key = f"{self._endpoint.via.value}:{name}"
        if wait := await self._door.limits.call(key, per_minute, self._door.now()):
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "intake.too_many", wait=wait)

    def _wrong(
        self, name: str, problem: Problem, language: Language, playbook: Playbook
    ) -> dict[str, Any]:
        """Refuse one wrong field, telling the caller's developer what is wrong and what would be
        right."""
        field = next(
            (candidate for candidate in self._endpoint.fields if candidate.in_form == name), None
        )
        words = language.text(f"problem.{problem.key}", **problem.params)
        wrong: dict[str, Any] = {"field": field.name if field else name, "problem": words}
        if field:
            wrong["example"] = field.example
            if allowed := field.allowed(playbook):
                wrong["allowed"] = allowed
                wrong["example"] = field.example if field.example in allowed else allowed[0]
        return wrong


async def answered(
    door: Doorway, request: Request, taken: Callable[[Request, Language], Awaitable[Response]]
) -> Response:
    """The response, or the problem document of what went wrong."""
    language = door.languages(preferred_locale(request))
    try:
        try:
            return await taken(request, language)
        except StorageUnavailable as error:
            key, wait = f"intake.{away_key(error)}", wait_for(error)
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, key, wait=wait) from error
        except LeadNotFound as error:
            raise Refusal(HTTPStatus.NOT_FOUND, "intake.no_lead") from error
    except Refusal as refusal:
        return problem_response(
            refusal, language.text(refusal.key, **refusal.params), language.locale
        )
    except ClientDisconnect:
        raise
    except Exception as error:  # noqa: BLE001 - an incident
        incident = record_incident("intake.failed", error)
        broken = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "intake.broken")
        words = language.text("intake.broken", incident=incident)
        return problem_response(broken, words, language.locale)


async def json_bytes(request: Request) -> bytes:
    """The bytes of a JSON body that is not too long; raises Refusal."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "intake.no_json")
    try:
        return await read_body(request)
    except TooLong as error:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "intake.too_long") from error


def not_let_in(error: Unsigned | Stale) -> Refusal:
    key = "intake.stale" if isinstance(error, Stale) else "intake.unsigned"
    return Refusal(HTTPStatus.UNAUTHORIZED, key)
