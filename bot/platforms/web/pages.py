"""The routes of the local web chat: its page, what the page reads, and where it sends.

Knows HTTP and nothing of selling. All routes are protected by ``access.guards()``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.addresses import block_of, client_of
from bot.platforms.web.access import MAX_WISH, Access, guards
from bot.platforms.web.client import Transcript
from bot.platforms.web.files import ChatFiles
from bot.platforms.web.messages import Streams, Viewer, events
from bot.platforms.web.people import Channel, Persona, conversations_of
from bot.platforms.web.render import message_json
from bot.platforms.web.replies import NotThere, WebReplies
from bot.platforms.web.requests import parse_wish
from handlers.core.commands import COMMANDS, MESSAGE_SHORTCUTS
from handlers.core.incidents import record_incident
from handlers.core.language import LOCALES, Language, nearest_locale
from sales.errors import StorageStarting, StorageUnavailable
from sales.permissions import ACTIONS

TOUR_STEPS = (
    "lead",
    "followup",
    "day",
    "manager",
    "team",
    "list",
    "report",
    "rules",
    "people",
    "import",
    "tasks",
    "help",
)
# The texts of the page itself, by catalogue key without ``web.``; a test keeps the list and the
# catalogue in step.
PAGE_TEXTS = (
    "bot",
    "brand.about",
    "skip",
    "close",
    "offline",
    "unreachable.line",
    "unreachable.form",
    "unreachable.page",
    "sidebar.label",
    "sidebar.open",
    "sidebar.conversations",
    "sidebar.direct",
    "sidebar.channels",
    "sidebar.unread",
    "persona.title",
    "persona.switch",
    "persona.label",
    "persona.waiting",
    "language.label",
    "theme.label",
    "theme.auto",
    "theme.light",
    "theme.dark",
    "messages.label",
    "messages.earlier",
    "messages.new",
    "message.label",
    "message.edited",
    "message.private",
    "thread.about",
    "thread.history",
    "card.more",
    "card.details",
    "card.copy",
    "card.copied",
    "thread.reply",
    "thread.reply_label",
    "thread.send",
    "chart.table",
    "composer.label",
    "composer.placeholder",
    "composer.commands",
    "composer.send",
    "composer.help",
    "choice.none",
    "pick.placeholder",
    "pick.nothing",
    "pick.unreachable",
    "finder.open",
    "finder.placeholder",
    "finder.lead",
    "finder.person",
    "finder.command",
    "finder.place",
    "field.required",
    "form.more",
    "file.size",
    "file.until",
    "file.too_large",
    "discard.title",
    "discard.text",
    "discard.yes",
    "discard.no",
    "welcome.title",
    "welcome.text",
    "welcome.ask",
    "tour.label",
    "tour.open",
    "tour.count",
    "tour.next",
    "tour.end",
    "tour.skip",
    "tour.try",
    *(f"tour.{step}.{part}" for step in TOUR_STEPS for part in ("title", "text")),
    "tour.as",
    "notify.title",
    "notify.text",
    "notify.yes",
    "notify.no",
    "notify.bell",
    "notify.on",
    "notify.off",
    "notify.blocked",
)
_STATIC = Path(__file__).parent / "static"
_PAGE = 40
_DIGITS = 15


def page_texts(language: Language) -> dict[str, str]:
    """All texts of the page in one language, with their ``{placeholders}`` still in them."""
    return {key: language.text(f"web.{key}") for key in PAGE_TEXTS}


class ChatUser(NamedTuple):
    """The person looking at the page, and their language."""

    persona: Persona
    language: Language


class ChatPages:
    """The endpoints. Setting ``closing`` ends the open event streams."""

    def __init__(
        self,
        answers: WebReplies,
        transcript: Transcript,
        personas: Callable[[], Awaitable[list[Persona]]],
        new_language: Callable[[str], Language],
        channels: Sequence[Channel],
        *,
        files: ChatFiles,
        access: Access,
        closing: asyncio.Event,
        heartbeat: float,
    ) -> None:
        self._answers = answers
        self._files = files
        self._access = access
        self._transcript = transcript
        self._personas = personas
        self._new_language = new_language
        self._channels = channels
        self._closing = closing
        self._streams = Streams()
        self._heartbeat = heartbeat

    def routes(self) -> list[BaseRoute]:
        layers = guards(self._access, self._new_language)
        return [
            Route("/", self.page, middleware=layers),
            Route("/api/setup", self._reading(self.setup), middleware=layers),
            Route("/api/conversations", self._reading(self.conversations), middleware=layers),
            Route("/api/messages", self._reading(self.messages), middleware=layers),
            Route("/api/events", self._reading(self.live), middleware=layers),
            Route("/api/files/{token}", self._reading(self.file), middleware=layers),
            Route(
                "/api/requests",
                self._reading(self.ask),
                methods=["POST"],
                middleware=guards(self._access, self._new_language, MAX_WISH),
            ),
            # Browsers ask for it beside every document that names no icon of its own.
            Route("/favicon.ico", self.icon, middleware=layers),
            Mount("/static", app=StaticFiles(directory=_STATIC), middleware=layers),
        ]

    async def page(self, _request: Request) -> Response:
        return FileResponse(_STATIC / "index.html")

    async def icon(self, _request: Request) -> Response:
        return FileResponse(_STATIC / "icon.svg", media_type="image/svg+xml")

    async def setup(self, request: Request) -> Response:
        """Everything the page needs before a persona is chosen: texts, people, commands."""
        language = self._language(request)
        return JSONResponse(
            {
                "locale": language.locale,
                "locales": LOCALES,
                "texts": page_texts(language),
                "personas": [_person(persona, language) for persona in await self._personas()],
                "commands": _commands(language),
                "shortcuts": [
                    {"action": shortcut.action, "name": language.text(shortcut.name)}
                    for shortcut in MESSAGE_SHORTCUTS
                ],
            }
        )

    async def conversations(self, request: Request) -> Response:
        """The conversations of a persona; ``latest`` decides the unread mark."""
        seat = await self._seat(request)
        revision = await self._transcript.revision()
        mine = conversations_of(seat.persona, self._channels)
        latest = await self._transcript.newest(mine, seat.persona.id)
        people: dict[str, int] = {}
        for persona in await self._personas():
            dm = await self._transcript.newest([persona.dm], persona.id)
            people[persona.id] = dm.get(persona.dm, 0)
        return JSONResponse(
            {
                "conversations": [
                    {
                        **self._place(conversation, seat.language),
                        "latest": latest.get(conversation, 0),
                    }
                    for conversation in mine
                ],
                "people": people,
                "revision": revision,
            }
        )

    async def messages(self, request: Request) -> Response:
        """The newest messages of a conversation, or those before the id ``before``."""
        seat = await self._seat(request)
        conversation = request.query_params.get("conversation", "")
        if conversation not in conversations_of(seat.persona, self._channels):
            raise NotThere(conversation)
        before = _whole(request.query_params.get("before")) or None
        page = await self._transcript.page(
            conversation, seat.persona.id, before=before, limit=_PAGE + 1
        )
        return JSONResponse(
            {
                "messages": [message_json(message, seat.language) for message in page[-_PAGE:]],
                "more": len(page) > _PAGE,
            }
        )

    async def live(self, request: Request) -> Response:
        """Server-sent events from ``Last-Event-ID``, or else from ``after``, or from now."""
        address = block_of(client_of(request.scope))
        if self._streams.is_full(address):
            headers = {"Retry-After": "5"}
            return JSONResponse({"error": "too_many_streams"}, 503, headers=headers)
        seat = await self._seat(request)
        resume = request.headers.get("last-event-id") or request.query_params.get("after")
        after = await self._transcript.revision() if resume is None else _whole(resume)
        viewer = Viewer(seat.persona.id, frozenset(conversations_of(seat.persona, self._channels)))
        stream = events(
            self._transcript,
            viewer,
            lambda message: message_json(message, seat.language),
            after=after,
            closing=self._closing,
            heartbeat=self._heartbeat,
        )
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if request.method == "HEAD":  # An endless response without a body would keep the line.
            return Response(media_type="text/event-stream", headers=headers)
        counted = self._streams.counted(address, stream)
        return StreamingResponse(counted, media_type="text/event-stream", headers=headers)

    async def file(self, request: Request) -> Response:
        """A file that the bot sent to this persona, to be saved and never displayed."""
        seat = await self._seat(request)
        attachment = await self._files.find(request.path_params["token"], seat.persona.id)
        if attachment is None:
            raise NotThere("file")
        name = quote(attachment.name, safe="")
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        }
        return Response(attachment.content, media_type="application/octet-stream", headers=headers)

    async def ask(self, request: Request) -> Response:
        """Run one request; the response says what to open, to mark or to toast."""
        wish = parse_wish(await request.body())
        answer = await self._answers.answer(wish)
        if answer.get("unshown") and not (answer["toast"] or answer["form"] or answer["errors"]):
            answer = answer | {"toast": self._new_language(wish.locale).text("web.unshown")}
        return JSONResponse(answer)

    def _reading(
        self, endpoint: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Wrap the endpoint so that errors become HTTP statuses, in one place."""

        async def answered(request: Request) -> Response:
            try:
                return await endpoint(request)
            except NotThere:
                return JSONResponse({"error": "not_found"}, status_code=404)
            except (ValidationError, _BadNumber):
                return JSONResponse({"error": "malformed"}, status_code=400)
            except ConnectionError as lost:
                return await self._away(request, lost)
            except (ClientDisconnect, HTTPException):
                raise
            except Exception as error:  # noqa: BLE001 - an incident
                incident = record_incident("web.failed", error, page=endpoint.__name__)
                return await self._failed(request, incident)

        return answered

    async def _away(self, request: Request, lost: ConnectionError) -> Response:
        """Report the outage; the page shows the text, keeps what was typed, and retries."""
        starting = isinstance(lost.__cause__, StorageStarting)
        language = await self._asked_in(request)
        error = StorageStarting if starting else StorageUnavailable
        return JSONResponse(
            {
                "error": "starting" if starting else "unavailable",
                "words": language.text(f"error.{error.key}"),
            },
            status_code=503,
            headers={"Retry-After": "2", "Cache-Control": "no-store"},
        )

    async def _failed(self, request: Request, incident: str) -> Response:
        words = (await self._asked_in(request)).text("error.unexpected", incident=incident)
        return JSONResponse({"error": "failed", "words": words}, status_code=500)

    async def _asked_in(self, request: Request) -> Language:
        """The language of the request."""
        if request.method == "POST":
            return self._new_language(nearest_locale(parse_wish(await request.body()).locale))
        return self._language(request)

    async def _seat(self, request: Request) -> ChatUser:
        persona_id = request.query_params.get("persona", "")
        for persona in await self._personas():
            if persona.id == persona_id:
                return ChatUser(persona, self._language(request))
        raise NotThere(persona_id)

    def _language(self, request: Request) -> Language:
        return self._new_language(nearest_locale(request.query_params.get("locale", "")))

    def _place(self, conversation: str, language: Language) -> dict[str, str]:
        for channel in self._channels:
            if channel.id == conversation:
                key = f"web.channel.{channel.id}"
                title = language.text(key) if language.has(key) else channel.title
                key = f"{key}.about" if language.has(f"{key}.about") else "web.channel.about"
                about = language.text(key)
                return {"id": conversation, "kind": "channel", "title": title, "about": about}
        title, about = language.text("web.bot"), language.text("web.dm.about")
        return {"id": conversation, "kind": "dm", "title": title, "about": about}


class _BadNumber(ValueError):
    """A query parameter that should be a whole number and is not."""


def _whole(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        raise _BadNumber(text[:17])
    return int(text)


def _person(persona: Persona, language: Language) -> dict[str, str]:
    key = f"web.role.{persona.role}"
    role = language.text(key) if language.has(key) else persona.role_label
    return {
        "id": persona.id,
        "name": persona.name,
        "role": persona.role,
        "role_label": role,
        "dm": persona.dm,
    }


def _commands(language: Language) -> list[dict[str, Any]]:
    return [
        {
            "name": command.name,
            "aliases": command.aliases,
            "about": language.text(command.about),
            "usage": language.text(command.usage),
            "roles": sorted(ACTIONS.get(command.action, ())),
        }
        for command in COMMANDS
    ]
