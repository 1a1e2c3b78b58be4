"""Somebody leaves: all that was theirs goes on, as the preview said, with one brief for each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.assignments import Why
from sales.clocks import ClockState
from sales.leads import Stage
from sales.people import SYSTEM, Role
from sales.playbook import PoolMember, RoutingRule
from sales.tasks import Task, TaskKind
from tests.furnished import Offices
from tests.handlers.collaboration.test_collaboration import at_once
from tests.handlers.test_hostile import assert_sound
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
TO_ROBIN = RoutingRule(name="Robin's", pool=(PoolMember(person="Robin Sample"),))
TO_THREE = RoutingRule(
    name="three",
    pool=tuple(PoolMember(person=name) for name in ("Robin Sample", "Dana Example", "Lee Sample")),
)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=six_leads_of_robins) as office:
        yield office


def six_leads_of_robins(office: Office) -> None:
    """Robin has six leads: two with a next step, one in nurture, one won with a visit to do, and
    a question to Pat on the first."""
    office.hire("lee", "Lee Sample", Role.REP)
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    office.rules(routing=(TO_ROBIN,))
    for number in range(6):
        office.log_lead("max", customer=f"Customer {number}", phone="", email="")
    for number in (1, 2):
        line = f"LX00{number} call likes it by 3/8 send the case"
        office.ask("robin", "followup.open", text=line)
    office.change_lead(3, lambda lead: replace(lead, stage=Stage.NURTURE))
    office.change_lead(4, lambda lead: replace(lead, stage=Stage.WON))
    asked = {"person": str(office.people["pat"].id), "question": "Can it?"}
    office.ask("robin", "support.create", state={"lead": "LX001"}, values=asked)
    plant_visit(office)
    # Each notice by itself: what is looked at is their words, not how many come together.
    office.rules(routing=(TO_THREE,), quiet={"batch_seconds": 0})


def plant_visit(office: Office) -> None:
    with office.world.new_uow() as uow:
        uow.tasks(SYSTEM).add(
            Task(lead_id=4, kind=TaskKind.VISIT, role=None, why=Why("task_owner"),
                 assignee_id=office.people["robin"].id, created_at=FRIDAY, due_at=FRIDAY)
        )  # fmt: skip
        uow.commit()


def edited(office: Office, account: str, by: str = "max", **typed: str) -> Reply:
    form = office.ask(by, "people.edit", pressed=str(office.people[account].id)).form
    assert form is not None
    return office.submit(by, form, **typed)


def previewed(office: Office, rule: str, person: str = "", by: str = "max") -> Card:
    form = office.ask(by, "leaver.ask", pressed=str(office.people["robin"].id)).form
    assert form is not None
    reply = office.submit(by, form, rule=rule, person=person)
    assert reply.card is not None, reply
    return reply.card


def assert_nothing_stays(office: Office, account: str) -> None:
    person_id = office.people[account].id
    for lead in office.leads():
        assert lead.owner_id != person_id or lead.stage is Stage.LOST, lead.number
    for clock in office.rows("clock"):
        if clock["owner_id"] == person_id:
            assert clock["met_at"] or clock["stopped_at"], clock
    for task in office.rows("task"):
        assert task["assignee_id"] != person_id or task["state"] != "open", task
    for offer in office.rows("offer"):
        assert offer["person_id"] != person_id or offer["state"] != "open", offer
    assert_sound(office)


def briefs(office: Office, account: str) -> list[Card]:
    title = office.say("leaver.brief_title", name="Robin Sample", n=2).split(":")[0]
    return [card for card in office.inbox(account) if card.title.startswith(title)]


class TestByTheRules:
    async def test_goes_as_the_preview_said_with_one_brief_each(self, office: Office) -> None:
        await office.settle()
        reply = edited(office, "robin", status="inactive")
        assert reply.card is not None
        assert reply.card.title == office.say("leaver.left_title", name="Robin Sample", n=5)
        before = {name: len(office.inbox(name)) for name in ("dana", "lee", "max")}
        card = previewed(office, "rules")
        said = repr(card.sections)
        assert all(f"Customer {number}" in said for number in range(6))
        assert {office.owner(number) for number in range(1, 7)} == {"robin"}
        done = office.press("max", card, "leaver.submit")
        assert done.toast == office.say("leaver.done", name="Robin Sample", n=6)
        assert_nothing_stays(office, "robin")
        for number in range(1, 7):
            name = office.person(office.owner(number)).name
            [section] = [s for s in card.sections if name in s.heading]
            assert f"Customer {number - 1}" in repr(section.lines)
        owners = [office.owner(number) for number in range(1, 7)]
        assert sorted(map(owners.count, ("dana", "lee"))) == [3, 3]
        await office.settle()
        for name in ("dana", "lee"):
            new = office.inbox(name)[before[name] :]
            assert [card.title for card in new] == [
                office.say("leaver.brief_title", name="Robin Sample", n=3)
            ]
            table = new[0].sections[0].table
            assert table is not None
            assert "rule “three” matched" in repr(table.rows)
            assert new[0].footnote == office.say("leaver.why_chosen", name="Max Manager")

    async def test_next_steps_and_clocks_go_on(self, office: Office) -> None:
        await office.settle()
        edited(office, "robin", status="inactive")
        office.press("max", previewed(office, "person", str(office.people["dana"].id)),
                     "leaver.submit")  # fmt: skip
        assert office.lead(1).next_step == "send the case"
        with office.world.new_uow(read_only=True) as uow:
            contacted, waiting = (uow.clocks(SYSTEM).latest(number) for number in (1, 6))
        assert contacted is not None
        assert contacted.state is ClockState.MET
        assert waiting is not None
        assert (waiting.owner_id, waiting.state) == (office.people["dana"].id, ClockState.RUNNING)
        await office.travel(2024, 3, 7, 9)
        step = office.say("reminder.step")
        reminders = [card for card in office.inbox("dana") if step in repr(card.facts)]
        assert len(reminders) == 2
        visit = next(task for task in office.tasks(4) if task.kind is TaskKind.VISIT)
        assert visit.assignee_id == office.people["dana"].id

    async def test_what_changed_since_the_preview_is_shown_first(self, office: Office) -> None:
        card = previewed(office, "rules")
        office.change_person("lee", lambda person: replace(person, away_until=date(2024, 4, 1)))
        reply = office.press("max", card, "leaver.submit")
        assert reply.toast == office.say("leaver.changed")
        assert office.owner(1) == "robin"
        assert reply.update is not None
        office.press("max", reply.update, "leaver.submit")
        assert office.owner(1) == "dana"
        office.change_person("robin", lambda person: replace(person, active=False))
        assert_nothing_stays(office, "robin")

    async def test_when_nobody_chooses_the_rules_do(self, office: Office) -> None:
        edited(office, "robin", status="inactive")
        await office.travel(2024, 3, 5, 9, 59)
        assert office.owner(1) == "robin"
        await office.travel(2024, 3, 5, 10)
        assert_nothing_stays(office, "robin")
        # What was only offered had gone to others before, unanswered.
        unasked = office.say("leaver.why_unasked")
        [card] = [card for card in office.inbox("max") if card.footnote == unasked]
        assert "Robin Sample" in card.title
        assert "Customer" not in repr(card)
        assert {office.owner(number) for number in range(1, 7)} == {"dana", "lee"}

    async def test_who_comes_back_keeps_them(self, office: Office) -> None:
        edited(office, "robin", status="inactive")
        edited(office, "robin", status="active")
        await office.travel(2024, 3, 8, 10)
        assert office.owner(1) == "robin"


class TestIntoThePool:
    async def test_customers_and_resting_leads_go_to_the_leader(self, office: Office) -> None:
        edited(office, "robin", status="inactive")
        card = previewed(office, "pool")
        assert office.say("leaver.to_pool") in repr(card.sections)
        office.press("max", card, "leaver.submit")
        assert_nothing_stays(office, "robin")
        assert [office.lead(number).is_pooled for number in range(1, 7)] == [
            True, True, False, False, True, True,
        ]  # fmt: skip
        assert {office.owner(3), office.owner(4)} == {"max"}
        pool = office.ask("dana", "pool.open").card
        assert pool is not None
        assert office.say("pool.why_left") in repr(pool)


class TestWhoMay:
    def test_a_leader_of_another_team_and_a_rep_may_not(self, office: Office) -> None:
        value = str(office.people["robin"].id)
        for account in ("wes", "dana", "pat"):
            for action in ("leaver.ask", "leaver.preview"):
                reply = office.ask(account, action, pressed=value, values={"rule": "rules"})
                assert reply.card is None
                assert reply.form is None
            reply = office.ask(account, "leaver.carry_out", pressed=f"{value}:rules:0:00000000")
            assert "Customer" not in repr(reply)
        assert office.owner(1) == "robin"

    def test_all_to_one_needs_somebody_who_is_there(self, office: Office) -> None:
        form = office.ask("max", "leaver.ask", pressed=str(office.people["robin"].id)).form
        assert form is not None
        for person in ("", "999", str(office.people["kim"].id), str(office.people["robin"].id)):
            reply = office.submit("max", form, rule="person", person=person)
            assert set(reply.errors) == {"person"}
        assert set(office.submit("max", form, rule="all").errors) == {"rule"}

    @pytest.mark.every_way
    def test_two_who_press_at_once_hand_over_once(self, office: Office) -> None:
        card = previewed(office, "rules")
        value = button_of(card, office.say("leaver.submit")).value
        asked = [office.request(by, "leaver.carry_out", pressed=value) for by in ("max", "max")]
        at_once(*(lambda r=r: office.send(r) for r in asked))
        assert len(office.rows("transfer")) == 1
        assert len({row["lead_id"] for row in office.rows("transfer_part")}) == 6

    def test_people_offers_it_for_who_is_not_there(self, office: Office) -> None:
        label = office.say("button.hand_over_all", name="Robin Sample")
        card = office.ask("max", "people.open").card
        assert card is not None
        assert label not in [button.label for button in buttons_of(card)]
        office.ask("robin", "people.leave", values={"back_on": "2024-04-30"})
        card = office.ask("max", "people.open").card
        assert card is not None
        assert button_of(card, label).action == "leaver.ask"
        edited(office, "robin", status="inactive")
        card = office.ask("max", "people.open").card
        assert card is not None
        assert button_of(card, label).action == "leaver.ask"


class TestWhoLeft:
    def test_stays_in_sight_of_the_manager_who_can_bring_them_back(self, office: Office) -> None:
        office.change_person("robin", lambda one: replace(one, active=False))
        for lead in range(1, len(office.leads()) + 1):
            office.change_lead(lead, lambda one: replace(one, owner_id=office.people["dana"].id))
        card = office.ask("max", "people.open").card
        assert card is not None
        [left] = [one for one in card.sections if one.heading == office.say("people.left")]
        assert "Robin Sample" in words_of(left)
        assert not edited(office, "robin", status="active").errors
        assert office.person("robin").active
        office.change_person("robin", lambda one: replace(one, active=False))
        assert "Robin Sample" not in words_of(office.ask("dana", "people.open").card)


class TestCapacityAndHours:
    def test_who_has_as_many_as_they_take_is_passed_over(self, office: Office) -> None:
        assert set(edited(office, "robin", capacity="many").errors) == {"capacity"}
        assert not edited(office, "robin", capacity="5").errors
        lead = office.log_lead("max", customer="New", phone="", email="")
        assert office.owner(lead.id) in ("dana", "lee")
        assert ("Robin Sample", "at_capacity") in office.offers(lead.id)[-1].why.skipped
        form = office.ask("max", "people.edit", pressed=str(office.people["robin"].id)).form
        assert {one.name: getattr(one, "value", "") for one in form.fields}["capacity"] == "5"  # type: ignore[union-attr]
        edited(office, "robin", capacity="")
        assert office.person("robin").capacity is None

    def test_who_is_full_claims_nothing(self, office: Office) -> None:
        edited(office, "dana", capacity="0")
        state: Any = {"lead": "LX005", "owner": str(office.people["robin"].id)}
        office.ask("robin", "pool.put", state=state, values={"reason": "busy"})
        reply = office.ask("dana", "pool.claim", pressed="LX005")
        assert reply.toast == office.say("pool.refused_capacity", n=0, day="")
        assert office.owner(5) == ""

    async def test_clocks_and_offers_run_by_a_persons_own_hours(self, office: Office) -> None:
        assert set(edited(office, "lee", hours="whenever").errors) == {"hours"}
        assert not edited(office, "lee", hours="周一至周二 9:00-11:00").errors
        assert office.person("lee").hours == "mon,tue 09:00-11:00"
        office.rules(routing=(RoutingRule(name="lee", pool=(PoolMember(person="Lee Sample"),)),))
        lead = office.log_lead("max", customer="Later", phone="", email="")
        expires = office.offers(lead.id)[-1].expires_at
        assert expires is not None
        assert expires.astimezone(SHANGHAI) == datetime(2024, 3, 4, 11, tzinfo=SHANGHAI)
        with office.world.new_uow(read_only=True) as uow:
            clock = uow.clocks(SYSTEM).latest(lead.id)
        assert clock is not None
        # Eight working hours, two on each Monday and Tuesday.
        assert clock.due_at.astimezone(SHANGHAI) == datetime(2024, 3, 12, 11, tzinfo=SHANGHAI)
