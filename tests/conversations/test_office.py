"""Office life beyond the story of A科技: in both languages and on both databases.

Played at the router and the delivery, without a chat client; every platform plays the story.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card, Form
from sales.assignments import OfferState
from sales.leads import Lead, Stage
from sales.people import Role
from sales.playbook import Assignment, PoolMember, RoutingRule
from tests.furnished import Offices
from tests.office import LEAD, PLATFORM, SHANGHAI, Office, buttons_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)
OFFICE_POOL = tuple(PoolMember(person=name) for name in ("Robin Sample", "Dana Example"))
TO_THE_OFFICE = RoutingRule(name="华东", region=("east",), pool=OFFICE_POOL)


@pytest.fixture
def office(locale: str, offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=to_the_office) as office:
        yield office


def to_the_office(office: Office) -> None:
    office.rules(routing=(TO_THE_OFFICE,), assignment=Assignment(accept_within=120))


def card_of(reply: Reply) -> Card:
    assert not reply.errors, reply.errors
    card = reply.card or reply.update
    assert card is not None, reply
    return card


def form_of(reply: Reply) -> Form:
    assert reply.form is not None, reply
    return reply.form


def titled(office: Office, account: str, key: str, lead: str = "LX001 · Acme Sample Ltd") -> int:
    """How many cards with this title stand in somebody's inbox."""
    begin, end = office.say(key, lead=lead, when="|").partition("|")[::2]
    titles = [card.title for card in office.inbox(account)]
    return sum(title.startswith(begin) and title.endswith(end) for title in titles)


def plan(office: Office, line: str, account: str = "robin") -> Card:
    return card_of(office.ask(account, "followup.open", text=f"LX001 {line}"))


class TestOffers:
    async def test_declined_goes_to_the_next_and_then_to_the_manager(self, office: Office) -> None:
        office.log_lead("max")
        await office.settle()
        first = office.owner()
        second = "dana" if first == "robin" else "robin"
        [card] = office.inbox(first)
        form = form_of(office.press(first, card, "button.decline"))
        reply = office.submit(first, form, reason="busy")
        assert reply.toast == office.say("offer.declined", lead="LX001")
        assert "Acme" not in repr(reply.update)
        await office.settle()
        assert office.owner() == second
        assert "Acme" not in repr(office.inbox(first))
        [card] = office.inbox(second)
        declined = office.say("why.skip_declined")
        assert office.people[first].name in card.footnote
        assert declined in card.footnote
        office.submit(second, form_of(office.press(second, card, "button.decline")), reason="other")
        await office.settle()
        assert office.owner() == "max"
        card = office.inbox("max")[-1]
        assert card.footnote.count(declined) == 2
        assert office.say("why.manager") in card.footnote
        assert office.say("button.reassign") in [button.label for button in buttons_of(card)]

    async def test_unanswered_moves_on_in_working_minutes(self, office: Office) -> None:
        """Friday 17:00, two working hours: 10:00 on Monday, and not on Saturday."""
        await office.travel(2024, 3, 1, 17)
        office.log_lead("max")
        await office.travel(2024, 3, 4, 9, 59)
        first = office.owner()
        await office.travel(2024, 3, 4, 10, 0)
        second = office.owner()
        assert {first, second} == {"robin", "dana"}
        assert "Acme" not in repr(office.inbox(first))
        await office.travel(2024, 3, 4, 12, 0)
        assert office.owner() == "max"
        card = office.inbox("max")[-1]
        assert card.footnote.count(office.say("why.skip_no_answer")) == 2
        states = [offer.state for offer in office.offers()]
        assert states == [OfferState.EXPIRED, OfferState.EXPIRED, OfferState.OPEN]
        await office.travel(2024, 3, 6)
        assert office.owner() == "max"

    async def test_absent_and_full_people_are_passed_over(self, office: Office) -> None:
        reply = office.ask("robin", "people.leave", values={"back_on": "2024-03-11"})
        assert reply.toast == office.say(
            "people.away_saved", day=office.language.day(date(2024, 3, 11))
        )
        office.log_lead("max")
        await office.settle()
        assert office.owner() == "dana"
        assert office.say("why.skip_absent") in office.inbox("dana")[0].footnote
        office.ask("dana", "offer.accept", pressed="LX001")
        await office.travel(2024, 3, 11)
        office.log_lead("max", phone="", email="", customer="Other Sample")
        await office.settle()
        assert office.owner(2) == "robin"

    async def test_nobody_there_at_all_stays_unowned(self, office: Office) -> None:
        for account in ("robin", "dana", "max", "wes", "ada"):
            office.change_person(account, lambda p: replace(p, away_until=date(2024, 3, 9)))
        reply = office.ask("wes", "lead.create", values=lead_values())
        assert card_of(reply).body == office.say("lead.nobody_there")
        assert office.owner() == ""

    async def test_an_admin_who_stands_in_leaves_the_lead_to_its_team(self, office: Office) -> None:
        for account in ("kim", "wes"):
            office.change_person(account, lambda p: replace(p, away_until=date(2024, 3, 9)))
        office.rules()
        west = office.teams["West"].id
        office.ask("wes", "lead.create", values=lead_values())
        assert office.owner() == "ada"
        assert office.lead().team_id == west
        assert office.ask("wes", "lead.show", pressed="LX001").card is not None

    async def test_weights_come_true(self, office: Office) -> None:
        pool = (PoolMember(person="Robin Sample", weight=3), PoolMember(person="Dana Example"))
        office.rules(routing=(RoutingRule(name="3:1", pool=pool),))
        for number in range(20):
            lead = office.log_lead("max", phone="", email="", customer=f"Sample {number}")
            office.ask(office.owner(lead.id), "offer.accept", pressed=lead.number)
        owners = [office.owner(lead.id) for lead in office.leads()]
        assert (owners.count("robin"), owners.count("dana")) == (15, 5)

    async def test_who_logs_a_lead_may_keep_it(self, office: Office) -> None:
        form = form_of(office.ask("dana", "lead.open"))
        reply = office.submit("dana", form, **lead_values(), owner="keep")
        card = card_of(reply)
        assert office.say("why.own") in words_of(card)
        assert office.owner() == "dana"
        assert [offer.state for offer in office.offers()] == [OfferState.ACCEPTED]
        await office.settle()
        assert office.inbox("dana") == []
        await office.travel(2024, 3, 6)
        assert office.owner() == "dana"

    async def test_a_manager_overrules_and_the_former_owner_sees_nothing_more(
        self, office: Office
    ) -> None:
        office.log_lead("max")
        plan(office, "call ok 3/4 send case", office.owner())
        await office.travel(2024, 3, 4, 9)
        first = office.owner()
        other = "dana" if first == "robin" else "robin"
        assert titled(office, first, "reminder.title") == 1
        form = form_of(office.ask("max", "lead.reassign", pressed="LX001"))
        reply = office.submit("max", form, person=str(office.people[other].id))
        assert office.people[other].name in reply.toast
        await office.settle()
        assert "Acme" not in repr(office.inbox(first))
        assert office.say("why.chosen", rule="Max Manager") in office.inbox(other)[-1].footnote


class TestDuplicates:
    def test_one_that_i_see_is_named(self, office: Office) -> None:
        office.log_lead("max")
        reply = office.ask("max", "lead.create", values=lead_values(customer="Another"))
        lead = "LX001 · Acme Sample Ltd"
        assert reply.errors == {"phone": office.say("problem.duplicate", lead=lead)}

    def test_one_of_a_colleague_is_not(self, office: Office) -> None:
        office.log_lead("dana", owner="keep")
        reply = office.ask("kim", "lead.create", values=lead_values(customer="Q", phone=""))
        assert reply.errors == {"email": office.say("problem.duplicate_hidden")}
        assert len(office.leads()) == 1

    def test_a_likely_one_is_asked_about_and_nothing_is_lost(self, office: Office) -> None:
        office.log_lead("dana", owner="keep")
        typed = lead_values(customer="ACME Sample Co., Ltd.", phone="", email="li@acme.example")
        reply = office.ask("kim", "lead.create", values=typed)
        hidden = office.say("lead.someone_elses")
        assert reply.errors == {"different": office.say("problem.maybe_same", lead=hidden)}
        form = form_of(reply)
        assert "Acme Sample Ltd" not in repr(form)
        shown = {one.name: getattr(one, "value", "") for one in form.fields}
        assert (shown["email"], shown["customer"]) == ("li@acme.example", typed["customer"])
        assert len(office.leads()) == 1
        reply = office.submit("kim", form, different="same")
        assert reply.errors == {"different": office.say("problem.duplicate_hidden")}
        assert not office.submit("kim", form, different="name").errors
        assert len(office.leads()) == 2


class TestContacts:
    def test_the_mask_means_as_it_was(self, office: Office) -> None:
        office.log_lead("dana", owner="keep")
        form = form_of(office.ask("dana", "lead.edit", pressed="LX001"))
        assert "13812345678" not in repr(form)
        office.submit("dana", form, need="more", email="new@acme.example")
        lead = office.lead()
        assert (lead.phone, lead.email) == ("+8613812345678", "new@acme.example")
        form = form_of(office.ask("dana", "lead.edit", pressed="LX001"))
        office.submit("dana", form, phone="139 1234 5678", email="")
        lead = office.lead()
        assert (lead.phone, lead.email) == ("+8613912345678", "")
        assert "13912345678" not in repr(office.rows("audit"))

    def test_what_changed_meanwhile_is_said_and_what_was_typed_stays(self, office: Office) -> None:
        office.log_lead("dana", owner="keep")
        form = form_of(office.ask("dana", "lead.edit", pressed="LX001"))
        office.change_lead(1, lambda lead: replace(lead, need="theirs"))
        reply = office.submit("dana", form, need="mine", phone="139 1234 5678")
        assert reply.errors == {"": office.say("lead.changed_meanwhile")}
        assert office.lead().need == "theirs"
        again = form_of(reply)
        shown = {one.name: getattr(one, "value", "") for one in again.fields}
        assert (shown["need"], shown["phone"]) == ("mine", "+8613912345678")
        assert shown["email"] == "z***@acme.example"
        assert not office.submit("dana", again).errors
        lead = office.lead()
        assert (lead.need, lead.phone, lead.email) == (
            "mine", "+8613912345678", "zhang@acme.example",
        )  # fmt: skip

    def test_showing_a_contact_is_on_record(self, office: Office) -> None:
        office.log_lead("dana", owner="keep")
        form = form_of(office.ask("dana", "contact.ask", pressed="LX001"))
        assert "13812345678" not in repr(form)
        card = card_of(office.submit("dana", form, reason="visit"))
        assert "+8613812345678" in repr(card)
        [row] = [row for row in office.rows("audit") if row["act"] == "contact.reveal"]
        assert row["actor_id"] == office.people["dana"].id
        assert (row["subject"], row["detail"]) == ("lead:1", {"reason": "visit"})
        reply = office.submit("dana", form, reason="")
        assert set(reply.errors) == {"reason"}


class TestReminders:
    @pytest.fixture
    def planned(self, office: Office) -> Office:
        """Robin's lead, its next step due on Friday the 8th at nine."""
        office.log_lead("robin", owner="keep")
        plan(office, "call likes it 2024-03-08 send the case")
        return office

    async def test_late_after_downtime_says_so(self, planned: Office) -> None:
        planned.world.clock.set_wall(datetime(2024, 3, 7, 12, 0, tzinfo=SHANGHAI))
        await planned.settle()
        [card] = planned.inbox("robin")
        late = planned.say("reminder.late", duration=planned.language.duration(180))
        assert card.footnote.endswith(late)

    async def test_on_time_does_not(self, planned: Office) -> None:
        await planned.travel(2024, 3, 7, 8, 59)
        assert planned.inbox("robin") == []
        await planned.travel(2024, 3, 7, 9)
        [card] = planned.inbox("robin")
        assert card.footnote == planned.say("reminder.why_ahead", n=24)

    async def test_none_for_a_step_that_was_done(self, planned: Office) -> None:
        planned.ask("robin", "reminder.done", pressed="1")
        await planned.travel(2024, 3, 20)
        assert planned.inbox("robin") == planned.inbox("max") == []

    async def test_none_for_a_step_that_another_followed(self, planned: Office) -> None:
        plan(planned, "call all said")
        await planned.travel(2024, 3, 20)
        assert planned.inbox("robin") == planned.inbox("max") == []

    async def test_done_between_composing_and_delivery(self, planned: Office) -> None:
        await planned.travel(2024, 3, 7, 8, 59)
        planned.world.clock.set_wall(datetime(2024, 3, 7, 9, tzinfo=SHANGHAI))
        while planned.world.jobs._do_next():
            pass
        planned.ask("robin", "reminder.done", pressed="1")
        await planned.settle()
        assert planned.inbox("robin") == []

    async def test_snoozed_comes_once_more(self, planned: Office) -> None:
        await planned.travel(2024, 3, 7, 9)
        [card] = planned.inbox("robin")
        planned.press("robin", card, "button.in_three_hours")
        reply = planned.press("robin", card, "button.in_an_hour")
        at = datetime(2024, 3, 7, 10, tzinfo=SHANGHAI)
        again = planned.say("reminder.snoozed", at=planned.language.moment(at))
        assert reply.toast == again
        assert reply.update
        assert reply.update.footnote == again
        await planned.travel(2024, 3, 7, 13)
        assert len(planned.inbox("robin")) == 2
        assert planned.lead().next_at == datetime(2024, 3, 8, 9, tzinfo=SHANGHAI)

    async def test_rescheduled_is_reminded_of_anew(self, planned: Office) -> None:
        await planned.travel(2024, 3, 7, 9)
        form = form_of(planned.press("robin", planned.inbox("robin")[0], "button.other_date"))
        reply = planned.submit("robin", form, next_on="2024-03-01")
        assert set(reply.errors) == {"next_on"}
        planned.submit("robin", form, next_on="2024-03-13")
        await planned.travel(2024, 3, 12, 8, 59)
        assert len(planned.inbox("robin")) == 1
        await planned.travel(2024, 3, 12, 9)
        assert len(planned.inbox("robin")) == 2
        assert planned.lead().next_at == datetime(2024, 3, 13, 9, tzinfo=SHANGHAI)

    @pytest.mark.parametrize(
        ("values", "at"),
        [
            ({"next_on": "2024-03-13", "at": "15:30"}, (15, 30)),
            ({"next_on": "3月13日上午十点半", "at": "15:30"}, (10, 30)),
            ({"next_on": "Mar 13", "at": "下午四点"}, (16, 0)),
            ({"next_on": "2024-03-13", "at": ""}, (9, 0)),
        ],
    )
    async def test_rescheduled_keeps_its_time_or_takes_the_one_typed(
        self, planned: Office, values: dict[str, str], at: tuple[int, int]
    ) -> None:
        planned.ask("robin", "reminder.move", pressed="1", values={"next_on": "3/12 15:30"})
        planned.ask("robin", "reminder.move", pressed="1", values={"next_on": "2024-03-11"})
        assert planned.lead().next_at == datetime(2024, 3, 11, 15, 30, tzinfo=SHANGHAI)
        form = planned.ask("robin", "reminder.reschedule", pressed="1").form
        assert form is not None
        assert [getattr(field, "value", "") for field in form.fields] == ["", "15:30"]
        reply = planned.submit("robin", form, **values)
        moved = datetime(2024, 3, 13, *at, tzinfo=SHANGHAI)
        assert planned.lead().next_at == moved
        due = planned.language.day(moved.date()) if at == (9, 0) else planned.language.moment(moved)
        assert reply.toast == planned.say("reminder.moved", day=due)

    @pytest.mark.parametrize(
        ("values", "day", "at"),
        [
            ({"next_on": "半小时后", "at": "15:30"}, 11, (22, 45)),
            ({"next_on": "2024-03-11", "at": "in 2 hours"}, 12, (0, 15)),
        ],
    )
    async def test_rescheduled_by_hours_from_now(
        self, planned: Office, values: dict[str, str], day: int, at: tuple[int, int]
    ) -> None:
        await planned.travel(2024, 3, 11, 22, 15)
        planned.ask("robin", "reminder.move", pressed="1", values=values)
        assert planned.lead().next_at == datetime(2024, 3, day, *at, tzinfo=SHANGHAI)

    async def test_a_time_that_is_none_is_refused(self, planned: Office) -> None:
        values = {"next_on": "2024-03-13", "at": "after lunch maybe"}
        reply = planned.ask("robin", "reminder.move", pressed="1", values=values)
        assert reply.errors["at"] == planned.say("problem.time", typed="after lunch maybe")

    async def test_buttons_of_an_old_card_change_nothing(self, planned: Office) -> None:
        planned.ask("robin", "reminder.done", pressed="1")
        before = planned.rows("followup")
        for action, values in (
            ("reminder.done", {}), ("reminder.snooze", {}), ("reminder.reschedule", {}),
            ("reminder.later", {"until": "day"}), ("reminder.move", {"next_on": "2024-03-20"}),
        ):  # fmt: skip
            reply = planned.ask("robin", action, pressed="1", values=values)
            assert reply.toast == planned.say("reminder.no_longer_open"), action
        assert planned.rows("followup") == before
        await planned.travel(2024, 3, 21)
        assert planned.inbox("robin") == []

    async def test_overdue_reaches_the_owner_then_the_manager(self, planned: Office) -> None:
        await planned.travel(2024, 3, 8, 23, 58)
        assert titled(planned, "robin", "reminder.overdue") == 0  # Friday is not over yet.
        await planned.travel(2024, 3, 11, 9, 1)
        assert titled(planned, "robin", "reminder.overdue") == 1
        assert titled(planned, "max", "reminder.overdue") == 0
        await planned.travel(2024, 3, 11, 18, 1)
        assert titled(planned, "robin", "reminder.overdue") == 1
        assert titled(planned, "max", "reminder.overdue") == 1
        assert "Robin Sample" in repr(planned.inbox("max")[-1].facts)
        assert planned.inbox("wes") == []
        assert titled(planned, "ada", "reminder.overdue") == 0

    async def test_without_a_manager_the_admin_hears(self, planned: Office) -> None:
        planned.change_person("max", lambda person: replace(person, active=False))
        await planned.travel(2024, 3, 11, 18, 1)
        assert titled(planned, "ada", "reminder.overdue") == 1

    @pytest.mark.parametrize("how", ["left", "nobody's"])
    async def test_a_lead_without_an_owner_at_work_is_the_managers(
        self, planned: Office, how: str
    ) -> None:
        if how == "left":
            planned.change_person("robin", lambda person: replace(person, active=False))
        else:
            planned.change_lead(1, lambda lead: replace(lead, owner_id=None))
        await planned.travel(2024, 3, 7, 9)
        assert planned.inbox("robin") == []
        assert titled(planned, "max", "reminder.title") == 1

    async def test_today_is_not_reminded_of_at_once(self, planned: Office) -> None:
        plan(planned, "call fine, today ring again")
        await planned.travel(2024, 3, 1, 11)
        assert planned.inbox("robin") == []


class TestCorrections:
    @pytest.fixture
    def planned(self, office: Office) -> Office:
        office.log_lead("robin", owner="keep")
        office.log_lead("robin", owner="keep", customer="Bee Sample", phone="", email="")
        plan(office, "call likes it 2024-03-08 send the case")
        return office

    def correct(self, office: Office, followup_id: int, **typed: str) -> Reply:
        form = form_of(office.ask("robin", "followup.correct", pressed=str(followup_id)))
        reply = office.submit("robin", form, **typed)
        assert not reply.errors, reply.errors
        return reply

    async def test_a_new_date_moves_the_reminder(self, planned: Office) -> None:
        self.correct(planned, 1, next_on="2024-03-13", next_step="send two cases")
        await planned.travel(2024, 3, 12, 8, 59)
        # LX002, whom nobody has called, has a clock of its own.
        assert [card for card in planned.inbox("robin") if "LX001" in card.title] == []
        await planned.travel(2024, 3, 12, 9)
        [card] = [card for card in planned.inbox("robin") if "LX001" in card.title]
        assert "send two cases" in repr(card.facts)
        assert planned.lead().next_step == "send two cases"

    async def test_the_wrong_lead_gets_its_step_back(self, planned: Office) -> None:
        plan(planned, "email meant for Bee 2024-03-06 call Bee")
        assert planned.history(1)[1].closed_at is not None
        self.correct(planned, 2, lead="LX002")
        assert (planned.lead(1).next_step, planned.lead(2).next_step) == (
            "send the case", "call Bee",
        )  # fmt: skip
        assert [followup.id for followup in planned.history(2)] == [2]
        await planned.travel(2024, 3, 7, 9)
        for lead in ("LX001 · Acme Sample Ltd", "LX002 · Bee Sample"):
            assert titled(planned, "robin", "reminder.title", lead) == 1

    def test_what_changed_meanwhile_is_said_and_what_was_typed_stays(self, planned: Office) -> None:
        before = planned.history()[0].summary
        form = form_of(planned.ask("robin", "followup.correct", pressed="1"))
        planned.ask("robin", "reminder.done", pressed="1")
        reply = planned.submit("robin", form, summary="mine", next_on="2024-03-14")
        assert reply.errors == {"": planned.say("followup.changed_meanwhile")}
        assert planned.history()[0].summary == before != "mine"
        again = form_of(reply)
        assert {"mine", "2024-03-14"} <= {getattr(one, "value", "") for one in again.fields}
        assert not planned.submit("robin", again).errors
        assert planned.history()[0].summary == "mine"

    async def test_a_lead_has_one_next_step_at_most(self, planned: Office) -> None:
        planned.ask("robin", "followup.open", text="LX002 call no plan yet")
        planned.world.clock.advance(60)
        planned.ask("robin", "followup.open", text="LX002 call and now 3/12 visit them")
        self.correct(planned, 2, next_on="2024-03-06", next_step="too late to plan")
        assert planned.lead(2).next_step == "visit them"
        planned.world.clock.advance(60)
        plan(planned, "call once more 3/13 write to them")
        self.correct(planned, 4, lead="LX002")
        assert planned.lead(2).next_step == "write to them"
        waiting = [f for number in (1, 2) for f in planned.history(number) if f.is_waiting]
        assert sorted(followup.lead_id for followup in waiting) == [1, 2]

    async def test_a_step_that_was_done_is_planned_anew(self, planned: Office) -> None:
        planned.ask("robin", "reminder.done", pressed="1")
        reply = self.correct(planned, 1, summary="likes it a lot")
        assert card_of(reply).footnote == planned.say("followup.no_next_step")
        assert planned.lead().next_at is None
        reply = self.correct(planned, 1, next_on="2024-03-14")
        assert card_of(reply).footnote == planned.say("followup.will_remind", n=24)
        assert planned.lead().next_at == datetime(2024, 3, 14, 9, tzinfo=SHANGHAI)

    async def test_a_won_lead_is_followed_up_too(self, planned: Office) -> None:
        planned.change_lead(1, lambda lead: replace(lead, stage=Stage.WON))
        form = form_of(planned.ask("robin", "followup.log", pressed="LX001"))
        pick: Any = form.fields[0]
        assert [option.value for option in pick.options] == [pick.value] == ["LX001"]


class TestOneLine:
    def test_a_day_that_is_over_is_part_of_what_was_said(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        card = plan(office, "call they bought one on 2024-02-01 already")
        assert card.footnote == office.say("followup.no_next_step")
        assert office.history()[0].summary == "they bought one on 2024-02-01 already"

    def test_what_is_too_long_for_a_line_comes_back_in_the_form(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        form = form_of(office.ask("robin", "followup.open", text="LX001 call " + "很" * 3000))
        assert office.history() == []
        reply = office.submit("robin", form, summary="很" * 2001)
        assert reply.errors == {"summary": office.say("problem.too_long", n=2000)}

    def test_any_space_ends_the_number(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        plan(office, "call ok")
        card = card_of(office.ask("robin", "followup.open", text="LX001\u3000电话 好的"))
        assert office.say("method.call") in card.body


class TestPeople:
    def save(self, office: Office, by: str, whom: str, **typed: str) -> Reply:
        form = form_of(office.ask(by, "people.edit", pressed=str(office.people[whom].id)))
        return office.submit(by, form, **typed)

    def test_a_role_changes_what_is_seen_and_is_on_record(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        assert office.ask("dana", "lead.show", pressed="LX001").card is None
        assert not self.save(office, "ada", "dana", role="manager").errors
        assert office.ask("dana", "lead.show", pressed="LX001").card is not None
        assert any(row["act"] == "people.save" for row in office.rows("audit"))

    def test_a_manager_grants_no_more_than_rep(self, office: Office) -> None:
        assert set(self.save(office, "max", "dana", role="manager").errors) == {"role"}
        for whom in ("max", "ada", "kim", "wes"):
            reply = office.ask("max", "people.edit", pressed=str(office.people[whom].id))
            assert office.say("role.admin") in reply.toast

    def test_the_last_admin_stays(self, office: Office) -> None:
        for typed in ({"role": "rep"}, {"status": "inactive"}):
            reply = self.save(office, "ada", "ada", **typed)
            assert reply.errors == {"role": office.say("problem.last_admin")}
        assert office.person("ada").role is Role.ADMIN

    def test_open_leads_go_along_to_another_team(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        office.log_lead("robin", owner="keep", customer="Won Sample", phone="", email="")
        office.change_lead(2, lambda lead: replace(lead, stage=Stage.WON))
        west = office.teams["West"].id
        assert not self.save(office, "ada", "robin", team=str(west)).errors
        assert [office.lead(1).team_id, office.lead(2).team_id] == [west, office.teams["East"].id]
        assert office.ask("wes", "lead.show", pressed="LX001").card is not None
        assert office.ask("max", "lead.show", pressed="LX001").card is None

    def test_who_leaves_with_leads_leaves_work_and_the_leader_is_told(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        reply = self.save(office, "max", "robin", status="inactive")
        said = office.say("people.saved_with_leads", name="Robin Sample", n=1)
        assert reply.toast == said
        reply = office.ask("robin", "lead.show", pressed="LX001")
        assert reply.toast == office.say("error.no_longer_active")
        assert office.ask("max", "lead.show", pressed="LX001").card is not None

    def test_a_day_off_that_is_over_does_not_stand_in_the_way(self, office: Office) -> None:
        office.change_person("dana", lambda person: replace(person, away_until=date(2024, 2, 9)))
        assert not self.save(office, "max", "dana", weight="2").errors
        assert office.person("dana").weight == 2
        form = form_of(office.ask("dana", "people.away"))
        assert office.submit("dana", form).toast == office.say("people.here")

    async def test_a_newcomer_waits_for_the_admin_and_is_a_rep_then(self, office: Office) -> None:
        request = office.request("zoe", "help.open")
        request = replace(request, sender=replace(request.sender, name="Zoe Sample"))
        assert "Ada Admin" in office.send(request).toast
        await office.settle()
        [card] = office.inbox("ada")
        assert card.title == office.say("newcomer.asks_title", name="Zoe Sample")
        assert office.inbox("max") == []
        office.let_in("zoe", "Zoe Sample")
        reply = office.send(replace(request, id="desk:again"))
        assert office.say("role.rep") in card_of(reply).body
        pressed = str(office.people["zoe"].id)
        form = form_of(office.ask("ada", "people.edit", pressed=pressed))
        assert form.fields[0].name == "name"

    def test_refusals_speak_the_persons_language(self, office: Office) -> None:
        """A platform that names no language gets the one the person wrote in before."""
        other = "en" if office.locale == "zh_CN" else "zh_CN"
        office.ask("robin", "people.leave", values={"back_on": ""}, locale=other)
        reply = office.ask("robin", "lead.show", pressed="LX404", locale="")
        words = office.world.languages(other)
        assert reply.toast == words.text("error.lead_not_found")
        reply = office.ask("robin", "people.leave", values={"back_on": "yesterday?"}, locale="")
        assert reply.errors["back_on"] == words.text("problem.day", typed="yesterday?")


class TestDigests:
    async def test_bound_posted_once_unbound_not_at_all(self, office: Office) -> None:
        card = card_of(office.ask("max", "help.open", channel="C1"))
        label = office.say("button.bind")
        [button] = [one for one in buttons_of(card) if one.label == label]
        office.ask("max", button.action, pressed=button.value, channel="C1")
        await office.travel(2024, 3, 4, 14)
        await office.travel(2024, 3, 4, 18)
        assert len(digests(office)) == 1
        office.ask("max", "channel.unbind", channel="C1")
        await office.travel(2024, 3, 12)
        assert len(digests(office)) == 1

    async def test_a_missed_monday_is_posted_late_and_once(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        office.world.clock.set_wall(datetime(2024, 3, 20, 15, 0, tzinfo=SHANGHAI))
        await office.settle()
        [card] = digests(office)
        due = datetime(2024, 3, 18, 14, tzinfo=SHANGHAI)
        assert office.say("digest.late", at=office.language.moment(due)) in card.footnote
        await office.travel(2024, 3, 25, 14)
        assert len(digests(office)) == 2

    async def test_admins_may_have_the_companys(self, office: Office) -> None:
        label = office.say("button.bind_company")
        card = card_of(office.ask("max", "help.open", channel="C1"))
        assert label not in [one.label for one in buttons_of(card)]
        assert office.ask("max", "channel.bind_company", pressed="C1", channel="C1").toast
        card = card_of(office.ask("ada", "help.open", channel="C1"))
        [button] = [one for one in buttons_of(card) if one.label == label]
        bound = office.ask("ada", button.action, pressed=button.value, channel="C1")
        assert office.say("team.company") in (bound.toast or "")
        assert office.ask("max", "channel.unbind", pressed="C1", channel="C1").toast
        await office.travel(2024, 3, 4, 18)
        [card] = digests(office)
        assert card.title.startswith(office.say("digest.company"))

    def test_reps_are_not_offered_it(self, office: Office) -> None:
        card = card_of(office.ask("robin", "help.open", channel="C1"))
        assert office.say("button.bind") not in [button.label for button in buttons_of(card)]
        assert office.ask("robin", "channel.bind", channel="C1").toast
        with office.world.new_uow(read_only=True) as uow:
            assert uow.channels.of_channel(PLATFORM, "C1") is None


def digests(office: Office) -> list[Card]:
    """What the channel got but for the agendas of Friday's sync, and the details of the digests."""
    return [card for card in office.inbox("C1") if card.summary and not card.thread]


def lead_values(**typed: str) -> dict[str, str]:
    return dict(LEAD) | typed


def test_the_office_is_as_told(office: Office) -> None:
    lead: Lead = office.log_lead("max")
    assert office.owner(lead.id) in {"robin", "dana"}
