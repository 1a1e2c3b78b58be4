"""Commands typed in Slack, through the real slack-bolt, and what people see of the answer."""

from typing import Any

import pytest

from bot.platforms.slack import SlackPlatform
from handlers.core.replies import Reply
from tests.conversations.driver import SentFile
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.slack.conftest import Product, becomes
from tests.platforms.slack.samples import CARD, FORM


class TestCommands:
    async def test_opens_a_form_at_once(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        product.replies["lead.open"] = Reply(form=FORM)
        await robin.type("/lead")
        form = await robin.form()
        assert form
        assert form.title == "Log a lead"
        assert form.fields["customer"] == "Customer"

    async def test_tells_who_asks_and_where(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, li: SlackUser
    ) -> None:
        await robin.type("/lead LX001 please", channel="C1")
        asked = product.last
        assert (asked.action, asked.text) == ("lead.open", "LX001 please")
        assert (asked.sender.name, asked.sender.locale) == ("Robin Sample", "en-US")
        assert asked.sender.is_owner
        assert (asked.conversation.id, asked.conversation.private) == ("C1", False)
        assert asked.conversation.title == "sales"
        await li.type("/lead")
        asked = product.last
        assert (asked.sender.locale, asked.sender.is_owner) == ("zh-CN", False)
        assert (asked.conversation.private, asked.conversation.title) == (True, "")

    async def test_a_private_answer_stays_as_a_message_in_the_bots_own_chat(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD, toast="Done")
        await robin.type("/pipeline")
        shown = await robin.messages()
        assert "LX001 Sample Works" in shown[0].text
        assert shown[0].buttons == ("Log",)
        assert shown[1].text == "Done"
        assert not any(message.only_for for message in slack.space.messages)

    @pytest.mark.parametrize("channel", ["C1", "C2"])
    async def test_elsewhere_only_the_asker_reads_it(
        self,
        platform: SlackPlatform,
        product: Product,
        robin: SlackUser,
        li: SlackUser,
        channel: str,
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        await robin.type("/pipeline", channel=channel)
        assert "LX001" in (await robin.messages(channel=channel))[-1].text
        assert await li.messages(channel=channel) == []

    async def test_in_a_chat_between_two_people_only_the_asker_reads_it(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        slack.add_channel("D9OTHERS", "directmessage", {"U1", "U2"}, bot=False)
        product.replies["board.open"] = Reply(card=CARD)
        await robin.type("/pipeline", channel="D9OTHERS")
        assert not product.last.conversation.private
        assert slack.space.visible("U1", "D9OTHERS")[-1].only_for == "U1"

    async def test_a_command_of_an_old_manifest_gets_help(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        slack.commands = slack.commands | {"/leed"}
        await robin.type("/leed LX1")
        assert (product.last.action, product.last.text) == ("help.unknown", "/leed LX1")

    async def test_the_same_command_delivered_twice_has_one_id(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        await robin.acts.command("/pipeline", "", slack.space.direct("U1"), times=10)
        await slack.settled()
        assert len(product.delivered) == 10
        assert len(set(product.delivered)) == 1
        assert len(await robin.messages()) == 1


class TestTypedLines:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("lead LX001", ("lead.open", "LX001")),
            ("录线索 A科技", ("lead.open", "A科技")),
            ("跟进LX001 电话", ("followup.open", "LX001 电话")),
            ("hello <there> & co", ("help.unknown", "hello <there> & co")),
        ],
    )
    async def test_are_read_as_commands(
        self,
        platform: SlackPlatform,
        product: Product,
        li: SlackUser,
        line: str,
        expected: tuple[str, str],
    ) -> None:
        await li.type(line)
        assert (product.last.action, product.last.text) == expected
        assert product.last.conversation.private

    async def test_a_form_is_a_button_away_and_opens(
        self, platform: SlackPlatform, product: Product, li: SlackUser
    ) -> None:
        product.replies["lead.open"] = Reply(form=FORM)
        await li.type("录线索 A科技")
        assert [request.text for request in product.requests] == ["A科技", "A科技"]
        assert await li.form()
        offer = (await li.messages())[-1]
        assert offer.buttons == ("打开表单",)

    async def test_a_mention_in_a_channel_is_answered_privately(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, li: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        await robin.type("pipeline", channel="C1")
        assert product.last.action == "board.open"
        assert "LX001" in (await robin.messages(channel="C1"))[-1].text
        assert await li.messages(channel="C1") == []

    async def test_a_bare_mention_asks_for_help(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        await robin.type("", channel="C1")
        assert product.last.action == "help.open"

    async def test_an_answer_stays_in_its_thread(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        room = slack.space.direct("U1")
        await robin.acts.say("pipeline", room, thread_ts="1789000000.000001")
        await slack.settled()
        assert slack.space.messages[-1].thread == "1789000000.000001"

    @pytest.mark.parametrize(
        "more", [{"bot_id": "B9"}, {"subtype": "message_changed"}, {"channel_type": "channel"}]
    )
    async def test_bots_edits_and_chatter_are_not_answered(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        robin: SlackUser,
        more: dict[str, str],
    ) -> None:
        event = {
            "type": "message",
            "user": "U1",
            "text": "lead",
            "channel": "D0U1",
            "ts": "1.1",
            "channel_type": "im",
        } | more
        await robin.acts.event(event, "Ev1")
        await slack.settled()
        assert product.requests == []

    async def test_an_event_delivered_again_is_answered_once(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        event = {
            "type": "message",
            "user": "U1",
            "text": "pipeline",
            "channel": "D0U1",
            "ts": "1.1",
            "channel_type": "im",
        }
        for attempt in range(10):
            await robin.acts.event(event, "Ev77", retry_attempt=attempt, retry_reason="timeout")
        await slack.settled()
        assert product.delivered == ["slack:event:Ev77"]

    async def test_what_another_process_answered_stays_silent(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["followup.open"] = Reply(toast="I have this already", repeated=True)
        await robin.type("followup LX001 call")
        assert product.last.action == "followup.open"
        assert await robin.messages() == []


class TestOutsiders:
    @pytest.mark.parametrize(
        "who", [{"deleted": True}, {"bot": True}, {"team": "T9OTHER"}, {"stranger": True}]
    )
    async def test_get_no_answer_and_nothing_of_theirs_is_done(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, who: dict[str, Any]
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        slack.add_user("U9", "Nobody Sample", admin=True, **who)
        slack.space.rooms["C1"].members.add("U9")
        user = SlackUser(slack, "U9")
        await user.type("/pipeline", channel="C1")
        await user.type("pipeline")
        assert {one.sender.standing for one in product.requests} == {"outsider"}
        assert await user.messages() == await user.messages(channel="C1") == []
        assert slack.calls("chat.postMessage") == slack.calls("chat.postEphemeral") == []

    @pytest.mark.parametrize("who", [{"team": "T9OTHER"}, {}])
    async def test_of_another_workspace_are_told_which_one_this_is(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, who: dict[str, Any]
    ) -> None:
        if who:
            slack.add_user("U9", "Nobody Sample", **who)
        room = slack.space.rooms["C2"]
        await SlackUser(slack, "U9").acts.command("/pipeline", "", room, team_id="T9OTHER")
        await slack.settled()
        assert product.requests == []
        [told] = slack.space.visible("U9", "C2")
        assert "workspace Sample" in told.text
        assert slack.calls("chat.postMessage") == []

    @pytest.mark.parametrize("guest", ["multi", "single"])
    async def test_guests_of_the_workspace_are_told_apart(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, guest: str
    ) -> None:
        slack.add_user("U9", "Gus Sample", guest=guest, admin=True, email="g@sample.example")
        await SlackUser(slack, "U9").type("/pipeline")
        sender = product.last.sender
        assert (sender.standing, sender.is_owner) == ("guest", False)

    async def test_a_file_of_theirs_is_not_fetched(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product
    ) -> None:
        slack.add_user("U9", "Gus Sample", guest="multi")
        await SlackUser(slack, "U9").send(SentFile("a.csv", b"x"))
        assert product.last.upload is None
        assert slack.calls("download") == []

    async def test_people_of_the_same_enterprise_are_members(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product
    ) -> None:
        slack.space.enterprise = "E1"
        await becomes(lambda: platform._connection.workspace.enterprise == "E1")
        slack.add_user("U9", "Eve Sample", team="T9OTHER", enterprise="E1")
        slack.add_user("U8", "Ida Sample", team="T9OTHER", enterprise="E9")
        for account in ("U9", "U8"):
            await SlackUser(slack, account).type("/pipeline")
        standings = [one.sender.standing for one in product.requests]
        assert standings == ["member", "outsider"]


class TestWhatSlackVouchesFor:
    @pytest.mark.parametrize(
        ("who", "owner"),
        [({"admin": True}, True), ({"owner": True}, True), ({}, False)],
    )
    async def test_owners_and_admins_run_the_workspace(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        who: dict[str, Any],
        owner: bool,
    ) -> None:
        slack.add_user("U9", "Amy Sample", **who)
        await SlackUser(slack, "U9").type("/pipeline")
        assert product.last.sender.is_owner is owner

    @pytest.mark.parametrize("confirmed", [True, False])
    async def test_an_address_that_was_confirmed(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, confirmed: bool
    ) -> None:
        slack.add_user("U9", "Amy", email="amy@sample.example", confirmed=confirmed)
        await SlackUser(slack, "U9").type("/pipeline")
        assert product.last.sender.email == ("amy@sample.example" if confirmed else "")

    async def test_user_groups_by_handle_and_name(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product
    ) -> None:
        slack.space.groups = {"sales": {"U9"}, "other": {"U1"}}
        slack.add_user("U9", "Amy Sample")
        await SlackUser(slack, "U9").type("/pipeline")
        assert product.last.sender.groups == {"sales", "Sales"}

    async def test_no_groups_where_the_app_may_not_read_them(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product
    ) -> None:
        slack.scopes = slack.scopes.replace("usergroups:read,", "")
        slack.space.groups = {"sales": {"U9"}}
        for account in ("U9", "U8"):
            slack.add_user(account, "Amy Sample")
            await SlackUser(slack, account).type("/pipeline")
            assert product.last.sender.groups == frozenset()
        assert len(slack.calls("usergroups.list")) == 1
        assert platform.health().problem == ""


class TestACode:
    @pytest.mark.parametrize("line", ["/genjin admin AB-CD", "genjin 管理员 AB-CD"])
    async def test_is_private_in_the_bots_own_chat(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, line: str
    ) -> None:
        await robin.type(line)
        asked = product.last
        assert (asked.action, asked.text) == ("admin.claim", "AB-CD")
        assert asked.conversation.private

    async def test_a_slash_command_is_read_by_nobody_else(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        await robin.type("/genjin admin AB-CD", channel="C1")
        assert product.last.conversation.private
        await robin.type("genjin admin AB-CD", channel="C1")
        assert not product.last.conversation.private


class TestSlackFailsToRead:
    @pytest.mark.parametrize(
        "method", ["users.info", "usergroups.list", "conversations.open", "files.info"]
    )
    @pytest.mark.parametrize("fault", [Fault(status=500), Fault(status=502), Fault(retry_after=9)])
    async def test_a_command_is_answered_where_it_was_typed(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        robin: SlackUser,
        *,
        method: str,
        fault: Fault,
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        slack.fault(method, *[fault] * 4)
        await robin.type("/pipeline", channel="C2")
        [told] = slack.space.visible("U1", "C2")
        assert told.text.startswith("LX001")
        assert slack.calls("chat.postMessage") == []
