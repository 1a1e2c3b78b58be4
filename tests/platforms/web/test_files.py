"""Files to and from the bot in the local web chat."""

import httpx
import pytest

from bot.platforms.web.access import MAX_BODY
from handlers.core.replies import Reply
from handlers.core.requests import LARGEST_UPLOAD
from tests.conversations.driver import SentFile
from tests.conversations.web import WebUser
from tests.platforms.samples import ASKS_FOR_A_FILE, HANDED_OVER, SENT
from tests.platforms.web.company import Office


class TestFromAPerson:
    async def test_through_a_form(self, office: Office) -> None:
        office.script.instead["lead.open"] = Reply(form=ASKS_FOR_A_FILE)
        async with WebUser(office.url, "robin") as robin:
            await robin.type("/lead")
            await robin.submit({"file": SENT.name}, SENT)
        asked = office.script.asked[-1]
        assert asked.upload is not None
        assert (asked.upload.name, asked.upload.content) == (SENT.name, SENT.content)

    async def test_dropped_onto_the_page(self, office: Office) -> None:
        office.script.instead["import.take"] = Reply(toast="Got it")
        async with WebUser(office.url, "robin") as robin:
            await robin.send(SENT)
            said = [message.text for message in await robin.messages()]
        assert said == [f"📎 {SENT.name}", "Got it"]
        assert office.script.asked[-1].upload is not None

    @pytest.mark.parametrize(
        ("size", "status"),
        [(MAX_BODY * 2, 200), (LARGEST_UPLOAD + 1, 200), (LARGEST_UPLOAD * 2, 413)],
    )
    async def test_is_read_up_to_a_limit(self, office: Office, size: int, status: int) -> None:
        async with WebUser(office.url, "robin") as robin:
            if status != httpx.codes.OK:
                with pytest.raises(AssertionError):
                    await robin.send(SentFile("big.csv", b"x" * size))
                return
            await robin.send(SentFile("big.csv", b"x" * size))
        upload = office.script.asked[-1].upload
        assert upload is not None
        assert upload.problem == ("too_large" if size > LARGEST_UPLOAD else "")


class TestToAPerson:
    async def test_lies_under_an_address_for_this_person_alone(self, office: Office) -> None:
        office.script.instead["lead.open"] = Reply(attachment=HANDED_OVER)
        async with WebUser(office.url, "robin", conversation="sales") as robin:
            await robin.type("/lead")
            [_, handed] = await robin._stored()
            path = f"{office.url}/api/files/{handed['body']['token']}"
            mine = await robin.client.get(path, params={"persona": "robin"})
            others = await robin.client.get(path, params={"persona": "casey"})
            nobodys = await robin.client.get(f"{path}x", params={"persona": "robin"})
        assert handed["private"]
        assert (mine.content, mine.status_code) == (HANDED_OVER.content, 200)
        assert mine.headers["content-disposition"].startswith("attachment;")
        assert mine.headers["x-content-type-options"] == "nosniff"
        assert (others.status_code, nobodys.status_code) == (404, 404)
