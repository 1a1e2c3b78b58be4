"""Quotes: what a message to the robot carries of the message it answers."""

from typing import Any

import pytest

from bot.platforms.dingtalk.requests import read_message


def quoted(text: Any) -> str | None:
    payload = {"msgId": "m", "senderId": "s", "conversationType": "1", "msgtype": "text"}
    return read_message(payload | {"text": text}).quoted


class TestQuoted:
    @pytest.mark.parametrize(
        ("replied", "words"),
        [
            ({"content": {"text": " 你好 "}}, "你好"),
            ({"content": "你好"}, "你好"),
            (
                {
                    "content": {
                        "richText": [
                            {"msgType": "text", "content": "你"},
                            {"type": "picture", "downloadCode": "x"},
                            {"text": "好"},
                        ]
                    }
                },
                "你好",
            ),
            ({"msgType": "file", "content": {"fileName": "a.pdf"}}, ""),
            ({"content": None}, ""),
            ({"content": {"richText": "x"}}, ""),
            ({"content": {"richText": [None, 7, "x"]}}, ""),
            ({}, ""),
        ],
    )
    def test_is_read_in_every_shape(self, replied: dict[str, Any], words: str) -> None:
        assert quoted({"content": "录线索", "isReplyMsg": True, "repliedMsg": replied}) == words

    @pytest.mark.parametrize("replied", ["x", 7, [], None])
    def test_what_is_no_message_says_nothing(self, replied: object) -> None:
        text = {"content": "录线索", "isReplyMsg": True, "repliedMsg": replied}
        assert quoted(text) == ""

    def test_who_answers_none_quotes_none(self) -> None:
        assert quoted({"content": "录线索"}) is None
