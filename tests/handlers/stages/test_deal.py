"""The deal agreed when a lead is won: prefilled, stored, and shown to people who need it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from handlers.core.ui import Form
from sales.amounts import parse_amount, written_amount
from sales.leads import Stage
from sales.people import Role
from tests.furnished import Offices
from tests.handlers.proposals.drafted import SITE, send, stock
from tests.office import SHANGHAI, WEST, Office, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
TERMS = {"specification": "20 seats", "payment": "half now, half at handover", "liability": "5 %"}


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=two_leads_and_helpers, public_url=SITE) as office:
        yield office


def two_leads_and_helpers(office: Office) -> dict[str, int]:
    ids = stock(office)
    office.log_lead("robin", owner="keep", product="advanced")
    office.log_lead("robin", owner="keep", customer="Other Sample", phone="", email="")
    office.hire("sam", "Sam Sample", Role.SERVICE)
    office.hire("fay", "Fay Sample", Role.FINANCE, WEST)
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    return ids


def won_form(office: Office, lead: str = "LX001") -> Form:
    chosen = office.ask("robin", "stage.open", text=lead).form
    assert chosen
    form = office.submit("robin", chosen, to="won").form
    assert form
    return form


def value(form: Form, name: str) -> object:
    return next(one.value for one in form.fields if one.name == name)


def win(office: Office, lead: str = "LX001", **typed: str) -> None:
    wanted = {"criteria": ("signed",), "reason": "Fast", "amount": "12.5万"} | typed
    reply = office.submit("robin", won_form(office, lead), **wanted)  # type: ignore[arg-type]
    assert not reply.errors, reply.errors


class TestWinning:
    def test_only_the_amount_must_be_known(self, office: Office) -> None:
        form = won_form(office)
        required = [one.name for one in form.fields if one.required]
        assert required == ["amount", "reason"]
        win(office)
        lead = office.lead()
        assert (lead.specification, lead.payment, lead.liability) == ("", "", "")

    def test_the_sent_proposal_fills_the_form(self, office: Office) -> None:
        send(office)
        form = won_form(office)
        proposed = str(value(form, "specification"))
        assert "Pipeline" in proposed
        assert office.say("edition.advanced") in proposed
        assert parse_amount(str(value(form, "amount"))) == Decimal("55000.49")
        reply = office.submit("robin", form, criteria=("signed",), reason="Fast")
        assert not reply.errors, reply.errors
        lead = office.lead()
        assert (lead.amount, lead.specification) == (Decimal("55000.49"), proposed)

    def test_of_two_editions_both_sums_are_told(self, office: Office) -> None:
        office.change_lead(1, lambda lead: replace(lead, product=""))
        send(office)
        form = won_form(office)
        amount = next(one for one in form.fields if one.name == "amount")
        assert value(form, "amount") == ""
        assert "30,000" in amount.hint
        assert "55,000.49" in amount.hint
        assert "Reports" in str(value(form, "specification"))

    def test_the_last_deal_fills_terms(self, office: Office) -> None:
        win(office, **TERMS)
        form = won_form(office, "LX002")
        assert value(form, "payment") == TERMS["payment"]
        assert value(form, "liability") == TERMS["liability"]
        assert value(form, "specification") == ""

    def test_too_long_is_told_beside_the_field(self, office: Office) -> None:
        reply = office.submit(
            "robin", won_form(office), criteria=("signed",), reason="x", amount="1万",
            liability="x" * 201,
        )  # fmt: skip
        assert set(reply.errors) == {"liability"}

    async def test_each_sees_what_the_part_needs(self, office: Office) -> None:
        win(office, contract="C-7", **TERMS)
        await office.settle()
        shown = office.ask("robin", "lead.show", pressed="LX001").card
        assert shown
        [deal] = [one for one in shown.sections if one.heading == office.say("deal.heading")]
        assert all(word in words_of(deal) for word in TERMS.values())
        assert "C-7" in words_of(shown.facts)
        for word in (*TERMS.values(), "C-7"):
            assert word in words_of(office.inbox("sam")[-1])
            assert word in words_of(office.inbox("fay")[-1])

    def test_what_falls_through_is_no_deal_any_more(self, office: Office) -> None:
        win(office, contract="C-7", **TERMS)
        chosen = office.ask("robin", "stage.open", text="LX001").form
        assert chosen
        form = office.submit("robin", chosen, to="negotiation").form
        assert form
        office.submit("robin", form, criteria=("feedback", "scope"), reason="Fell through")
        lead = office.lead()
        assert lead.stage is Stage.NEGOTIATION
        assert (lead.contract, lead.specification, lead.payment, lead.liability) == ("",) * 4


class TestWrittenAmounts:
    @pytest.mark.parametrize("amount", ["0", "1", "999.99", "10000", "125000", "9876543.21"])
    def test_are_read_back(self, amount: str) -> None:
        for locale in ("en", "zh_CN"):
            assert parse_amount(written_amount(Decimal(amount), locale)) == Decimal(amount)

    def test_as_people_write_them(self) -> None:
        amount = Decimal("125000.00")
        assert written_amount(amount, "zh_CN") == "12.5万"
        assert written_amount(amount, "en") == "125,000"
