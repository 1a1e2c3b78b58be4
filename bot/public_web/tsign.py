"""Callbacks of the e-signature service e签宝 (open platform, version 3), as it signs them itself.

Source: https://open.esign.cn/doc/opendoc/notify3/pmy852 (signature) and the description of the
``SIGN_FLOW_COMPLETE`` notice. A callback names no lead of ours: its address does, in a query that
is signed with it (``?lead=LX001``), or else the title of the signing does.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request

from bot.public_web.fields import NotAnObject, parse_object
from bot.public_web.problems import Refusal
from bot.public_web.signed import WINDOW, Stale, Unsigned, json_bytes, not_let_in
from handlers.intake import LeadArrival, Via
from handlers.webhooks import LONGEST_CONTRACT, LONGEST_REASON, UNFRAMED_AMOUNT
from sales.contract_signed import SigningState

SIGNATURE: Final = "x-tsign-open-signature"
_TIMESTAMP = "x-tsign-open-timestamp"
_ALGORITHM = "x-tsign-open-signature-algorithm"
_APP = "x-tsign-open-app-id"
_MILLISECONDS = re.compile(r"[0-9]{13}", re.ASCII)
_FINISHED = "SIGN_FLOW_COMPLETE"
_STATES: Mapping[str, SigningState] = {
    "2": SigningState.SIGNED,
    "3": SigningState.REVOKED,
    "5": SigningState.EXPIRED,
    "7": SigningState.REJECTED,
}
_NUMBER = re.compile(r"(?<![A-Za-z0-9])LX-?\d{1,9}(?!\d)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class AppKey:
    """The application at the service; an empty ``id`` accepts any."""

    id: str
    secret: str


def signature(secret: str, timestamp: str, query: Mapping[str, str], body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 of a callback.

    Over the timestamp, the query's values in the order of their names, and the body's bytes.
    """
    values = "".join(query[name] for name in sorted(query))
    return hmac.new(secret.encode(), f"{timestamp}{values}".encode() + body, sha256).hexdigest()


async def read_callback(
    request: Request, key: AppKey, now: datetime, locale: str
) -> LeadArrival | None:
    """Parse what a callback says about a signing.

    None for any other event of the service, and for contracts that belong to no lead. Raises
    Refusal.
    """
    body = await json_bytes(request)
    try:
        _verify(request, key, body, now)
    except (Unsigned, Stale) as error:
        raise not_let_in(error) from error
    try:
        event = parse_object(body)
    except NotAnObject as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "intake.no_json") from error
    state = _STATES.get(_text(event, "signFlowStatus"))
    values = _values_of(request.query_params, _text(event, "signFlowTitle"))
    if event.get("action") != _FINISHED or state is None or not values:
        return None
    flow = sha256(_text(event, "signFlowId").encode()).hexdigest()
    reason = _text(event, "statusDescription") if state is not SigningState.SIGNED else ""
    return LeadArrival(
        via=Via.ESIGN,
        ids=(f"hook:tsign:{flow}:{state.value}",),
        values=values | {"state": state.value, "reason": reason[:LONGEST_REASON]},
        locale=locale,
    )


def _verify(request: Request, key: AppKey, body: bytes, now: datetime) -> None:
    headers, timestamp = request.headers, request.headers.get(_TIMESTAMP, "")
    ours = signature(key.secret, timestamp, request.query_params, body)
    fits = hmac.compare_digest(ours.encode(), headers.get(SIGNATURE, "").lower().encode())
    app_matches = not key.id or headers.get(_APP, "") == key.id
    how = headers.get(_ALGORITHM, "hmac-sha256").lower()
    if not (fits and app_matches and how == "hmac-sha256" and _MILLISECONDS.fullmatch(timestamp)):
        raise Unsigned
    if abs(now.timestamp() - int(timestamp) / 1000) > WINDOW.total_seconds():
        raise Stale


def _values_of(query: Mapping[str, str], title: str) -> dict[str, str]:
    """The lead, the contract's number and the amount, as far as address or title give them.

    The signature joins the query's values without separators: the same characters could be cut into
    another amount and another contract, so this amount alone closes nothing.
    """
    names = {"lead": "lead", "contract": "contract", "amount": UNFRAMED_AMOUNT}
    named = {ours: query[name] for name, ours in names.items() if query.get(name)}
    if "contract" in named:
        named["contract"] = named["contract"][:LONGEST_CONTRACT]
    numbers = set(_NUMBER.findall(title))
    if "lead" not in named and len(numbers) == 1:
        named["lead"] = numbers.pop()
    return named if {"lead", "contract"} & named.keys() else {}


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name, "")
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
