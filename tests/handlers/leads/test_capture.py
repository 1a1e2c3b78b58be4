"""A message made a lead, and a pasted text in which no contact is found."""

from dataclasses import replace

import pytest

from handlers.core.commands import parse_command
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
        form = office.ask("robin", "lead.open", text="138 1234 5678").form
        assert values(form)["phone"] == "+8613812345678"

    def test_words_that_name_nobody_stay_a_search(self, office: Office) -> None:
        card = office.ask(
            "robin", "lead.open", text="the one with the blue hat from last week"
        ).card
        assert card is not None
        assert card.buttons[0].label == office.say("button.new_lead")

    @pytest.mark.parametrize(
        ("line", "customer"),
        [
            ("华康医疗 想要CRM系统", "华康医疗"),
            ("华康医疗，王总，想上一套CRM", "华康医疗"),
            ("Northwind Traders: wants a CRM for 20 people", "Northwind Traders"),
            ("Northwind Traders looking for a CRM", "Northwind Traders"),
            ("客户：华康医疗\n需求：CRM", "华康医疗"),
            ("晨光小学 招生系统 20套", "晨光小学"),
            ("辰星科技有限公司 13987654321", "辰星科技有限公司"),
        ],
    )
    def test_a_name_and_a_need_fill_the_form(
        self, office: Office, line: str, customer: str
    ) -> None:
        form = office.ask("robin", "lead.open", text=line).form
        assert values(form)["customer"] == customer
        assert values(form)["owner"] == "keep"

    @pytest.mark.parametrize("line", ["华康医疗", "Northwind Traders", "blue hat", "LX", "王总"])
    def test_a_name_alone_is_a_search_that_offers_the_form(self, office: Office, line: str) -> None:
        card = office.ask("robin", "lead.open", text=line).card
        assert card
        assert (card.buttons[0].action, card.buttons[0].value) == ("lead.capture", line)

    @pytest.mark.parametrize(
        ("line", "customer"),
        [("录线索 华康医疗", "华康医疗"), ("new lead: Northwind", "Northwind"), ("录线索王总", "")],
    )
    def test_a_command_that_logs_searches_only_for_whom_it_knows(
        self, office: Office, line: str, customer: str
    ) -> None:
        typed = parse_command(line)
        assert typed
        request = office.request("robin", typed.action, text=typed.text)
        form = office.send(replace(request, typed=line)).form
        assert values(form)["customer"] in (customer, "王总")


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
