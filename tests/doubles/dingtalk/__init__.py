"""A DingTalk on 127.0.0.1: the gateway, the stream, the APIs, and what people see in their chats."""

from tests.doubles.dingtalk.server import DingTalkServer

__all__ = ["DingTalkServer"]
