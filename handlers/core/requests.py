"""The one form in which every platform delivers a person's request."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias

from handlers.core.text import clean, one_line
from handlers.core.ui import State
from sales.channel_privacy import Readers

Value: TypeAlias = str | tuple[str, ...]
"""A form value as typed: text, ISO dates, an option's value, or selected values."""


LARGEST_UPLOAD: Final = 10_000_000
"""Maximum file size in bytes: what Slack accepts in a form, and more than 100,000 rows."""
WHOLE_FORM = ""
"""The key in a reply's errors for the form as a whole, rather than a field."""


def record_id(text: str) -> int | None:
    """A record's id from a form or a button; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


@dataclass(frozen=True, slots=True)
class Sender:
    """The person making a request, as the platform knows them. ``id`` is the platform's own user
    id."""

    platform: str
    id: str
    name: str = ""
    locale: str = ""
    """The person's language as the platform reports it (``zh-CN``, ``en_US``); may be empty."""
    is_owner: bool = False
    """Whether the platform says this person administers the workspace."""
    email: str = ""
    phone: str = ""
    """Verified by the platform itself; no message can claim it."""
    doubtful: bool = False
    """The platform has not said yet whether they belong to this company. Known people may proceed,
    but no newcomer is admitted."""
    standing: Literal["member", "guest", "outsider"] = "member"
    """The person's status on the platform. A guest of the workspace and an outsider (of another
    organisation, a bot, a deactivated account) never work with the bot."""
    groups: frozenset[str] = frozenset()
    """Names and handles of the user groups they are in, where the platform reports them."""
    departments: frozenset[str] = frozenset()
    """Names and ids of the departments they are in, where the platform reports them."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where the request was made, as an address the platform can post to again."""

    platform: str
    id: str
    private: bool
    """True for a 1:1 chat with the bot, where only the requester reads the answer."""
    title: str = ""
    readers: Readers | None = None
    """Who reads the channel in question; None when that was not looked up."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request. ``problem`` says why there is no ``content``: it is larger
    than ``LARGEST_UPLOAD``, or the platform did not hand it out."""

    name: str
    content: bytes = field(default=b"", repr=False)
    problem: Literal["", "too_large", "unavailable"] = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A single request from one person.

    ``id`` is the same for every redelivery of the same request, and for nothing else; it is
    prefixed with the platform's name. ``action`` is a dotted handler name (``lead.create``).
    ``text`` is what followed a command, or the query of a search. ``surface`` belongs to the
    adapter that made the request; nobody else looks into it. ``prepared`` is what the route made of
    the request before its unit of work began. ``under`` is the platform's reference of the posted
    card that this replies to, and ``line`` the whole text typed there; both are empty for anything
    else. ``only_check``: the form is known to be incomplete; report what else is wrong with it, and
    change nothing. ``typed`` is the whole line of a typed command or message: it shows in which
    language the person writes. ``rows`` is how many rows of a list are well read in one message
    there.
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
    rows: int = 20
    account: Sender | None = None
    """Whose account is chosen in the form or has the e-mail there, as the platform found when asked
    for it."""
    picks_accounts: bool = False
    """Whether a form can offer everybody whom the platform knows (``PersonPick.directory``)."""


_LONGEST_NAME = 70


_LONGEST_ID = 200


_LONGEST_FILE = 100


def clean_request(request: Request) -> Request:
    """The request with every text in it cleaned, and its ids otherwise unchanged."""
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
    """The file name without a path, which some browsers send along."""
    return one_line(clean(name)).replace("\\", "/").rpartition("/")[2][-_LONGEST_FILE:] or "file"


def _clean_value(value: Value) -> Value:
    return clean(value) if isinstance(value, str) else tuple(clean(item) for item in value)


def _clean_state(state: Mapping[str, str]) -> dict[str, str]:
    return {name: clean(value) for name, value in state.items()}


def _short_id(request_id: str) -> str:
    """An id no longer than a stored one may be, and still unique per request."""
    if len(request_id) <= _LONGEST_ID:
        return request_id
    return sha256(request_id.encode()).hexdigest()
