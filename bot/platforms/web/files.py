"""Files for one persona: stored encrypted for an hour under an address that nobody can guess."""

import base64
import secrets
from datetime import timedelta
from typing import Final

from bot.platforms import Memory
from handlers.core.ui import Attachment

KEPT: Final = timedelta(hours=1)


class ChatFiles:
    """Stores files for ``GET /api/files/{token}``."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def keep(self, attachment: Attachment, persona: str) -> str:
        """Store a file and return its token.

        With it ``find`` returns the file to the same persona until it expires.
        """
        token = secrets.token_urlsafe(24)
        row = {
            "persona": persona,
            "name": attachment.name,
            "content": base64.b64encode(attachment.content).decode(),
            "about": attachment.about,
        }
        await self._memory.put(_key(token), row, keep=KEPT)
        return token

    async def find(self, token: str, persona: str) -> Attachment | None:
        """The file; None if it belongs to another persona or has expired."""
        row = await self._memory.get(_key(token[:64]))
        if row is None or row["persona"] != persona:
            return None
        return Attachment(row["name"], base64.b64decode(row["content"]), row["about"])


def _key(token: str) -> str:
    return f"web:file:{token}"
