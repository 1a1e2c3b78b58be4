"""Files to and from the robot in DingTalk."""

import io
import zipfile
from dataclasses import replace

from bot.platforms.dingtalk.messages import sendable
from handlers.core.replies import Reply
from handlers.core.requests import LARGEST_UPLOAD
from tests.conversations.driver import SentFile
from tests.platforms.dingtalk.conftest import Office
from tests.platforms.samples import ASKS_FOR_A_FILE, ASKS_FOR_MORE, HANDED_OVER, SENT


class TestFromAPerson:
    async def test_a_form_asks_to_send_it(self, office: Office, template: str) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=ASKS_FOR_A_FILE)
        async with office.running(card_template_id=template):
            await user.type("/lead")
            asked = (await user.messages())[-1].text
            assert "Send me the file here" in asked
            await user.type("here it comes")
            assert "as a file" in (await user.messages())[-1].text
            await user.submit({}, SENT)
        (request,) = office.script.of("import.take")
        assert request.upload is not None
        assert (request.upload.name, request.upload.content) == (SENT.name, SENT.content)
        assert (request.values, request.state) == ({"file": SENT.name}, {"from": "test"})

    async def test_a_form_that_asks_for_more_goes_on(self, office: Office) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(form=ASKS_FOR_MORE)
        async with office.running():
            await user.type("/lead")
            await user.send(SENT)
            await user.submit({"note": "from the fair"})
            assert f"File {SENT.name}" in "".join(m.text for m in await user.messages())
        (request,) = office.script.of("import.take")
        assert request.values == {"file": SENT.name, "note": "from the fair"}
        assert request.upload is not None
        assert request.upload.content == SENT.content

    async def test_sent_without_a_word(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            await user.send(SENT)
        (request,) = office.script.of("import.take")
        assert request.upload is not None
        assert request.upload.content == SENT.content

    async def test_that_cannot_be_read_says_why(self, office: Office) -> None:
        user = office.user()
        async with office.running():
            await user.send(SentFile("big.csv", b"x" * (LARGEST_UPLOAD + 1)))
            office.world.fail_next("download", 403, {"code": "Forbidden"})
            await user.send(SENT)
        problems = [one.upload.problem for one in office.script.of("import.take") if one.upload]
        assert problems == ["too_large", "unavailable"]


class TestToAPerson:
    async def test_comes_in_private_as_dingtalk_takes_it(self, office: Office) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(attachment=HANDED_OVER)
        async with office.running():
            await user.type("/lead", channel="cid-1")
        [(name, content)] = office.world.media.values()
        assert name == "wrong rows.zip"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.read("wrong rows.csv") == HANDED_OVER.content
        assert [entry.text for entry in office.world.chat("u1") if entry.kind == "file"] == [name]
        assert not [entry for entry in office.world.chat("cid-1") if entry.kind == "file"]

    def test_what_it_takes_goes_as_it_is(self) -> None:
        sheet = replace(HANDED_OVER, name="leads.XLSX")
        assert sendable(sheet) == (sheet.name, sheet.content)

    async def test_that_does_not_arrive_is_told(self, office: Office) -> None:
        user = office.user()
        office.script.replies["lead.open"] = Reply(attachment=HANDED_OVER)
        async with office.running():
            office.world.fail_next("upload", 200, {"errcode": 40004, "errmsg": "no"})
            await user.type("/lead")
            assert "could not send the file" in (await user.messages())[-1].text
