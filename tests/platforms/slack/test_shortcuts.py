"""The shortcut on a message, as Slack sends it and as somebody might forge it."""

from typing import Any

import pytest

from bot.platforms.slack.people import Workspace, read_profile
from bot.platforms.slack.requests import read
from tests.office import SHANGHAI

PAYLOAD: dict[str, Any] = {
    "type": "message_action",
    "callback_id": "lead.capture",
    "trigger_id": "1.2.3",
    "user": {"id": "U1", "name": "kay"},
    "channel": {"id": "C1", "name": "general"},
    "message": {
        "type": "message",
        "text": "call <tel:138|138> &amp; <mailto:a@b.example|a@b.example>",
    },
}


class TestShortcut:
    def test_brings_the_words_of_the_message(self) -> None:
        request = read(PAYLOAD, unique="1", timezone=SHANGHAI)
        assert request is not None
        assert (request.action, request.id) == ("lead.capture", "slack:trigger:1.2.3")
        assert request.text == "call 138 & a@b.example"

    @pytest.mark.parametrize("callback", ["people.save", "", None, "lead.create", 7])
    def test_no_other_action_can_be_had_by_it(self, callback: object) -> None:
        forged = PAYLOAD | {"callback_id": callback}
        assert read(forged, unique="1", timezone=SHANGHAI) is None

    @pytest.mark.parametrize("message", [None, {}, {"text": None}, {"text": 7}, {"text": {"a": 1}}])
    def test_a_message_without_words_is_none(self, message: object) -> None:
        request = read(PAYLOAD | {"message": message}, unique="1", timezone=SHANGHAI)
        assert request is not None
        assert len(request.text) < 20


def test_slack_vouches_for_the_address_in_theread_profile() -> None:
    user = {"id": "U1", "profile": {"real_name": "Kay", "email": "kay@sample.example"}}
    assert read_profile(user, Workspace()).email == "kay@sample.example"
