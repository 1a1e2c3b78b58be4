"""A DingTalk on 127.0.0.1: gateway, stream, APIs, and what people see in their chats."""

from tests.doubles.dingtalk.server import DingTalkServer

__all__ = ["DingTalkServer"]
