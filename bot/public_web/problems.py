"""What a signed call is answered when it cannot be taken: RFC 9457 problem documents."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class Refusal(Exception):
    """Answered with a problem document. ``key`` names the words (``intake.<key>``)."""

    def __init__(
        self,
        status: HTTPStatus,
        key: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        wait: int = 0,
        **params: object,
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.errors = errors
        self.wait = wait
        self.params = params


def problem_response(refusal: Refusal, words: str, locale: str) -> JSONResponse:
    """``errors`` lists every wrong field. Nothing of the headers or the secret is in it."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": refusal.status.phrase,
        "status": refusal.status.value,
        "detail": words,
    }
    if refusal.errors:
        document["errors"] = list(refusal.errors)
    headers = {"Content-Language": locale.replace("_", "-"), "Cache-Control": "no-store"}
    if refusal.wait:
        headers["Retry-After"] = str(refusal.wait)
    return JSONResponse(document, refusal.status.value, headers, MEDIA_TYPE)
