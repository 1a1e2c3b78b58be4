"""Error responses to outside callers.

Problem documents (RFC 9457) for signed calls, and when to retry while the database is away or still
starting.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import JSONResponse

from sales.errors import StorageStarting, StorageUnavailable

MEDIA_TYPE = "application/problem+json"
_BACK: Final = 30
"""Seconds after which a database that was away may be back."""
_STARTED: Final = 5


class Refusal(Exception):
    """A refusal, returned as a problem document. ``key`` names the text (``intake.<key>``)."""

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
    """The problem document; ``errors`` lists every wrong field. It contains nothing of the headers
    or the secret."""
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


def is_starting(error: StorageUnavailable) -> bool:
    return isinstance(error, StorageStarting)


def wait_for(error: StorageUnavailable) -> int:
    """Seconds after which a retry is worthwhile, for ``Retry-After``."""
    return _STARTED if is_starting(error) else _BACK


def away_key(error: StorageUnavailable) -> str:
    """The last part of the key of what a page says: ``unavailable`` or ``starting``."""
    return "starting" if is_starting(error) else "unavailable"
