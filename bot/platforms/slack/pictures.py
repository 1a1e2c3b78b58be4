"""Pictures of charts that Slack does not draw itself: within the card, or else below it.

An image block shows a file that was uploaded before (``slack_file``). Slack processes uploads in
the background and refuses a block whose file is not ready; ``highlight_type`` says in advance that
it is a picture, and ``files.info`` tells its ``mimetype`` once it is. See
docs.slack.dev/reference/block-kit/composition-objects/slack-file-object.
"""

import asyncio
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError, DrawChart
from bot.platforms.slack.client import sent
from handlers.core.language import Language
from handlers.core.ui import AnyChart

log = structlog.get_logger(__name__)
_READY_WITHIN = 5.0
"""Seconds in which the pictures of one card have to be ready; later they follow below it."""
_PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 1.6)
"""Seconds between two looks at whether a file is ready."""
_ASK_AGAIN = 3600.0
_MOST: Final = 200
"""Uploaded pictures remembered, for cards that are redrawn with the same figures."""


class Pictures:
    """The pictures of one workspace. Nothing here raises: a card is shown without them, too."""

    def __init__(
        self, client: AsyncWebClient, draw: DrawChart | None, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._draw = draw
        self._clock = clock
        self._failed_at: float | None = None
        self._files: dict[str, str] = {}

    async def files_of(self, charts: Iterable[AnyChart], language: Language) -> dict[int, str]:
        """Slack's files of the charts' pictures, by the chart's ``id``; without those that are not
        ready in time."""
        found: dict[int, str] = {}
        if self._draw is None or not self._may_try():
            return found
        try:
            async with asyncio.timeout(_READY_WITHIN):
                for chart in charts:
                    if file := await self._file_of(chart, language):
                        found[id(chart)] = file
        except TimeoutError:
            log.warning("slack.pictures_not_ready")
            self._failed_at = self._clock()
        return found

    async def post(self, channel: str, thread: str, chart: AnyChart, language: Language) -> bool:
        """Post a chart as a picture of its own; returns whether it was posted."""
        place = {"channel": channel, "thread_ts": thread}
        return bool(await self._upload(chart, language, place))

    def forget(self) -> None:
        """Upload anew what was refused: files can be deleted."""
        self._files.clear()

    def _may_try(self) -> bool:
        return self._failed_at is None or self._clock() - self._failed_at > _ASK_AGAIN

    async def _file_of(self, chart: AnyChart, language: Language) -> str:
        key = sha256(f"{language.locale} {chart!r}".encode()).hexdigest()
        if key in self._files:
            return self._files[key]
        file = await self._upload(chart, language, {})
        if file == "":
            return ""
        if file is None or not await self._is_ready(file):
            self._failed_at = self._clock()
            return ""
        if len(self._files) >= _MOST:
            del self._files[next(iter(self._files))]
        self._files[key] = file
        return file

    async def _upload(
        self, chart: AnyChart, language: Language, place: dict[str, Any]
    ) -> str | None:
        """The id of the uploaded file, shared at ``place`` or nowhere; "" where there is no picture
        of the chart, None if the upload failed."""
        if self._draw is None:
            return ""
        try:
            image = await asyncio.to_thread(self._draw, chart, language.locale)
            if image is None:
                return ""
            answer = await sent(
                self._client.files_upload_v2(
                    content=image,
                    filename="chart.png",
                    title=chart.title,
                    alt_txt=chart.alt[:1000],
                    highlight_type="png",
                    **place,
                )
            )
            return str((answer.get("file") or {}).get("id") or "")
        except DeliveryError as error:
            log.warning("slack.picture_failed", reason=str(error))
        except Exception:  # whatever drawing does, the card is delivered
            log.exception("slack.picture_not_drawn")
        return None

    async def _is_ready(self, file: str) -> bool:
        """Whether Slack has processed an upload, waiting a little for it."""
        for pause in (*_PAUSES, 0.0):
            try:
                answer = await sent(self._client.files_info(file=file))
            except DeliveryError as error:
                log.info("slack.picture_not_ready", reason=str(error))
                return False
            if (answer.get("file") or {}).get("mimetype"):
                return True
            await asyncio.sleep(pause)
        return False
