"""What is typed under a lead's card is about that lead."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from itertools import count

import pytest

from handlers.core.commands import parse_command
from handlers.core.replies import Reply
from sales.people import Role
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.office import PLATFORM, SHANGHAI, Office, button_of, open_office, words_of

FRIDAY = datetime(2024, 3, 1, 10, 1, tzinfo=SHANGHAI)
_NUMBERS = count(1)


@pytest.fixture(params=["en", "zh_CN"])
async def office(
    request: pytest.FixtureRequest, database: Database, fields: Fields
) -> AsyncIterator[Office]:
    """LX001 is Robin's, and its card stands in Robin's conversation."""
    with open_office(database, fields, FRIDAY, request.param) as opened:
        opened.log_lead("max")
        await opened.settle()
        assert opened.owner() == "robin"
        yield opened


def card_in(office: Office, account: str) -> str:
    """The reference of the lead's first card in somebody's conversation."""
    return next(
        str(ref)
        for ref, posted in enumerate(office.desk.posted)
        if posted.to == account and posted.card.thread
    )


def typed(office: Office, account: str, line: str, under: str, **more: object) -> Reply:
    """A line under a card, as an adapter brings it."""
    command = parse_command(line)
    action, text = (command.action, command.text) if command else ("help.unknown", line)
    request = office.request(account, action, text=text)
    return office.send(replace(request, under=under, line=line, **more))  # type: ignore[arg-type]


def said(office: Office) -> list[str]:
    return [row["text"] for row in office.rows("remark")]


class TestWords:
    async def test_are_a_remark_that_says_who_hears(self, office: Office) -> None:
        reply = typed(office, "robin", "they want it by May", card_in(office, "robin"))
        assert said(office) == ["they want it by May"]
        assert office.history() == []
        assert reply.card
        names = office.person("max").name
        assert reply.card.body == office.say("talk.noted", lead="LX001", names=names)
        await office.travel(2024, 3, 1, 10, 10)
        assert "they want it by May" in words_of(office.inbox("max"))

    async def test_nobody_is_promised_who_may_not_hear(self, office: Office) -> None:
        reply = typed(office, "robin", "@Kim Sample look", card_in(office, "robin"))
        assert reply.card
        assert "Kim" not in reply.card.summary
        # That they will not hear of it is said, with a way to change it.
        assert "access.give" in [button.action for button in reply.card.buttons]

    def test_contacts_are_covered(self, office: Office) -> None:
        reply = typed(office, "robin", "call 138-1234-5678", card_in(office, "robin"))
        assert said(office) == ["call 138****5678"]
        assert "138-1234-5678" not in words_of(reply)
        assert reply.card
        assert reply.card.body.endswith(office.say("talk.noted_masked", line=""))

    def test_ten_deliveries_are_one_remark_and_one_answer(self, office: Office) -> None:
        request = replace(
            office.request("robin", "help.unknown", text="so it is"),
            under=card_in(office, "robin"),
            line="so it is",
        )
        replies = [office.send(request) for _ in range(10)]
        assert said(office) == ["so it is"]
        assert replies[0].card
        assert replies[1:] == [Reply()] * 9

    @pytest.mark.parametrize(
        "line",
        ["stage is fine by me", "lead time is six weeks", "tasks are done", "help us with it",
         "方案 他们很喜欢", "proposal they like it"],
    )  # fmt: skip
    def test_that_only_begin_like_a_command_are_words(self, office: Office, line: str) -> None:
        typed(office, "robin", line, card_in(office, "robin"))
        assert said(office) == [line]

    def test_that_are_too_long_are_said_to_be(self, office: Office) -> None:
        reply = typed(office, "robin", "x" * 1001, card_in(office, "robin"))
        assert reply.errors == {"text": office.say("problem.too_long", n=1000)}
        assert said(office) == []


class TestInstead:
    def pressed(self, office: Office, line: str = "wants a case") -> tuple[Reply, str]:
        card = typed(office, "robin", line, card_in(office, "robin")).card
        assert card
        button = button_of(card, office.say("button.instead"))
        return office.ask("robin", button.action, pressed=button.value), button.value

    async def test_the_form_has_the_words_and_the_follow_up_replaces_them(
        self, office: Office
    ) -> None:
        reply, _ = self.pressed(office)
        assert reply.form
        values = {one.name: getattr(one, "value", "") for one in reply.form.fields}
        assert (values["lead"], values["summary"]) == ("LX001", "wants a case")
        assert said(office) == ["wants a case"]
        assert not office.submit("robin", reply.form).errors
        assert said(office) == []
        assert office.history()[0].summary == "wants a case"
        await office.travel(2024, 3, 1, 10, 10)
        title = office.say("talk.news", lead="LX001 · Acme Sample Ltd")
        assert title not in [card.title for card in office.inbox("max")]

    def test_a_remark_is_taken_back_once(self, office: Office) -> None:
        reply, value = self.pressed(office)
        assert reply.form
        office.submit("robin", reply.form)
        again = office.ask("robin", "followup.instead", pressed=value)
        assert again == Reply(toast=office.say("talk.taken_back"))

    @pytest.mark.parametrize("account", ["max", "ada", "dana", "kim"])
    def test_nobody_takes_back_what_others_said(self, office: Office, account: str) -> None:
        _, value = self.pressed(office)
        assert office.ask(account, "followup.instead", pressed=value).form is None
        form = office.ask("max", "followup.log", pressed="LX001").form
        assert form
        office.submit("max", replace(form, state={"remark": value}), summary="called")
        assert said(office) == ["wants a case"]

    @pytest.mark.parametrize("value", ["", "x", "0", "99", "9" * 30, "-1"])
    def test_any_number_is_survived(self, office: Office, value: str) -> None:
        reply = office.ask("robin", "followup.instead", pressed=value)
        assert reply == Reply(toast=office.say("talk.taken_back"))

    def test_who_logs_no_follow_ups_is_not_offered_one(self, office: Office) -> None:
        office.hire("pat", "Pat Sample", Role.PRODUCT)
        form = office.ask("robin", "support.ask", pressed="LX001").form
        assert form
        office.submit("robin", form, person=str(office.people["pat"].id), question="Can it?")
        reply = office.ask("pat", "remark.create", state={"lead": "LX001"}, values={"text": "yes"})
        assert reply.errors == {}


class TestCommands:
    @pytest.mark.parametrize("slash", ["", "/", "／"])
    def test_a_follow_up_needs_no_number(self, office: Office, slash: str) -> None:
        line = f"{slash}followup call wants a case, send proposal by friday"
        reply = typed(office, "robin", line, card_in(office, "robin"))
        [followup] = office.history()
        assert followup.lead_id == 1
        assert followup.method == "call"
        assert followup.next_at
        assert reply.card
        assert said(office) == []

    def test_in_chinese_too(self, office: Office) -> None:
        typed(office, "robin", "跟进 电话 需要同行案例 下周五发方案", card_in(office, "robin"))
        [followup] = office.history()
        assert (followup.method, followup.lead_id) == ("call", 1)

    @pytest.mark.parametrize("line", ["followup", "stage", "/stage", "推进", "discovery", "需求"])
    def test_a_form_is_for_the_cards_lead(self, office: Office, line: str) -> None:
        form = typed(office, "robin", line, card_in(office, "robin")).form
        assert form
        assert "LX001" in words_of(form)
        assert said(office) == []

    def test_so_are_proposals_and_objections(self, office: Office) -> None:
        under = card_in(office, "robin")
        assert "LX001" in words_of(typed(office, "robin", "方案", under))
        assert "LX001" in words_of(typed(office, "robin", "objection", under))
        assert "too dear" in words_of(typed(office, "robin", "异议 too dear", under).form)

    def test_a_number_wins(self, office: Office) -> None:
        office.log_lead("robin", customer="Other", phone="", email="", owner="keep")
        typed(office, "robin", "followup LX002 call likes it", card_in(office, "robin"))
        assert (office.history(1), len(office.history(2))) == ([], 1)

    def test_so_does_a_customers_name(self, office: Office) -> None:
        office.log_lead("robin", customer="Other Sample", phone="", email="", owner="keep")
        form = typed(office, "robin", "followup other", card_in(office, "robin")).form
        assert form
        assert "LX002" in words_of(form)
        assert office.history(1) == []

    def test_what_takes_no_lead_does_what_it_always_does(self, office: Office) -> None:
        under = card_in(office, "robin")
        for line in ("pipeline", "tasks", "library price", "话术 价格", "help"):
            plain = parse_command(line)
            assert plain
            there = typed(office, "robin", line, under)
            assert there == office.ask("robin", plain.action, text=plain.text)
        assert said(office) == []

    def test_a_button_that_repeats_a_command_still_means_the_lead(self, office: Office) -> None:
        request = replace(office.request("robin", "stage.open"), under=card_in(office, "robin"))
        form = office.send(request).form
        assert form
        assert "LX001" in words_of(form)


class TestWhoMayNot:
    def before(self, office: Office, account: str, line: str) -> Reply:
        return office.ask(account, "help.unknown", text=line)

    async def test_another_persons_card_is_no_card(self, office: Office) -> None:
        under = card_in(office, "robin")
        for account in ("dana", "kim", "max", "ada"):
            reply = typed(office, account, "hello there", under)
            assert reply == self.before(office, account, "hello there")
        assert said(office) == []

    async def test_who_lost_the_lead_is_answered_as_before(self, office: Office) -> None:
        under = card_in(office, "robin")
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        office.submit("max", form, person=str(office.people["dana"].id))
        reply = typed(office, "robin", "hello there", under)
        assert reply == self.before(office, "robin", "hello there")
        assert "LX001" not in words_of(typed(office, "robin", "stage", under))
        assert said(office) == []

    @pytest.mark.parametrize("under", ["", "999", "x" * 500, "0' OR 1=1 --", "\x00", "lead:1"])
    def test_a_card_that_is_gone_is_none(self, office: Office, under: str) -> None:
        reply = typed(office, "robin", "hello there", under)
        assert reply == self.before(office, "robin", "hello there")
        assert said(office) == []

    def test_a_stranger_is_welcomed_and_no_more(self, office: Office) -> None:
        typed(office, "stranger", "hello there", card_in(office, "robin"))
        assert said(office) == []

    async def test_a_merged_leads_card_speaks_of_the_one_it_became(self, office: Office) -> None:
        office.log_lead(
            "robin", customer="Acme Twin", phone="", email="", owner="keep", different="name"
        )
        pick = office.ask("max", "merge.ask", pressed="LX002").form
        assert pick
        form = office.submit("max", pick, other="LX001").form
        assert form
        assert office.submit("max", form, sure=("meant",)).update
        typed(office, "robin", "one customer", card_in(office, "robin"))
        assert [row["lead_id"] for row in office.rows("remark")] == [2]


class TestPlaces:
    async def test_later_cards_of_the_lead_are_places_too(self, office: Office) -> None:
        typed(office, "robin", "followup call likes it tomorrow send it", card_in(office, "robin"))
        await office.travel(2024, 3, 2, 10)
        later = [
            str(ref)
            for ref, posted in enumerate(office.desk.posted)
            if posted.to == "robin" and posted.card.subject.startswith("followup:")
        ]
        assert later
        typed(office, "robin", "will do", later[-1])
        assert said(office) == ["will do"]

    async def test_a_platform_that_redraws_nothing_keeps_them(self, office: Office) -> None:
        office.desk.can_edit = office.desk.has_threads = False
        office.log_lead("max", customer="Two", phone="", email="")
        await office.settle()
        ref = str(len(office.desk.posted) - 1)
        typed(office, office.desk.posted[-1].to, "noted", ref)
        assert [row["lead_id"] for row in office.rows("remark")] == [2]
        assert PLATFORM in office.rows("posting")[-1]["lane"]
