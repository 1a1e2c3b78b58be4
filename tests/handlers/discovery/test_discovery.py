"""Discovery notes through the front door: in parts, in versions, as help when changing stage."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.requests import WHOLE_FORM, Value
from handlers.core.ui import Form
from sales.leads import Grade
from sales.people import SYSTEM, Role
from sales.playbook import Playbook, Vocabulary
from storage.database.reseal import Resealed, reseal
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.office import Office, button_of, words_of

TOLD: dict[str, Any] = {
    "situation": "30 reps, spreadsheets",
    "problem": "A third is never answered",
    "pains": ("slow_response", "conversion"),
    "decision": "Purchasing proposes, the director signs",
}


def opened(office: Office, account: str = "robin", lead: str = "LX001") -> Form:
    form = office.ask(account, "discovery.open", text=lead).form
    assert form
    return form


def write(office: Office, account: str = "robin", **typed: Value) -> Reply:
    reply = office.submit(account, opened(office, account), **typed)
    assert not reply.errors, reply.errors
    return reply


def values(form: Form) -> dict[str, object]:
    return {field.name: getattr(field, "value", "") for field in form.fields}


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_lead_of_robins) as office:
        yield office


def a_lead_of_robins(office: Office) -> None:
    office.log_lead("robin", owner="keep")


class TestWrite:
    def test_in_parts_and_prefilled_when_opened_again(self, office: Office) -> None:
        write(office, situation="30 reps")
        write(office, problem="Slow answers", pains=("slow_response",))
        known = values(opened(office))
        assert (known["situation"], known["problem"]) == ("30 reps", "Slow answers")
        assert known["pains"] == ("slow_response",)
        assert known["budget"] == "150,000-200,000"
        assert [row["version"] for row in office.rows("discovery")] == [1, 2]

    def test_asks_for_the_lead_first_when_none_is_named(self, office: Office) -> None:
        pick = office.ask("robin", "discovery.open").form
        assert pick
        form = office.submit("robin", pick, lead="LX001").form
        assert form
        assert form.action == "discovery.save"
        assert opened(office, lead="Acme").state["lead"] == "LX001"

    def test_stands_in_short_on_the_lead(self, office: Office) -> None:
        write(office, **TOLD | {"implication": "x" * 500})
        card = office.ask("robin", "lead.show", pressed="LX001").card
        assert card
        [section] = [one for one in card.sections if one.heading == office.say("discovery.heading")]
        pains = "Enquiries are answered late, Few leads become customers"
        assert office.say("discovery.line", label="Pain points", words=pains) in section.lines
        assert max(map(len, section.lines)) < 120

    def test_saving_what_is_known_is_no_new_version(self, office: Office) -> None:
        reply = office.submit("robin", opened(office))
        assert reply.toast == office.say("discovery.nothing_new")
        write(office, **TOLD)
        reply = office.submit("robin", opened(office))
        assert reply.toast == office.say("discovery.nothing_new")
        assert len(office.rows("discovery")) == 1

    def test_a_budget_heard_now_is_the_leads_and_counts_in_its_score(self, office: Office) -> None:
        assert office.lead().grade is Grade.HIGH
        write(office, budget="5-8万")
        lead = office.lead()
        assert (lead.budget_low, lead.budget_high) == (Decimal(50_000), Decimal(80_000))
        assert lead.score == 8
        write(office, budget="")
        assert office.lead().budget_low is None

    def test_taking_notes_accepts_an_offered_lead(self, office: Office) -> None:
        office.log_lead("max", customer="Other", phone="", email="", region="")
        account = office.owner(2)
        form = opened(office, account, "LX002")
        assert not office.submit(account, form, problem="x").errors
        assert [row["state"] for row in office.rows("offer")][-1] == "accepted"


class TestRefusals:
    @pytest.mark.parametrize("name", ["situation", "decision", "other_pains"])
    @pytest.mark.parametrize("contact", ["call 138 1234 5678", "zhang@acme.example", "a＠b.com"])
    def test_contacts_belong_elsewhere(self, office: Office, name: str, contact: str) -> None:
        reply = office.submit("robin", opened(office), **{name: f"the boss, {contact}"})
        assert set(reply.errors) == {name}
        assert "LX001" in reply.errors[name]
        assert office.rows("discovery") == []

    def test_all_that_is_wrong_is_said_at_once(self, office: Office) -> None:
        typed: dict[str, Value] = {
            "problem": "x" * 1001,
            "budget": "plenty",
            "pains": ("moon",),
            "decision": "ok",
        }
        reply = office.submit("robin", opened(office), **typed)
        assert set(reply.errors) == {"problem", "budget", "pains"}

    def test_nobody_overwrites_unseen(self, office: Office) -> None:
        mine, theirs = opened(office), opened(office, "max")
        assert not office.submit("max", theirs, problem="theirs").errors
        reply = office.submit("robin", mine, problem="mine", situation="also mine")
        assert set(reply.errors) == {WHOLE_FORM}
        assert reply.form
        assert values(reply.form)["problem"] == "mine"
        assert not office.submit("robin", reply.form).errors
        card = office.ask("robin", "discovery.show", pressed="LX001").card
        assert "theirs" in words_of(card)

    def test_only_who_sees_the_lead(self, office: Office) -> None:
        write(office, **TOLD)
        for action in ("discovery.log", "discovery.show"):
            reply = office.ask("dana", action, pressed="LX001")
            assert reply.toast == office.say("error.lead_not_found")
        office.hire("fay", "Fay Sample", Role.FINANCE)
        assert office.ask("fay", "discovery.show", pressed="LX001").card is None


class TestHistory:
    def test_earlier_versions_stay_readable(self, office: Office) -> None:
        write(office, **TOLD)
        write(office, "max", problem="A half is never answered", pains=("conversion",))
        lead_card = office.ask("robin", "lead.show", pressed="LX001").card
        assert lead_card
        card = office.press("robin", lead_card, "button.all_notes").card
        assert card
        assert "A half is never answered" in [fact.value for fact in card.facts]
        assert "Max Manager" in card.footnote
        [earlier] = card.sections
        assert "Robin Sample" in earlier.heading
        assert any("A third is never answered" in line for line in earlier.lines)
        assert len(earlier.lines) == 2

    def test_without_notes_it_says_how_to_begin(self, office: Office) -> None:
        card = office.ask("robin", "discovery.show", pressed="LX001").card
        assert card
        assert card.body == office.say("discovery.none")
        assert button_of(card, office.say("button.write_notes")).action == "discovery.log"

    def test_a_pain_point_that_the_playbook_dropped_is_still_told(self, office: Office) -> None:
        write(office, **TOLD)
        office.world.rules(Playbook(vocabulary=Vocabulary(pains=())))
        card = office.ask("robin", "discovery.show", pressed="LX001").card
        told = [term.en for term in Vocabulary().pains if term.key == "slow_response"]
        assert told[0] in words_of(card)
        assert "slow_response" not in words_of(card)
        assert not office.submit("robin", opened(office), problem="new").errors


class TestMovingOn:
    def criteria(self, office: Office, to: str) -> tuple[str, ...]:
        chosen = office.ask("robin", "stage.open", text="LX001").form
        assert chosen
        form = office.submit("robin", chosen, to=to).form
        assert form
        [boxes] = [field for field in form.fields if field.name == "criteria"]
        assert bool(boxes.value) == bool(boxes.hint)
        return tuple(boxes.value)

    def test_what_the_records_show_is_ticked_as_a_suggestion(self, office: Office) -> None:
        assert self.criteria(office, "screened") == ("budget", "urgent")
        assert self.criteria(office, "discovery") == ()
        assert self.criteria(office, "proposal") == ()
        write(office, **TOLD)
        office.ask("robin", "followup.open", text="LX001 call likes it")
        assert self.criteria(office, "screened") == ("budget", "decision", "urgent")
        assert self.criteria(office, "discovery") == ("talk",)
        assert self.criteria(office, "proposal") == ("pain",)

    def test_the_person_has_the_last_word(self, office: Office) -> None:
        write(office, **TOLD)
        chosen = office.ask("robin", "stage.open", text="LX001").form
        assert chosen
        form = office.submit("robin", chosen, to="screened").form
        assert form
        assert set(office.submit("robin", form, criteria=("budget",)).errors) == {"reason"}


class TestStored:
    def test_notes_are_sealed_and_sealed_anew(self, office: Office) -> None:
        write(office, **TOLD)
        [needs] = office.sealed("discovery", "needs")
        assert b"spreadsheets" not in needs
        assert reseal(office.world.database, office.world.fields) == Resealed()
        with office.world.new_uow(read_only=True) as uow:
            latest = uow.discoveries(SYSTEM).latest(1)
        assert latest
        assert latest.needs.situation == TOLD["situation"]
