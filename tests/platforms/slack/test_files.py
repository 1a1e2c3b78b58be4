"""Files to and from the bot in Slack."""

from bot.platforms.slack import SlackPlatform
from handlers.core.replies import Reply
from handlers.core.requests import LARGEST_UPLOAD
from tests.conversations.driver import SentFile
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.samples import ASKS_FOR_A_FILE, HANDED_OVER, SENT
from tests.platforms.slack.conftest import Product


class TestFromAPerson:
    async def test_through_a_form(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        product.replies["lead.open"] = Reply(form=ASKS_FOR_A_FILE)
        await robin.type("/lead", channel="C1")
        await robin.submit({}, SENT)
        upload = product.last.upload
        assert upload is not None
        assert (upload.name, upload.content, upload.problem) == (SENT.name, SENT.content, "")
        assert product.last.values == {"file": SENT.name}
        assert product.last.state == {"from": "test"}

    async def test_dropped_into_the_direct_messages(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        await robin.send(SENT)
        upload = product.last.upload
        assert upload is not None
        assert (product.last.action, upload.content) == ("import.take", SENT.content)

    async def test_in_a_channel_is_none_of_our_business(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, slack: LocalSlack
    ) -> None:
        room = slack.space.rooms["C1"]
        files = [slack.space.upload(SENT.name, SENT.content)]
        more = {"subtype": "file_share", "files": files}
        await robin.acts.say("look", room, mention=True, **more)
        await slack.settled()
        assert not slack.calls("download")

    async def test_that_cannot_be_read_says_why(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, slack: LocalSlack
    ) -> None:
        await robin.send(SentFile("big.csv", b"x" * (LARGEST_UPLOAD + 1)))
        slack.fault("files.info", Fault(error="missing_scope"))
        await robin.send(SENT)
        problems = [request.upload.problem for request in product.requests if request.upload]
        assert problems == ["too_large", "unavailable"]
        assert not slack.calls("download")


class TestToAPerson:
    async def test_goes_to_the_direct_messages_wherever_it_was_asked_for(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, slack: LocalSlack
    ) -> None:
        product.replies["lead.open"] = Reply(attachment=HANDED_OVER)
        await robin.type("/lead", channel="C1")
        handed = [message for message in slack.space.messages if message.picture]
        assert [(m.channel, m.picture) for m in handed] == [("D0U1", HANDED_OVER.content)]
        assert "wrong rows.csv" in handed[0].text
        assert "direct messages" in (await robin.messages(channel="C1"))[-1].text

    async def test_that_does_not_arrive_is_told(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, slack: LocalSlack
    ) -> None:
        product.replies["lead.open"] = Reply(attachment=HANDED_OVER)
        slack.fault("files.completeUploadExternal", Fault(error="restricted_action"))
        await robin.type("/lead")
        assert "could not send the file" in (await robin.messages())[-1].text
