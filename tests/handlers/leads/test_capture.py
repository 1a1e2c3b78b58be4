"""A message made a lead, and a pasted text in which no contact is found."""

import pytest

from handlers.core.ui import Form
from sales.people import Role
from tests.office import Office, button_of, words_of

SAID = (
    "Hello, this is Kim Example from Blue Harbour Trading Ltd, we saw you at the exhibition. "
    "Budget: 50k. +44 20 7946 0018, or +44 20 7946 0019."
)


def values(form: Form | None) -> dict[str, object]:
    assert form is not None
    return {one.name: getattr(one, "value", "") for one in form.fields}


class TestCapture:
    def test_opens_the_form_filled(self, office: Office) -> None:
        form = office.ask("robin", "lead.capture", text=SAID).form
        filled = values(form)
        assert filled["customer"] == "Blue Harbour Trading Ltd"
        assert (filled["contact"], filled["phone"]) == ("Kim Example", "+442079460018")
        assert (filled["source"], filled["budget"]) == ("exhibition", "50,000")
        assert "7946" not in str(filled["need"])
        assert form is not None
        assert filled["others"] == "+442079460019"
        saved = office.submit("robin", form)
        assert not saved.errors
        assert office.lead().phones == ("+442079460018", "+442079460019")

    def test_of_nothing_is_the_empty_form(self, office: Office) -> None:
        form = office.ask("robin", "lead.capture", text=" ").form
        assert form is not None
        assert form.intro == office.say("capture.nothing")

    def test_a_known_customer_is_shown_instead(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", phone="+44 20 7946 0019", email="")
        mine = office.ask("robin", "lead.capture", text=SAID).card
        other = office.ask("kim", "lead.capture", text=SAID).card
        assert mine is not None
        assert "LX001" in mine.title
        assert other is not None
        assert "LX001" not in words_of(other)

    def test_more_than_a_field_takes_is_cut(self, office: Office) -> None:
        form = office.ask("robin", "lead.capture", text="x " * 4000 + "13812345678").form
        assert form is not None
        assert not office.submit("robin", form, customer="A", source="ads").errors


class TestPasted:
    def test_a_pasted_message_fills_the_form(self, office: Office) -> None:
        assert values(office.ask("robin", "lead.open", text=SAID).form)["phone"] == "+442079460018"

    def test_a_number_that_nobody_has_can_be_logged(self, office: Office) -> None:
        card = office.ask("robin", "lead.open", text="138 1234 5678").card
        assert card is not None
        form = office.press("robin", card, "button.capture").form
        assert values(form)["phone"] == "+8613812345678"

    def test_words_that_name_nobody_stay_a_search(self, office: Office) -> None:
        card = office.ask(
            "robin", "lead.open", text="the one with the blue hat from last week"
        ).card
        assert card is not None
        assert card.buttons[0].label == office.say("button.new_lead")


class TestFreeText:
    PASTED = (
        "客户方王丽（采购总监）想了解报价，电话 13812345678，公司是辰星科技有限公司，"
        "希望本月内定下来，最好能先看一次演示"
    )

    def test_a_message_about_a_customer_can_be_made_a_lead(self, office: Office) -> None:
        card = office.ask("robin", "help.unknown", text=self.PASTED).card
        assert card is not None
        assert "13812345678" not in words_of((card.title, card.body, card.footnote))
        assert "138****5678" in card.body
        form = office.press("robin", card, "button.capture").form
        filled = values(form)
        assert (filled["contact"], filled["title"]) == ("王丽", "采购总监")
        assert (filled["customer"], filled["authority"]) == ("辰星科技有限公司", "manager")

    @pytest.mark.parametrize("said", ["你好", "您好！", "hi", "Hello!", "在吗？"])
    @pytest.mark.parametrize("account", ["robin", "fay"])
    def test_a_greeting_is_answered_with_what_to_do(
        self, office: Office, said: str, account: str
    ) -> None:
        office.hire("fay", "Fay Sample", Role.FINANCE)
        card = office.ask(account, "help.unknown", text=said).card
        assert card is not None
        assert card.title == office.say("help.hello", name=office.people[account].name)
        assert card.buttons
        assert button_of(card, office.say("button.help"))

    def test_what_is_given_back_is_masked_and_cut_between_words(self, office: Office) -> None:
        office.hire("fay", "Fay Sample", Role.FINANCE)
        said = "call " + "word " * 9 + "then 13812345678 and more"
        card = office.ask("fay", "help.unknown", text=said).card
        assert card is not None
        assert "138123" not in words_of(card)
        none = office.ask("robin", "lead.open", text="138 1234 5678").card
        assert none is not None
        assert "1234" not in none.title
