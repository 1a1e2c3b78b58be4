"""Response clocks through the front door, with time passing: who is notified of what, and when."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from handlers.core.labels import capitalized
from handlers.core.ui import Card
from sales.clocks import Clock, ClockState
from sales.people import SYSTEM
from sales.playbook import PoolMember, RoutingRule
from tests.office import LEAD, SHANGHAI, Office

LX001 = "LX001 · Acme Sample Ltd"
MEDIUM, LOW = (
    {"timeframe": "later"},
    {"authority": "staff", "timeframe": "later", "clarity": "vague", "budget": ""},
)
BARE = {"phone": "", "email": ""}


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=SHANGHAI)


def clocks(office: Office, lead_id: int = 1) -> list[Clock]:
    """All clocks of a lead, oldest first."""
    with office.world.new_uow(read_only=True) as uow:
        repository = uow.clocks(SYSTEM)
        ids = [row["id"] for row in office.rows("clock") if row["lead_id"] == lead_id]
        return [repository.get(clock_id) for clock_id in ids]


def clock(office: Office, lead_id: int = 1) -> Clock:
    return clocks(office, lead_id)[-1]


def followup(office: Office, account: str = "robin", **typed: str) -> Any:
    said = {"lead": "LX001", "method": "call", "summary": "spoke"}
    reply = office.ask(account, "followup.create", values=said | typed)
    assert not reply.errors, reply.errors
    return reply


def correct(office: Office, **typed: str) -> None:
    form = office.ask("robin", "followup.correct", pressed="1").form
    assert form
    reply = office.submit("robin", form, **typed)
    assert not reply.errors, reply.errors


def of_clocks(office: Office, account: str) -> list[Card]:
    """The clock notices somebody got, as they stand now."""
    titles = {
        office.say(f"clock.{name}_{kind}", lead=LX001)
        for name in ("near", "missed")
        for kind in ("call", "material", "touch")
    }
    return [
        card
        for card in office.inbox(account)
        if card.title in titles or card.title == office.say("clock.over", lead=LX001)
    ]


def fact(card: Card | None, label: str) -> str:
    assert card
    return next((fact.value for fact in card.facts if fact.label == label), "")


def to_robin(office: Office, *others: str) -> None:
    pool = tuple(PoolMember(person=name) for name in ("Robin Sample", *others))
    office.rules(routing=(RoutingRule(name="all", pool=pool),))


def start(office: Office) -> None:
    """Robin's high-value lead, kept on Friday 1 March at 10:00: due Monday at 10:00."""
    office.log_lead("robin", owner="keep")
    assert clock(office).due_at == at(3, 4, 10)


class TestStart:
    def test_with_the_offer_not_with_its_acceptance(self, office: Office) -> None:
        to_robin(office)
        office.log_lead("max")
        started = clock(office)
        assert started.owner_id == office.people["robin"].id
        assert started.due_at == at(3, 4, 10)
        office.world.clock.advance(600)
        office.ask("robin", "offer.accept", pressed="LX001")
        assert clocks(office) == [started]

    async def test_at_the_weekend_is_due_on_monday_and_names_who_hears_of_a_miss(
        self, office: Office
    ) -> None:
        await office.travel(2024, 3, 2, 17)
        office.log_lead("robin", owner="keep")
        assert clock(office).due_at == at(3, 4, 18)
        card = office.ask("robin", "lead.open", text="LX001").card
        said = fact(card, office.say("clock.call"))
        assert said.startswith("Please call by Mon 18:00")
        assert office.say("clock.then", at="Tue 11:00", names="Max Manager") in said

    async def test_nobody_is_called_at_night(self, office: Office) -> None:
        await office.travel(2024, 3, 5, 22)
        office.log_lead("robin", owner="keep")
        await office.travel(2024, 3, 6, 9)
        assert of_clocks(office, "robin") == []

    def test_without_an_owner_there_is_none(self, office: Office) -> None:
        for account in ("ada", "max", "robin", "dana"):
            office.change_person(
                account, lambda person: replace(person, away_until=date(2025, 1, 1))
            )
        office.log_lead("max")
        assert office.owner() == ""
        assert clocks(office) == []


class TestLadder:
    async def test_warns_records_the_breach_then_tells_the_manager(self, office: Office) -> None:
        start(office)
        await office.travel(2024, 3, 1, 16, 59)
        assert of_clocks(office, "robin") == []
        await office.travel(2024, 3, 1, 17)
        [warning] = of_clocks(office, "robin")
        assert warning.title == office.say("clock.near_call", lead=LX001)
        assert warning.tone == "warning"
        assert clock(office).state is ClockState.RUNNING
        await office.travel(2024, 3, 4, 10)
        assert [card.title for card in of_clocks(office, "robin")] == [
            office.say("clock.missed_call", lead=LX001)
        ] * 2
        assert of_clocks(office, "max") == []
        breached = clock(office)
        assert (breached.state, breached.breached_at) == (ClockState.BREACHED, at(3, 4, 10))
        assert breached.owner_id == office.people["robin"].id
        await office.travel(2024, 3, 4, 12)
        [told] = of_clocks(office, "max")
        assert fact(told, office.say("lead.owner")) == "Robin Sample"
        assert office.say("clock.why_3") in told.footnote
        await office.travel(2024, 4, 15, 12)
        assert (len(of_clocks(office, "robin")), len(of_clocks(office, "max"))) == (2, 1)
        breaches = [row for row in office.rows("audit") if row["act"] == "clock.breach"]
        assert len(breaches) == 1

    async def test_what_was_missed_while_down_is_recorded_once_and_told_late(
        self, office: Office
    ) -> None:
        start(office)
        await office.settle()
        await office.travel(2024, 3, 6, 9, 30)
        breached = clock(office)
        assert breached.breached_at == at(3, 4, 10).astimezone(UTC)
        [card] = of_clocks(office, "robin")
        late = office.say("reminder.late", duration=office.language.duration(47 * 60 + 30))
        assert card.footnote.endswith(late)
        assert len(of_clocks(office, "max")) == 1
        await office.settle()
        assert len(of_clocks(office, "robin")) == 1
        assert len([row for row in office.rows("audit") if row["act"] == "clock.breach"]) == 1

    async def test_while_the_owner_is_away_the_manager_hears_at_once(self, office: Office) -> None:
        start(office)
        office.change_person("robin", lambda one: replace(one, away_until=date(2024, 3, 11)))
        await office.travel(2024, 3, 1, 17)
        assert len(of_clocks(office, "robin")) == len(of_clocks(office, "max")) == 1

    async def test_who_left_does_not_keep_it_to_themselves(self, office: Office) -> None:
        start(office)
        office.ask(
            "ada", "people.save", pressed=str(office.people["robin"].id),
            values={"name": "Robin Sample", "role": "rep", "weight": "1", "status": "inactive"},
        )  # fmt: skip
        await office.travel(2024, 3, 1, 17)
        assert len(of_clocks(office, "max")) == 1
        assert of_clocks(office, "robin") == []


class TestAtTheSameMoment:
    @pytest.mark.every_way
    def test_contact_and_the_breach_agree_on_what_was_first(self, office: Office) -> None:
        customers = [f"Race {number}" for number in range(6)]
        for customer in customers:
            office.log_lead("robin", owner="keep", customer=customer, **BARE)
        office.world.clock.advance(at(3, 4, 10) - office.world.clock.now())
        together = Barrier(len(customers) + 1)

        def log(number: str) -> None:
            together.wait()
            followup(office, lead=number)

        def tick() -> None:
            together.wait()
            asyncio.run(office.world.jobs.tick())

        with ThreadPoolExecutor(len(customers) + 1) as threads:
            doings = [threads.submit(log, lead.number) for lead in office.leads()]
            doings.append(threads.submit(tick))
            for doing in doings:
                doing.result()
        ended = [clock(office, lead.id) for lead in office.leads()]
        assert {one.met_at for one in ended} == {at(3, 4, 10)}
        assert not any(one.is_waiting for one in ended)
        breached = [one for one in ended if one.state is ClockState.BREACHED]
        acts = Counter(row["act"] for row in office.rows("audit"))
        # Contact in time turns a breach back that was recorded at the same moment.
        assert acts["clock.breach"] - acts["clock.in_time"] == len(breached) == 0


class TestContact:
    async def test_in_time_stops_the_clock(self, office: Office) -> None:
        start(office)
        await office.travel(2024, 3, 1, 17)
        followup(office)
        assert clock(office).state is ClockState.MET
        await office.travel(2024, 3, 8, 12)
        [warning] = of_clocks(office, "robin")
        assert warning.title == office.say("clock.over", lead=LX001)
        assert of_clocks(office, "max") == []
        card = office.ask("robin", "lead.open", text="LX001").card
        met = office.say("clock.met", at=office.language.moment(at(3, 1, 17)))
        assert fact(card, office.say("clock.call")) == capitalized(met)

    async def test_late_stays_breached(self, office: Office) -> None:
        start(office)
        await office.travel(2024, 3, 4, 11)
        followup(office)
        late = clock(office)
        assert (late.state, late.met_at) == (ClockState.BREACHED, at(3, 4, 11))
        await office.travel(2024, 3, 4, 13)
        assert of_clocks(office, "max") == []
        card = office.ask("robin", "lead.open", text="LX001").card
        assert office.language.duration(60) in fact(card, office.say("clock.call"))

    def test_late_is_a_breach_even_before_due_work_sees_it(self, office: Office) -> None:
        start(office)
        office.world.clock.advance(timedelta(days=4))
        followup(office)
        assert clock(office).breached_at == at(3, 4, 10)

    def test_only_what_a_person_logged_counts(self, office: Office) -> None:
        to_robin(office)
        office.log_lead("max")
        office.ask("robin", "offer.accept", pressed="LX001")
        office.ask("robin", "contact.reveal", values={"reason": "call"}, state={"lead": "LX001"})
        form = office.ask("robin", "stage.open", text="LX001").form
        assert form
        form = office.submit("robin", form, to="screened").form
        assert form
        office.submit("robin", form, criteria=("budget", "decision", "urgent"))
        assert office.lead().stage == "screened"
        version = str(office.lead().version)
        office.ask(
            "robin", "lead.update", values=dict(LEAD) | {"need": "more"},
            state={"lead": "LX001", "version": version},
        )  # fmt: skip
        assert office.lead().need == "more"
        assert clock(office).state is ClockState.RUNNING
        assert len(clocks(office)) == 1

    def test_a_step_ticked_off_is_no_contact(self, office: Office) -> None:
        start(office)
        followup(office, method="email", next_step="call", next_on="2024-03-01")
        office.ask("robin", "reminder.done", pressed="1")
        assert office.history()[0].closed_at
        assert clock(office).state is ClockState.RUNNING

    def test_an_email_to_a_high_lead_says_that_the_clock_still_runs(self, office: Office) -> None:
        start(office)
        reply = followup(office, method="email")
        due = office.language.moment(at(3, 4, 10))
        assert reply.card.footnote == office.say("clock.not_call", due=due)
        assert clock(office).state is ClockState.RUNNING

    def test_corrected_to_a_call_it_counts(self, office: Office) -> None:
        start(office)
        followup(office, method="email")
        correct(office, method="call")
        assert clock(office).state is ClockState.MET
        correct(office, method="email")
        assert clock(office).state is ClockState.RUNNING

    async def test_logged_for_the_wrong_lead_it_moves_to_the_right_one(
        self, office: Office
    ) -> None:
        start(office)
        office.log_lead("robin", owner="keep", customer="Other Sample", **BARE)
        followup(office)
        assert clock(office, 1).state is ClockState.MET
        correct(office, lead="LX002")
        assert clock(office, 1).state is ClockState.RUNNING
        assert clock(office, 2).state is ClockState.MET
        await office.travel(2024, 3, 4, 10)
        assert clock(office, 1).state is ClockState.BREACHED


class TestRecord:
    """The first conversation is written down within half an hour of the call."""

    def look_up(self, office: Office, reason: str = "call") -> None:
        office.ask("robin", "contact.reveal", values={"reason": reason}, state={"lead": "LX001"})

    def asked(self, office: Office) -> int:
        title = office.say("clock.record", lead=LX001)
        return len([card for card in office.inbox("robin") if card.title == title])

    async def test_who_looked_up_the_number_is_asked_how_it_went(self, office: Office) -> None:
        start(office)
        self.look_up(office)
        await office.travel(2024, 3, 1, 10, 20)
        self.look_up(office)
        await office.travel(2024, 3, 1, 10, 49)
        assert self.asked(office) == 0
        await office.travel(2024, 3, 1, 10, 50)
        assert self.asked(office) == 1
        assert clock(office).state is ClockState.RUNNING
        followup(office)
        await office.settle()
        assert self.asked(office) == 0

    async def test_who_has_written_it_down_is_not(self, office: Office) -> None:
        start(office)
        self.look_up(office)
        office.world.clock.advance(600)
        followup(office)
        self.look_up(office)
        await office.travel(2024, 3, 1, 12)
        assert self.asked(office) == 0

    async def test_nor_who_looked_up_to_write(self, office: Office) -> None:
        start(office)
        self.look_up(office, "send")
        await office.travel(2024, 3, 1, 12)
        assert self.asked(office) == 0


class TestHandingOn:
    async def test_a_new_owner_has_a_fresh_clock(self, office: Office) -> None:
        start(office)
        await office.travel(2024, 3, 1, 17)
        form = office.ask("max", "lead.reassign", pressed="LX001").form
        assert form
        office.submit("max", form, person=str(office.people["dana"].id))
        office.ask("dana", "offer.accept", pressed="LX001")
        former, fresh = clocks(office)
        assert former.state is ClockState.STOPPED
        assert (fresh.owner_id, fresh.due_at) == (office.people["dana"].id, at(3, 4, 17))
        await office.travel(2024, 3, 4, 10)
        assert "Acme" not in repr(office.inbox("robin"))
        assert of_clocks(office, "max") == []

    def test_declined_it_stops_and_starts_with_the_next(self, office: Office) -> None:
        to_robin(office, "Dana Example")
        office.log_lead("max")
        first = office.owner()
        office.ask(first, "offer.pass", pressed="LX001", values={"reason": "busy"})
        former, fresh = clocks(office)
        assert former.owner_id == office.people[first].id
        assert former.state is ClockState.STOPPED
        assert fresh.owner_id != former.owner_id
        assert fresh.is_waiting

    async def test_unanswered_it_stops_and_starts_with_the_next(self, office: Office) -> None:
        to_robin(office)
        office.log_lead("max")
        await office.travel(2024, 3, 1, 13)
        former, fresh = clocks(office)
        assert former.state is ClockState.STOPPED
        assert fresh.owner_id == office.people["max"].id
        assert fresh.started_at == at(3, 1, 13)

    async def test_closing_ends_it(self, office: Office) -> None:
        start(office)
        form = office.ask("robin", "stage.open", text="LX001").form
        assert form
        form = office.submit("robin", form, to="lost").form
        assert form
        assert not office.submit("robin", form, lost="price").errors
        assert clock(office).state is ClockState.STOPPED
        await office.travel(2024, 3, 5, 12)
        assert of_clocks(office, "robin") == of_clocks(office, "max") == []
        card = office.ask("robin", "lead.open", text="LX001").card
        assert fact(card, office.say("clock.call")) == ""


class TestGrades:
    def test_medium_has_two_working_days_for_the_material(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", **MEDIUM)
        assert (clock(office).kind, clock(office).due_at) == ("material", at(3, 5, 10))
        followup(office, method="email")
        assert clock(office).state is ClockState.MET

    async def test_low_is_touched_again_and_again_and_looked_at_after_three_months(
        self, office: Office
    ) -> None:
        office.log_lead("robin", owner="keep", **LOW)
        assert clock(office).kind == "touch"
        card = office.ask("robin", "lead.open", text="LX001").card
        due = office.language.moment(clock(office).due_at)
        assert fact(card, office.say("clock.touch")) == f"Please get in touch by {due}"
        await office.travel(2024, 3, 20, 10)
        followup(office, method="wechat")
        touched, again = clocks(office)
        assert touched.state is ClockState.MET
        assert again.started_at == at(3, 20, 10)
        await office.travel(2024, 5, 30, 9)
        assert again.due_at < at(5, 30, 9)
        assert of_clocks(office, "max") == []
        titles = [card.title for card in office.inbox("robin")]
        assert office.say("move.look_again_title", lead=LX001) in titles

    def test_graded_anew_it_has_the_clock_of_the_new_grade(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", **MEDIUM)
        state = {"lead": "LX001", "version": str(office.lead().version)}
        assert not office.ask("robin", "lead.update", values=dict(LEAD), state=state).errors
        former, fresh = clocks(office)
        assert former.state is ClockState.STOPPED
        assert (fresh.kind, fresh.due_at) == ("call", at(3, 4, 10))

    def test_graded_anew_after_contact_there_is_no_first_call_any_more(
        self, office: Office
    ) -> None:
        office.log_lead("robin", owner="keep", **MEDIUM)
        followup(office)
        state = {"lead": "LX001", "version": str(office.lead().version)}
        assert not office.ask("robin", "lead.update", values=dict(LEAD), state=state).errors
        assert [one.state for one in clocks(office)] == [ClockState.MET]


class TestBoard:
    def test_shows_the_nearest_first_and_to_leaders_whose_they_are(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", **MEDIUM)
        office.log_lead("dana", owner="keep", customer="Other Sample", **BARE)
        card = office.ask("max", "board.open").card
        assert card
        heading = office.say("board.waiting", n=2)
        [section] = [part for part in card.sections if part.heading == heading]
        assert [row.text.partition(" ·")[0] for row in section.rows] == ["LX002", "LX001"]
        assert section.rows[0].text.endswith("Dana Example")

    @pytest.mark.parametrize("account", ["dana", "wes", "kim"])
    def test_shows_nothing_of_others(self, office: Office, account: str) -> None:
        start(office)
        card = office.ask(account, "board.open").card
        assert "LX001" not in repr(card)
        assert "clock" not in repr(card).lower()
        with office.world.new_uow(read_only=True) as uow:
            theirs = uow.clocks(office.people[account])
            assert theirs.latest(1) is None
            assert theirs.earliest([1]) == {}


class TestDigest:
    async def test_counts_what_was_due_and_opens_what_was_missed(self, office: Office) -> None:
        start(office)
        office.log_lead("robin", owner="keep", customer="Other Sample", **BARE)
        followup(office, lead="LX002")
        await office.travel(2024, 3, 11, 9)
        team_id = office.teams["East"].id
        with office.world.new_uow(read_only=True) as uow:
            facts = uow.figures.week(team_id, at(3, 4, 0), at(3, 11, 0))
        assert (facts.clocks_met, facts.clocks_breached) == (1, 1)
        reply = office.ask("max", "digest.show", pressed=f"breached:{team_id}:2024-W10")
        assert "LX001" in repr(reply.card)
        assert "LX002" not in repr(reply.card)
