"""Messages in a Slack thread, as the product receives them."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.platforms import Address
from bot.platforms.slack import SlackPlatform
from handlers.core.replies import Reply
from handlers.core.ui import Card
from tests.conversations.slack import SlackUser
from tests.doubles.slack import LocalSlack
from tests.platforms.slack.conftest import Product
from tests.platforms.slack.samples import CARD, FORM

ROBIN = Address("slack", "person", "U1")


async def posted(platform: SlackPlatform) -> tuple[str, str]:
    """A card in Robin's 1:1: its reference and its time stamp."""
    ref = await platform.post(ROBIN, CARD, locale="en")
    return ref, ref.partition(":")[2]


class TestThreads:
    @pytest.mark.parametrize(
        "more", [{}, {"subtype": "thread_broadcast"}], ids=["in the thread", "shown to all"]
    )
    async def test_what_is_said_there_names_the_card(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        robin: SlackUser,
        more: Mapping[str, Any],
    ) -> None:
        ref, stamp = await posted(platform)
        product.replies["help.unknown"] = Reply(card=Card("", body="Noted", summary="Noted"))
        room = slack.space.direct("U1")
        await robin.acts.say("they &lt;want&gt; it", room, thread_ts=stamp, **more)
        await slack.settled()
        assert (product.last.under, product.last.line) == (ref, "they <want> it")
        answer = slack.space.messages[-1]
        assert (answer.thread, answer.text) == (stamp, "Noted")
        assert [block["type"] for block in answer.blocks] == ["rich_text"]

    async def test_who_is_mentioned_there_has_a_name(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        robin: SlackUser,
    ) -> None:
        _, stamp = await posted(platform)
        room = slack.space.direct("U1")
        await robin.acts.say("ask <@U2> &amp; <@U404>", room, thread_ts=stamp)
        await slack.settled()
        assert product.last.line == "ask @样本小李 & @U404"

    async def test_outside_a_thread_nothing_is_named(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        await posted(platform)
        await robin.type("hello")
        assert (product.last.under, product.last.line) == ("", "")

    async def test_the_button_that_brings_the_form_names_it_again(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        ref, _ = await posted(platform)
        product.replies["stage.open"] = Reply(form=FORM)
        await robin.answer("stage", within="LX001")
        assert [one.under for one in product.requests] == [ref, ref]
        assert product.last.line == ""
        assert await robin.form()

    @pytest.mark.parametrize(
        "event",
        [
            {"subtype": "message_changed", "message": {"text": "new", "user": "U1"}},
            {"subtype": "message_deleted", "deleted_ts": "1.1"},
            {"subtype": "message_replied", "message": {"text": "x", "user": "U1"}},
            {"bot_id": "B0GENJIN"},
            {"subtype": "bot_message"},
        ],
        ids=lambda event: event.get("subtype", "bot"),
    )
    async def test_edits_deletions_and_bots_say_nothing(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        robin: SlackUser,
        event: dict[str, Any],
    ) -> None:
        _, stamp = await posted(platform)
        await robin.acts.say("again", slack.space.direct("U1"), thread_ts=stamp, **event)
        await slack.settled()
        assert product.requests == []


class TestLinks:
    async def test_a_posted_card_has_an_address_without_a_call(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        ref, stamp = await posted(platform)
        before = len(slack.journal)
        link = platform.link(ref, "LX001")
        channel = slack.space.direct("U1").id
        assert link == f"https://example.slack.com/archives/{channel}/p{stamp.replace('.', '')}"
        assert {call.method for call in slack.journal[before:]} <= {"auth.test"}

    @pytest.mark.parametrize("ref", ["", "D1", ":1.1"])
    async def test_what_is_no_card_has_none(self, platform: SlackPlatform, ref: str) -> None:
        assert platform.link(ref, "LX001") == ""


class TestAdditions:
    """What only adds to a card, such as a lead's whole history."""

    @pytest.mark.parametrize("beneath", [True, False])
    async def test_stand_in_the_thread_of_the_card_that_was_pressed(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        robin: SlackUser,
        beneath: bool,
    ) -> None:
        _, stamp = await posted(platform)
        [button, *_] = CARD.buttons
        product.replies[button.action] = Reply(card=Card("History", beneath=beneath))
        await robin.press(button.label)
        assert slack.space.messages[-1].text == "History"
        assert slack.space.messages[-1].thread == (stamp if beneath else "")

    async def test_are_seen_at_once_in_a_channel(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        await platform.post(Address("slack", "channel", "C1"), CARD, locale="en")
        [button, *_] = CARD.buttons
        product.replies[button.action] = Reply(card=Card("History", beneath=True))
        await robin.press(button.label, channel="C1")
        answer = slack.space.messages[-1]
        assert (answer.text, answer.only_for, answer.thread) == ("History", "U1", "")
