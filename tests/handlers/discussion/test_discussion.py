"""The talk about a lead: who is on it reads and answers, the others hear of it in one go."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from handlers.core.replies import Reply
from sales.people import Role
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, button_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, 1, tzinfo=SHANGHAI)


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=a_lead_and_helpers) as office:
        yield office


def a_lead_and_helpers(office: Office) -> None:
    office.log_lead("robin", owner="keep")
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    office.hire("sam", "Sam Sample", Role.SERVICE)


def say(office: Office, account: str, text: str) -> Reply:
    form = office.ask(account, "remark.say", pressed="LX001").form
    assert form
    return office.submit(account, form, text=text)


def pull_in(office: Office, account: str) -> None:
    form = office.ask("robin", "support.ask", pressed="LX001").form
    assert form
    person = str(office.people[account].id)
    assert not office.submit("robin", form, person=person, question="Can it?").errors


def news(office: Office, account: str) -> list[str]:
    title = office.say("talk.news", lead="LX001 · Acme Sample Ltd")
    return [words_of(card) for card in office.inbox(account) if card.title == title]


class TestTalk:
    async def test_everybody_on_the_lead_hears_of_it_once(self, office: Office) -> None:
        pull_in(office, "pat")
        pull_in(office, "sam")
        say(office, "robin", "When can we deliver?")
        say(office, "pat", "In May")
        say(office, "robin", "Too late")
        await office.travel(2024, 3, 1, 10, 5)
        assert news(office, "sam") == []
        await office.travel(2024, 3, 1, 10, 6)
        for account in ("pat", "sam", "robin"):
            [told] = news(office, account)
            assert all(words in told for words in ("When can we deliver?", "In May", "Too late"))
        assert news(office, "max") == []
        assert news(office, "kim") == []

    async def test_where_nobody_else_is_the_leader_hears(self, office: Office) -> None:
        say(office, "robin", "What now?")
        await office.travel(2024, 3, 1, 10, 10)
        [told] = news(office, "max")
        assert "What now?" in told
        say(office, "max", "Call them")
        await office.travel(2024, 3, 1, 10, 20)
        assert "Call them" in news(office, "robin")[0]
        say(office, "robin", "Done")
        await office.travel(2024, 3, 1, 10, 30)
        assert len(news(office, "max")) == 2
        assert len(news(office, "robin")) == 1

    def test_who_is_named_and_may_not_see_it_is_told_of(self, office: Office) -> None:
        reply = say(office, "robin", "@Kim Sample, @Pat Sample: a discount?")
        assert reply.update
        names = office.language.listing(["Kim Sample", "Pat Sample"])
        assert office.say("talk.not_theirs", names=names) in reply.update.body
        button = button_of(reply.update, office.say("button.share_with", name="Kim Sample"))
        assert office.say("button.ask_colleague") in words_of(reply.update)
        shared = office.ask("robin", button.action, pressed=button.value)
        assert shared.toast == office.say(
            "access.given", name="Kim Sample", lead="LX001 · Acme Sample Ltd"
        )
        assert office.ask("kim", "lead.show", pressed="LX001").card
        refused = office.ask("kim", "access.give", pressed=f"LX001:{office.people['dana'].id}")
        assert not refused.update
        assert not office.ask("dana", "lead.show", pressed="LX001").card

    async def test_who_is_named_hears_if_the_lead_is_theirs_to_see(self, office: Office) -> None:
        pull_in(office, "pat")
        await office.settle()
        say(office, "robin", "@Max Manager @Kim Sample a discount?")
        await office.travel(2024, 3, 1, 10, 10)
        assert len(news(office, "max")) == len(news(office, "pat")) == 1
        assert news(office, "kim") == []

    async def test_who_lost_the_lead_meanwhile_hears_nothing(self, office: Office) -> None:
        pull_in(office, "pat")
        say(office, "robin", "Secret plan")
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        office.submit("max", form, person=str(office.people["dana"].id))
        await office.travel(2024, 3, 1, 10, 10)
        assert news(office, "robin") == []
        assert len(news(office, "dana")) == 1

    def test_it_is_no_contact_and_holds_none(self, office: Office) -> None:
        before = office.rows("clock"), office.lead()
        reply = say(office, "robin", "Their number: 138-1234-5678, zhang@acme.example")
        assert reply.toast == office.say("talk.said_masked")
        [row] = office.rows("remark")
        assert row["text"] == "Their number: 138****5678, z***@acme.example"
        assert (office.rows("clock"), office.lead()) == before
        assert office.history() == []

    def test_the_last_words_stand_on_the_card(self, office: Office) -> None:
        pull_in(office, "pat")
        for n in range(3):
            say(office, "robin", f"word {n}")
        for account in ("robin", "pat", "max"):
            words = words_of(office.ask(account, "lead.show", pressed="LX001"))
            assert "word 2" in words
            assert "word 0" not in words
            assert "word 0" in words_of(office.ask(account, "remark.open", pressed="LX001"))

    def test_who_is_not_on_the_lead_has_no_part(self, office: Office) -> None:
        say(office, "robin", "Secret plan")
        for account in ("dana", "kim", "pat", "wes"):
            for action in ("remark.open", "remark.say", "remark.create"):
                state = {"lead": "LX001", "value": "LX001"}
                reply = office.ask(account, action, state=state, values={"text": "x"})
                assert (reply.card, reply.form, reply.update) == (None, None, None)
        assert len(office.rows("remark")) == 1

    @pytest.mark.parametrize(
        ("text", "problem"), [("", "remark_missing"), (" \n", "remark_missing"), ("x" * 1001, "")]
    )
    def test_bad_input_is_said_beside_the_field(
        self, office: Office, text: str, problem: str
    ) -> None:
        said = (
            office.say(f"problem.{problem}") if problem else office.say("problem.too_long", n=1000)
        )
        assert say(office, "robin", text).errors == {"text": said}


class TestServiceIsPulledIn:
    async def test_service_answers_a_question_on_a_lead(self, office: Office) -> None:
        pull_in(office, "sam")
        await office.settle()
        card = office.inbox("sam")[-1]
        assert card.body == "Can it?"
        form = office.press("sam", card, "button.answer").form
        assert form
        assert not office.submit("sam", form, note="Within two hours").errors
        await office.settle()
        assert "Within two hours" in words_of(office.inbox("robin")[-1])
