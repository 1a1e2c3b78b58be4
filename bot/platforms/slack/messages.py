"""Posts and redraws cards in Slack. Decides how a card can be drawn; knows no requests."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError, DrawChart, Unclear
from bot.platforms.slack.client import respond, sent
from bot.platforms.slack.errors import BlocksRefused
from bot.platforms.slack.pictures import Pictures
from bot.platforms.slack.render import (
    CHART_BLOCK,
    IMAGE_BLOCK,
    NO_FILES,
    Drawing,
    drafts,
    in_words,
    undrawn,
)
from bot.platforms.slack.tables import TABLE_BLOCK
from handlers.core.language import Language
from handlers.core.ui import Card

log = structlog.get_logger(__name__)
_ASK_AGAIN = 24 * 3600.0
_PICTURES_WITHIN = 15.0
"""Seconds, well below the time after which a message counts as perhaps not sent."""
T = TypeVar("T")


def _metadata(subject: str) -> dict[str, Any] | None:
    """What other apps and workflows can read of a card: which record it shows, and nothing of it.

    https://docs.slack.dev/messaging/message-metadata: event types hold no periods.
    """
    kind, _, number = subject.partition(":")
    if not (kind and number):
        return None
    return {"event_type": "genjin_card", "event_payload": {"kind": kind, "id": number}}


class SlackMessages:
    """Messages of one workspace. Every method raises the delivery errors."""

    def __init__(
        self, client: AsyncWebClient, draw: DrawChart | None, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._pictures = Pictures(client, draw, clock)
        self._clock = clock
        self._refused_at: dict[str, float] = {}
        """When the workspace last refused each of Slack's newest blocks, by its type."""

    async def post(
        self,
        channel: str,
        card: Card,
        language: Language,
        *,
        thread: str = "",
        aloud: bool = False,
    ) -> tuple[str, str]:
        """Post a card; returns the channel it went to and its time stamp.

        ``aloud``: a message in a thread is shown in the conversation, too. ``channel`` may be a
        user's id: Slack then posts to the 1:1 with the bot. A chart that Slack does not draw itself
        is a picture within the card, or follows as one in its thread.
        """

        async def send(drawing: Drawing) -> Mapping[str, Any]:
            return await self._say(channel, drawing, thread, aloud=aloud, about=card.subject)

        files = await self._files_of(card, language)
        answer, drawing = await self._drawn(card, language, send, files=files, pictured=True)
        where, stamp = str(answer["channel"]), str(answer["ts"])
        await self._follow(where, thread or stamp, drawing, language)
        return where, stamp

    async def edit(self, channel: str, stamp: str, card: Card, language: Language) -> None:
        """Redraw a posted card."""

        async def send(drawing: Drawing) -> None:
            await sent(
                self._client.chat_update(
                    channel=channel,
                    ts=stamp,
                    text=drawing.text,
                    blocks=drawing.blocks,
                    metadata=_metadata(card.subject),
                )
            )

        await self._drawn(card, language, send, files=await self._files_of(card, language))

    async def say(self, channel: str, drawing: Drawing, *, thread: str = "") -> None:
        """Post one line."""
        await self._say(channel, drawing, thread)

    async def whisper(
        self, channel: str, user: str, card: Card | Drawing, language: Language, *, thread: str
    ) -> None:
        """Post a message that only ``user`` sees, in a conversation the bot is in."""

        async def send(drawing: Drawing) -> None:
            await sent(
                self._client.chat_postEphemeral(
                    channel=channel,
                    user=user,
                    text=drawing.text,
                    blocks=drawing.blocks,
                    thread_ts=thread or None,
                )
            )

        await self._drawn(card, language, send)

    async def respond(
        self, url: str, card: Card | Drawing, language: Language, *, replace: bool = False
    ) -> None:
        """Answer through a ``response_url``, which works where the bot is no member."""

        async def send(drawing: Drawing) -> None:
            body = {
                "response_type": "ephemeral",
                "replace_original": replace,
                "text": drawing.text,
                "blocks": list(drawing.blocks),
                "unfurl_links": False,
                "unfurl_media": False,
            }
            await respond(self._client, url, body)

        await self._drawn(card, language, send)

    async def _say(
        self, channel: str, drawing: Drawing, thread: str, *, aloud: bool = False, about: str = ""
    ) -> Mapping[str, Any]:
        answer = await sent(
            self._client.chat_postMessage(
                channel=channel,
                text=drawing.text,
                blocks=drawing.blocks,
                thread_ts=thread or None,
                reply_broadcast=(thread and aloud) or None,
                unfurl_links=False,
                unfurl_media=False,
                metadata=_metadata(about),
            )
        )
        if not answer.get("channel") or not answer.get("ts"):
            raise Unclear("no reference")
        return {"channel": answer["channel"], "ts": answer["ts"]}

    async def _drawn(
        self,
        card: Card | Drawing,
        language: Language,
        send: Callable[[Drawing], Awaitable[T]],
        *,
        files: Mapping[int, str] = NO_FILES,
        pictured: bool = False,
    ) -> tuple[T, Drawing]:
        """Send the best drawing that Slack accepts; ``invalid_blocks`` posts nothing. ``files`` are
        the pictures that it can hold. ``pictured``: those that it does not hold follow, as they
        cannot follow a redrawn card or one that only one person sees.

        A block that turns out to be the reason is left out for a day, so that a workspace without
        it is not asked each time.
        """
        if isinstance(card, Drawing):
            return await send(card), card
        charts, tables = self._is_taken(CHART_BLOCK), self._is_taken(TABLE_BLOCK)
        *better, last = drafts(
            card, language, charts=charts, tables=tables, files=files, pictured=pictured
        )
        refused: Drawing | None = None
        for drawing in better:
            try:
                answer = await send(drawing)
            except BlocksRefused as error:
                log.info("slack.blocks_refused", reason=str(error))
                refused = drawing
            else:
                self._learn(refused, drawing)
                return answer, drawing
        answer = await send(last)
        self._learn(refused, last)
        return answer, last

    async def _files_of(self, card: Card, language: Language) -> Mapping[int, str]:
        """Slack's files of the charts that it does not draw itself, as far as they are ready."""
        if not card.every_chart or not self._is_taken(IMAGE_BLOCK):
            return NO_FILES
        charts = undrawn(card) if self._is_taken(CHART_BLOCK) else card.every_chart
        return await self._pictures.files_of(charts, language)

    def _learn(self, refused: Drawing | None, accepted: Drawing) -> None:
        """Remember the block that an accepted drawing lacks beside the one refused before it."""
        if refused is not None:
            missing = refused.kinds - accepted.kinds
            for kind in missing:
                self._refused_at[kind] = self._clock()
            if IMAGE_BLOCK in missing:
                self._pictures.forget()

    def _is_taken(self, kind: str) -> bool:
        """Whether the workspace accepts the block, as far as is known."""
        refused = self._refused_at.get(kind)
        return refused is None or self._clock() - refused > _ASK_AGAIN

    async def _follow(
        self, channel: str, thread: str, drawing: Drawing, language: Language
    ) -> None:
        """Post the charts that Slack does not draw, as pictures or else in words.

        The card is already there: no failure and no wait is a reason to deliver it again.
        """
        try:
            async with asyncio.timeout(_PICTURES_WITHIN):
                for chart in drawing.pictures:
                    words = in_words(chart)
                    posted = await self._pictures.post(channel, thread, chart, language)
                    if not posted and words:
                        await self._say(channel, words, thread)
        except TimeoutError:
            log.warning("slack.pictures_took_too_long")
        except DeliveryError as error:
            log.warning("slack.chart_not_posted", reason=str(error))
