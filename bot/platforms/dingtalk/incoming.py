"""Handles messages to the robot: a command, a pressed button, or an answer to an open form.

One person's messages are handled one after the other. A message is acknowledged once its work is
committed, so that after a crash before that it is delivered again.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.platforms import DeliveryError, Dispatch, Memory
from bot.platforms.dingtalk.client import OpenApi, PersonDetails
from bot.platforms.dingtalk.connection import Ack
from bot.platforms.dingtalk.forms.chats import GuidedForms
from bot.platforms.dingtalk.forms.guided import (
    SENT_WITH_COMMAND,
    Filling,
    WithOptions,
    match_option,
    read_pairs,
    without_sending,
    word_of,
)
from bot.platforms.dingtalk.links import SHOW_PICTURES, Links, Pressed, link, looks_pressed
from bot.platforms.dingtalk.markup import escape, inline
from bot.platforms.dingtalk.replies import Answering
from bot.platforms.dingtalk.requests import ChatMessage, SentFile, read_message
from bot.platforms.dingtalk.transport import Quota
from handlers.core.command_lines import is_marked
from handlers.core.commands import FILE_ACTION, Typed, parse_command
from handlers.core.replies import Reply
from handlers.core.requests import Request, Sender
from handlers.core.ui import File, LeadPick, LongText, Text
from sales.errors import StorageUnavailable
from sales.leads import parse_lead_number

log = structlog.get_logger(__name__)

_LEAD_FIRST = re.compile(r"LX\d+", re.IGNORECASE)
_VERBS = frozenset({"followup.open", "stage.open"})
"""Actions whose commands are verbs: what follows them is rarely an answer's words."""
_HANDLED_KEPT = timedelta(days=1)
_DIRECTORY_KEPT = timedelta(days=30)  # calls are counted by the month
_REFUSAL_KEPT = timedelta(days=1)
_MOST_DEPARTMENTS = 5
_TURN_PATIENCE, _TURN_POLL = 2.0, 0.1
"""Seconds that a frame waits for another replica, longer than one takes, and between looks."""
_TURN_KEPT = timedelta(seconds=30)
_ANSWER_PATIENCE = 5.0  # DingTalk sends again what is not acknowledged for 16 s


class Turns:
    """Serialises one person's frames, in the order in which they arrived.

    DingTalk spreads them over the connections of all replicas, so the others wait as well: two
    answers typed fast would else overwrite each other in the form.
    """

    def __init__(self, memory: Memory, *, patience: float = _TURN_PATIENCE) -> None:
        self._memory = memory
        self._patience = patience
        self._waiting: dict[str, int] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def of(self, person: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(person, asyncio.Lock())
        self._waiting[person] = self._waiting.get(person, 0) + 1
        try:
            async with lock, self._across_replicas(f"dingtalk:turn:{person}"):
                yield
        finally:
            self._waiting[person] -= 1
            if not self._waiting[person]:
                del self._waiting[person], self._locks[person]

    @asynccontextmanager
    async def _across_replicas(self, key: str) -> AsyncIterator[None]:
        """Wait while another replica handles a frame of the same person, but not for one that was
        killed meanwhile. Without a database nobody waits."""
        tries = max(1, int(self._patience / _TURN_POLL))
        try:
            while await self._memory.count(key, keep=_TURN_KEPT) > 1:
                await asyncio.sleep(_TURN_POLL)
                tries -= 1
                if not tries:
                    log.warning("dingtalk.turn_taken_over")
                    await self._memory.take(key)
                    break
        except StorageUnavailable:
            yield
            return
        try:
            yield
        finally:
            with suppress(StorageUnavailable):
                await self._memory.take(key)


class Chat:
    """Handles ``/v1.0/im/bot/messages/get``."""

    def __init__(
        self,
        dispatch: Dispatch,
        memory: Memory,
        *,
        api: OpenApi,
        links: Links,
        guided: GuidedForms,
        answering: Answering,
        quota: Quota,
        turns: Turns,
        card_of: Callable[[str], Awaitable[str]],
    ) -> None:
        """``card_of`` gives the reference of the card that a quoted message's key stands for."""
        self._card_of = card_of
        self._dispatch = dispatch
        self._memory = memory
        self._api = api
        self._links = links
        self._guided = guided
        self._answering = answering
        self._quota = quota
        self._turns = turns

    async def on_message(self, payload: Mapping[str, Any], ack: Ack) -> None:
        """Handle one frame. If this raises, the frame stays unacknowledged."""
        message = read_message(payload)
        async with self._turns.of(message.turn):
            await self._quota.use("messages")
            try:
                await self._handle(message, ack)
            except StorageUnavailable as error:
                await self._put_off(message, ack, error)

    async def _handle(self, message: ChatMessage, ack: Ack) -> None:
        """Handle a message. Raises StorageUnavailable if nothing was done."""
        handled = f"dingtalk:handled:{message.id}"
        if await self._memory.get(handled) is not None:
            await ack(None)
            return
        if message.under:
            message = replace(message, under=await self._card_of(message.under))
        saying = asyncio.ensure_future(await self._understand(message))
        try:
            await asyncio.wait({saying}, timeout=_ANSWER_PATIENCE)
            try:
                await self._memory.put(handled, {}, keep=_HANDLED_KEPT)
            except StorageUnavailable:
                # The work is done anyway; the router recognises the message when it comes again.
                log.warning("dingtalk.message_not_marked_handled")
            await ack(None)
            try:
                await saying
            except StorageUnavailable:
                log.warning("dingtalk.answer_incomplete")
        finally:
            saying.cancel()

    async def _put_off(self, message: ChatMessage, ack: Ack, error: StorageUnavailable) -> None:
        """Say that nothing was done.

        If the person could not be told, nothing is lost: DingTalk resends what is not acknowledged.
        """
        language = self._answering.language(_without_command(message.text or ""))
        if await self._answering.say_plainly(message.seat, language.text(f"error.{error.key}")):
            await ack(None)

    async def _understand(self, message: ChatMessage) -> Awaitable[None]:
        """Do what a message asks for; returns what remains: to send the answer."""
        say = self._answering.language_like(message.text or "").text
        if not message.sender.id:
            return self._answering.say_here(message.seat, say("dingtalk.outsider"))
        if message.file is not None:
            return await self._understand_file(message, message.file)
        if message.text is None:
            return self._answering.say(message.seat, say("dingtalk.only_words"))
        return await self._understand_words(message, message.text)

    async def _understand_file(self, message: ChatMessage, file: SentFile) -> Awaitable[None]:
        """Handle a file: the answer to a form that asks for one, else a request of its own."""
        filling = await self._guided.current(message.sender.id)
        if filling is not None and isinstance(filling.question, File):
            return await self._fill(message, filling)
        upload = await self._api.fetch_file(file)
        return await self._run(message, replace(message.request(FILE_ACTION), upload=upload))

    async def _understand_words(self, message: ChatMessage, text: str) -> Awaitable[None]:
        filling = None
        if message.seat.conversation.private:
            filling = await self._guided.current(message.sender.id)
        pressed = await self._links.find(message.sender.id, text)
        if pressed is None and not message.seat.conversation.private:
            pressed = await self._links.typed_in(message.seat.conversation.id, text)
        if pressed is not None:
            return await self._press(message, pressed)
        if filling is not None and not _interrupts(text, filling):
            return await self._fill(message, filling)
        typed, sends = parse_command(text), False
        opens = typed is not None and typed.action in SENT_WITH_COMMAND.values()
        if typed is not None and opens and message.seat.conversation.private:
            answers, sends = without_sending(typed.text)
            typed = replace(typed, text=answers)
        if typed is not None and (quoting := _of_quoted(typed, message)):
            return await self._run(message, quoting)
        if typed is not None:
            return await self._run(
                message,
                message.typed(typed.action, typed.text),
                maybe_answer=not is_marked(text),
                sends=sends,
            )
        return await self._handle_unknown_text(message, text)

    async def _handle_unknown_text(self, message: ChatMessage, text: str) -> Awaitable[None]:
        """Handle text that is no command: a dead button, a request to restore a form, or a
        question."""
        if looks_pressed(text):
            language = self._answering.language(text)
            return self._answering.say(message.seat, language.text("dingtalk.link.unknown"))
        if restored := await self._guided.restore(message):
            return self._answering.say(message.seat, restored)
        return await self._run(message, message.typed("help.unknown", text))

    async def _fill(self, message: ChatMessage, filling: Filling) -> Awaitable[None]:
        answer = await self._guided.answer(message, filling)

        return self._answering.show(answer.reply, message.sender, message.seat, last=answer.text)

    async def _press(self, message: ChatMessage, pressed: Pressed) -> Awaitable[None]:
        language = self._answering.language(pressed.label)
        if pressed.declined:
            return self._answering.say(message.seat, language.text("dingtalk.link.declined"))
        if (confirm := pressed.confirm) is not None:
            yes, no = await self._links.offer_confirm(message.sender.id, pressed, confirm)
            question = "\n\n".join(
                [
                    f"❓ **{inline(confirm.title)}**",
                    escape(confirm.text),
                    f"{link(inline(confirm.yes), yes)} ｜ {link(inline(confirm.no), no)}",
                ]
            )
            return self._answering.say(message.seat, question)
        if pressed.action == SHOW_PICTURES:
            return await self._show_pictures(message, pressed.value)
        return await self._run(
            message, message.request(pressed.action, state={"value": pressed.value})
        )

    async def _run(
        self,
        message: ChatMessage,
        request: Request,
        *,
        maybe_answer: bool = False,
        sends: bool = False,
    ) -> Awaitable[None]:
        """Dispatch; then answer, and remind the person of a form that is still open. With ``sends``
        the form that opens is sent at once, if nothing required is missing in it."""
        request = replace(request, sender=await self._with_directory_details(request.sender))
        reply = await self._dispatch(request)
        if reply.repeated:
            # A redelivery whose first answer a crash has lost: others are known by then.
            done = self._answering.language(message.text or "").text("dingtalk.done_before")
            reply = Reply(toast=done)
        if sends and reply.form is not None:
            locale = self._answering.language(reply.form.title + reply.form.submit).locale
            if said := await self._guided.send_at_once(message, reply.form, locale):
                return self._answering.show(
                    said.reply, message.sender, message.seat, last=said.text
                )
        last = ""
        if message.seat.conversation.private:
            person, typed = message.sender.id, (message.text or "") if maybe_answer else ""
            last = await (
                self._guided.resume_line(person, typed)
                if reply.form is None
                else self._guided.waiting_line(person, reply.form)
            )
        again = _again(request) if reply.read_only else ""
        return self._answering.show(reply, message.sender, message.seat, last=last, again=again)

    async def _show_pictures(self, message: ChatMessage, again: str) -> Awaitable[None]:
        """Ask for what was shown before once more, and send its charts as pictures."""
        asked = json.loads(again)
        request = message.request(asked["action"], asked["text"], asked["state"])
        reply = await self._dispatch(replace(request, typed=asked["typed"]))
        return self._answering.show_pictures(reply, message.sender, message.seat)

    async def _with_directory_details(self, sender: Sender) -> Sender:
        """The sender with the directory's details.

        They are fetched rarely, and not again for every message if there are none.
        """
        key = f"dingtalk:person:{sender.id}"
        details = await self._memory.get(key)
        if details is None:
            details, keep = await self._directory_details(sender.id)
            await self._memory.put(key, details, keep=keep)
        return replace(
            sender,
            name=sender.name or details["name"],
            email=details["email"],
            phone=details["phone"],
            departments=frozenset(details.get("departments") or ()),
        )

    async def _directory_details(self, person: str) -> tuple[dict[str, Any], timedelta]:
        """A person's details, and how long to cache them."""
        try:
            details = await self._api.person(person)
        except DeliveryError as error:
            log.info("dingtalk.person_unknown", reason=str(error))
            return asdict(PersonDetails()), _REFUSAL_KEPT
        names = [
            await self._department(department)
            for department in details.departments[:_MOST_DEPARTMENTS]
        ]
        departments = (*details.departments, *filter(None, names))
        return asdict(replace(details, departments=departments)), _DIRECTORY_KEPT

    async def _department(self, department: str) -> str:
        """A department's name, "" if the app may not read it; fetched once for everybody."""
        key = f"dingtalk:department:{department}"
        stored = await self._memory.get(key)
        if stored is None:
            name, keep = "", _REFUSAL_KEPT
            try:
                name, keep = await self._api.department(department), _DIRECTORY_KEPT
            except DeliveryError as error:
                log.info("dingtalk.department_unknown", reason=str(error))
            stored = {"name": name}
            await self._memory.put(key, stored, keep=keep)
        return str(stored["name"])


def _of_quoted(typed: Typed, message: ChatMessage) -> Request | None:
    """``录线索`` in answer to a message makes a lead of that message and of the text after the
    command."""
    of_lead = typed.action == "lead.open" and parse_lead_number(typed.text) is None
    if not of_lead or message.quoted is None:
        return None
    return message.request("lead.capture", f"{message.quoted}\n{typed.text}".strip())


def _again(request: Request) -> str:
    """What asks for the same once more; "" for a submitted form or a file."""
    if request.values or request.upload:
        return ""
    asked = {"action": request.action, "text": request.text, "typed": request.typed}
    return json.dumps(asked | {"state": dict(request.state)}, ensure_ascii=False)


def _interrupts(text: str, filling: Filling) -> bool:
    """Whether a command-like text is meant as one while a form is open; the form waits.

    With a slash always. Without it a command wins unless it can well be the answer: the name of an
    option, ``需求：…`` in a form that asks for it, or words after a name that is also a noun.
    """
    if is_marked(text):
        return word_of(text) is None
    typed = parse_command(text)
    asked = filling.question
    if typed is None or read_pairs(filling.form, text):
        return False
    if isinstance(asked, WithOptions) and not isinstance(asked, LeadPick):
        return match_option(filling.options(asked), text.strip()) is None
    if not typed.text or typed.certain or _LEAD_FIRST.match(typed.text):
        return True
    return not isinstance(asked, Text | LongText) or typed.action in _VERBS


def _without_command(text: str) -> str:
    """The person's own words: the name of a command does not show a language."""
    return text.strip().partition(" ")[2] if is_marked(text) and text.isascii() else text
