"""Slack: the only package that knows slack_bolt and slack_sdk."""

from bot.platforms.slack.adapter import SlackPlatform
from bot.platforms.slack.config import Pace, SlackConfig

__all__ = ["Pace", "SlackConfig", "SlackPlatform"]
