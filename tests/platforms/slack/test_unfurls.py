"""Previews of our links: what everybody in a channel may read, and for our own links alone."""

import json
from datetime import UTC
from typing import Any

import pytest
import yaml

from bot.platforms.slack import manifest
from bot.platforms.slack.unfurls import previews
from handlers.core.language import Language
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.slack.conftest import Start, well

OURS = "https://genjin.example.com"
PROPOSAL = f"{OURS}/p/abcDEF123_-abcDEF"
EN = Language("en", UTC)


def shown(*urls: Any) -> dict[str, Any]:
    links = [{"domain": "x", "url": url} for url in urls]
    return previews(links, (OURS,), EN)


class TestPreviews:
    def test_name_no_customer(self) -> None:
        found = shown(PROPOSAL, f"{OURS}/#lx7")
        [proposal, lead] = [json.dumps(one) for one in found.values()]
        assert "customer's proposal" in proposal
        assert "/lead LX7" in lead

    @pytest.mark.parametrize(
        "url",
        [
            "https://other.example/p/abcDEF123_-abcDEF",
            f"https://genjin.example.com.evil.example/p/{'a' * 20}",
            "http://genjin.example.com/p/abcDEF123_-abcDEF",
            f"{OURS}/health",
            f"{OURS}/p/",
            "https://[",
            7,
            None,
        ],
    )
    def test_are_of_no_other_link(self, url: Any) -> None:
        assert shown(url) == {}


class TestUnfurl:
    @pytest.mark.parametrize("fault", [None, Fault("missing_scope")])
    async def test_a_posted_link_is_previewed_once(
        self, start: Start, slack: LocalSlack, robin: SlackUser, fault: Fault | None
    ) -> None:
        platform = await start(addresses=(OURS,))
        await well(platform)
        if fault:
            slack.fault("chat.unfurl", fault)
        event = {
            "type": "link_shared",
            "channel": "C1",
            "is_bot_user_member": True,
            "user": "U1",
            "message_ts": "1.1",
            "unfurl_id": "C1.1.abc",
            "source": "conversations_history",
            "links": [{"domain": "genjin.example.com", "url": PROPOSAL}],
        }
        for _ in range(3):
            await robin.acts.event(event, "Ev9")
        await platform.settled()
        [call] = slack.calls("chat.unfurl")
        assert list(call.args["unfurls"]) == [PROPOSAL]
        assert (call.args["unfurl_id"], call.args["source"]) == (
            event["unfurl_id"],
            event["source"],
        )


def test_a_manifest_with_a_domain_asks_for_what_previews_need(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert manifest.main(["--domain", "genjin.example.com"]) == 0
    found = yaml.safe_load(capsys.readouterr().out)
    assert found["features"]["unfurl_domains"] == ["genjin.example.com"]
    assert {"links:read", "links:write"} < set(found["oauth_config"]["scopes"]["bot"])
    assert "link_shared" in found["settings"]["event_subscriptions"]["bot_events"]
