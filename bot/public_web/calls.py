"""The signed endpoints for other systems, and their descriptions.

``POST /intake/leads`` takes a lead, ``POST /hooks/behavior`` what a customer did, and ``POST
/hooks/esign`` what became of a contract. All accept our own signed calls; the last also the
e-signature service's own callback. What a lead is, the intake decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.public_web import tsign
from bot.public_web.fields import BEHAVIOR, ESIGN, FIELDS, Body
from bot.public_web.openapi import describe
from bot.public_web.signed import Doorway, Endpoint, SignedEndpoint, answered
from handlers.core.language import Language
from handlers.intake import Via
from sales.playbook import Playbook


def _sender_limit(body: Body, playbook: Playbook) -> tuple[str, int]:
    return body.values.get("source", "").strip().lower()[:40], playbook.signals.per_minute


SIGNALS = Endpoint(
    path="/hooks/behavior",
    via=Via.BEHAVIOR,
    fields=BEHAVIOR,
    limit=_sender_limit,
    operation="tellBehavior",
    title="Tell what a customer did",
    about=(
        "Tells what a customer did by themselves. The playbook says what that does: it may make "
        "the lead one of high intent, and then its owner hears at once. Exactly one of lead, "
        "email, phone and contract names the lead."
    ),
    schema="Behavior",
)
SIGNINGS = Endpoint(
    path="/hooks/esign",
    via=Via.ESIGN,
    fields=ESIGN,
    limit=_sender_limit,
    operation="tellSigning",
    title="Tell what became of a contract",
    about=(
        "Tells what became of a contract. A signed one makes the lead won, and what follows a "
        "signature starts by itself; of any other end its owner hears."
    ),
    schema="Signing",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSecrets:
    """The secrets of the hooks.

    ``own`` sign our calls, all of them valid. ``app_secret`` is that of the application at the
    e-signature service, which signs its callbacks; ``app_id`` "" accepts any.
    """

    own: Sequence[str] = ()
    app_id: str = ""
    app_secret: str = ""


class Hooks:
    """The hooks that have secrets; the others look as if they did not exist."""

    def __init__(self, door: Doorway, secrets: HookSecrets) -> None:
        self._door = door
        self._secrets = secrets
        self._signed = SignedEndpoint(SIGNINGS, door, secrets.own)

    def routes(self) -> list[BaseRoute]:
        own = self._secrets.own
        routes: list[BaseRoute] = []
        if own:
            behavior = SignedEndpoint(SIGNALS, self._door, own)
            routes.append(Route(SIGNALS.path, behavior.take, methods=["POST"]))
        if own or self._secrets.app_secret:
            routes.append(Route(SIGNINGS.path, self.signing, methods=["POST"]))
            routes.append(Route("/hooks/openapi.json", self.description))
        return routes

    async def description(self, _request: Request) -> Response:
        endpoints = (SIGNALS, SIGNINGS)
        document = describe(
            "what customers do", endpoints, "HOOKS_SECRET or INTAKE_SECRET", self._door.public_url
        )
        return JSONResponse(document, headers={"Cache-Control": "no-cache"})

    async def signing(self, request: Request) -> Response:
        if self._secrets.app_secret and tsign.SIGNATURE in request.headers:
            return await answered(self._door, request, self._callback)
        return await self._signed.take(request)

    async def _callback(self, request: Request, language: Language) -> Response:
        key = tsign.AppKey(self._secrets.app_id, self._secrets.app_secret)
        arrival = await tsign.read_callback(request, key, self._door.now(), language.locale)
        if arrival is not None:
            await self._door.take(arrival)
        return JSONResponse({"code": "200", "msg": "success"})


def _lead_limit(lead: Body, playbook: Playbook) -> tuple[str, int]:
    """The rate limit per source; all calls that name no source of ours share one count."""
    source = lead.values.get("source", "").strip().lower()
    terms = playbook.vocabulary.sources
    keys = (t.key for t in terms if source in (t.key, t.en.lower(), t.zh.lower()))
    return next(keys, ""), playbook.intake.per_minute


LEADS = Endpoint(
    path="/intake/leads",
    via=Via.CALL,
    fields=FIELDS,
    limit=_lead_limit,
    operation="sendLead",
    title="Send a lead",
    about=(
        "Sends a lead. It is scored, compared with those known and routed like one logged in the "
        "chat. A repeated event id has no second effect, and the answer does not tell a new "
        "customer from a known one."
    ),
    schema="Lead",
)


class SignedCalls:
    """The intake endpoint; with no secrets it is switched off and looks as if it did not exist."""

    def __init__(self, door: Doorway, secrets: Sequence[str]) -> None:
        self._door = door
        self._secrets = tuple(secrets)

    def routes(self) -> list[BaseRoute]:
        if not self._secrets:
            return []
        leads = SignedEndpoint(LEADS, self._door, self._secrets)
        return [
            Route(LEADS.path, leads.take, methods=["POST"]),
            Route("/intake/openapi.json", self.description),
        ]

    async def description(self, _request: Request) -> Response:
        document = describe("leads from outside", (LEADS,), "INTAKE_SECRET", self._door.public_url)
        return JSONResponse(document, headers={"Cache-Control": "no-cache"})
