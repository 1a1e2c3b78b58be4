"""Who is in a channel of Slack's, bots aside."""

from collections.abc import Collection
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError, Refused, Throttled
from bot.platforms.slack.calls import sent
from bot.platforms.slack.people import People, Workspace
from sales.channel_privacy import Readers, Told

log = structlog.get_logger(__name__)
_PAGE: Final = 200
_MOST_PAGES: Final = 100
_MOST_LOOKED_UP: Final = 40
"""So many that are nobody we know are looked up, whether they are bots; more count as people."""


class Members:
    """``problem``: Slack's word for why the last look failed, empty when it did not."""

    def __init__(self, client: AsyncWebClient, people: People) -> None:
        self._client = client
        self._people = people
        self.problem = ""

    async def readers(self, channel: str, known: Collection[str], workspace: Workspace) -> Readers:
        """Raises nothing: a look that failed says so."""
        try:
            members = await self._members(channel)
        except DeliveryError as error:
            self.problem = _word(error)
            log.warning("slack.members_unknown", reason=self.problem)
            return Readers(Told.FAILED)
        self.problem = ""
        members -= {workspace.bot_user}
        for user in sorted(members - set(known))[:_MOST_LOOKED_UP]:
            if await self._people.is_bot(user, workspace):
                members.discard(user)
        return Readers(Told.ALL, frozenset(members))

    async def _members(self, channel: str) -> set[str]:
        found: set[str] = set()
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = await sent(
                self._client.conversations_members(
                    channel=channel, limit=_PAGE, cursor=cursor or None
                )
            )
            found.update(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found
        raise Refused("too_many_members")


def _word(error: DeliveryError) -> str:
    match error:
        case Refused():
            return f"{error.code}: {error.detail}" if error.detail else error.code
        case Throttled():
            return "ratelimited"
        case _:
            return str(error)
