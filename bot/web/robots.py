"""Who asks for a page without a person behind: previews of chats, scanners of mail, crawlers.

What they say of themselves is only the second line; the first is that a page counts nothing
until somebody acts at it. Clients of people name chats, too (``MicroMessenger``, ``DingTalk``),
so a chat's name alone says nothing.
"""

import re

from starlette.datastructures import Headers

_NAMES = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|headless|phantom|puppeteer|playwright|selenium|lighthouse"
    r"|facebookexternalhit|embedly|linkexpanding|slack-imgproxy|whatsapp/|skypeuri|iframely|vkshare"
    r"|scan|safelinks|proofpoint|mimecast|barracuda|forcepoint|urlcheck|urldefense|fetch|monitor"
    r"|curl|wget|python|httpx|aiohttp|java/|okhttp|go-http|node|axios|libwww|perl|ruby|php|http_client",
    re.IGNORECASE,
)
_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def is_robot(headers: Headers) -> bool:
    """Whether the request says that no person reads: by its client's name, or because it is
    loaded ahead of anybody's wish."""
    agent = headers.get("user-agent", "")
    ahead = any("pre" in headers.get(name, "").lower() for name in _AHEAD)
    return ahead or not agent.strip() or _NAMES.search(agent) is not None


def is_from_elsewhere(headers: Headers, host: str) -> bool:
    """Whether a browser says that another site asks. Our own pages tell no referrer, for which
    some browsers name no origin either."""
    site = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin", "null")
    return site != "same-origin" or (origin != "null" and origin.partition("://")[2] != host)
