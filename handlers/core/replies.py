"""What a handler returns, as intents; each platform renders them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handlers.core.context import Context
    from handlers.core.requests import Request
from handlers.core.ui import Attachment, Card, Form, Option


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request. Empty means: done, nothing to show.

    ``errors`` maps field names to what is wrong, ``WHOLE_FORM`` to an error that belongs to no
    field in particular: the form stays open with what was typed (``form`` is then the form to
    redraw, when it has to change). ``card`` is a new message that only the requester sees.
    ``update`` redraws the card whose button was pressed, or is sent like ``card`` where there is
    none; ``in_place`` leaves it out there. ``toast`` is one line of confirmation. ``options``
    answers a search. ``attach`` creates a file for the requester: it runs after everything is
    committed and only reads; the platforms get ``attachment``, its result. ``record`` logs what
    happened in a reply that changes nothing: it runs afterwards, in a unit of work of its own.
    ``repeated``: the request was done before, which ``toast`` says; a platform that itself delivers
    a request more than once keeps silent about it.
    ``instead``: what was asked for turned out to be a change, which this request makes; it is
    dispatched, and its reply is the reply.
    """

    card: Card | None = None
    form: Form | None = None
    update: Card | None = None
    in_place: bool = False
    toast: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    attach: Callable[["Context"], Attachment] | None = None
    attachment: Attachment | None = None
    record: Callable[["Context"], None] | None = None
    repeated: bool = False
    instead: "Request | None" = None
    read_only: bool = field(default=False, compare=False)
    """Set by the router: nothing was changed, so that the request may be made again."""
