"""Forms, buttons and slow work in Slack, through the real slack-bolt."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.platforms import Address
from bot.platforms.slack import SlackPlatform
from bot.platforms.slack.opening_forms import FORMS
from handlers.core.replies import Reply
from handlers.core.requests import Request
from handlers.core.ui import Button, Card, Confirm, Form, Option, Text
from handlers.routes import ROUTES
from tests.conversations.slack import SlackUser
from tests.doubles.slack import Fault, LocalSlack
from tests.platforms.slack.conftest import Product, WaitingNotice
from tests.platforms.slack.samples import CARD, FORM


class TestForms:
    async def test_answers_come_as_the_handlers_expect_them(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        product.replies["lead.open"] = Reply(form=FORM)
        product.replies["lead.options"] = Reply(options=(Option("LX001", "LX001 Sample Works"),))
        product.replies["lead.create"] = Reply(card=CARD)
        await robin.type("/lead", channel="C1")
        assert await robin.search("parent", "sam") == ["LX001 Sample Works"]
        assert (product.last.text, product.last.state) == ("sam", {"from": "test"})
        await robin.submit(
            {
                "customer": "Sample <Works>",
                "source": "fair",
                "bant": ("b", "n"),
                "visit": "2026-12-01T14:30",
                "parent": "LX001",
            }
        )
        asked = product.last
        assert asked.action == "lead.create"
        assert asked.state == {"from": "test"}
        assert asked.values == {
            "customer": "Sample <Works>",
            "need": "",
            "source": "fair",
            "bant": ("b", "n"),
            "visit": "2026-12-01T14:30",
            "parent": "LX001",
        }
        assert asked.conversation.id == "C1"
        assert await robin.form() is None
        assert "LX001" in (await robin.messages(channel="C1"))[-1].text

    async def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        def check(request: Request) -> Reply:
            if request.values["need"]:
                return Reply(toast="Saved")
            return Reply(errors={"need": "Say more, e.g. 200 seats", "elsewhere": "Also this"})

        product.replies |= {"lead.open": Reply(form=FORM), "lead.create": check}
        await robin.type("/lead")
        await robin.submit({"customer": "Sample"})
        form = await robin.form()
        assert form
        assert form.errors == {"need": "Say more, e.g. 200 seats", "customer": "Also this"}
        assert form.values["customer"] == "Sample"
        await robin.submit({"need": "200 seats"})
        assert await robin.form() is None
        assert product.delivered[-1] == product.delivered[-2]
        assert (await robin.messages())[-1].text == "Saved"

    async def test_a_next_form_replaces_it_with_its_own_values(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        second = Form(
            "lead.more",
            "More",
            (Text(name="customer", label="Again", value="Given"),),
            "Go",
            "Stop",
        )
        product.replies |= {"lead.open": Reply(form=FORM), "lead.create": Reply(form=second)}
        await robin.type("/lead")
        await robin.submit({"customer": "Typed"})
        form = await robin.form()
        assert form
        assert (form.title, form.values) == ("More", {"customer": "Given"})

    async def test_a_changed_form_comes_back_with_its_errors(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        reply = Reply(form=FORM, errors={"customer": "Known already"})
        product.replies |= {"lead.open": Reply(form=FORM), "lead.create": reply}
        await robin.type("/lead")
        await robin.submit({"customer": "Typed"})
        form = await robin.form()
        assert form
        assert "Known already" in form.errors["customer"]

    async def test_state_too_long_for_slack_still_comes_back(
        self, platform: SlackPlatform, product: Product, memory: WaitingNotice, robin: SlackUser
    ) -> None:
        state = {"draft": "长" * 5000}
        form = Form("lead.create", "Long", (Text(name="a", label="A"),), "Go", "Stop", state=state)
        product.replies["lead.open"] = Reply(form=form)
        await robin.type("/lead")
        await robin.submit({"a": "x"})
        assert product.last.state == state
        assert product.last.values == {"a": "x"}

    async def test_a_submission_delivered_again_has_the_same_id(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["lead.open"] = Reply(form=FORM)
        await robin.type("/lead")
        modal = slack.space.modal_of("U1")
        assert modal
        await robin.acts.submit(modal, times=10)
        assert len(set(product.delivered[1:])) == 1


class TestButtons:
    async def test_redraw_their_card(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        product.replies["lead.log"] = Reply(update=Card("LX001 logged"), toast="Logged")
        await robin.type("/pipeline")
        await robin.press("Log", within="LX001")
        assert (product.last.action, product.last.state) == ("lead.log", {"value": "7"})
        shown = await robin.messages()
        assert [message.text for message in shown] == ["LX001 logged", "Logged"]
        assert slack.calls("chat.update")

    async def test_redraw_an_ephemeral_card_in_place(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        product.replies["lead.log"] = Reply(update=Card("LX001 logged"))
        await robin.type("/pipeline", channel="C2")
        await robin.press("Log", channel="C2")
        assert [message.text for message in await robin.messages(channel="C2")] == ["LX001 logged"]
        assert not slack.calls("chat.update")

    @pytest.mark.parametrize("count", [3, 8])
    async def test_chosen_in_a_menu_ask_for_the_same(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, count: int
    ) -> None:
        more = tuple(Button("lead.edit", f"Edit {n}", f"LX{n} x") for n in range(count))
        product.replies["lead.open"] = Reply(card=Card("LX001", more=more))
        product.replies["lead.edit"] = Reply(update=Card("LX001 is edited"))
        await robin.type("/lead")
        await robin.press("Edit 2")
        assert (product.last.action, product.last.state) == ("lead.edit", {"value": "LX2 x"})
        assert (await robin.messages())[-1].text == "LX001 is edited"

    async def test_open_a_form_whose_answer_redraws_the_card(
        self, platform: SlackPlatform, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        product.replies["lead.log"] = Reply(form=FORM)
        product.replies["lead.create"] = Reply(update=Card("LX001 logged"))
        await robin.type("/pipeline")
        await robin.press("Log")
        await robin.submit({"customer": "Sample"})
        assert [message.text for message in await robin.messages()] == ["LX001 logged"]

    async def test_in_a_channel_answer_only_who_pressed(
        self, platform: SlackPlatform, product: Product, robin: SlackUser, li: SlackUser
    ) -> None:
        await platform.post(Address("slack", "channel", "C1"), CARD, locale="en")
        product.replies["lead.log"] = Reply(card=Card("Only for you"))
        await li.press("Log", channel="C1")
        assert len(await li.messages(channel="C1")) == 2
        assert len(await robin.messages(channel="C1")) == 1

    async def test_ask_before_they_act(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        sure = Confirm("Sure?", "It goes.", "Yes", "No")
        product.replies["board.open"] = Reply(
            card=Card("x", buttons=(Button("lead.drop", "Drop", style="danger", confirm=sure),))
        )
        await robin.type("/pipeline")
        button = slack.space.messages[-1].blocks[-1]["elements"][0]
        assert button["confirm"]["confirm"]["text"] == "Yes"
        assert button["style"] == "danger"

    async def test_pressed_twice_by_delivery_has_one_id(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        await robin.type("/pipeline")
        message = slack.space.messages[-1]
        await robin.acts.press(message, message.blocks[-1]["elements"][0], times=10)
        assert len(set(product.delivered[1:])) == 1


async def announced(slack: LocalSlack) -> None:
    """Return once a modal says *one moment* to Robin."""
    async with asyncio.timeout(20):
        while slack.space.modal_of("U1") is None:  # noqa: ASYNC110 - the double tells of no event
            await asyncio.sleep(0.01)


async def ask_slowly(
    slack: LocalSlack, product: Product, robin: SlackUser, *, times: int = 1
) -> asyncio.Event:
    """Ask for a form that is known to be one; it does not come before the event that is
    returned."""
    product.replies["lead.open"] = Reply(form=FORM)
    await robin.type("/lead")
    slack.space.modals.clear()
    product.hold = held = asyncio.Event()
    for _ in range(times):
        await robin.acts.command("/lead", "", slack.space.direct("U1"))
    return held


class TestSlowWork:
    async def test_a_command_is_acknowledged_and_answered_later(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.hold = asyncio.Event()
        product.replies["board.open"] = Reply(card=CARD)
        await robin.acts.command("/pipeline", "", slack.space.direct("U1"))
        assert await robin.messages() == []
        product.hold.set()
        await slack.settled()
        assert "LX001" in (await robin.messages())[-1].text

    async def test_a_form_that_comes_too_late_is_a_button_away(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.hold = asyncio.Event()
        product.replies["lead.open"] = Reply(form=FORM)
        await robin.acts.command("/lead", "LX001", slack.space.direct("U1"))
        slack.older = 10.0
        product.hold.set()
        await slack.settled()
        assert await robin.form() is None
        assert "longer than Slack waits" in (await robin.messages())[-1].text
        await robin.press("Open the form")
        assert await robin.form()
        assert product.last.text == "LX001"

    async def test_a_form_is_announced_before_its_trigger_expires(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        held = await ask_slowly(slack, product, robin)
        await announced(slack)
        waiting = await robin.form()
        assert waiting
        assert waiting.title == "One moment"
        slack.older = 10.0
        held.set()
        await slack.settled()
        form = await robin.form()
        assert form
        assert form.title == "Log a lead"
        assert await robin.messages() == []

    async def test_a_form_replaces_nothing_but_what_announced_it(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        held = await ask_slowly(slack, product, robin)
        await announced(slack)
        modal = slack.space.modal_of("U1")
        assert modal
        shown, modal.hash = modal.hash, "changed.meanwhile"
        held.set()
        await slack.settled()
        assert slack.calls("views.update")[-1].args["hash"] == shown
        waiting = await robin.form()
        assert waiting
        assert waiting.title == "One moment"
        assert "The form is ready" in (await robin.messages())[-1].text

    async def test_a_second_press_opens_no_second_form(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        held = await ask_slowly(slack, product, robin, times=3)
        held.set()
        await slack.settled()
        assert len(slack.calls("views.open")) == 2
        assert len(product.requests) == 2
        product.hold = None
        slack.space.modals.clear()
        await robin.type("/lead")
        assert await robin.form()

    async def test_the_filters_of_a_list_are_announced_when_first_pressed(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        listed = Card("9 leads", buttons=(Button("lead_list.filter", "Filter", "step=today"),))
        product.replies |= {"board.open": Reply(card=listed), "lead_list.filter": Reply(form=FORM)}
        await robin.type("/pipeline")
        product.hold = asyncio.Event()
        [message] = slack.space.visible("U1", "")
        [button] = message.blocks[-1]["elements"]
        for _ in range(2):
            await robin.acts.press(message, button)
        await announced(slack)
        product.hold.set()
        await slack.settled()
        form = await robin.form()
        assert form
        assert form.title == "Log a lead"
        assert len(slack.calls("views.open")) == 1

    def test_what_opens_a_form_is_an_action(self) -> None:
        assert set(ROUTES) >= FORMS

    async def test_an_announced_form_that_was_closed_is_a_button_away(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        held = await ask_slowly(slack, product, robin)
        await announced(slack)
        slack.space.modals.clear()
        held.set()
        await slack.settled()
        assert await robin.form() is None
        await robin.press("Open the form")
        assert await robin.form()

    async def test_what_comes_in_the_place_of_a_form_is_said(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        for reply, title, text in (
            (Reply(toast="Logged."), "Done", "Logged."),
            (Reply(errors={"": "Not yours"}), "Not done yet", "Not yours"),
            (Reply(card=CARD), "Done", "The answer is in your messages."),
        ):
            product.replies["lead.open"], product.hold = Reply(form=FORM), None
            await robin.type("/lead")
            slack.space.modals.clear()
            product.replies["lead.open"], product.hold = reply, asyncio.Event()
            await robin.acts.command("/lead", "", slack.space.direct("U1"))
            await announced(slack)
            product.hold.set()
            await slack.settled()
            view = slack.space.modal_of("U1")
            assert view
            assert view.body["title"]["text"] == title
            assert text in view.body["blocks"][0]["text"]["text"]
            assert len(await robin.messages()) == bool(reply.card)

    async def test_what_opens_no_form_is_announced_by_none(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies["board.open"] = Reply(card=CARD)
        product.hold = asyncio.Event()
        await robin.acts.command("/pipeline", "", slack.space.direct("U1"))
        product.hold.set()
        await slack.settled()
        assert slack.calls("views.open") == []

    async def test_a_submitted_form_says_one_moment_and_then_the_answer(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies |= {"lead.open": Reply(form=FORM), "lead.create": Reply(card=CARD)}
        await robin.type("/lead")
        product.hold = asyncio.Event()
        modal = slack.space.modal_of("U1")
        assert modal
        await robin.acts.submit(modal)
        waiting = await robin.form()
        assert waiting
        assert waiting.title == "One moment"
        product.hold.set()
        await slack.settled()
        done = await robin.form()
        assert done
        assert done.title == "Done"
        assert "LX001" in (await robin.messages())[-1].text

    async def test_late_errors_bring_the_form_back_with_all_that_was_typed(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        product.replies |= {
            "lead.open": Reply(form=FORM),
            "lead.create": Reply(errors={"need": "Say more"}),
        }
        await robin.type("/lead")
        product.hold = asyncio.Event()
        asyncio.get_running_loop().call_later(0.4, product.hold.set)
        await robin.submit({"customer": "Sample", "bant": ("n",), "visit": "2026-12-01T14:30"})
        form = await robin.form()
        assert form
        assert form.title == "Log a lead"
        assert "Say more" in form.errors["need"]
        assert form.values["customer"] == "Sample"
        assert form.values["bant"] == ("n",)
        assert form.values["visit"] == "2026-12-01T14:30"

    async def test_slack_slow_to_tell_who_asks_holds_nothing_up(
        self, impatient: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        release = asyncio.Event()
        slack.fault("users.info", Fault(held=release, acted=True))
        await robin.type("/pipeline", channel="C1")
        assert product.last.sender.name == "u1"
        assert product.last.sender.doubtful
        release.set()

    @pytest.mark.parametrize("fault", [Fault(error="internal_error"), Fault(status=503)])
    async def test_whom_slack_does_not_tell_of_is_doubtful_until_it_does(
        self,
        platform: SlackPlatform,
        slack: LocalSlack,
        product: Product,
        robin: SlackUser,
        fault: Fault,
    ) -> None:
        slack.faults["users.info"].extend([fault] * 3)
        await robin.type("/pipeline", channel="C1")
        assert product.last.sender.doubtful
        await robin.type("/pipeline", channel="C1")
        assert not product.last.sender.doubtful

    async def test_names_are_asked_once(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        for _ in range(3):
            await robin.type("/pipeline", channel="C1")
        assert len(slack.calls("users.info")) == 1


class TestUnexpectedErrors:
    async def test_the_person_hears_it_and_slack_shows_none_of_its_own(
        self, platform: SlackPlatform, slack: LocalSlack, product: Product, robin: SlackUser
    ) -> None:
        def broken(request: Request) -> Reply:
            raise RuntimeError(request.id)

        product.replies |= {
            "board.open": broken,
            "lead.open": Reply(form=FORM),
            "lead.create": broken,
        }
        with capture_logs() as logged:
            await robin.type("/pipeline")
        said = (await robin.messages())[-1].text
        assert "Something went wrong" in said
        [incident] = [line["incident"] for line in logged if "incident" in line]
        assert incident in said
        await robin.type("/lead")
        await robin.submit({"customer": "Sample"})
        form = await robin.form()
        assert form
        assert "Something went wrong" in form.errors["customer"]
        assert form.values["customer"] == "Sample"

    async def test_an_answer_our_own_code_breaks_on_is_apologised_for(
        self,
        platform: SlackPlatform,
        product: Product,
        memory: WaitingNotice,
        li: SlackUser,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async def full(*_: object, **__: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(memory, "put", full)
        state = {"draft": "x" * 5000}
        form = Form("lead.create", "Long", (Text(name="a", label="A"),), "Go", "Stop", state=state)
        product.replies["lead.open"] = Reply(form=form)
        with capture_logs() as logged:
            await li.type("/lead")
        said = (await li.messages())[-1].text
        assert "我这边出了点问题" in said
        [incident] = [line["incident"] for line in logged if "incident" in line]
        assert incident in said
