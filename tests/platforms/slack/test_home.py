"""The Home tab and the shortcuts that belong to no conversation."""

import asyncio
import json
from typing import Any

import pytest

from bot.platforms.slack import SlackPlatform
from handlers.core.replies import Reply
from handlers.core.ui import Button, Card, Chart, Form, Row, Section, Series, Table, Text
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.slack.conftest import Product, Start, WaitingNotice, well

BOARD = Card(
    "My day",
    sections=(
        Section(
            "Today",
            rows=(Row("LX001", Button("lead.show", "Open LX001", "LX001")),),
            opens=Button("lead_list.show", "All 9", "step=today"),
        ),
        Section("Targets", table=Table(("Name",), (("Robin",),))),
    ),
    chart=Chart(
        "bar",
        "Leads",
        ("New",),
        (Series("n", (1,)),),
        "One new lead.",
        (Button("lead_list.show", "New 1", "stage=captured"),),
    ),
    chart_below=True,
    buttons=(Button("lead.new", "New lead"),),
)
FORM = Form("lead.create", "New lead", (Text(name="customer", label="Customer"),), "Save", "Cancel")


def shown(slack: LocalSlack, user: str = "U1") -> str:
    return json.dumps(slack.space.homes[user], ensure_ascii=False)


def button(slack: LocalSlack, label: str) -> dict[str, Any]:
    blocks = slack.space.homes["U1"]["blocks"]
    elements = [
        one
        for block in blocks
        for one in (*block.get("elements", ()), block.get("accessory") or {})
    ]
    found: dict[str, Any] = next(
        one for one in elements if one.get("type") == "button" and one["text"]["text"] == label
    )
    return found


@pytest.fixture
async def home(platform: SlackPlatform, robin: SlackUser, product: Product) -> SlackUser:
    product.replies = {"home.open": Reply(card=BOARD)}
    await robin.acts.open_home()
    await platform.settled()
    return robin


class TestHome:
    async def test_shows_the_day_when_it_is_opened(
        self, home: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        assert home.user_id == "U1"
        for told in ("My day", "LX001", "New 1", "All 9", "Robin"):
            assert told in shown(slack)
        assert product.last.conversation.private
        assert not slack.space.messages
        assert slack.violations == []

    async def test_the_messages_tab_says_hello_once(
        self, platform: SlackPlatform, robin: SlackUser, product: Product, memory: WaitingNotice
    ) -> None:
        product.replies["hello.show"] = Reply(card=Card("Hello"))
        for _ in range(3):
            await robin.acts.open_home(tab="messages")
            await platform.settled()
        assert [one.text for one in await robin.messages()] == ["Hello"]
        assert list(memory.values) == ["slack:hello:U1"]

    async def test_nothing_is_said_there_to_who_was_welcomed_before(
        self, platform: SlackPlatform, robin: SlackUser, product: Product, memory: WaitingNotice
    ) -> None:
        await robin.acts.open_home(tab="messages")
        await platform.settled()
        assert await robin.messages() == []
        assert memory.values == {}

    @pytest.mark.parametrize(
        ("joined", "greeted"), [({"user": "U0GENJIN"}, True), ({"user": "U2"}, False)]
    )
    async def test_who_adds_the_bot_to_a_channel_is_greeted_there(
        self,
        platform: SlackPlatform,
        robin: SlackUser,
        product: Product,
        slack: LocalSlack,
        *,
        joined: dict[str, str],
        greeted: bool,
    ) -> None:
        product.replies["hello.show"] = Reply(card=Card("Hello"))
        event = {"type": "member_joined_channel", "channel": "C1", "channel_type": "C"}
        event |= {"team": "T0TEAM", "inviter": "U1"} | joined
        await robin.acts.event(event, "Ev1")
        await platform.settled()
        said = slack.space.visible("U1", "C1")
        assert [(one.text, one.only_for) for one in said] == [("Hello", "U1")] * greeted
        assert len(product.requests) == greeted

    async def test_what_a_button_opens_takes_the_place_of_the_day(
        self, platform: SlackPlatform, home: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        product.replies["lead.show"] = Reply(card=Card("LX001 · Acme"))
        await home.acts.press_at_home(button(slack, "Open LX001"))
        await platform.settled()
        assert "LX001 · Acme" in shown(slack)
        assert await home.messages() == []
        product.replies["home.open"] = Reply(card=Card("A quiet day"))
        await home.acts.press_at_home(button(slack, "‹ My day"))
        await platform.settled()
        assert "A quiet day" in shown(slack)
        assert await home.messages() == []
        assert slack.violations == []

    async def test_what_cannot_be_drawn_there_comes_as_a_message(
        self, platform: SlackPlatform, home: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        product.replies["lead.show"] = Reply(card=Card("LX001 · Acme"))
        slack.fault("views.publish", Fault("invalid_arguments"))
        await home.acts.press_at_home(button(slack, "Open LX001"))
        await platform.settled()
        assert [one.text for one in await home.messages()][-1].startswith("LX001 · Acme")

    async def test_an_act_is_confirmed_in_the_direct_messages_and_draws_the_tab_anew(
        self, platform: SlackPlatform, home: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        product.replies["lead.show"] = Reply(card=Card("LX001 · Acme"), toast="Done")
        product.replies["home.open"] = Reply(card=Card("A quiet day"))
        await home.acts.press_at_home(button(slack, "Open LX001"))
        await platform.settled()
        assert [one.text for one in await home.messages()][-1].startswith("Done")
        assert "A quiet day" in shown(slack)
        pressed = [one for one in product.requests if one.action == "lead.show"]
        assert [one.state for one in pressed] == [{"value": "LX001"}]

    async def test_a_form_opens_over_it_and_what_was_done_shows(
        self, platform: SlackPlatform, home: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        product.replies |= {"lead.new": Reply(form=FORM), "lead.create": Reply(toast="Saved")}
        await home.acts.press_at_home(button(slack, "New lead"))
        await platform.settled()
        product.replies["home.open"] = Reply(card=Card("One more"))
        await home.submit({"customer": "Acme"})
        await platform.settled()
        assert "One more" in shown(slack)
        assert [one.text for one in await home.messages()] == ["Saved"]

    async def test_a_form_that_changes_a_list_changes_it_there(
        self, platform: SlackPlatform, home: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        product.replies |= {
            "lead_list.show": Reply(
                card=Card("Nine leads", buttons=(Button("lead.new", "Filter"),))
            ),
            "lead.new": Reply(form=FORM),
            "lead.create": Reply(update=Card("Three leads")),
        }
        await home.acts.press_at_home(button(slack, "All 9"))
        await platform.settled()
        assert "Nine leads" in shown(slack)
        await home.acts.press_at_home(button(slack, "Filter"))
        await platform.settled()
        await home.submit({"customer": "Acme"})
        await platform.settled()
        assert "Three leads" in shown(slack)
        assert await home.messages() == []
        assert slack.violations == []

    async def test_the_same_press_delivered_again_is_one(
        self, platform: SlackPlatform, home: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        product.replies["lead.show"] = Reply(toast="Done")
        await home.acts.press_at_home(button(slack, "Open LX001"), times=3)
        await platform.settled()
        assert len({one.id for one in product.requests if one.action == "lead.show"}) == 1

    async def test_who_is_refused_reads_why(
        self, platform: SlackPlatform, robin: SlackUser, slack: LocalSlack, product: Product
    ) -> None:
        product.replies = {"home.open": Reply(toast="You left.")}
        await robin.acts.open_home()
        await platform.settled()
        assert "You left." in shown(slack)

    async def test_a_tab_that_cannot_be_drawn_stays(
        self, platform: SlackPlatform, home: SlackUser, slack: LocalSlack
    ) -> None:
        before = shown(slack)
        slack.fault("views.publish", Fault("invalid_arguments"))
        await home.acts.open_home()
        await platform.settled()
        assert shown(slack) == before


class TestBusySlack:
    @pytest.fixture
    async def waiting(self, start: Start) -> dict[float, asyncio.Event]:
        """A platform whose pauses end when the test says so; all others are short."""
        events: dict[float, asyncio.Event] = {}

        async def sleep(seconds: float) -> None:
            if seconds in events:
                await events[seconds].wait()
            await asyncio.sleep(min(seconds, 0.02))

        await well(await start(sleep=sleep))
        return events

    @pytest.mark.parametrize(
        "fault",
        [Fault(retry_after=3), Fault(status=503), Fault(status=500), Fault("internal_error")],
    )
    async def test_what_was_done_shows_once_slack_answers_again(
        self,
        waiting: dict[float, asyncio.Event],
        robin: SlackUser,
        slack: LocalSlack,
        product: Product,
        fault: Fault,
    ) -> None:
        assert not waiting
        product.replies = {"home.open": Reply(card=BOARD), "lead.show": Reply(toast="Done")}
        await robin.acts.open_home()
        await slack.settled()
        product.replies["home.open"] = Reply(card=Card("A quiet day"))
        slack.fault("views.publish", fault, fault)
        await robin.acts.press_at_home(button(slack, "Open LX001"))
        await slack.settled()
        assert "A quiet day" in shown(slack)

    async def test_a_drawing_that_had_to_wait_replaces_no_newer_one(
        self,
        waiting: dict[float, asyncio.Event],
        robin: SlackUser,
        slack: LocalSlack,
        product: Product,
    ) -> None:
        waiting[9] = asyncio.Event()
        product.replies = {"home.open": Reply(card=Card("This morning"))}
        slack.fault("views.publish", Fault(retry_after=9))
        await robin.acts.open_home()
        await slack.until(lambda: len(slack.calls("views.publish")) == 1)
        product.replies = {"home.open": Reply(card=Card("This afternoon"))}
        await robin.acts.open_home()
        await slack.until(lambda: len(slack.calls("views.publish")) == 2)
        waiting[9].set()
        await slack.settled()
        assert "This afternoon" in shown(slack)


class TestGlobalShortcuts:
    async def test_opens_a_form_from_anywhere(
        self, platform: SlackPlatform, robin: SlackUser, product: Product
    ) -> None:
        product.replies = {"lead.new": Reply(form=FORM), "lead.create": Reply(toast="Saved")}
        await robin.acts.use_global_shortcut("lead.new")
        await platform.settled()
        form = await robin.form()
        assert form
        assert form.title == "New lead"
        await robin.submit({"customer": "Acme"})
        await platform.settled()
        assert [one.text for one in await robin.messages()] == ["Saved"]

    @pytest.mark.parametrize("callback", ["lead.assign", "", "x" * 300])
    async def test_a_forged_one_is_nothing(
        self, platform: SlackPlatform, robin: SlackUser, product: Product, callback: str
    ) -> None:
        await robin.acts.use_global_shortcut(callback)
        await platform.settled()
        assert product.requests == []
