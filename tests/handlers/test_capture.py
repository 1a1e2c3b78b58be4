"""A message made a lead, and a pasted text that finds nobody."""

from handlers.ui import Form
from tests.office import Office, words_of

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
        assert (filled["source"], filled["budget"]) == ("exhibition", "50000")
        assert "7946" not in str(filled["need"])
        assert form is not None
        assert "+442079460019" in form.intro
        saved = office.submit("robin", form)
        assert not saved.errors
        assert office.lead().phone == "+442079460018"

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
