"""``POST /intake/leads``: a lead from another system, signed; and its description.

What the lead is, the reception decides.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.public_web.fields import FIELDS, Body
from bot.public_web.openapi import describe
from bot.public_web.signed import Doorway, Endpoint, SignedEndpoint
from handlers.intake import Via
from sales.playbook import Playbook


def _limit(lead: Body, playbook: Playbook) -> tuple[str, int]:
    """Per source; all that name no source of ours share one count."""
    wanted = lead.values.get("source", "").strip().lower()
    terms = playbook.vocabulary.sources
    known = (t.key for t in terms if wanted in (t.key, t.en.lower(), t.zh.lower()))
    return next(known, ""), playbook.intake.per_minute


LEADS = Endpoint(
    path="/intake/leads",
    via=Via.CALL,
    fields=FIELDS,
    limit=_limit,
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
    """The endpoint; with no secrets it is switched off and looks as if it were not there."""

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
