"""Whose a lead is that somebody typed or pasted [P6]."""

import pytest

from handlers.core.ui import Choice, Form
from sales.playbook import PoolMember, RoutingRule
from tests.office import LEAD, Office, button_of, words_of


def owner_field(form: Form | None) -> Choice:
    assert form
    field = next(field for field in form.fields if field.name == "owner")
    assert isinstance(field, Choice)
    return field


def typed(office: Office, account: str, form: Form, **more: str) -> None:
    reply = office.submit(account, form, **dict(LEAD) | more)
    assert not reply.errors, reply.errors


class TestARep:
    @pytest.mark.parametrize("way", ["typed", "pasted", "unsaid"])
    def test_keeps_what_they_log(self, office: Office, way: str) -> None:
        if way == "unsaid":
            assert not office.ask("dana", "lead.create", values=dict(LEAD)).errors
        else:
            action = "lead.new" if way == "typed" else "lead.capture"
            form = office.ask("dana", action, text="" if way == "typed" else "Acme, CRM").form
            assert owner_field(form).value == "keep"
            assert form
            typed(office, "dana", form)
        assert office.owner() == "dana"
        assert [offer.why.reason for offer in office.offers()] == ["own"]
        assert [row["kind"] for row in office.rows("clock")]

    def test_leaves_it_to_the_rules_with_one_press(self, office: Office) -> None:
        reply = office.ask("dana", "lead.create", values=dict(LEAD))
        assert reply.card
        button = button_of(reply.card, office.say("button.by_rules"))
        given = office.ask("dana", button.action, pressed=button.value)
        assert office.owner() == "robin"
        assert "Robin Sample" in given.toast
        assert office.offers()[-1].why.reason == "pool"
        again = office.ask("dana", button.action, pressed=button.value)
        assert office.owner() == "robin"
        assert again.errors or again.toast

    def test_stays_the_owner_where_the_rules_choose_them(self, office: Office) -> None:
        office.rules(routing=(RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),)),))
        office.ask("robin", "lead.create", values=dict(LEAD))
        reply = office.ask("robin", "lead.by_rules", pressed="LX001")
        assert reply.toast == office.say("lead.rules_chose_you", lead="LX001")
        assert office.owner() == "robin"

    def test_names_nobody_else(self, office: Office) -> None:
        form = office.ask("dana", "lead.new").form
        assert {option.value for option in owner_field(form).options} == {"keep", "rules"}
        robin = str(office.people["robin"].id)
        reply = office.ask("dana", "lead.create", values=dict(LEAD) | {"owner": robin})
        assert set(reply.errors) == {"owner"}


class TestALeader:
    async def test_names_the_owner_who_is_told_why(self, office: Office) -> None:
        form = office.ask("max", "lead.new").form
        field = owner_field(form)
        assert field.value == "rules"
        dana = str(office.people["dana"].id)
        assert dana in {option.value for option in field.options}
        assert str(office.people["kim"].id) not in {option.value for option in field.options}
        assert form
        typed(office, "max", form, owner=dana)
        assert office.owner() == "dana"
        [offer] = office.offers()
        assert (offer.why.reason, offer.why.rule) == ("chosen", "Max Manager")
        await office.settle()
        assert office.say("why.chosen", rule="Max Manager") in words_of(office.inbox("dana"))
        assert [row["kind"] for row in office.rows("clock")]

    def test_of_the_company_names_anybody(self, office: Office) -> None:
        field = owner_field(office.ask("ada", "lead.new").form)
        assert str(office.people["kim"].id) in {option.value for option in field.options}

    def test_leaves_it_to_the_rules_otherwise(self, office: Office) -> None:
        assert not office.ask("max", "lead.create", values=dict(LEAD)).errors
        assert office.offers()[0].why.reason == "pool"

    def test_is_asked_again_with_the_same_owner(self, office: Office) -> None:
        office.log_lead("max")
        dana = str(office.people["dana"].id)
        like = dict(LEAD) | {"owner": dana, "phone": "", "email": "", "customer": "Acme Sample Inc"}
        reply = office.ask("max", "lead.create", values=like)
        assert reply.errors
        assert owner_field(reply.form).value == dana
