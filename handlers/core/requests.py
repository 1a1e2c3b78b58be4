"""The one shape in which every platform brings a person's wish, and the one it gets back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias

from handlers.core.text import clean, one_line
from handlers.core.ui import State
from sales.channel_privacy import Readers

Value: TypeAlias = str | tuple[str, ...]
"""A form's answer as typed: text, ISO dates, an option's value, or ticked values."""


LARGEST_UPLOAD: Final = 10_000_000
"""Bytes of a file that somebody sends: what Slack takes in a form, and more than 100,000 rows."""
WHOLE_FORM = ""
"""Among a reply's errors, the name of none of the fields: the form as a whole."""


def record_id(text: str) -> int | None:
    """A record's id as a form or a button carries it; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks, as the platform knows them. ``id`` is the platform's own user id."""

    platform: str
    id: str
    name: str = ""
    locale: str = ""
    """The platform's word for the person's language (``zh-CN``, ``en_US``); may be empty."""
    is_owner: bool = False
    """The platform says this person administers the workspace."""
    email: str = ""
    phone: str = ""
    """What the platform itself vouches for, and no message can claim."""
    doubtful: bool = False
    """The platform has not said yet whether they belong to this company: who is known already
    passes, nobody is welcomed."""
    standing: Literal["member", "guest", "outsider"] = "member"
    """What the platform says of them. A guest of the workspace and an outsider (of another
    organisation, a program, somebody who was deactivated) never work with the bot."""
    groups: frozenset[str] = frozenset()
    """Names and handles of the user groups they are in, where the platform tells."""
    departments: frozenset[str] = frozenset()
    """Names and ids of the departments they are in, where the platform tells."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where it was asked, as an address the platform can post to again."""

    platform: str
    id: str
    private: bool
    """True for a 1:1 with the bot, where only the asker reads the answer."""
    title: str = ""
    readers: Readers | None = None
    """Who reads the channel that is asked about; None when that was not looked up."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request. ``problem`` says why there is no ``content``: longer
    than ``LARGEST_UPLOAD``, or the platform did not hand it out."""

    name: str
    content: bytes = field(default=b"", repr=False)
    problem: Literal["", "too_large", "unavailable"] = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One wish of one person.

    ``id`` is the same for every redelivery of the same wish, and for nothing else; it is
    prefixed with the platform's name. ``action`` is a dotted handler name (``lead.create``).
    ``text`` is what stood behind a command, or the query of a search. ``surface`` belongs to
    the adapter that made the request; nobody else looks into it. ``prepared`` is what the route
    made of the request before its unit of work began. ``under`` is the reference of the posted
    card under which it was said, as the platform gave it, and ``line`` all that was typed there;
    both empty for what was said under none. ``only_check``: the form is known to be incomplete;
    what else is wrong with it is asked, and nothing is to be done. ``typed`` is the whole line of
    a typed command or message: it tells the language in which somebody writes.
    """

    id: str
    action: str
    sender: Sender
    conversation: Conversation
    text: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    state: State = field(default_factory=dict)
    surface: Any = None
    upload: Upload | None = None
    prepared: Any = None
    under: str = ""
    line: str = ""
    only_check: bool = False
    typed: str = ""


_LONGEST_NAME = 70


_LONGEST_ID = 200


_LONGEST_FILE = 100


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
