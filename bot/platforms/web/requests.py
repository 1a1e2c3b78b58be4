"""Turns the page's JSON into a ``Request``. Pure; knows the wire, not what an action does."""

from dataclasses import replace
from typing import Annotated, Literal, TypeAlias, assert_never

from pydantic import UUID4, Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter

from bot.platforms.web.people import Persona, dm_owner
from handlers.core.commands import FILE_ACTION, parse_command
from handlers.core.requests import LARGEST_UPLOAD, Conversation, Request, Sender, Upload

_Action = Annotated[str, Field(pattern=r"^[a-z][a-z_]*(\.[a-z][a-z_]*)+$", max_length=80)]
_Name = Annotated[str, Field(min_length=1, max_length=120)]
_Words = Annotated[str, Field(max_length=20_000)]
_Ticked = Annotated[tuple[_Name, ...], Field(max_length=200)]
_State = Annotated[dict[_Name, _Words], Field(max_length=50)]


class WebFile(BaseModel):
    """A file that the page has read. The page itself refuses one that is too large."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=300)]
    content: Base64Bytes


class _Wish(BaseModel):
    """The common part of all requests of the page. ``id`` is made by the page, once per request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID4
    persona: _Name
    conversation: _Name
    locale: Annotated[str, Field(max_length=20)] = ""


class CommandWish(_Wish):
    """A line typed to the bot, or under the message with the id ``under``."""

    kind: Literal["command"]
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    under: int | None = None


class SubmitWish(_Wish):
    """A submitted form.

    ``message`` is the card whose button ``pressed`` opened it, if one did. ``incomplete``: a
    required field is empty, and the page only wants to know what else is wrong.
    """

    kind: Literal["submit"]
    action: _Action
    values: Annotated[dict[_Name, _Words | _Ticked], Field(max_length=100)]
    state: _State = Field(default_factory=dict)
    message: int | None = None
    pressed: _Words = ""
    file: WebFile | None = None
    incomplete: bool = False


class PressWish(_Wish):
    """A pressed button of the message with the id ``message``."""

    kind: Literal["press"]
    message: int
    action: _Action
    value: _Words = ""


class MessageWish(_Wish):
    """An action on the message with the id ``message``."""

    kind: Literal["message"]
    message: int
    action: _Action


class FileWish(_Wish):
    """A file dropped into the 1:1 with the bot."""

    kind: Literal["file"]
    file: WebFile


class SearchWish(_Wish):
    """The text typed so far into a searchable field."""

    kind: Literal["search"]
    action: _Action
    text: Annotated[str, Field(max_length=200)]


ClientRequest: TypeAlias = (
    CommandWish | SubmitWish | PressWish | MessageWish | FileWish | SearchWish
)

_WISH: TypeAdapter[ClientRequest] = TypeAdapter(
    Annotated[ClientRequest, Field(discriminator="kind")]
)


def parse_wish(payload: bytes) -> ClientRequest:
    """Parse a request body; raises pydantic's ValidationError for anything unexpected."""
    return _WISH.validate_json(payload)


def to_request(wish: ClientRequest, persona: Persona) -> Request:
    """Convert the page's request to the handlers' ``Request``. ``surface`` is the pressed message's
    id."""
    asked = Request(
        id=f"web:{wish.id}",
        action="help.unknown",
        sender=Sender(
            platform="web",
            id=persona.id,
            name=persona.name,
            locale=wish.locale,
            is_owner=persona.role == "admin",
        ),
        conversation=Conversation(
            platform="web",
            id=wish.conversation,
            private=dm_owner(wish.conversation) is not None,
        ),
    )
    return _with_content(asked, wish)


def _with_content(asked: Request, wish: ClientRequest) -> Request:
    match wish:
        case CommandWish():
            if wish.under is not None:
                asked = replace(asked, under=str(wish.under), line=wish.text.strip())
            asked = replace(asked, typed=wish.text.strip())
            typed = parse_command(wish.text)
            if typed is None:
                return replace(asked, text=wish.text.strip())
            return replace(asked, action=typed.action, text=typed.text)
        case SubmitWish():
            upload = _upload(wish.file) if wish.file else None
            filled = replace(asked, action=wish.action, values=wish.values, state=wish.state)
            filled = replace(filled, only_check=wish.incomplete)
            return replace(filled, upload=upload)
        case FileWish():
            return replace(asked, action=FILE_ACTION, upload=_upload(wish.file))
        case PressWish():
            state = {"value": wish.value}
            return replace(asked, action=wish.action, state=state, surface=wish.message)
        case MessageWish():
            return replace(asked, action=wish.action)
        case SearchWish():
            return replace(asked, action=wish.action, text=wish.text)
        case _:
            assert_never(wish)


def _upload(file: WebFile) -> Upload:
    if len(file.content) > LARGEST_UPLOAD:
        return Upload(file.name, problem="too_large")
    return Upload(file.name, file.content)
