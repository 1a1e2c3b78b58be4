"""The local Slack must refuse what Slack refuses, or the other tests prove nothing."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.doubles.slack import LocalSlack, blocks

PLAIN = {"type": "plain_text", "text": "x"}


def told(**parts: Any) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x"} | parts


class TestBlockCheck:
    @pytest.mark.parametrize(
        "block",
        [
            {"type": "header", "text": told(text="x" * 151)},
            {"type": "header", "text": told(type="mrkdwn")},
            {"type": "section", "text": told(text="")},
            {"type": "section", "text": told(type="mrkdwn", text="<!channel>")},
            {"type": "section", "fields": [PLAIN] * 11},
            {"type": "actions", "elements": []},
            {
                "type": "actions",
                "elements": [{"type": "button", "action_id": "a", "text": told(text="x" * 76)}],
            },
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "a", "text": PLAIN},
                    {"type": "button", "action_id": "a", "text": PLAIN},
                ],
            },
            {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}], []]},
            {"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]},
            {"type": "input", "label": PLAIN, "element": {}},
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "broadcast", "range": "channel"}],
                    }
                ],
            },
        ],
    )
    def test_finds(self, block: dict[str, Any]) -> None:
        assert blocks.message("text", [block])

    def test_finds_a_long_title_in_a_view(self) -> None:
        view = {"type": "modal", "title": told(text="x" * 25), "blocks": [{"type": "divider"}]}
        assert blocks.view(view) == ["title: 25 over 24"]


class TestServer:
    async def test_a_trigger_works_once_and_for_three_seconds(self, slack: LocalSlack) -> None:
        client = AsyncWebClient(slack.bot_token, slack.api_url)
        view = {"type": "modal", "title": PLAIN, "blocks": [{"type": "divider"}]}
        fresh, old = slack.space.trigger("U1"), slack.space.trigger("U1")
        await client.views_open(trigger_id=fresh, view=view)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await client.views_open(trigger_id=fresh, view=view)
        slack.older = 3.1
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await client.views_open(trigger_id=old, view=view)

    async def test_a_stale_hash_is_refused(self, slack: LocalSlack) -> None:
        client = AsyncWebClient(slack.bot_token, slack.api_url)
        view = {"type": "modal", "title": PLAIN, "blocks": [{"type": "divider"}]}
        opened = await client.views_open(trigger_id=slack.space.trigger("U1"), view=view)
        shown = opened["view"]
        await client.views_update(view_id=shown["id"], hash=shown["hash"], view=view)
        with pytest.raises(SlackApiError, match="hash_conflict"):
            await client.views_update(view_id=shown["id"], hash=shown["hash"], view=view)

    async def test_a_refused_payload_is_written_down(self, slack: LocalSlack) -> None:
        client = AsyncWebClient(slack.bot_token, slack.api_url)
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await client.chat_postMessage(channel="C1", text="x", blocks=[{"type": "divider"}] * 51)
        assert slack.violations
        slack.violations.clear()
