"""What people are told while the process is starting, at every entry point; no input is lost."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.app import Genjin
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.conversations.stages import (
    FRIDAY,
    Stage,
    card_stage,
    dingtalk_stage,
    slack_stage,
    web_stage,
)
from tests.web.conftest import office, outside
from tests.web.outside import BODY, Outside

__all__ = ["office", "outside"]
LEAD = {"customer": "Maple Sample Mills", "source": "ads"}


@contextmanager
def starting(genjin: Genjin) -> Iterator[None]:
    """As between the begin of the start and its end."""
    genjin.boot.begin()
    try:
        yield
    finally:
        genjin.boot._begun = False


async def assert_told_by(stage: Stage, opening: str) -> None:
    """Robin is told at a command, and at a button of what ``opening`` brought before."""
    robin, words = stage.people["robin"], stage.say("error.storage_starting")
    await robin.type(opening)
    pressed = (await robin.messages())[-1].buttons[0]
    with starting(stage.world):
        await robin.type("/genjin")
        assert (await robin.messages())[-1].text == words
        await robin.press(pressed)
        assert (await robin.messages())[-1].text == words


class TestSlack:
    async def test_a_command_a_button_and_the_home_tab(
        self, database: Database, fields: Fields
    ) -> None:
        async with slack_stage(database, fields, FRIDAY) as stage:
            await assert_told_by(stage, "/genjin")
            robin: Any = stage.people["robin"]
            words = stage.say("error.storage_starting")
            with starting(stage.world):
                await robin.acts.open_home()
                await stage.world.platforms["slack"].settled()  # type: ignore[attr-defined]
                assert words in json.dumps(robin.space.homes["ROBIN"], ensure_ascii=False)

    async def test_a_form_stays_open_with_what_was_typed(
        self, database: Database, fields: Fields
    ) -> None:
        async with slack_stage(database, fields, FRIDAY) as stage:
            robin = stage.people["robin"]
            await robin.type("/lead")
            with starting(stage.world):
                await robin.submit(LEAD)
                form = await robin.form()
                assert form
                assert stage.say("error.storage_starting") in form.errors.values()
                assert form.values["customer"] == LEAD["customer"]
            await robin.submit({})
            assert await robin.form() is None
            await robin.type("/lead Maple")
            assert "Maple" in (await robin.messages())[-1].text


class TestDingTalk:
    async def test_a_message_and_a_pressed_button(self, database: Database, fields: Fields) -> None:
        async with dingtalk_stage(database, fields, FRIDAY) as stage:
            await assert_told_by(stage, "帮助")

    async def test_in_a_group(self, database: Database, fields: Fields) -> None:
        async with dingtalk_stage(database, fields, FRIDAY) as stage:
            with starting(stage.world):
                await stage.type_in_channel("/genjin")
            boss: Any = stage.people["max"]
            said = await boss.messages(channel="cid-managers")
            assert said[-1].text == stage.say("error.storage_starting")

    async def test_an_answer_to_a_guided_form_can_be_given_again(
        self, database: Database, fields: Fields
    ) -> None:
        async with dingtalk_stage(database, fields, FRIDAY) as stage:
            robin = stage.people["robin"]
            await robin.type("/lead")
            with starting(stage.world):
                await robin.type("枫叶样例工厂")
                assert (await robin.messages())[-1].text == stage.say("error.storage_starting")
            await robin.type("枫叶样例工厂")
            form = await robin.form()
            assert form
            assert "枫叶样例工厂" in form.values.values()

    async def test_a_form_card_stays_open_with_what_was_typed(
        self, database: Database, fields: Fields
    ) -> None:
        async with card_stage(database, fields, FRIDAY) as stage:
            robin: Any = stage.people["robin"]
            await robin.type("/lead")
            card = robin._card()
            before = dict(card.private)
            with starting(stage.world):
                await robin.submit(LEAD)
                assert card.private["form_status"] == "normal"
                assert card.private["form_btn_text"] == stage.say("dingtalk.form.again")
                assert card.private.get("form") == before.get("form")
                said = [message.text for message in await robin.messages()]
                assert stage.say("error.storage_starting") in said
            await robin.submit(LEAD)
            await robin.type("/lead Maple")
            assert "Maple" in (await robin.messages())[-1].text


class TestWebChat:
    async def test_the_page_and_a_wish(self, database: Database, fields: Fields) -> None:
        async with web_stage(database, fields, FRIDAY) as stage:
            robin: Any = stage.people["robin"]
            words = stage.world.languages("zh-CN").text("error.storage_starting")
            with starting(stage.world):
                setup = await robin.client.get(f"{robin.url}/api/setup?locale=zh-CN")
                wish = {
                    "kind": "command",
                    "id": "8c9e6679-7425-40de-944b-e07fc1f90ae7",
                    "persona": "robin",
                    "conversation": "dm:robin",
                    "locale": "zh-CN",
                    "text": "/lead",
                }
                asked = await robin.client.post(
                    f"{robin.url}/api/requests", json=wish, headers={"Origin": robin.url}
                )
            for answer in (setup, asked):
                assert answer.status_code == 503
                assert answer.headers["Retry-After"]
                assert answer.json() == {"error": "starting", "words": words}


class TestFromOutside:
    async def test_a_signed_call(self, office: Any, outside: Outside) -> None:
        with starting(office.world):
            body = json.dumps(BODY).encode()
            answer = await outside.http.post(
                "/intake/leads", content=body, headers=outside.signed(body, event="once")
            )
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) <= 10
        assert answer.json()["detail"] == office.world.languages().text("intake.starting")
        again = await outside.http.post(
            "/intake/leads", content=body, headers=outside.signed(body, event="once")
        )
        assert again.status_code == 200

    async def test_a_hook(self, office: Any, outside: Outside) -> None:
        body = json.dumps({"event": "page_view", "lead": "LX001"}).encode()
        with starting(office.world):
            answer = await outside.http.post(
                "/hooks/behavior", content=body, headers=outside.signed(body)
            )
        assert answer.status_code == 503
        assert answer.json()["detail"] == office.world.languages().text("intake.starting")

    async def test_a_form_in_the_visitors_language(self, office: Any, outside: Outside) -> None:
        words = office.world.languages("zh-CN").text("visitor.starting")
        with starting(office.world):
            page = await outside.http.get("/form/website", headers={"Accept-Language": "zh-CN"})
        assert page.status_code == 503
        assert page.headers["Retry-After"]
        assert words in page.text

    @pytest.mark.parametrize("seen_before", [True, False])
    async def test_a_sent_form_keeps_all_that_was_typed(
        self, office: Any, outside: Outside, seen_before: bool
    ) -> None:
        if seen_before:
            await outside.http.get("/form/website")
        typed = {"customer": "Maple <Sample> Mills", "phone": "+86 139 1234 5678", "ticket": "t"}
        with starting(office.world):
            page = await outside.http.post("/form/website", data=typed)
        assert page.status_code == 503
        assert page.headers["Retry-After"]
        assert "Maple &lt;Sample&gt; Mills" in page.text
        assert "139 1234 5678" in page.text

    async def test_a_proposals_page(self, office: Any, outside: Outside) -> None:
        with starting(office.world):
            page = await outside.http.get(f"/p/{'a' * 22}")
        assert page.status_code == 503
        assert office.world.languages().text("reader.starting") in page.text
