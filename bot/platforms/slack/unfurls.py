"""Previews of our own links that people post in Slack.

Everybody in the conversation reads a preview, so it says what a link is and how to open it, and
nothing of the record behind it. Shapes: docs.slack.dev/reference/events/link_shared and
…/methods/chat.unfurl.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms import DeliveryError
from bot.platforms.slack.client import sent
from bot.platforms.slack.markup import Block, plain
from handlers.core.language import Language
from sales.leads import parse_lead_number

log = structlog.get_logger(__name__)
EVENT: Final = "link_shared"
SCOPES: Final = ("links:read", "links:write")
"""Only an app whose manifest names our web address has them."""
_MOST: Final = 5
"""Links of one message that are previewed."""
_PROPOSAL = re.compile(r"/p/[A-Za-z0-9_-]{8,200}/?")


def previews(
    links: Sequence[Any], addresses: Sequence[str], language: Language
) -> dict[str, dict[str, list[Block]]]:
    """The preview of each link that is ours and known, by its address as Slack told it."""
    found: dict[str, dict[str, list[Block]]] = {}
    for link in links[:_MOST]:
        url = link.get("url") if isinstance(link, Mapping) else None
        if isinstance(url, str) and (words := _words(url, addresses, language)):
            title, text = words
            found[url] = {
                "blocks": [
                    {"type": "header", "text": plain(title, 150)},
                    {"type": "section", "text": plain(text, 3000)},
                ]
            }
    return found


def _words(url: str, addresses: Sequence[str], language: Language) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        ours = any(_same_place(parts.netloc, parts.scheme, address) for address in addresses)
    except ValueError:
        return None
    if not ours:
        return None
    if _PROPOSAL.fullmatch(parts.path):
        return language.text("unfurl.proposal"), language.text("unfurl.proposal_about")
    number = parse_lead_number(parts.fragment)
    if number is None:
        return None
    lead = parts.fragment.upper()
    return language.text("unfurl.lead", lead=lead), language.text("unfurl.lead_about", lead=lead)


def _same_place(netloc: str, scheme: str, address: str) -> bool:
    known = urlsplit(address)
    return bool(known.netloc) and (scheme, netloc.lower()) == (known.scheme, known.netloc.lower())


async def unfurl(
    client: AsyncWebClient, event: Mapping[str, Any], addresses: Sequence[str], language: Language
) -> None:
    """Show the previews of a message's links; a failure is logged, since nobody waits for them."""
    links = event.get("links")
    shown = previews(links if isinstance(links, list) else (), addresses, language)
    place: dict[str, Any] = {
        key: str(event[key]) for key in ("unfurl_id", "source") if event.get(key)
    }
    if len(place) < 2:
        place = {"channel": str(event.get("channel")), "ts": str(event.get("message_ts"))}
    if not shown:
        return
    try:
        await sent(client.chat_unfurl(**place, unfurls=shown))
    except DeliveryError as error:
        log.info("slack.not_unfurled", reason=str(error))
