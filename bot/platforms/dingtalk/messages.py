"""Sends texts and cards to DingTalk conversations: by which route, in how many parts, with a
picture.

Answers go through the short-lived webhook where they can, notices through the OpenAPI. Knows
nothing of requests and forms.
"""

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from bot.platforms import (
    Address,
    AddressRefused,
    DeliveryError,
    DrawChart,
    Refused,
    Suspended,
    Throttled,
    Unavailable,
    Unclear,
)
from bot.platforms.dingtalk.client import FILE_KINDS, MESSAGE_BYTES, OpenApi, message_param
from bot.platforms.dingtalk.links import ANYONE, Links, lead_numbers
from bot.platforms.dingtalk.markup import escape, inline, joined, split
from bot.platforms.dingtalk.render import (
    NO_PICTURES,
    card_buttons,
    card_markdown,
    chart_markdown,
    notification,
    picture,
)
from bot.platforms.dingtalk.requests import AnswerAddress
from handlers.core.language import Language
from handlers.core.ui import AnyChart, Attachment, Card, DrawnChart

log = structlog.get_logger(__name__)

_Send: TypeAlias = Callable[[str, dict[str, str]], Awaitable[str]]
"""Send one message of a template key with its parameters; returns its reference."""

_TRIES = 3
_LONGEST_WAIT = 5.0
_PICTURES_KNOWN = 200
_WEBHOOK_MARGIN = timedelta(seconds=5)


class Messenger:
    """Sends to people and groups."""

    def __init__(
        self,
        api: OpenApi,
        links: Links,
        draw: DrawChart,
        now: Callable[[], datetime],
        new_language: Callable[[str], Language],
    ) -> None:
        self._api = api
        self._links = links
        self._draw = draw
        self._now = now
        self._new_language = new_language
        self._media: dict[tuple[AnyChart, str], str] = {}
        """The media ids of the charts stored last, by chart and locale."""

    async def post(self, to: Address, card: Card, locale: str) -> str:
        """Post a notice. Raises the delivery errors; with all but Unclear nothing was posted."""

        async def send(key: str, param: dict[str, str]) -> str:
            if to.kind == "person":
                return await self._api.send_to_person(to.id, key, param)
            return await self._api.send_to_group(to.id, key, param)

        # The pictures are stored first: once the text is out, a failure must not repeat it.
        pictures, unpictured = await self._pictures(card.every_chart, locale)
        owner, group = (to.id, "") if to.kind == "person" else (ANYONE, to.id)
        text = await self._markdown(owner, card, locale, unpictured, pictures, group=group)
        try:
            return await self._send_text(send, notification(card), text)
        except Refused as error:
            if not pictures or isinstance(error, AddressRefused | Suspended):
                raise
            log.warning("dingtalk.message_refused_with_pictures", reason=str(error))
        for chart in pictures:
            self._media.pop((chart, locale), None)
        text = await self._markdown(owner, card, locale, card.every_chart, NO_PICTURES, group=group)
        return await self._send_text(send, notification(card), text)

    async def show(
        self,
        seat: AnswerAddress,
        card: Card,
        locale: str,
        *,
        first: str = "",
        last: str = "",
        pictured: bool = True,
    ) -> None:
        """Answer with a card that only the asker sees, between the texts ``first`` and ``last``.

        Sends one message, since each one counts. Raises the delivery errors.
        """
        pictures: Mapping[AnyChart, str] = NO_PICTURES
        unpictured: Collection[AnyChart] = ()
        if pictured:
            pictures, unpictured = await self._pictures(card.every_chart, locale, wait=False)
        text = await self._markdown(seat.person, card, locale, unpictured, pictures)
        await self.say(seat, joined(first, text, last), notification(card))

    async def show_pictures(self, seat: AnswerAddress, card: Card, locale: str) -> None:
        """Answer with the pictures of a card's charts in one message, in words what is not drawn.

        Raises the delivery errors.
        """
        pictures, _ = await self._pictures(card.every_chart, locale, wait=False)
        shown = [
            joined(f"#### {inline(chart.title)}", picture(chart, pictures[chart]))
            if pictures.get(chart)
            else chart_markdown(chart)
            if isinstance(chart, DrawnChart)
            else f"> {inline(chart.alt)}"
            for chart in card.every_chart
        ]
        await self.say(seat, joined(*shown), notification(card))

    async def say(self, seat: AnswerAddress, text: str, title: str) -> None:
        """Answer the asker in private. Raises the delivery errors."""
        for part in _parts(title, text):
            if not await self._by_webhook(seat, title, part):
                await _patiently(
                    self._to(seat.person), "sampleMarkdown", {"title": title, "text": part}
                )

    async def say_here(self, seat: AnswerAddress, text: str) -> None:
        """Post one line where the person wrote, visible to all. Raises the delivery errors."""
        if await self._fresh_webhook(seat, text, text):
            return
        if not seat.conversation.private:
            await self._api.send_to_group(seat.conversation.id, "sampleText", {"content": text})

    async def hand_over(self, seat: AnswerAddress, attachment: Attachment) -> None:
        """Send the asker a file in private, zipped if DingTalk does not accept its type.

        Raises the delivery errors.
        """
        name, content = sendable(attachment)
        media = await self._api.upload_file(name, content)
        await self.say(seat, escape(attachment.about), attachment.name)
        kind = name.rpartition(".")[2].lower()
        param = {"mediaId": media, "fileName": name, "fileType": kind}
        await _patiently(self._to(seat.person), "sampleFile", param)

    def _to(self, person: str) -> _Send:
        async def send(key: str, param: dict[str, str]) -> str:
            return await self._api.send_to_person(person, key, param)

        return send

    async def _by_webhook(self, seat: AnswerAddress, title: str, text: str) -> bool:
        """Answer by webhook, only in a 1:1 conversation: in a group everybody would read it."""
        return seat.conversation.private and await self._fresh_webhook(seat, title, text)

    async def _fresh_webhook(self, seat: AnswerAddress, title: str, text: str) -> bool:
        until = (self._now() + _WEBHOOK_MARGIN).timestamp() * 1000
        if not seat.webhook or seat.webhook_until <= until:
            return False
        try:
            return await self._api.answer_by_webhook(seat.webhook, title, text)
        except Unavailable:
            return False

    async def _markdown(
        self,
        owner: str,
        card: Card,
        locale: str,
        unpictured: Collection[AnyChart],
        pictures: Mapping[AnyChart, str],
        *,
        group: str = "",
    ) -> str:
        words = await self._links.offer(owner, card_buttons(card), _lead_in(card), group=group)
        language = self._new_language(locale)
        return card_markdown(card, words, language, unpictured=unpictured, pictures=pictures)

    async def _pictures(
        self, charts: Collection[AnyChart], locale: str, *, wait: bool = True
    ) -> tuple[dict[AnyChart, str], list[AnyChart]]:
        """The media ids of the charts' pictures, and the charts that have none.

        Raises Throttled, which passes soon, unless it need not ``wait``.
        """
        stored: dict[AnyChart, str] = {}
        for chart in charts:
            try:
                stored[chart] = await self._stored(chart, locale)
            except Throttled as error:
                if wait:
                    raise
                log.warning("dingtalk.chart_left_out", reason=str(error))
                stored[chart] = ""
        drawn = {chart: media for chart, media in stored.items() if media}
        return drawn, [chart for chart in charts if chart not in drawn]

    async def _stored(self, chart: AnyChart, locale: str) -> str:
        """Store the picture of a chart; returns its media id, empty if that fails.

        DingTalk keeps what is stored, so that a chart which is sent to several conversations, or
        asked for again, costs one call. Raises Throttled, which passes soon.
        """
        known = self._media.get((chart, locale))
        if known:
            return known
        try:
            png = await asyncio.to_thread(self._draw, chart, locale)
            picture = await self._api.upload_image(png) if png else ""
        except Throttled:
            raise
        except Exception as error:  # whatever fails, the figures are delivered in words
            log.warning("dingtalk.chart_left_out", exc_info=error)
            return ""
        if picture:
            self._media[chart, locale] = picture
            while len(self._media) > _PICTURES_KNOWN:
                del self._media[next(iter(self._media))]
        return picture

    async def _send_text(self, send: _Send, title: str, text: str) -> str:
        first, *rest = _parts(title, text)
        ref = await send("sampleMarkdown", {"title": title, "text": first})
        try:
            for part in rest:
                await _patiently(send, "sampleMarkdown", {"title": title, "text": part})
        except DeliveryError as error:
            raise Unclear("only the first part of a long message is out") from error
        return ref


def _lead_in(card: Card) -> str:
    """The text in which a card names its only lead; "" for a card about several or none, whose
    buttons are not about the lead that it happens to mention."""
    if card.subject and not card.subject.startswith("lead:"):
        return ""
    text = " ".join([card.title, *(fact.value for fact in card.facts)])
    return text if len(set(lead_numbers(text))) == 1 else ""


def sendable(attachment: Attachment) -> tuple[str, bytes]:
    """Name and content in a form that DingTalk accepts."""
    stem, _, kind = attachment.name.rpartition(".")
    if kind.lower() in FILE_KINDS:
        return attachment.name, attachment.content
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(attachment.name, attachment.content)
    return f"{stem or attachment.name}.zip", packed.getvalue()


def _parts(title: str, text: str) -> list[str]:
    def fits(part: str) -> bool:
        return len(message_param({"title": title, "text": part}).encode()) <= MESSAGE_BYTES

    return split(text, fits) or [title]


async def _patiently(send: _Send, key: str, param: dict[str, str]) -> str:
    """Send, waiting briefly if DingTalk asks for it."""
    for _ in range(_TRIES - 1):
        try:
            return await send(key, param)
        except Throttled as error:
            await asyncio.sleep(min(error.retry_after, _LONGEST_WAIT))
        except Unavailable:
            await asyncio.sleep(1.0)
    return await send(key, param)
