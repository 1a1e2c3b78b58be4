"""DingTalk: messages and cards over its Stream, answers over its OpenAPI."""

from bot.platforms.dingtalk.adapter import DingTalkPlatform
from bot.platforms.dingtalk.config import DingTalkConfig

__all__ = ["DingTalkConfig", "DingTalkPlatform"]
