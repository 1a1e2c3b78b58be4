"""Files to and from Slack: downloaded with the bot's own token, sent in the 1:1."""

from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError
from bot.platforms.slack.client import sent
from handlers.core.requests import LARGEST_UPLOAD, Upload
from handlers.core.ui import Attachment

log = structlog.get_logger(__name__)
_CHUNK = 64 * 1024


class SlackFiles:
    """The files of one workspace."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def fetch(self, file_id: str) -> Upload:
        """The file with its content; one that cannot be read says why, and nothing is raised."""
        try:
            file = (await sent(self._client.files_info(file=file_id)))["file"]
            name = str(file.get("name") or "file")
            if int(file.get("size") or 0) > LARGEST_UPLOAD:
                return Upload(name, problem="too_large")
            return await self._read(name, str(file["url_private_download"]))
        except (DeliveryError, aiohttp.ClientError, TimeoutError, KeyError) as error:
            log.warning("slack.file_unreadable", reason=type(error).__name__)
            return Upload("file", problem="unavailable")

    async def hand_over(self, attachment: Attachment, user: str) -> None:
        """Upload a file to the person's 1:1 with the bot. Raises the delivery errors."""
        opened = await sent(self._client.conversations_open(users=user))
        await sent(
            self._client.files_upload_v2(
                content=attachment.content,
                filename=attachment.name,
                title=attachment.name,
                initial_comment=attachment.about,
                channel=opened["channel"]["id"],
            )
        )

    async def _read(self, name: str, url: str) -> Upload:
        session = self._client.session
        if session is None or not self._is_slacks(url):
            log.warning("slack.file_elsewhere")
            return Upload(name, problem="unavailable")
        headers = {"Authorization": f"Bearer {self._client.token}"}
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            # Slack responds with its sign-in page if the scope files:read is missing.
            if response.status != 200 or response.content_type == "text/html":
                return Upload(name, problem="unavailable")
            content = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                content += chunk
                if len(content) > LARGEST_UPLOAD:
                    return Upload(name, problem="too_large")
        return Upload(name, bytes(content))

    def _is_slacks(self, url: str) -> bool:
        """Whether an address is Slack's: the token goes nowhere else."""
        asked, ours = urlsplit(url), urlsplit(self._client.base_url)
        slacks = asked.scheme == "https" and (asked.hostname or "").endswith(".slack.com")
        return slacks or (asked.scheme, asked.netloc) == (ours.scheme, ours.netloc)
