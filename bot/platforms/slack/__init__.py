"""Slack: the only package that knows slack_bolt and slack_sdk."""

from bot.platforms.slack.adapter import SlackPlatform
from bot.platforms.slack.config import Patience, SlackConfig

__all__ = ["Patience", "SlackConfig", "SlackPlatform"]
