"""Posting and editing for the delivery: where cards go, and which error every fault becomes."""

import asyncio
import json

import pytest

from bot.platforms import (
    Address,
    AddressRefused,
    Refused,
    Suspended,
    Thread,
    Throttled,
    Unavailable,
    Unclear,
    Unrecognised,
)
from bot.platforms.slack import SlackPlatform, messages, pictures
from handlers.core.replies import Reply
from handlers.core.ui import Card, Chart, DrawnChart, Section, Series, Table
from tests.chart_samples import all_samples
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.slack.conftest import PNG, Product, Start, draw_chart

ROBIN = Address("slack", "person", "U1")
SALES = Address("slack", "channel", "C1")
CHART = Chart("bar", "Won", ("Mon", "Tue"), (Series("Robin", (1, 2)),), "Robin won most.")
DIGEST = Card("This week", chart=CHART)


class TestPost:
    async def test_reaches_a_person_and_can_be_redrawn(
        self, platform: SlackPlatform, robin: SlackUser
    ) -> None:
        ref = await platform.post(ROBIN, Card("Due today"), locale="en")
        await platform.edit(ROBIN, ref, Card("Done"), locale="en")
        shown = await robin.messages()
        assert [(message.ref, message.text) for message in shown] == [(ref, "Done")]

    async def test_tells_other_apps_which_record_a_card_shows(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        await platform.post(ROBIN, Card("LX001", subject="lead:1"), locale="en")
        await platform.post(ROBIN, Card("Digest"), locale="en")
        sent = [call.args.get("metadata") for call in slack.calls("chat.postMessage")]
        shown = {"event_type": "genjin_card", "event_payload": {"kind": "lead", "id": "1"}}
        assert [one and json.loads(one) if isinstance(one, str) else one for one in sent] == [
            shown,
            None,
        ]

    async def test_reaches_a_channel(
        self, platform: SlackPlatform, slack: LocalSlack, robin: SlackUser
    ) -> None:
        ref = await platform.post(SALES, Card("Digest"), locale="zh_CN")
        assert ref.startswith("C1:")
        assert (await robin.messages(channel="C1"))[-1].text == "Digest"
        assert slack.calls("chat.postMessage")[-1].args["unfurl_links"] is False

    async def test_uses_one_connection_and_not_one_per_call(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        for _ in range(5):
            await platform.post(SALES, Card("x"), locale="en")
        assert len(slack.calls("chat.postMessage")) == 5
        assert slack.connections <= 3


class TestThreads:
    async def test_a_card_stands_under_another_and_aloud_in_the_conversation_too(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        first = await platform.post(ROBIN, Card("LX001"), locale="en")
        for aloud in (False, True):
            await platform.post(ROBIN, Card("x"), locale="en", thread=Thread(first, aloud=aloud))
        stamp = first.partition(":")[2]
        told = [(one.thread, one.aloud) for one in slack.space.messages]
        assert told == [("", False), (stamp, False), (stamp, True)]

    async def test_a_thread_that_is_gone_is_none(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.fault("chat.postMessage", Fault("cannot_reply_to_message"))
        await platform.post(ROBIN, Card("x"), locale="en", thread=Thread("D1:1.2"))
        [posted] = slack.space.messages
        assert posted.thread == ""


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "expected"),
        [
            (Fault("not_in_channel"), AddressRefused),
            (Fault("invalid_auth"), Suspended),
            (Fault("invalid_blocks"), Refused),
            (Fault("never_heard_of_it"), Unrecognised),
            (Fault(status=403), Unrecognised),
            (Fault(status=503), Unavailable),
            (Fault(status=500), Unclear),
            (Fault(status=200), Unclear),
            (Fault("service_unavailable"), Unavailable),
            (Fault(status=504), Unclear),
            (Fault("internal_error"), Unclear),
            (Fault("fatal_error"), Unclear),
            (Fault(acted=True, body='{"ok": tru'), Unclear),
            (Fault(acted=True, body=""), Unclear),
            (Fault(lost=True), Unclear),
            (Fault(acted=True, held=asyncio.Event()), Unclear),
        ],
    )
    async def test_become_what_the_delivery_knows(
        self, impatient: SlackPlatform, slack: LocalSlack, fault: Fault, expected: type[Exception]
    ) -> None:
        slack.fault("chat.postMessage", fault)
        with pytest.raises(expected):
            await impatient.post(SALES, Card("x"), locale="en")
        assert len(slack.calls("chat.postMessage")) == 1
        if fault.held:
            fault.held.set()

    async def test_throttling_says_how_long(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.fault("chat.postMessage", Fault(retry_after=30))
        with pytest.raises(Throttled) as caught:
            await platform.post(SALES, Card("x"), locale="en")
        assert caught.value.retry_after == 30
        assert slack.space.messages == []

    async def test_a_lost_reply_is_not_posted_again(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.fault("chat.postMessage", Fault(lost=True))
        with pytest.raises(Unclear):
            await platform.post(SALES, Card("x"), locale="en")
        assert len(slack.space.messages) == 1

    async def test_nobody_there_is_surely_not_posted(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        await slack.stop()
        with pytest.raises(Unavailable):
            await platform.post(SALES, Card("x"), locale="en")

    @pytest.mark.parametrize("channel", ["C2", "C404", "C3"])
    async def test_rooms_closed_to_the_bot_refuse(
        self, platform: SlackPlatform, slack: LocalSlack, channel: str
    ) -> None:
        slack.add_channel("C3", "old").archived = True
        with pytest.raises(Refused):
            await platform.post(Address("slack", "channel", channel), Card("x"), locale="en")

    async def test_a_deleted_message_refuses_its_edit(self, platform: SlackPlatform) -> None:
        with pytest.raises(Refused):
            await platform.edit(SALES, "C1:1.1", Card("x"), locale="en")

    async def test_a_refused_token_shows_at_once(self, start: Start, slack: LocalSlack) -> None:
        platform = await start()
        await slack.until(lambda: slack.wire.sockets)
        slack.refused_tokens[slack.bot_token] = "token_revoked"
        with pytest.raises(Refused):
            await platform.post(SALES, Card("x"), locale="en")
        assert platform.health().problem == "health.slack.refused_token"


class TestCharts:
    async def test_slack_draws_them_itself(
        self, platform: SlackPlatform, slack: LocalSlack, robin: SlackUser
    ) -> None:
        await platform.post(ROBIN, DIGEST, locale="en")
        assert [message.has_picture for message in await robin.messages()] == [True]
        assert slack.calls("files.getUploadURLExternal") == []

    async def test_one_that_slack_does_not_draw_is_a_picture_in_the_card(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        bridge = all_samples("en")["bridge"]
        ref = await platform.post(SALES, Card("Digest", chart=bridge), locale="en")
        [card] = slack.space.messages
        [image] = [block for block in card.blocks if block["type"] == "image"]
        assert image["alt_text"] == bridge.alt
        assert slack.api.uploads[image["slack_file"]["id"]]["content"].startswith(PNG)
        changed = Card("Digest, corrected", chart=all_samples("en")["bridge"])
        await platform.edit(SALES, ref, changed, locale="en")
        assert image["slack_file"]["id"] in str(card.blocks), "the picture stays"
        assert len(slack.calls("files.getUploadURLExternal")) == 1

    async def test_a_picture_that_slack_has_not_processed_follows_in_the_thread(
        self, start: Start, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pictures, "_PAUSES", ())
        now = 0.0
        platform = await start(clock=lambda: now)
        slack.looks_until_processed = 5
        card = Card("Digest", chart=all_samples("en")["bridge"])
        await platform.post(SALES, card, locale="en")
        shown, picture = slack.space.messages
        assert (picture.thread, picture.picture[: len(PNG)]) == (shown.ts, PNG)
        await platform.post(SALES, card, locale="en")
        assert len(slack.calls("files.info")) == 1, "not asked for again at once"
        slack.looks_until_processed, now = 0, 4000.0
        await platform.post(SALES, card, locale="en")
        assert "image" in {block["type"] for block in slack.space.messages[-1].blocks}

    async def test_a_picture_that_slack_refuses_follows_in_the_thread(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.unknown_blocks = {"image"}
        card = Card("Digest", chart=all_samples("en")["bridge"])
        await platform.post(SALES, card, locale="en")
        shown, picture = slack.space.messages
        assert picture.thread == shown.ts
        assert len(slack.calls("chat.postMessage")) == 2

    async def test_a_workspace_that_does_not_gets_a_picture_in_the_thread(
        self, platform: SlackPlatform, slack: LocalSlack, robin: SlackUser
    ) -> None:
        slack.unknown_blocks = {"data_visualization"}
        ref = await platform.post(ROBIN, DIGEST, locale="zh_CN")
        card, picture = slack.space.messages
        assert picture.thread == card.ts
        assert ref == card.ref
        assert picture.picture == draw_chart(CHART, "zh_CN")
        assert "Robin won most." in (await robin.messages())[0].text
        await platform.post(ROBIN, DIGEST, locale="en")
        assert len(slack.calls("chat.postMessage")) == 3
        assert "image" in {block["type"] for block in slack.space.messages[-1].blocks}

    async def test_a_failed_picture_does_not_fail_the_card(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.unknown_blocks = {"data_visualization"}
        slack.fault("files.completeUploadExternal", Fault("internal_error"))
        assert await platform.post(SALES, DIGEST, locale="en")
        assert len(slack.space.messages) == 1

    async def test_figures_whose_picture_fails_are_in_the_thread_in_words(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        bridge = all_samples("en")["bridge"]
        assert isinstance(bridge, DrawnChart)
        for _ in range(2):
            slack.fault("files.getUploadURLExternal", Fault("missing_scope"))
        await platform.post(SALES, Card("Digest", chart=bridge), locale="en")
        card, words = slack.space.messages
        assert words.thread == card.ts
        assert all(row[1] in str(words.blocks) for row in bridge.table.rows)

    async def test_pictures_that_hang_do_not_keep_the_card_from_being_sent(
        self, platform: SlackPlatform, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A post that takes too long would count as perhaps not sent."""
        monkeypatch.setattr(pictures, "_READY_WITHIN", 0.05)
        monkeypatch.setattr(messages, "_PICTURES_WITHIN", 0.05)
        hangs = asyncio.Event()
        slack.fault("files.getUploadURLExternal", Fault(held=hangs))
        bridge = all_samples("en")["bridge"]
        ref = await platform.post(SALES, Card("Digest", chart=bridge), locale="en")
        hangs.set()
        assert ref == slack.space.messages[0].ref

    async def test_a_drawing_that_breaks_does_not_fail_the_card(
        self, start: Start, slack: LocalSlack
    ) -> None:
        def broken(chart: Chart, locale: str) -> bytes:
            raise ZeroDivisionError

        platform = await start(draw=broken)
        slack.unknown_blocks = {"data_visualization"}
        assert await platform.post(SALES, DIGEST, locale="en")

    async def test_a_chart_that_cannot_be_drawn_leaves_the_words(
        self, start: Start, slack: LocalSlack, robin: SlackUser
    ) -> None:
        platform = await start(draw=lambda _chart, _locale: None)
        slack.unknown_blocks = {"data_visualization"}
        await platform.post(ROBIN, DIGEST, locale="en")
        assert "Robin won most." in (await robin.messages())[0].text
        assert not slack.calls("files.completeUploadExternal")

    async def test_the_block_is_tried_again_after_a_day(
        self, start: Start, slack: LocalSlack
    ) -> None:
        now = 0.0
        platform = await start(clock=lambda: now)
        slack.unknown_blocks = {"data_visualization"}
        await platform.post(SALES, DIGEST, locale="en")
        slack.unknown_blocks = set()
        now = 90_000.0
        await platform.post(SALES, DIGEST, locale="en")
        assert slack.space.messages[-1].blocks[1]["type"] == "data_visualization"
        assert slack.space.messages[1].picture.startswith(PNG)

    async def test_a_table_a_workspace_does_not_know_is_written_as_lines(
        self, platform: SlackPlatform, slack: LocalSlack, robin: SlackUser
    ) -> None:
        slack.unknown_blocks = {"table"}
        table = Table(("Who", "Won"), (("Robin", "2"),))
        await platform.post(ROBIN, Card("x", sections=(Section(table=table),)), locale="en")
        assert "Robin · 2" in (await robin.messages())[-1].text

    async def test_a_refused_table_is_tried_once_and_not_each_time(
        self, start: Start, slack: LocalSlack, robin: SlackUser
    ) -> None:
        now = 0.0
        platform = await start(clock=lambda: now)
        slack.unknown_blocks = {"table"}
        rows = Section(table=Table(("Who", "Won"), (("Robin", "2"),)))
        for _ in range(3):
            ref = await platform.post(ROBIN, Card("x", sections=(rows,)), locale="en")
        await platform.edit(ROBIN, ref, Card("y", sections=(rows,)), locale="en")
        assert len(slack.calls("chat.postMessage")) == 4
        assert len(slack.calls("chat.update")) == 1
        both = Card("This week", chart=CHART, sections=(rows,))
        await platform.post(ROBIN, both, locale="en")
        assert [one.has_picture for one in await robin.messages()][-1], "charts are still taken"
        slack.unknown_blocks, now = set(), 90_000.0
        await platform.post(ROBIN, Card("z", sections=(rows,)), locale="en")
        assert "table" in {block["type"] for block in slack.space.messages[-1].blocks}

    async def test_a_workspace_without_either_block_is_known_after_one_card_of_each(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.unknown_blocks = {"table", "data_visualization"}
        rows = Section(table=Table(("Who", "Won"), (("Robin", "2"),)))
        both = Card("This week", chart=CHART, sections=(rows,))
        for _ in range(2):
            await platform.post(ROBIN, both, locale="en")
        seen = len(slack.calls("chat.postMessage"))
        await platform.post(ROBIN, both, locale="en")
        assert len(slack.calls("chat.postMessage")) == seen + 1

    async def test_a_card_refused_whatever_it_holds_leaves_tables_in_use(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        rows = Section(table=Table(("Who", "Won"), (("Robin", "2"),)))
        slack.unknown_blocks = {"header"}
        with pytest.raises(Refused):
            await platform.post(SALES, Card("x", sections=(rows,)), locale="en")
        slack.unknown_blocks = set()
        await platform.post(SALES, Card("x", sections=(rows,)), locale="en")
        assert "table" in {block["type"] for block in slack.space.messages[-1].blocks}

    async def test_blocks_refused_for_good_are_refused(
        self, platform: SlackPlatform, slack: LocalSlack
    ) -> None:
        slack.unknown_blocks = {"header"}
        with pytest.raises(Refused):
            await platform.post(SALES, DIGEST, locale="en")


class TestAnswersFindAWay:
    @pytest.fixture(autouse=True)
    def board(self, product: Product) -> None:
        product.replies["board.open"] = Reply(card=Card("Board"))

    async def test_from_an_expired_address_to_an_ephemeral(
        self, platform: SlackPlatform, slack: LocalSlack, robin: SlackUser
    ) -> None:
        slack.fault("response_url", Fault("expired_url", status=404))
        await robin.type("/pipeline", channel="C1")
        assert slack.space.messages[-1].only_for == "U1"
        assert slack.calls("chat.postEphemeral")

    async def test_from_a_channel_without_the_bot_to_the_1_to_1(
        self, platform: SlackPlatform, slack: LocalSlack, robin: SlackUser
    ) -> None:
        slack.fault("response_url", Fault("expired_url", status=404))
        await robin.type("/pipeline", channel="C2")
        assert slack.space.messages[-1].channel == "D0U1"

    async def test_through_throttling_and_outages(
        self, start: Start, slack: LocalSlack, robin: SlackUser
    ) -> None:
        waits: list[float] = []

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            await asyncio.sleep(min(seconds, 0.02))

        await start(sleep=sleep)
        slack.fault("chat.postMessage", Fault(retry_after=7), Fault(status=503))
        await robin.type("/pipeline")
        assert [message.text for message in await robin.messages()] == ["Board"]
        assert 7 in waits

    async def test_once_when_slack_may_have_shown_it(
        self, platform: SlackPlatform, slack: LocalSlack, robin: SlackUser
    ) -> None:
        slack.fault("chat.postMessage", Fault(lost=True))
        await robin.type("/pipeline")
        assert [message.text for message in await robin.messages()] == ["Board"]

    async def test_a_native_chart_refused_through_an_answer_address_becomes_words(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        slack.unknown_blocks = {"data_visualization"}
        product.replies["board.open"] = Reply(card=DIGEST)
        await robin.type("/pipeline", channel="C1")
        assert "Robin won most." in (await robin.messages(channel="C1"))[-1].text
