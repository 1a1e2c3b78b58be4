"""The local web chat: the demo, the first impression, and a platform like the others."""

from bot.platforms.web.adapter import WebPlatform
from bot.platforms.web.people import Channel, Persona

__all__ = ["Channel", "Persona", "WebPlatform"]
