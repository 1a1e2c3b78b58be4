"""``POST /intake/leads``: a lead from another system, signed; and its description.

Checks who calls and in what shape; what the lead is, the reception decides.
"""

import re
import secrets as random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.web.bodies import TooLong, read_body
from bot.web.lead_body import BY_FORM_NAME, LeadBody, NotAnObject, parse_body
from bot.web.limits import Limits
from bot.web.locales import preferred_locale
from bot.web.openapi import EVENT, PATH, describe
from bot.web.problems import Refusal, problem_response
from bot.web.signatures import Stale, Unsigned, verify
from handlers.language import Language, Languages
from handlers.reception import Arrival, Outcome
from sales.errors import InvalidInput, Problem, StorageUnavailable
from sales.playbook import Playbook

log = structlog.get_logger(__name__)
_EVENT = re.compile(EVENT, re.ASCII)
_TRY_AGAIN = 30
"""Seconds after which a database that was away may be back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """What both ways in need of the process. ``take`` and ``playbook`` raise
    StorageUnavailable; ``take`` also InvalidInput."""

    take: Callable[[Arrival], Awaitable[Outcome]]
    playbook: Callable[[], Awaitable[Playbook]]
    limits: Limits
    languages: Languages
    now: Callable[[], datetime]
    public_url: str = ""


class SignedCalls:
    """The endpoint; with no secrets it is switched off and looks as if it were not there."""

    def __init__(self, door: Doorway, secrets: Sequence[str]) -> None:
        self._door = door
        self._secrets = tuple(secrets)

    def routes(self) -> list[BaseRoute]:
        if not self._secrets:
            return []
        return [
            Route(PATH, self.take, methods=["POST"]),
            Route("/intake/openapi.json", self.description),
        ]

    async def description(self, _request: Request) -> Response:
        return JSONResponse(describe(self._door.public_url), headers={"Cache-Control": "no-cache"})

    async def take(self, request: Request) -> Response:
        language = self._door.languages(preferred_locale(request))
        try:
            try:
                await self._take(request, language)
            except StorageUnavailable as error:
                away = Refusal(
                    HTTPStatus.SERVICE_UNAVAILABLE, "intake.unavailable", wait=_TRY_AGAIN
                )
                raise away from error
        except Refusal as refusal:
            words = language.text(refusal.key, **refusal.params)
            return problem_response(refusal, words, language.locale)
        except Exception:
            incident = random.token_hex(4)
            log.exception("intake.failed", incident=incident)
            broken = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "intake.broken")
            words = language.text("intake.broken", incident=incident)
            return problem_response(broken, words, language.locale)
        return JSONResponse({"status": "received"}, headers={"Cache-Control": "no-store"})

    async def _take(self, request: Request, language: Language) -> None:
        body, proof = await self._signed_body(request)
        event = request.headers.get("x-genjin-event-id", "")
        if not _EVENT.fullmatch(event):
            raise Refusal(HTTPStatus.BAD_REQUEST, "intake.no_event")
        try:
            lead = parse_body(body)
        except NotAnObject as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "intake.no_json") from error
        playbook = await self._door.playbook()
        await self._limit(lead, playbook)
        arrival = Arrival(
            via="call",
            ids=(f"intake:event:{event}", f"intake:proof:{proof}"),
            values=lead.values,
            problems=lead.problems,
            locale=language.locale,
        )
        try:
            await self._door.take(arrival)
        except InvalidInput as error:
            errors = [_wrong(*one, language, playbook) for one in error.problems.items()]
            refused = Refusal(
                HTTPStatus.UNPROCESSABLE_ENTITY, "intake.wrong", errors=errors, n=len(errors)
            )
            raise refused from error

    async def _signed_body(self, request: Request) -> tuple[bytes, str]:
        """The body, and what it was signed with as one hash: the event id is not signed, so a
        call that was overheard must not pass again under another one."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "intake.no_json")
        try:
            body = await read_body(request)
        except TooLong as error:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "intake.too_long") from error
        timestamp = request.headers.get("x-genjin-timestamp", "")
        given = request.headers.get("x-genjin-signature", "")
        try:
            verify(self._secrets, timestamp, given, body, self._door.now())
        except Unsigned as error:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "intake.unsigned") from error
        except Stale as error:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "intake.stale") from error
        return body, sha256(timestamp.encode() + b"." + body).hexdigest()

    async def _limit(self, lead: LeadBody, playbook: Playbook) -> None:
        """Per source; all that name no source of ours share one count."""
        wanted = lead.values.get("source", "").strip().lower()
        terms = playbook.vocabulary.sources
        known = (t.key for t in terms if wanted in (t.key, t.en.lower(), t.zh.lower()))
        rules, now = playbook.intake, self._door.now()
        if wait := await self._door.limits.call(next(known, ""), rules, now):
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS, "intake.too_many", wait=wait)


def _wrong(name: str, problem: Problem, language: Language, playbook: Playbook) -> dict[str, Any]:
    """One wrong field, for the caller's developer: what is wrong, and what would be right."""
    field = BY_FORM_NAME.get(name)
    words = language.text(f"problem.{problem.key}", **problem.params)
    wrong: dict[str, Any] = {"field": field.name if field else name, "problem": words}
    if field:
        wrong["example"] = field.example
        if allowed := field.allowed(playbook):
            wrong["allowed"] = allowed
            wrong["example"] = field.example if field.example in allowed else allowed[0]
    return wrong
