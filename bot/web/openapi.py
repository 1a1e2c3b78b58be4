"""The description of the signed endpoint, as OpenAPI 3.1; needs no database."""

from typing import Any, Final

from bot import VERSION
from bot.web.bodies import MOST
from bot.web.lead_body import FIELDS, BodyField
from bot.web.problems import MEDIA_TYPE

PATH: Final = "/intake/leads"
EVENT: Final = r"^[A-Za-z0-9._:-]{1,100}$"
_REFUSED: Final = {
    "400": "No JSON object in UTF-8, or no event id.",
    "401": "Not signed, signed wrongly, or signed more than five minutes ago.",
    "413": f"Longer than {MOST} bytes.",
    "415": "Not application/json.",
    "422": "Some fields are wrong; every one is named with an example.",
    "429": "Too many calls for this source; Retry-After says how long to wait.",
    "500": "Something went wrong here; the number helps to find it.",
    "503": "The database does not answer; send the same event again later.",
}
_ABOUT: Final = (
    "Sends a lead. It is scored, compared with those known and routed like one logged in the chat. "
    "A repeated event id has no second effect, and the answer does not tell a new customer from a "
    "known one."
)


def describe(public_url: str) -> dict[str, Any]:
    """The document; ``public_url`` is where the endpoint is reached, "" when not known."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Genjin: leads from outside", "version": VERSION},
        "paths": {PATH: {"post": _operation()}},
        "components": {
            "schemas": {"Lead": _lead(), "Received": _received(), "Problem": _problem()},
            "securitySchemes": {"signature": _signature()},
        },
        "security": [{"signature": []}],
    }
    if public_url:
        document["servers"] = [{"url": public_url.rstrip("/")}]
    return document


def _operation() -> dict[str, Any]:
    refused = {
        status: {"description": about, "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}}
        for status, about in _REFUSED.items()
    }
    taken = {
        "description": "Received, or received before.",
        "content": {"application/json": {"schema": _ref("Received")}},
    }
    return {
        "operationId": "sendLead",
        "summary": "Send a lead",
        "description": _ABOUT,
        "parameters": [
            _header("X-Genjin-Timestamp", "Seconds since 1970, now.", r"^[0-9]{1,11}$"),
            _header("X-Genjin-Event-Id", "The same for every repetition of this call.", EVENT),
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref("Lead"), "example": _example()}},
        },
        "responses": {"200": taken, **refused},
    }


def _header(name: str, about: str, pattern: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": True, "description": about, "schema": schema}


def _signature() -> dict[str, Any]:
    about = (
        "`sha256=` and the hexadecimal HMAC-SHA256, keyed with INTAKE_SECRET, over the timestamp, "
        "a dot, and the body's bytes."
    )
    return {"type": "apiKey", "in": "header", "name": "X-Genjin-Signature", "description": about}


def _lead() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in FIELDS if field.required],
        "properties": {field.name: _property(field) for field in FIELDS},
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


def _example() -> dict[str, str]:
    return {field.name: field.example for field in FIELDS}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
