"""Sends texts and cards to DingTalk conversations: by which route, in how many parts, with a
picture.

Answers go through the short-lived webhook where they can, notices through the OpenAPI. Knows
nothing of requests and forms.
"""

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from bot.platforms import Address, DeliveryError, DrawChart, Throttled, Unavailable, Unclear
from bot.platforms.dingtalk.client import FILE_KINDS, MESSAGE_BYTES, OpenApi, message_param
from bot.platforms.dingtalk.links import ANYONE, Links
from bot.platforms.dingtalk.markup import escape, split
from bot.platforms.dingtalk.render import (
    card_buttons,
    card_markdown,
    chart_markdown,
    notification,
)
from bot.platforms.dingtalk.requests import AnswerAddress
from handlers.core.language import Language
from handlers.core.ui import AnyChart, Attachment, Card, DrawnChart

log = structlog.get_logger(__name__)

_Send: TypeAlias = Callable[[str, dict[str, str]], Awaitable[str]]
"""Send one message of a template key with its parameters; returns its reference."""

_TRIES = 3
_LONGEST_WAIT = 5.0
_PICTURES_WITHIN = 15.0
"""Seconds, well below the time after which a message counts as perhaps not sent."""
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
        pictures = [(chart, await self._stored(chart, locale)) for chart in card.every_chart]
        unpictured = [chart for chart, picture in pictures if not picture]
        owner = to.id if to.kind == "person" else ANYONE
        text = await self._markdown(owner, card, locale, unpictured)
        ref = await self._send_text(send, notification(card), text)
        try:
            async with asyncio.timeout(_PICTURES_WITHIN):
                for chart, picture in pictures:
                    if picture:
                        await self._send_picture(send, chart, picture)
        except TimeoutError:
            log.warning("dingtalk.pictures_took_too_long")
        return ref

    async def show(self, seat: AnswerAddress, card: Card, locale: str, *, first: str = "") -> None:
        """Answer with a card that only the asker sees, after the line ``first``.

        Sends one message, since each one counts. Raises the delivery errors.
        """
        text = await self._markdown(seat.person, card, locale)
        await self.say(
            seat, "\n\n".join(part for part in (first, text) if part), notification(card)
        )
        for chart in card.every_chart:
            try:
                picture = await self._stored(chart, locale)
            except Throttled as error:
                log.warning("dingtalk.chart_left_out", reason=str(error))
                picture = ""
            await self._send_picture(self._to(seat.person), chart, picture)

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
        self, owner: str, card: Card, locale: str, unpictured: Collection[AnyChart] = ()
    ) -> str:
        facts = " ".join([card.title, *(fact.value for fact in card.facts)])
        words = await self._links.offer(owner, card_buttons(card), facts)
        language = self._new_language(locale)
        return card_markdown(card, words, language, unpictured=unpictured)

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

    async def _send_picture(self, send: _Send, chart: AnyChart, picture: str) -> None:
        """Send the picture of a chart, or its figures in words. The text is out, so that a failure
        must not repeat it."""
        try:
            if picture:
                await _patiently(send, "sampleImageMsg", {"photoURL": picture})
                return
        except DeliveryError as error:
            log.warning("dingtalk.picture_not_sent", reason=str(error))
        if not isinstance(chart, DrawnChart):
            return
        try:
            words = {"title": chart.title, "text": chart_markdown(chart)}
            await _patiently(send, "sampleMarkdown", words)
        except DeliveryError as error:
            log.warning("dingtalk.chart_not_sent", reason=str(error))


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
