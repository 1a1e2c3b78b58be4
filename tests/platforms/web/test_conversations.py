"""What people do in the web chat, over its API."""

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from bot.platforms import Address, Dispatch, Refused
from bot.platforms.web import WebPlatform
from bot.platforms.web.people import BOT
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Card
from storage.transcripts import StoredMessage
from tests.conversations.web import WebUser, loopback_client
from tests.platforms.memory import KeptMemory
from tests.platforms.web.company import CHANNELS, Office, language, open_office, personas
from tests.platforms.web.script import reminder_card
from tests.platforms.web.words import words

GOOD = {"customer": "Harbor Tech Ltd", "source": "fair", "phone": "13800000000"}


class TestCommand:
    async def test_reaches_the_handlers_with_who_and_where(self, office: Office) -> None:
        async with WebUser(office.url, "alex", locale="zh_CN") as alex:
            await alex.type("/lead LX001")
        [asked] = office.script.asked
        assert (asked.action, asked.text) == ("lead.open", "LX001")
        assert asked.id.startswith("web:")
        assert (asked.sender.id, asked.sender.name) == ("alex", "Alex Sample")
        assert asked.sender.is_owner
        assert asked.sender.locale == "zh_CN"
        assert (asked.conversation.id, asked.conversation.private) == ("dm:alex", True)

    async def test_shows_what_was_typed_before_the_answer(self, office: Office) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead LX001")
            typed, answer = await robin.messages()
        assert typed.text == "/lead LX001"
        assert "LX001 · Harbor Tech Ltd" in answer.text
        assert answer.buttons == ("Accept", "Decline")

    async def test_takes_a_chinese_alias(self, office: Office) -> None:
        async with WebUser(office.url, "robin", locale="zh_CN") as robin:
            await robin.type("录线索")
            form = await robin.form()
        assert form is not None
        assert form.title == "录线索"

    async def test_whose_card_cannot_be_stored_is_told_to_be_done(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        append = office.transcript.append

        async def fill(conversation: str, author: str, *rest: Any, **more: Any) -> StoredMessage:
            if author == BOT:
                raise ConnectionError("the disk is full")
            return await append(conversation, author, *rest, **more)

        monkeypatch.setattr(office.transcript, "append", fill)
        async with WebUser(office.url, "robin", locale="zh_CN") as robin:
            await robin.type("/lead LX001")
            said = [message.text for message in await robin.messages()]
        assert said == ["/lead LX001", language("zh_CN").text("web.unshown")]

    async def test_sends_anything_else_to_the_help(self, office: Office) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("  what now? ")
        [asked] = office.script.asked
        assert (asked.action, asked.text) == ("help.unknown", "what now?")
        assert not asked.sender.is_owner

    async def test_that_is_answered_by_one_line_has_it_in_the_conversation(
        self, office: Office
    ) -> None:
        """A toast is gone after a while: what was typed would stand there without an answer."""
        office.script.instead["lead.open"] = Reply(toast="I can't find that lead.")
        async with WebUser(office.url, "robin", conversation="sales") as robin:
            reply = await robin.ask("command", text="/lead LX999")
            typed, answer = await robin.messages()
            async with WebUser(office.url, "casey", conversation="sales") as casey:
                others = await casey.messages()
        assert reply["toast"] == ""
        assert (typed.text, answer.text) == ("/lead LX999", "I can't find that lead.")
        assert [one.text for one in others] == ["/lead LX999"]


class TestForm:
    async def test_opens_with_every_field(self, office: Office) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead")
            form = await robin.form()
        assert form is not None
        assert form.fields["customer"] == "Customer"
        assert form.values["products"] == ("crm",)
        assert form.choices["source"] == ("Website enquiry", "Trade fair", "Channel partner")

    async def test_answers_mistakes_beside_the_field_and_keeps_the_rest(
        self, office: Office
    ) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead")
            await robin.submit({**GOOD, "phone": "abc"})
            form = await robin.form()
        assert form is not None
        assert form.errors == {"phone": "That is not a phone number. Try 13800000000."}
        assert form.values["customer"] == "Harbor Tech Ltd"
        assert office.script.saved == []

    async def test_hands_over_values_and_state(self, office: Office) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead")
            await robin.submit({**GOOD, "products": ("crm", "training")})
            assert await robin.form() is None
            texts = [message.text for message in await robin.messages()]
        assert office.script.asked[-1].state == {"from": "chat"}
        assert office.script.saved[0]["products"] == ("crm", "training")
        assert texts[-1] == "Saved as LX024."

    async def test_searches_a_lead_while_typing(self, office: Office) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/followup")
            assert await robin.search("lead", "school") == ["LX002 · Brightway School"]
            assert await robin.search("support", "jam") == ["Jamie Sample"]


class TestButton:
    async def test_redraws_its_own_card(self, office: Office) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead LX024")
            await robin.press("Accept", within="LX024")
            seen = await robin.messages()
        assert office.script.asked[-1].state == {"value": "LX024"}
        assert [one.buttons for one in seen if one.buttons] == [
            ("Log a call", "Move to the next stage")
        ]
        assert "Robin Sample" in seen[1].text

    async def test_that_opens_a_form_has_its_card_changed_by_it(self, office: Office) -> None:
        office.script.instead["followup.create"] = Reply(update=Card(title="Logged on LX024"))
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead LX024")
            await robin.press("Accept", within="LX024")
            before = [one.ref for one in await robin.messages()]
            await robin.press("Log a call", within="LX024")
            await robin.submit({})
            seen = await robin.messages()
        assert [one.ref for one in seen] == before
        assert [one.text for one in seen if "LX024" in one.text][-1] == "Logged on LX024"

    async def test_of_another_persons_message_is_not_there(self, office: Office) -> None:
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead LX024")
            card = (await robin.messages())[-1]
        forged = {
            "id": str(uuid.uuid4()),
            "kind": "press",
            "persona": "casey",
            "conversation": "dm:casey",
            "message": int(card.ref),
            "action": "lead.accept",
        }
        async with loopback_client() as client:
            refused = await client.post(
                f"{office.url}/api/requests", json=forged, headers={"Origin": office.url}
            )
        assert refused.status_code == httpx.codes.NOT_FOUND
        assert [asked.action for asked in office.script.asked] == ["lead.open"]


class TestChannel:
    async def test_shows_the_command_to_all_and_the_answer_to_the_asker(
        self, office: Office
    ) -> None:
        async with (
            WebUser(office.url, "robin", conversation="sales") as robin,
            WebUser(office.url, "casey", conversation="sales") as casey,
        ):
            await robin.type("/genjin")
            mine, theirs = await robin.messages(), await casey.messages()
        assert [one.text for one in theirs] == ["/genjin"]
        assert "What I can do for you" in mine[1].text
        assert not office.script.asked[0].conversation.private

    async def test_is_closed_to_who_is_not_in_it(self, office: Office) -> None:
        async with loopback_client(base_url=office.url) as client:
            query = {"persona": "robin", "conversation": "managers"}
            refused = await client.get("/api/messages", params=query)
            listed = await client.get("/api/conversations", params={"persona": "robin"})
        assert refused.status_code == httpx.codes.NOT_FOUND
        names = [one["id"] for one in listed.json()["conversations"]]
        assert names == ["dm:robin", "sales"]


class TestRepeatedWish:
    async def test_is_done_once_and_answered_the_same(self, office: Office) -> None:
        wish = {
            "id": str(uuid.uuid4()),
            "kind": "command",
            "persona": "robin",
            "conversation": "dm:robin",
            "text": "/lead LX001",
        }
        async with loopback_client() as client:
            sent = [
                client.post(f"{office.url}/api/requests", json=wish, headers={"Origin": office.url})
                for _ in range(5)
            ]
            answers = [answer.json() for answer in await asyncio.gather(*sent)]
        assert answers == [answers[0]] * 5
        assert len(office.script.asked) == 1
        assert len(await office.transcript.page("dm:robin", "robin")) == 2

    async def test_is_finished_when_the_page_goes_away(self, tmp_path: Path) -> None:
        begun, free = asyncio.Event(), asyncio.Event()

        def slow(dispatch: Dispatch) -> Dispatch:
            async def wait(request: Request) -> Reply:
                begun.set()
                await free.wait()
                return await dispatch(request)

            return wait

        async with (
            open_office(tmp_path, wrap=slow) as office,
            WebUser(office.url, "robin") as robin,
        ):
            asking = asyncio.ensure_future(robin.type("/lead LX001"))
            await begun.wait()
            asking.cancel()
            written = await office.transcript.revision()
            free.set()
            await office.transcript.written_after(written)
            assert len(await robin.messages()) == 2


class TestDelivery:
    async def test_posts_and_edits_in_place(self, office: Office) -> None:
        to = Address("web", "person", "robin")
        ref = await office.platform.post(to, reminder_card(words("en")), locale="en")
        await office.platform.edit(to, ref, Card(title="Done"), locale="en")
        async with WebUser(office.url, "robin") as robin:
            assert [(one.ref, one.text) for one in await robin.messages()] == [(ref, "Done")]

    async def test_reaches_a_channel_and_only_its_people(self, office: Office) -> None:
        await office.platform.post(Address("web", "channel", "managers"), Card("Hi"), locale="en")
        async with WebUser(office.url, "morgan", conversation="managers") as morgan:
            assert [one.text for one in await morgan.messages()] == ["Hi"]

    @pytest.mark.parametrize(
        "to",
        [
            Address("web", "person", "nobody"),
            Address("web", "channel", "no-such"),
            Address("web", "channel", "dm:nobody"),
        ],
    )
    async def test_refuses_a_strange_address(self, office: Office, to: Address) -> None:
        with pytest.raises(Refused):
            await office.platform.post(to, Card("Hi"), locale="en")

    async def test_refuses_to_edit_what_is_not_there(self, office: Office) -> None:
        robin, casey = Address("web", "person", "robin"), Address("web", "person", "casey")
        ref = await office.platform.post(robin, Card("Hi"), locale="en")
        with pytest.raises(Refused):
            await office.platform.edit(casey, ref, Card("Ha"), locale="en")
        with pytest.raises(Refused):
            await office.platform.edit(robin, "999", Card("Ha"), locale="en")


class TestHealth:
    async def test_knows_whether_it_runs(self, office: Office) -> None:
        assert office.platform.health().ok
        stopped = WebPlatform(
            office.script,
            office.transcript,
            personas,
            office.clock,
            language,
            memory=KeptMemory(),
            channels=CHANNELS,
        )
        problem = stopped.health().problem
        assert language("zh_CN").has(problem)


class TestFailure:
    async def test_shows_the_number_that_is_logged(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken() -> int:
            raise AssertionError("a defect")

        monkeypatch.setattr(office.transcript, "revision", broken)
        asked = {"persona": "robin", "locale": "zh_CN"}
        with capture_logs() as logged:
            async with loopback_client() as client:
                answer = await client.get(f"{office.url}/api/conversations", params=asked)
        [incident] = [line["incident"] for line in logged if "incident" in line]
        said = language("zh_CN").text("error.unexpected", incident=incident)
        assert (answer.status_code, answer.json()["words"]) == (500, said)
