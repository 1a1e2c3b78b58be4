"""Objections through the front door: written down, answered from the library, settled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.leads import Stage
from sales.objections import Objection, ObjectionState
from sales.people import SYSTEM, Role
from tests.furnished import Offices
from tests.office import SHANGHAI, Office, button_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=a_lead_and_an_answer) as office:
        yield office


def a_lead_and_an_answer(office: Office) -> None:
    office.log_lead("robin", owner="keep")
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    answer = {"title": "Too dear", "text": "Compared with what?", "objection": "price"}
    office.ask("max", "library.create", values=answer, state={"kind": "answer"})


def object_to(office: Office, said: str = "Twice the price", kind: str = "price") -> Reply:
    form = office.ask("robin", "objection.open", text=f"LX001 {said}").form
    assert form
    return office.submit("robin", form, kind=kind)


def objection(office: Office) -> Objection:
    with office.world.new_uow(read_only=True) as uow:
        return uow.objections(SYSTEM).of_lead(1)[0]


def card_of(reply: Reply) -> Card:
    card = reply.card or reply.update
    assert card, reply
    return card


class TestOnTheLead:
    def test_what_was_answered_does_not_stand_once_they_signed(self, office: Office) -> None:
        object_to(office)
        office.ask("robin", "objection.take", pressed="1:1")
        heading = office.say("objection.heading", n=1)
        assert heading in words_of(office.ask("robin", "lead.show", pressed="LX001").card)
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.WON))
        assert heading not in words_of(office.ask("robin", "lead.show", pressed="LX001").card)


class TestObjections:
    def test_an_approved_answer_is_read_then_taken_and_counted(self, office: Office) -> None:
        card = card_of(object_to(office))
        label = office.say("button.look_answer", title="Too dear")
        looked = button_of(card, label)
        answer = card_of(office.ask("robin", looked.action, pressed=looked.value))
        assert answer.body == "Compared with what?"
        assert objection(office).state is ObjectionState.OPEN
        reply = office.press("robin", answer, "button.take_answer")
        assert reply.toast == office.say("objection.answered")
        assert objection(office).answer == "Compared with what?"
        shown = office.ask("kim", "library.show", pressed="1")
        people, day = office.say("library.colleagues", n=1), office.language.day(FRIDAY.date())
        assert office.say("library.used", n=1, people=people, day=day) in words_of(shown)
        reply = office.press("robin", card_of(reply), "button.customer_accepts")
        assert objection(office).state is ObjectionState.ACCEPTED
        office.press("robin", card_of(reply), "button.reopen")
        assert objection(office).state is ObjectionState.OPEN

    def test_own_words_can_be_proposed_to_the_library(self, office: Office) -> None:
        card = card_of(object_to(office))
        form = office.press("robin", card, "button.answer_objection").form
        assert form
        assert office.submit("robin", form).errors == {
            "answer": office.say("problem.answer_missing")
        }
        reply = office.submit("robin", form, answer="It pays in a month", propose=("propose",))
        assert reply.toast == office.say("objection.answered_proposed")
        assert objection(office).answer == "It pays in a month"
        waiting = office.ask("max", "library.open").card
        assert "Twice the price" in words_of(waiting)

    def test_a_chosen_answer_is_taken_as_it_is(self, office: Office) -> None:
        object_to(office)
        form = office.ask("robin", "objection.answer", pressed="1").form
        assert form
        assert office.submit("robin", form, item="99").errors == {
            "item": office.say("problem.choose_one")
        }
        office.submit("robin", form, item="1")
        assert (objection(office).answer, objection(office).item_id) == ("Compared with what?", 1)

    def test_what_stands_is_on_the_card_and_said_before_winning(self, office: Office) -> None:
        object_to(office)
        heading = office.say("objection.heading", n=1)
        assert heading in words_of(office.ask("robin", "lead.show", pressed="LX001"))
        chosen = office.ask("robin", "stage.open", text="LX001").form
        assert chosen
        form = office.submit("robin", chosen, to="won").form
        assert form
        assert office.say("objection.before_winning", n=1) in form.intro
        assert "Twice the price" in form.intro
        office.ask("robin", "objection.take", pressed="1:1")
        office.ask("robin", "objection.accept", pressed="1")
        assert heading not in words_of(office.ask("robin", "lead.show", pressed="LX001"))
        form = office.submit("robin", chosen, to="won").form
        assert form
        assert "Twice the price" not in form.intro

    def test_bad_input_is_said_beside_the_field(self, office: Office) -> None:
        form = office.ask("robin", "objection.open").form
        assert form
        assert office.submit("robin", form, said="x" * 501).errors == {
            "lead": office.say("problem.lead_missing"),
            "kind": office.say("problem.choose_one"),
            "said": office.say("problem.too_long", n=500),
        }
        object_to(office, "call me: 13812345678")
        assert objection(office).said == "call me: 138****5678"

    def test_nothing_is_settled_without_an_answer(self, office: Office) -> None:
        object_to(office)
        reply = office.ask("robin", "objection.accept", pressed="1")
        assert reply.toast == office.say("objection.not_answered")
        assert objection(office).state is ObjectionState.OPEN

    def test_who_was_pulled_in_helps_and_others_do_not(self, office: Office) -> None:
        object_to(office)
        assert office.ask("pat", "objection.take", pressed="1:1").update is None
        typed = {"person": str(office.people["pat"].id), "question": "Can it?"}
        office.ask("robin", "support.create", state={"lead": "LX001"}, values=typed)
        assert office.ask("pat", "objection.take", pressed="1:1").update
        assert office.ask("kim", "objection.list", pressed="LX001").card is None
