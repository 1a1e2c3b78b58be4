"""A proposal from the first question to the customer reading it, on every platform."""

import re

import httpx
import pytest
from starlette.applications import Starlette

from tests.conversations.stages import SITE, Stage
from tests.conversations.test_a_tech import A_TECH, A_TITLE

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile"


class TestFromNeedsToTheReader:
    async def test_the_owner_hears_when_the_customer_reads(self, stage: Stage) -> None:
        rep = stage.people["robin"]
        await rep.type("/lead")
        await rep.submit(A_TECH | {"phone": "138 1234 5678", "owner": "keep"})
        await write_down_needs(stage)
        link = await compose_and_send(stage)
        await the_customer_reads(stage, link)
        await stage.newest("robin", stage.say("signal.hot_title", lead=A_TITLE))


async def write_down_needs(stage: Stage) -> None:
    """In two parts; what was told first stands in the form again."""
    rep = stage.people["robin"]
    await rep.type("/discovery LX001")
    await rep.submit({"situation": "三十名销售", "pains": ("slow_response",)})
    assert await rep.form() is None
    await rep.type("/discovery LX001")
    form = await rep.form()
    assert form
    assert form.values["situation"] == "三十名销售"
    await rep.submit({"decision": "采购提报，总经理签字"})
    await stage.newest("robin", "采购提报")


async def compose_and_send(stage: Stage) -> str:
    rep = stage.people["robin"]
    await rep.type("/proposal LX001")
    own = {"own_modules": "线索管理：20000 / 36000", "own_solutions": "响应慢 → 每条咨询都有计时"}
    await rep.submit(own | {"discount": "100"})
    form = await rep.form()
    assert form
    assert set(form.errors) == {"discount"}
    assert form.values["own_modules"] == own["own_modules"]
    await rep.submit({"discount": "5"})
    draft = await stage.newest("robin", stage.say("proposal.draft_body"))
    assert "¥34,200" in draft.text
    await rep.press(stage.say("button.send_proposal"), within=stage.say("proposal.draft_body"))
    if not stage.edits:  # a chat without dialogs asks in the conversation
        await rep.press(stage.say("button.send"))
    sent = await stage.newest("robin", stage.say("proposal.link_body"))
    found = re.search(rf"{SITE}(/p/[0-9a-f]{{32}})", sent.text)
    assert found, sent.text
    return found[1]


async def the_customer_reads(stage: Stage, path: str) -> None:
    world = stage.world
    transport = httpx.ASGITransport(Starlette(routes=world.routes))
    agent = {"User-Agent": PHONE, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=agent) as browser:
        page = await browser.get(path)
        assert "¥34,200" in page.text
        ticket = re.search(r'data-ticket="([^"]+)"', page.text)
        assert ticket
        world.clock.advance(5)
        await browser.post(f"{path}/seen", data={"ticket": ticket[1], "seconds": "4"})
    await world.settle()
