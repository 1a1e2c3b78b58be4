"""Passes one request of the page to the handlers and writes the reply to the transcript.

Knows nothing of HTTP; what a request means is up to the handlers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar, assert_never

from bot.platforms import Address, Dispatch, LeadCards
from bot.platforms.web.client import Message, Transcript
from bot.platforms.web.files import ChatFiles
from bot.platforms.web.people import BOT, Channel, Persona, conversations_of, dm_owner
from bot.platforms.web.render import card_body, drawn_anew, file_body, line_body, reply_json
from bot.platforms.web.requests import (
    ClientRequest,
    CommandWish,
    FileWish,
    MessageWish,
    PressWish,
    SearchWish,
    SubmitWish,
    to_request,
)
from handlers.core.commands import MESSAGE_SHORTCUTS
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Card

Answer = TypeVar("Answer")


class Once(Generic[Answer]):
    """Runs a request once, however often the page sends it: a repeat gets the first answer.

    The page repeats a request when it got no response. The router refuses a known request id too,
    but could not say what the first answer was. Remembers the answers to the newest ``keep``
    requests, in this process.
    """

    def __init__(self, keep: int = 500) -> None:
        self._keep = keep
        self._answers: dict[Hashable, asyncio.Task[Answer]] = {}

    async def run(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Run ``work`` unless the key is known; a failure is not remembered."""
        task = self._answers.get(key)
        if task is None:
            task = asyncio.create_task(work())
            self._answers[key] = task
            while len(self._answers) > self._keep:
                del self._answers[next(iter(self._answers))]
        try:
            # Shielded: started work is finished even if the page that asked is gone.
            return await asyncio.shield(task)
        except Exception:
            self._answers.pop(key, None)
            raise


class NotThere(LookupError):
    """No such persona, conversation or message, or none that this persona may see."""


def _referenced_message(wish: ClientRequest) -> int | None:
    """The message that a request refers to, which its persona must be able to see."""
    match wish:
        case PressWish() | MessageWish() | SubmitWish():
            return wish.message
        case CommandWish():
            return wish.under
        case FileWish() | SearchWish():
            return None
        case _:
            assert_never(wish)


class WebReplies:
    """Answers requests. ``clock`` gives aware instants, for the time beside a message."""

    def __init__(
        self,
        dispatch: Dispatch,
        transcript: Transcript,
        personas: Callable[[], Awaitable[list[Persona]]],
        clock: Callable[[], datetime],
        channels: Sequence[Channel],
        *,
        files: ChatFiles,
        lead_cards: LeadCards | None = None,
    ) -> None:
        self._dispatch = dispatch
        self._transcript = transcript
        self._personas = personas
        self._clock = clock
        self._channels = channels
        self._files = files
        self._lead_cards = lead_cards
        self._once: Once[dict[str, Any]] = Once()

    async def answer(self, wish: ClientRequest) -> dict[str, Any]:
        """The reply's JSON with ``revision``: the page is up to date once it got that far.

        ``unshown`` is there when something was done whose card could not be stored: on a full
        disk the act may fit and the card not.
        Raises NotThere for what the persona cannot see; then nothing was dispatched.
        """
        persona = await self._persona(wish)
        if isinstance(wish, SearchWish):
            return {**reply_json(await self._dispatch(to_request(wish, persona))), "revision": 0}
        if (message := _referenced_message(wish)) is not None:
            await self._visible_message(wish, message)
        return await self._once.run((wish.persona, wish.id), lambda: self._act(wish, persona))

    async def _act(self, wish: ClientRequest, persona: Persona) -> dict[str, Any]:
        revision = 0
        if isinstance(wish, CommandWish | FileWish):
            text = wish.text if isinstance(wish, CommandWish) else f"📎 {wish.file.name}"
            line = await self._transcript.append(
                wish.conversation, persona.id, line_body(text) | _place(wish), at=self._clock()
            )
            revision = line.revision
        reply = await self._dispatch(await self._request(wish, persona))
        try:
            if isinstance(wish, CommandWish | FileWish) and reply == Reply(toast=reply.toast):
                # This is the whole answer to a typed line: keep it, as the line itself is kept.
                revision = (await self._append(line_body(reply.toast), wish)).revision
                reply = Reply()
            revision = max(revision, await self._write_cards(reply, wish))
        except ConnectionError:
            # The handlers have answered already: their work is not undone by this.
            return {**reply_json(reply), "revision": revision, "unshown": True}
        return {**reply_json(reply), "revision": revision}

    async def _request(self, wish: ClientRequest, persona: Persona) -> Request:
        """The handlers' request; the text of a message is taken from the transcript."""
        request = to_request(wish, persona)
        if not isinstance(wish, MessageWish):
            return request
        offered = {shortcut.action for shortcut in MESSAGE_SHORTCUTS}
        body = (await self._visible_message(wish, wish.message)).body
        if wish.action not in offered or body["kind"] != "line":
            raise NotThere(wish.action)
        return replace(request, text=body["text"])

    async def _write_cards(self, reply: Reply, wish: ClientRequest) -> int:
        """Write the reply's cards to where they belong; returns the last revision written, or 0."""
        revision = 0
        if reply.update is not None and (_presses_card(wish) or not reply.in_place):
            revision = await self._redraw(reply.update, wish, said=bool(reply.toast))
        if reply.card is not None:
            revision = await self._append_card(reply.card, wish)
        if reply.attachment is not None:
            token = await self._files.keep(reply.attachment, wish.persona)
            revision = (await self._append(file_body(reply.attachment, token), wish)).revision
        return revision

    async def _redraw(self, card: Card, wish: ClientRequest, *, said: bool) -> int:
        """Redraw the pressed card in place, also after a form that it opened; or else the lead's
        card that is above, where a line says what was done (``said``)."""
        pressed = wish.message if isinstance(wish, PressWish | SubmitWish) else None
        place = pressed if pressed is not None else await self._lead_card(card, wish) if said else 0
        if not place:
            return await self._append_card(card, wish)
        former = (await self._transcript.get(place)).body
        # The reply does not say which lead its card belongs to; the posted card did.
        body = drawn_anew(card, former) | {"lead": former.get("lead", "")}
        return (await self._transcript.edit(place, body, at=self._clock())).revision

    async def _lead_card(self, card: Card, wish: ClientRequest) -> int:
        """The message that shows the lead of ``card`` in the person's own chat; 0 without one."""
        if not (card.whole_lead and self._lead_cards and dm_owner(wish.conversation)):
            return 0
        return int(await self._lead_cards.living(_person(wish), card.subject) or 0)

    async def _append_card(self, card: Card, wish: ClientRequest) -> int:
        """Write a new card; one that shows all of a lead lives from now on. What confirms an act
        that such a card shows does not stay."""
        if living := await self._shown_by(card, wish):
            place = {"thread": living} if living == _pressed_message(wish) else {}
            body = card_body(card) | place | {"passing": True}
            return (await self._append(body, wish)).revision
        cards = self._lead_cards
        lives = card.whole_lead and dm_owner(wish.conversation) and "thread" not in _place(wish)
        if cards is None or not lives:
            return (await self._append(card_body(card), wish)).revision
        landed = await self._append(card_body(replace(card, thread=card.subject)), wish)
        await cards.keep(_person(wish), str(landed.id), card.subject)
        return landed.revision

    async def _shown_by(self, card: Card, wish: ClientRequest) -> int:
        """The message in the person's own chat that shows what ``card`` confirms; 0 without one."""
        if not (card.confirms and self._lead_cards and dm_owner(wish.conversation)):
            return 0
        return int(await self._lead_cards.living(_person(wish), card.confirms) or 0)

    async def _append(self, body: dict[str, Any], wish: ClientRequest) -> Message:
        in_channel = dm_owner(wish.conversation) is None
        return await self._transcript.append(
            wish.conversation,
            BOT,
            body | _place(wish),
            at=self._clock(),
            visible_to=wish.persona if in_channel else None,
        )

    async def _persona(self, wish: ClientRequest) -> Persona:
        for persona in await self._personas():
            if persona.id == wish.persona:
                if wish.conversation in conversations_of(persona, self._channels):
                    return persona
                break
        raise NotThere(wish.conversation)

    async def _visible_message(self, wish: ClientRequest, message_id: int) -> Message:
        try:
            message = await self._transcript.get(message_id)
        except LookupError as missing:
            raise NotThere(str(message_id)) from missing
        seen = message.conversation == wish.conversation
        if not seen or message.visible_to not in (None, wish.persona):
            raise NotThere(str(message_id))
        return message


def _person(wish: ClientRequest) -> Address:
    return Address("web", "person", wish.persona)


def _pressed_message(wish: ClientRequest) -> int | None:
    """The card whose form was sent."""
    return wish.message if isinstance(wish, SubmitWish) else None


def _presses_card(wish: ClientRequest) -> bool:
    """Whether the request comes from a card, which can be redrawn."""
    return isinstance(wish, PressWish | SubmitWish) and wish.message is not None


def _place(wish: ClientRequest) -> dict[str, Any]:
    """Where the answer goes: under the message it was said under, beside the pressed one."""
    if isinstance(wish, CommandWish) and wish.under is not None:
        return {"thread": wish.under}
    if isinstance(wish, PressWish):
        return {"beside": wish.message, "pressed": f"{wish.action} {wish.value}"}
    if isinstance(wish, SubmitWish) and wish.message is not None:
        return {"beside": wish.message, "pressed": wish.pressed}
    return {}
