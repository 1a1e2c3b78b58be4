"""Delivers a Reply to where the request came from, including the Home tab.

The work is committed before anything here runs, so a failed answer is never a failed request: it
takes another route to the person, finally their 1:1 with the bot.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import uuid4

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import (
    Address,
    DeliveryError,
    LeadCards,
    Memory,
    Refused,
    Throttled,
    Unavailable,
    Unclear,
)
from bot.platforms.slack import forms, render
from bot.platforms.slack.client import sent
from bot.platforms.slack.errors import TRIGGER_GONE, Unconfirmed
from bot.platforms.slack.files import SlackFiles
from bot.platforms.slack.markup import Block
from bot.platforms.slack.messages import SlackMessages
from bot.platforms.slack.render import Drawing, line
from bot.platforms.slack.requests import NAME, Surface
from handlers.core.commands import HOME_ACTION
from handlers.core.incidents import record_incident
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Attachment, Button, Card, Form
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)
Sleep: TypeAlias = Callable[[float], Awaitable[None]]
_KEEP_FORM = timedelta(days=1)
_TRIES = 4
_LONGEST_WAIT = 30.0


@dataclass(frozen=True, slots=True)
class LoadingView:
    """A modal that announces a form. ``hash`` is what Slack shows there: with it, an update only
    replaces that."""

    view_id: str
    hash: str


@dataclass(frozen=True, slots=True)
class SlackReplies:
    client: AsyncWebClient
    chat: SlackMessages
    files: SlackFiles
    memory: Memory
    sleep: Sleep
    lead_cards: LeadCards | None = None

    async def give(self, surface: Surface, reply: Reply, language: Language) -> None:
        """Show every part of ``reply``; what cannot be shown is logged, never raised."""
        redrawn = False
        if reply.update:
            redrawn = await self._redraw(surface, reply, reply.update, language)
        if reply.card and not await self._whisper_about_lead(surface, reply.card, language):
            await self._tell(_beneath(surface, reply.card), reply.card, language)
        if reply.attachment:
            await self._hand_over(surface, reply.attachment, language)
        if reply.form:
            await self._open(surface, reply.form, language)
        if reply.errors and not reply.form:
            await self._tell(surface, line("\n".join(reply.errors.values())), language)
        if reply.toast and not (
            redrawn and await self._whisper(surface, line(reply.toast), language)
        ):
            await self._tell(surface, line(reply.toast), language)

    async def give_late(self, surface: Surface, reply: Reply, language: Language) -> None:
        """Like ``give``, for a submitted form whose modal meanwhile says *one moment*."""
        if reply.form:
            view = await self.view(surface, reply.form, language, errors=reply.errors)
        elif reply.errors and surface.view:
            view = forms.refilled(surface.view, reply.errors)
        else:
            view = self._done(reply, language)
        view_id = surface.view["id"] if surface.view else ""
        await self._try(lambda: sent(self.client.views_update(view_id=view_id, view=view)))
        await self.give(surface, replace(reply, form=None, errors={}), language)

    async def open_loading(self, surface: Surface, language: Language) -> LoadingView | None:
        """Open a modal that says *one moment*; None if Slack opens none."""
        title, close = language.text("slack.working_title"), language.text("slack.close")
        view = forms.notice_view(title, language.text("slack.loading"), close)
        try:
            opened = await sent(self.client.views_open(trigger_id=surface.trigger, view=view))
        except DeliveryError as error:
            log.info("slack.nothing_announced", reason=str(error))
            return None
        shown = opened.get("view") or {}
        return LoadingView(str(shown.get("id") or ""), str(shown.get("hash") or ""))

    async def give_loaded(
        self, loading: LoadingView, surface: Surface, reply: Reply, language: Language
    ) -> None:
        """Like ``give``, where a modal says *one moment*: the form takes its place.

        If the person has closed it, or something else is shown there by now, the form is a button
        away.
        """
        if reply.form:
            view = await self.view(surface, reply.form, language, errors=reply.errors)
        else:
            view = self._done(reply, language)
        shown = await self._try(
            lambda: sent(
                self.client.views_update(
                    view_id=loading.view_id, hash=loading.hash or None, view=view
                )
            )
        )
        if shown:
            reply = replace(reply, form=None, errors={}, toast="")
        elif reply.form:
            await self._offer(surface, reply.form, language, "slack.form_ready")
            reply = replace(reply, form=None, errors={})
        await self.give(surface, reply, language)

    @staticmethod
    def _done(reply: Reply, language: Language) -> Block:
        text = "\n".join((*reply.errors.values(), reply.toast)).strip()
        title = language.text("slack.not_done_title" if reply.errors else "slack.done_title")
        return forms.notice_view(
            title, text or language.text("slack.done"), language.text("slack.close")
        )

    async def view(
        self,
        surface: Surface,
        form: Form,
        language: Language,
        *,
        errors: Mapping[str, str] | None = None,
    ) -> Block:
        """The modal of ``form``, carrying where it was asked for.

        State that does not fit into ``private_metadata`` is kept in memory and referred to.
        """
        more = "" if errors else await self._keep_folded(form, language)
        folded = {field.name: field.value for field in form.fields if field.folded and field.value}
        context = forms.context_of(
            form,
            folded=folded if more else {},
            channel=surface.channel,
            direct=surface.direct,
            title=surface.title,
            thread=surface.thread,
            message="" if surface.ephemeral else surface.message,
            home=surface.home,
        )
        packed = context.pack()
        if len(packed.encode("utf-16-le")) // 2 > forms.METADATA_LIMIT:
            key = f"slack:form:{uuid4().hex}"
            await self.memory.put(key, {"context": packed}, keep=_KEEP_FORM)
            packed = json.dumps({"kept": key})
        return forms.form_view(form, packed, language, errors, more=more)

    async def _keep_folded(self, form: Form, language: Language) -> str:
        """Keep the fields of a form that are not shown at first; "" where there are none."""
        if not any(field.folded for field in form.fields):
            return ""
        key = f"slack:more:{uuid4().hex}"
        blocks = forms.form_view(form, "", language)["blocks"]
        try:
            await self.memory.put(key, {"blocks": blocks}, keep=_KEEP_FORM)
        except StorageUnavailable:
            return ""  # All fields are shown at once.
        return key

    async def unfold(self, view: Mapping[str, Any], key: str, language: Language) -> None:
        """Show all fields of an open form, with what was typed so far."""
        try:
            stored = await self.memory.get(key)
        except StorageUnavailable:
            stored = None
        if stored:
            shown = forms.unfolded(view, stored["blocks"])
        else:
            shown = forms.without_more(view, language.text("slack.more_gone"))
        update = self.client.views_update(view_id=view["id"], hash=view.get("hash"), view=shown)
        try:
            await sent(update)
        except DeliveryError as error:
            log.info("slack.form_not_unfolded", reason=str(error))

    async def recalled(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """``payload`` with the context of its view restored from memory."""
        view = payload.get("view") or {}
        metadata = view.get("private_metadata") or ""
        if not metadata.startswith('{"kept"'):
            return payload
        stored = await self.memory.get(json.loads(metadata)["kept"])
        return {**payload, "view": {**view, "private_metadata": (stored or {}).get("context", "")}}

    async def _redraw(self, surface: Surface, reply: Reply, card: Card, language: Language) -> bool:
        """Redraw the pressed card, or else the lead's card that is above; returns whether a card
        that stays was redrawn. Answer if there is none to redraw, unless it is only for that."""
        done = lasting = False
        if surface.kind == "button" and surface.ephemeral and surface.response_url:
            done = await self._try(
                lambda: self.chat.respond(surface.response_url, card, language, replace=True)
            )
        elif surface.message and not surface.ephemeral:
            done = lasting = await self._try(
                lambda: self.chat.edit(surface.channel, surface.message, card, language)
            )
        elif reply.toast and (place := await self._lead_card(surface, card)):
            done = lasting = await self._try(lambda: self.chat.edit(*place, card, language))
        lost = not done and not reply.in_place
        if lost and not await self._whisper_about_lead(surface, card, language):
            await self._tell(surface, card, language)
        return lasting

    async def _lead_card(self, surface: Surface, card: Card) -> tuple[str, str] | None:
        """Channel and time stamp of the card, in the person's 1:1, of the lead that ``card``
        shows wholly."""
        if not (surface.direct and card.whole_lead and self.lead_cards):
            return None
        ref = await self.lead_cards.living(_person(surface), card.subject)
        channel, _, stamp = ref.partition(":")
        return (channel, stamp) if stamp else None

    async def _whisper_about_lead(self, surface: Surface, card: Card, language: Language) -> bool:
        """Confirm what was done with a lead so that it does not stay where the lead's card shows
        it; returns whether it was shown."""
        if not (card.confirms and surface.direct and not surface.thread and self.lead_cards):
            return False
        if not await self.lead_cards.living(_person(surface), card.confirms):
            return False
        return await self._whisper(surface, card, language)

    async def _whisper(self, surface: Surface, shown: Card | Drawing, language: Language) -> bool:
        """Show what only the asker reads and nobody needs later; returns whether it was shown."""
        if not surface.direct or surface.thread:
            return False
        if surface.response_url and await self._try(
            lambda: self.chat.respond(surface.response_url, shown, language)
        ):
            return True
        if not surface.channel.startswith("D"):
            return False
        return await self._try(
            lambda: self.chat.whisper(surface.channel, surface.user, shown, language, thread="")
        )

    async def _tell(self, surface: Surface, shown: Card | Drawing, language: Language) -> None:
        """Answer so that only the asker reads it.

        In the bot's own 1:1 that is a normal message, which can be reread later; elsewhere it is
        ephemeral, by ``response_url`` first since that needs no membership.
        """
        ways: list[Callable[[], Awaitable[object]]] = []
        if surface.direct:
            ways.append(
                lambda: self._post(surface, surface.channel, shown, language, surface.thread)
            )
        else:
            if surface.response_url:
                ways.append(lambda: self.chat.respond(surface.response_url, shown, language))
            if surface.channel and not surface.channel.startswith("D"):
                ways.append(
                    lambda: self.chat.whisper(
                        surface.channel, surface.user, shown, language, thread=surface.thread
                    )
                )
        ways.append(lambda: self._post(surface, surface.user, shown, language, ""))
        for way in ways:
            if await self._try(way):
                return
        log.error("slack.answer_lost", kind=surface.kind)

    async def _post(
        self,
        surface: Surface,
        channel: str,
        shown: Card | Drawing,
        language: Language,
        thread: str,
    ) -> None:
        if not isinstance(shown, Card):
            await self.chat.say(channel, shown, thread=thread)
            return
        where, stamp = await self.chat.post(channel, shown, language, thread=thread)
        if shown.whole_lead and not thread and self.lead_cards:
            await self.lead_cards.keep(_person(surface), f"{where}:{stamp}", shown.subject)

    async def _open(self, surface: Surface, form: Form, language: Language) -> None:
        """Open a modal; without a live trigger, offer the button that brings one."""
        if not surface.trigger:
            await self._offer(surface, form, language, "slack.form_ready")
            return
        view = await self.view(surface, form, language)
        try:
            await sent(self.client.views_open(trigger_id=surface.trigger, view=view))
        except (Throttled, Unavailable, Unclear) as error:
            log.warning("slack.form_not_opened", reason=str(error))
            await self._offer(surface, form, language, "slack.took_too_long")
        except Refused as error:
            if error.code in TRIGGER_GONE:
                log.info("slack.form_too_late", reason=error.code, action=form.action)
                await self._offer(surface, form, language, "slack.took_too_long")
            else:
                incident = record_incident("slack.form_refused", error, action=form.action)
                await self.apologise(surface, incident, language)

    async def _hand_over(
        self, surface: Surface, attachment: Attachment, language: Language
    ) -> None:
        """Send a file to the person's 1:1, wherever they asked for it."""
        if not await self._try(lambda: self.files.hand_over(attachment, surface.user)):
            await self._tell(surface, line(language.text("reply.file_lost")), language)
        elif not surface.direct:
            await self._tell(surface, line(language.text("slack.file_in_direct")), language)

    async def _offer(self, surface: Surface, form: Form, language: Language, key: str) -> None:
        again = surface.again
        button = (
            replace(again, label=language.text("slack.open_form"), style="primary")
            if again
            else None
        )
        card = Card(title=form.title, body=language.text(key), buttons=(button,) if button else ())
        await self._tell(surface, card, language)

    async def refuse_foreign(self, surface: Surface, workspace: str, language: Language) -> None:
        """Say to somebody of another workspace which one this is; nothing is posted there."""
        if surface.response_url:
            words = line(language.text("slack.foreign", workspace=workspace))
            await self._try(lambda: self.chat.respond(surface.response_url, words, language))

    async def apologise(self, surface: Surface, incident: str, language: Language) -> None:
        """Say that something went wrong, with the incident number that is in the log."""
        words = language.text("error.unexpected", incident=incident)
        await self._tell(surface, line(words), language)

    async def _try(self, way: Callable[[], Awaitable[object]]) -> bool:
        """Try one route; returns whether it worked.

        If the connection broke after the call, it counts as done, since a second answer would
        confuse; if Slack responded and did not say that it accepted the message, the next route is
        tried.
        """
        try:
            return await patiently(way, self.sleep)
        except DeliveryError as error:
            log.warning("slack.answer_unclear", reason=str(error))
            return not isinstance(error, Unconfirmed)


def _beneath(surface: Surface, card: Card) -> Surface:
    """Where the card goes: into the thread of the one that was pressed, if it only adds to that."""
    in_chat = surface.kind == "button" and surface.direct and not surface.ephemeral
    if not (card.beneath and in_chat and surface.message):
        return surface
    return replace(surface, thread=surface.thread or surface.message)


def _person(surface: Surface) -> Address:
    return Address(NAME, "person", surface.user)


async def patiently(way: Callable[[], Awaitable[object]], sleep: Sleep) -> bool:
    """Make a call, and again what certainly was not done; returns whether it was.

    Raises Unclear where it may have been done.
    """
    for turn in range(_TRIES):
        try:
            await way()
        except Throttled as error:
            if turn == _TRIES - 1 or error.retry_after > _LONGEST_WAIT:
                log.warning("slack.answer_throttled", retry_after=error.retry_after)
                return False
            await sleep(error.retry_after)
        except Unavailable as error:
            log.warning("slack.answer_delayed", reason=str(error))
            if turn < _TRIES - 1:
                await sleep(0.5 * 2**turn)
        except Refused as error:
            log.info("slack.answer_refused", reason=str(error))
            return False
        else:
            return True
    return False


class Home:
    """The Home tabs of one workspace.

    Each shows one person's day, drawn when they open it and after what they do there. What a press
    on it shows, such as a list, takes its place, with a way back at the top.
    """

    def __init__(self, client: AsyncWebClient, sleep: Sleep) -> None:
        self._client = client
        self._sleep = sleep
        self._drawings: Counter[str] = Counter()
        """How often each person's tab was drawn: one that waits must not replace a newer one."""

    async def show(self, user: str, reply: Reply, language: Language) -> bool:
        """Draw what ``reply`` says; a tab that cannot be drawn stays as it was. Returns whether it
        was drawn."""
        words = "\n".join((reply.toast, *reply.errors.values())).strip()
        shown = reply.card or Card(title=language.text("slack.home"), body=words)
        return await self._publish(user, shown, (), language)

    async def turn_to(self, user: str, shown: Card, language: Language) -> bool:
        """Draw the card that a press on the tab opened, below the way back to the day."""
        back = Button(HOME_ACTION, language.text("slack.back"))
        return await self._publish(user, shown, (back,), language)

    async def _publish(
        self, user: str, shown: Card, above: tuple[Button, ...], language: Language
    ) -> bool:
        # Charts and tables are a message's; a view of Slack takes neither.
        blocks = render.card(shown, language, charts=False, tables=False, above=above).blocks
        self._drawings[user] += 1
        drawing = self._drawings[user]

        async def publish() -> None:
            if self._drawings[user] == drawing:
                await self._publish_once(user, {"type": "home", "blocks": list(blocks)})

        drawn = await patiently(publish, self._sleep)
        if not drawn:
            log.warning("slack.home_not_drawn")
        return drawn

    async def _publish_once(self, user: str, view: Block) -> None:
        """Raises the delivery errors: Unavailable too where it may have been drawn, since drawing
        a tab twice does no harm."""
        try:
            await sent(self._client.views_publish(user_id=user, view=view))
        except Unclear as error:
            raise Unavailable(str(error)) from error


def page_of(reply: Reply, *, pressed: bool) -> Card | None:
    """The card that takes the place of the Home tab: what a press opens, such as a list or a lead,
    or what a form changes there, such as its filters. None for a reply that says more than that."""
    if reply.form or reply.toast or reply.errors or reply.attachment:
        return None
    return (reply.card or reply.update) if pressed else None if reply.card else reply.update


def reopened_home(request: Request) -> Request:
    """The request the person would make by opening the tab now."""
    user = request.surface.user
    surface = Surface("home", user, channel=user, direct=True, home=True)
    wish = f"{NAME}:home:{uuid4().hex}"
    return Request(wish, HOME_ACTION, request.sender, request.conversation, surface=surface)
