"""Further numbers, WeChat ids, countries and amounts of a lead, through the front door."""

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Form
from sales.leads import Lead
from tests.office import Office, words_of

SEVERAL = "0571-88889999-802 / 138 1234 0007"


def value(form: Form | None, name: str) -> str:
    assert form is not None
    return next(str(getattr(one, "value", "")) for one in form.fields if one.name == name)


def opened(reply: Reply) -> Form:
    assert reply.form is not None
    return reply.form


class TestSeveral:
    @pytest.fixture
    def lead(self, office: Office) -> Lead:
        office.log_lead("robin", owner="keep", phone=SEVERAL, wechat="ida_berg-88", email="")
        return office.lead()

    def test_the_mobile_is_called_and_the_landline_kept_with_its_extension(
        self, lead: Lead
    ) -> None:
        assert lead.phones == ("+8613812340007", "+8657188889999;ext=802")
        assert lead.wechat == "ida_berg-88"

    def test_all_are_masked_on_the_card_and_revealed_on_request(
        self, office: Office, lead: Lead
    ) -> None:
        card = office.ask("robin", "lead.open", text=lead.number).card
        assert card is not None
        shown = words_of(card)
        assert "138****0007" in shown
        assert "****9999" in shown
        assert "i***8" in shown
        assert "802" not in shown
        form = opened(office.press("robin", card, "button.contact"))
        told = words_of(office.submit("robin", form, reason="check").card)
        assert all(one in told for one in ("+8613812340007", "802", "ida_berg-88"))

    def test_the_form_shows_them_masked_and_takes_them_back(
        self, office: Office, lead: Lead
    ) -> None:
        card = office.ask("robin", "lead.open", text=lead.number).card
        assert card is not None
        form = opened(office.press("robin", card, "button.edit"))
        assert value(form, "phone") == "138****0007"
        assert value(form, "others") == "****9999"
        assert not office.submit("robin", form, title="Buyer").errors
        assert office.lead().phones == lead.phones
        form = opened(office.press("robin", card, "button.edit"))
        office.submit("robin", form, phone="139 1234 0008", others="****9999; zoe@larch.example")
        assert office.lead().phones == ("+8613912340008", "+8657188889999;ext=802")
        assert office.lead().emails == ("zoe@larch.example",)

    def test_a_lead_is_found_and_refused_by_a_further_number(
        self, office: Office, lead: Lead
    ) -> None:
        found = office.ask("robin", "lead.open", text="0571-88889999-802").card
        assert found is not None
        assert lead.number in found.title
        form = opened(office.ask("robin", "lead.new"))
        again = office.submit(
            "robin", form, customer="Another", source="ads", phone="0571-88889999-802"
        )
        assert "phone" in again.errors


class TestQuestions:
    @pytest.mark.parametrize(
        ("field", "typed", "key"),
        [
            ("phone", "(212) 555-0134", "phone_country"),
            ("phone", "1.38124E+10", "phone_digits_lost"),
            ("phone", "138 1234 0007; 123", "phone"),
            ("wechat", "王丽", "wechat"),
            ("budget", "125.000", "amount_ambiguous"),
            ("budget", "HK$120,000", "amount_currency"),
        ],
    )
    def test_stand_beside_the_field(self, office: Office, field: str, typed: str, key: str) -> None:
        form = opened(office.ask("robin", "lead.new"))
        reply = office.submit("robin", form, customer="Asked", source="ads", **{field: typed})
        begins = office.say(f"problem.{key}", typed="¦", readings="", small="", large="", named="",
                            currency="").partition("¦")[0]  # fmt: skip
        assert reply.errors[field].startswith(begins)

    def test_of_a_pasted_message_stand_above_the_form(self, office: Office) -> None:
        text = "Kim Sample from Gable Homes Inc, (212) 555-0134, budget HK$120,000"
        form = office.ask("robin", "lead.capture", text=text).form
        assert form is not None
        assert value(form, "phone") == "(212) 555-0134"
        assert value(form, "budget") == "HK$120,000"
        assert "+1 212-555-0134" in form.intro
