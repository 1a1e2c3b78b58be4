"""Questions about the bot itself are answered, with what the person's role may do about it."""

import pytest

from handlers.core.ui import Card
from sales.people import Role
from sales.questions import QuestionTopic
from tests.office import Office, buttons_of, words_of
from tests.sales.test_questions import asked


def answer(office: Office, line: str, who: str = "robin") -> Card:
    card = office.ask(who, "help.unknown", text=line).card
    assert card is not None
    return card


class TestEveryQuestion:
    def test_has_an_answer_of_its_own(self, office: Office) -> None:
        office.hire("fay", "Fay Finance", Role.FINANCE)
        lines = dict(asked())
        for who in ("robin", "max", "ada", "fay"):
            for topic, line in lines.items():
                card = answer(office, line, who)
                assert card.title == office.say(f"question.title_{topic}"), line
                assert buttons_of(card)


class TestAPersonsData:
    def test_an_admin_comes_to_the_form_that_names_them(self, office: Office) -> None:
        card = answer(office, "what do you store about Zoe Sample?", "ada")
        form = office.press("ada", card, "erasure.title_button").form
        assert form is not None
        assert "Zoe Sample" in words_of(form)

    def test_others_are_told_whom_to_ask(self, office: Office) -> None:
        for line in ("删除王小样的所有数据", "what do you store about Zoe Sample?"):
            card = answer(office, line)
            assert "Ada Admin" in card.body
            assert "erasure.open" not in [button.action for button in buttons_of(card)]


class TestWhoSees:
    def test_a_lead_that_is_named(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        body = answer(office, "who can see LX001?").body
        assert all(name in body for name in ("Robin Sample", "Max Manager", "Ada Admin"))
        assert "Dana Example" not in body
        assert answer(office, "who can see LX001?", "dana").body == office.say("question.who_sees")


class TestALeadOfSomebodyElse:
    @pytest.mark.parametrize("number", ["LX001", "LX777"])
    def test_is_told_whom_to_ask_and_not_whether_it_exists(
        self, office: Office, number: str
    ) -> None:
        office.log_lead("robin", owner="keep")
        for line in (number, f"how is {number} going"):
            card = answer(office, line, "dana")
            assert card.title == office.say("help.not_yours", lead=number)
            assert "Max Manager" in card.body

    def test_a_name_that_is_none_of_theirs(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", customer="Birkenhof")
        known, unknown = (answer(office, name, "dana").body for name in ("Birkenhof", "Lindenhof"))
        assert known == unknown
        assert office.say("help.no_lead_called") in known


def test_every_topic_has_a_way() -> None:
    assert {topic for topic, _ in asked()} == set(QuestionTopic)
