"""Describes the signed endpoints as OpenAPI 3.1; needs no database."""

from collections.abc import Sequence
from typing import Any, Final

from bot import VERSION
from bot.public_web.fields import BodyField
from bot.public_web.limits import MOST
from bot.public_web.problems import MEDIA_TYPE
from bot.public_web.signed import EVENT, Endpoint

_REFUSED: Final = {
    "400": "No JSON object in UTF-8, or no event id.",
    "401": "Not signed, signed wrongly, or signed more than five minutes ago.",
    "404": "No lead of ours is named by it.",
    "413": f"Longer than {MOST} bytes.",
    "415": "Not application/json.",
    "422": "Some fields are wrong; every one is named with an example.",
    "429": "Too many calls for this source; Retry-After says how long to wait.",
    "500": "Something went wrong here; the number helps to find it.",
    "503": "The database does not answer; send the same event again later.",
}


def describe(
    title: str, endpoints: Sequence[Endpoint], secret: str, public_url: str
) -> dict[str, Any]:
    """The document.

    ``secret`` names the setting that signs, ``public_url`` is where the endpoints are reached, ""
    if not known.
    """
    bodies = {endpoint.schema: _body(endpoint) for endpoint in endpoints}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": f"Genjin: {title}", "version": VERSION},
        "paths": {endpoint.path: {"post": _operation(endpoint)} for endpoint in endpoints},
        "components": {
            "schemas": {**bodies, "Received": _received(), "Problem": _problem()},
            "securitySchemes": {"signature": _signature(secret)},
        },
        "security": [{"signature": []}],
    }
    if public_url:
        document["servers"] = [{"url": public_url.rstrip("/")}]
    return document


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    refused = {
        status: {"description": about, "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}
        for status, about in _REFUSED.items()
        if status != "404" or endpoint.via.family == "hook"
    }
    taken = {
        "description": "Received, or received before.",
        "content": {"application/json": {"schema": _ref("Received")}},
    }
    body = {"schema": _ref(endpoint.schema), "example": _example(endpoint)}
    return {
        "operationId": endpoint.operation,
        "summary": endpoint.title,
        "description": endpoint.about,
        "parameters": [
            _header("X-Genjin-Timestamp", "Seconds since 1970, now.", r"^[0-9]{1,11}$"),
            _header("X-Genjin-Event-Id", "The same for every repetition of this call.", EVENT),
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": body},
        },
        "responses": {"200": taken, **refused},
    }


def _header(name: str, about: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": True, "description": about, "schema": schema}


def _signature(secret: str) -> dict[str, Any]:
    about = (
        f"`sha256=` and the hexadecimal HMAC-SHA256, keyed with {secret}, over the timestamp, "
        "a dot, and the body's bytes."
    )
    return {"type": "apiKey", "in": "header", "name": "X-Genjin-Signature", "description": about}


def _body(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in endpoint.fields if field.required],
        "properties": {field.name: _property(field) for field in endpoint.fields},
    }


def _property(field: BodyField) -> dict[str, Any]:
    types = ["string"] + (["number"] if field.number else [])
    types += [] if field.required else ["null"]
    schema: dict[str, Any] = {
        "type": types if len(types) > 1 else types[0],
        "description": field.about,
        "examples": [field.example],
    }
    if field.longest:
        schema["maxLength"] = field.longest
    if field.members:
        schema["enum"] = [*(member.value for member in field.members), "", None]
    return schema


def _received() -> dict[str, Any]:
    status = {"type": "string", "const": "received"}
    return {"type": "object", "required": ["status"], "properties": {"status": status}}


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    wrong = {
        "type": "object",
        "required": ["field", "problem"],
        "properties": {
            "field": text,
            "problem": text,
            "example": text,
            "allowed": {"type": "array", "items": text},
        },
    }
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "errors": {"type": "array", "items": wrong},
        },
    }


def _example(endpoint: Endpoint) -> dict[str, str]:
    """An example that is accepted: a hook's lead is named once."""
    by_hook = endpoint.via.family == "hook"
    left_out = ("email", "phone", "contract", "value", "reason") if by_hook else ()
    return {f.name: f.example for f in endpoint.fields if f.name not in left_out}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
