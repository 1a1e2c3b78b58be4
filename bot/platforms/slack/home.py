"""The app's Home tab: the person's day, drawn when they open it and after what they do there."""

from uuid import uuid4

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError
from bot.platforms.slack.cards import card
from bot.platforms.slack.client import sent
from bot.platforms.slack.requests import NAME, Surface
from handlers.core.commands import HOME_ACTION
from handlers.core.language import Language
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Card

log = structlog.get_logger(__name__)


class Home:
    """One workspace's Home tabs; each is one person's."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def show(self, user: str, reply: Reply, language: Language) -> None:
        """Draw what ``reply`` says; a tab that cannot be drawn stays as it was."""
        words = "\n".join((reply.toast, *reply.errors.values())).strip()
        shown = reply.card or Card(title=language.text("slack.home"), body=words)
        # Charts and tables are a message's; a view of Slack takes neither.
        blocks = card(shown, language, charts=False, tables=False).blocks
        view = {"type": "home", "blocks": list(blocks)}
        try:
            await sent(self._client.views_publish(user_id=user, view=view))
        except DeliveryError as error:
            log.warning("slack.home_not_drawn", reason=str(error))


def again(request: Request) -> Request:
    """What the person would ask for by opening the tab now."""
    user = request.surface.user
    surface = Surface("home", user, channel=user, direct=True, home=True)
    wish = f"{NAME}:home:{uuid4().hex}"
    return Request(wish, HOME_ACTION, request.sender, request.conversation, surface=surface)
