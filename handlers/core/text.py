"""What came from outside, made fit to be stored and shown, before anything else reads it.

Databases refuse NUL, no encoding takes a lone surrogate, and characters that turn the direction
of writing make a text look like another. Knows no action and no field.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from handlers.core.requests import Request, Value

LONGEST_TEXT = 10_000
"""More than any field takes: what is longer is cut, so that nothing works on megabytes; the
field then says what its own limit is."""
_LONGEST_NAME = 70
_LONGEST_ID = 200
_LONGEST_FILE = 100
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
_FLOOD = re.compile(r"\n{3,}")


def clean_request(request: Request) -> Request:
    """The request with every text in it cleaned; its ids stay what they are."""
    sender, where = request.sender, request.conversation
    return replace(
        request,
        id=_short_id(clean(request.id)),
        sender=replace(
            sender,
            id=clean(sender.id),
            name=one_line(clean(sender.name))[:_LONGEST_NAME],
            email=clean(sender.email),
            phone=clean(sender.phone),
        ),
        conversation=replace(where, id=clean(where.id)),
        text=clean(request.text),
        under=clean(request.under),
        line=clean(request.line).strip(),
        typed=clean(request.typed).strip(),
        values={clean(name): _clean_value(value) for name, value in request.values.items()},
        state=_clean_state(request.state),
        upload=request.upload and replace(request.upload, name=_file_name(request.upload.name)),
    )


def clean(text: str) -> str:
    """Without what cannot be stored or deceives the eye; newlines and tabs stay."""
    fit = _UNFIT.sub("", text[:LONGEST_TEXT].replace("\r\n", "\n"))
    return _FLOOD.sub("\n\n", fit) if "\n\n\n" in fit else fit


def one_line(text: str) -> str:
    return " ".join(text.split())


def _file_name(name: str) -> str:
    """Without a path, which some browsers send along."""
    return one_line(clean(name)).replace("\\", "/").rpartition("/")[2][-_LONGEST_FILE:] or "file"


def _clean_value(value: Value) -> Value:
    return clean(value) if isinstance(value, str) else tuple(clean(one) for one in value)


def _clean_state(state: Mapping[str, str]) -> dict[str, str]:
    return {name: clean(value) for name, value in state.items()}


def _short_id(request_id: str) -> str:
    """As long as a stored id may be, and still another for another request."""
    if len(request_id) <= _LONGEST_ID:
        return request_id
    return sha256(request_id.encode()).hexdigest()
