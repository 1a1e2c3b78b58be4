"""Batching: notices that are not urgent wait a minute and go out as one message.

Nothing lost, nothing twice, in order.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.platforms import Unavailable
from handlers.core.ui import Card
from sales.leads import Grade
from sales.notices import Batch, ReminderDue, TaskGiven
from sales.people import Role
from sales.playbook import PoolMember, RoutingRule
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.outbox.lanes import Lanes
from tests.office import SHANGHAI, Office, button_of, open_office, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
HIGH = {"authority": "decider", "clarity": "clear", "timeframe": "month", "budget": "50万"}
MEDIUM = {"authority": "manager", "clarity": "clear", "timeframe": "quarter"}
TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))


@pytest.fixture(params=["en", "zh_CN"])
def office(request: pytest.FixtureRequest, database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY, request.param) as office:
        office.rules(routing=(TO_ROBIN,))
        office.hire("pat", "Pat Sample", Role.PRODUCT)
        yield office


def offer(office: Office, *customers: str) -> None:
    for customer in customers:
        office.log_lead("max", customer=customer, phone="", email="", **MEDIUM)


def question(office: Office, customer: str) -> None:
    """Pat is asked about a new lead of Robin's."""
    lead = office.log_lead("robin", customer=customer, phone="", email="", owner="keep")
    values = {"person": str(office.people["pat"].id), "question": "Can it?"}
    office.ask("robin", "support.create", state={"lead": lead.number}, values=values)


async def later(office: Office, seconds: float) -> None:
    await office.world.travel(office.world.clock.now() + timedelta(seconds=seconds))


def named(card: Card) -> list[str]:
    """The customers on a list, in its order."""
    return [part.heading.split(" · ")[-1] for part in card.sections]


class TestPressing:
    """A minute matters: such a lead is told at once, whatever was told before."""

    async def test_a_second_lead_of_high_value_comes_at_once(self, office: Office) -> None:
        for number in (1, 2, 3):
            office.log_lead("max", customer=f"Number {number}", phone=f"1381234567{number}",
                            email="", **HIGH)  # fmt: skip
            await office.settle()
            assert office.lead(number).grade is Grade.HIGH
            assert f"Number {number}" in office.inbox("robin")[-1].title
            office.world.clock.advance(timedelta(seconds=5))

    async def test_others_wait_on(self, office: Office) -> None:
        offer(office, "Number 1", "Number 2")
        office.log_lead("max", customer="Number 3", phone="13812345673", email="", **HIGH)
        offer(office, "Number 4")
        await office.settle()
        assert [c.title.split(" · ")[-1] for c in office.inbox("robin")] == ["Number 1", "Number 3"]
        await later(office, 61)
        assert named(office.inbox("robin")[-1]) == ["Number 2", "Number 4"]

    async def test_a_first_contact_within_a_day_comes_at_once(self, office: Office) -> None:
        office.rules(routing=(TO_ROBIN,), clocks={"medium": {"within": 60}})
        for number in (1, 2):
            office.log_lead("max", customer=f"Number {number}", phone="", email="", **MEDIUM)
            assert office.lead(number).grade is Grade.MEDIUM
        await office.settle()
        assert len(office.inbox("robin")) == 2

    async def test_quiet_hours_hold_it(self, office: Office) -> None:
        await office.travel(2024, 3, 4, 22)
        office.log_lead("max", customer="Number 1", phone="13812345671", email="", **HIGH)
        await office.settle()
        assert office.inbox("robin") == []
        await office.travel(2024, 3, 5, 8)
        assert "Number 1" in office.inbox("robin")[-1].title


class TestOffers:
    async def test_the_first_comes_at_once_the_others_together(self, office: Office) -> None:
        offer(office, *(f"Number {n}" for n in range(1, 6)))
        await office.settle()
        [first] = office.inbox("robin")
        assert "Number 1" in first.title
        await later(office, 61)
        [_, listed] = office.inbox("robin")
        assert listed.title == office.say("quiet.title_offers", n=4)
        assert named(listed) == ["Number 2", "Number 3", "Number 4", "Number 5"]
        await later(office, 600)
        assert len(office.inbox("robin")) == 2

    async def test_each_is_accepted_from_the_list_and_becomes_a_living_card(
        self, office: Office
    ) -> None:
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        await later(office, 61)
        listed = office.inbox("robin")[-1]
        label = office.say("button.accept_notice", number=2)
        button = button_of(listed, label)
        reply = office.ask("robin", button.action, pressed=button.value)
        assert "LX003" in reply.toast
        await office.settle()
        card = office.inbox("robin")[-1]
        assert "Number 3" in card.title
        office.ask("robin", "followup.open", text="LX003 call said so by 3/11 send the case")
        await office.settle()
        assert "send the case" in words_of(office.inbox("robin")[-1].facts)
        again = office.ask("robin", button.action, pressed=button.value)
        assert again.toast == office.say("error.offer_closed", lead="LX003")

    async def test_opened_it_lives_and_a_second_time_it_is_shown(self, office: Office) -> None:
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        await later(office, 61)
        button = button_of(office.inbox("robin")[-1], office.say("button.open_notice", number=1))
        before = len(office.inbox("robin"))
        assert office.ask("robin", button.action, pressed=button.value).toast
        await office.settle()
        [card] = office.inbox("robin")[before:]
        assert button_of(card, office.say("button.accept"))
        office.ask("robin", "offer.accept", pressed="LX002")
        await office.settle()
        assert office.say("button.accept") not in words_of(office.inbox("robin")[before].buttons)
        shown = office.ask("robin", button.action, pressed=button.value).card
        assert shown is not None
        assert "Number 2" in shown.title
        assert len(office.inbox("robin")) == before + 1

    async def test_one_that_times_out_leaves_the_list_and_says_so_when_pressed(
        self, office: Office
    ) -> None:
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        await later(office, 61)
        button = button_of(office.inbox("robin")[-1], office.say("button.accept_notice", number=1))
        await office.travel(2024, 3, 4, 17)
        reply = office.ask("robin", button.action, pressed=button.value)
        assert not reply.card
        assert reply.toast

    async def test_one_that_is_over_before_it_is_told_is_left_out(self, office: Office) -> None:
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        values = {"reason": "busy"}
        office.ask("robin", "offer.pass", pressed="LX002", values=values)
        await later(office, 61)
        assert "Number 2" not in words_of(office.inbox("robin")[-1])

    async def test_a_single_one_comes_as_it_would_have_come(self, office: Office) -> None:
        offer(office, "Number 1", "Number 2")
        await office.settle()
        await later(office, 61)
        one, other = office.inbox("robin")
        assert button_of(other, office.say("button.accept"))
        assert len(other.sections) == len(one.sections)
        assert other.footnote == one.footnote

    async def test_twenty_are_one_message_and_none_is_out_of_reach(self, office: Office) -> None:
        offer(office, *(f"Number {n}" for n in range(1, 21)))
        await office.settle()
        await later(office, 61)
        [_, listed] = office.inbox("robin")
        assert len(listed.sections) == 10
        more = button_of(listed, office.say("button.more_notices", n=9))
        card = office.ask("robin", more.action, pressed=more.value).card
        assert card is not None
        assert named(card)[-1] == "Number 20"
        assert office.ask("dana", more.action, pressed=more.value).card is None


class TestAcceptAll:
    async def list_of(self, office: Office, most: int) -> Card:
        offer(office, *(f"Number {n}" for n in range(1, most + 1)))
        await office.settle()
        await later(office, 61)
        return office.inbox("robin")[-1]

    async def test_accepts_each_and_says_so_one_by_one(self, office: Office) -> None:
        listed = await self.list_of(office, 4)
        button = button_of(listed, office.say("button.accept_all", n=3))
        office.ask("robin", "offer.pass", pressed="LX003", values={"reason": "busy"})
        reply = office.ask("robin", button.action, pressed=button.value)
        assert reply.update is not None
        assert reply.update.title == office.say("quiet.accepted_all", n=2)
        [taken, left] = reply.update.sections
        assert [row.button.value for row in taken.rows] == ["LX002", "LX004"]
        assert "LX003" in words_of(left)
        assert [office.offers(n)[0].state.value for n in (2, 4)] == ["accepted", "accepted"]

    async def test_is_nobody_elses_and_a_second_time_changes_nothing(self, office: Office) -> None:
        button = button_of(await self.list_of(office, 3), office.say("button.accept_all", n=2))
        for account in ("dana", "max"):
            reply = office.ask(account, button.action, pressed=button.value)
            assert (reply.card, reply.update) == (None, None)
        office.ask("robin", button.action, pressed=button.value)
        before = office.rows("offer")
        again = office.ask("robin", button.action, pressed=button.value).update
        assert again is not None
        assert again.title == office.say("quiet.accepted_all", n=0)
        assert office.rows("offer") == before

    async def test_is_not_offered_for_a_single_one(self, office: Office) -> None:
        listed = await self.list_of(office, 3)
        office.ask("robin", "offer.accept", pressed="LX002")
        value = ",".join(str(row["id"]) for row in office.rows("message"))
        card = office.ask("robin", "notice.more", pressed=f"company:{value}").card
        assert card is not None
        assert "notice.accept_all" not in words_of(card.buttons)
        assert "notice.accept_all" in words_of(listed.buttons)


class TestNews:
    async def test_waits_for_company_and_a_new_span_begins_with_each_message(
        self, office: Office
    ) -> None:
        for number in (1, 2, 3):
            question(office, f"Number {number}")
        await office.settle()
        assert len(office.inbox("pat")) == 1
        await later(office, 30)
        question(office, "Number 4")
        await office.settle()
        await later(office, 31)
        assert named(office.inbox("pat")[1]) == ["Number 2", "Number 3", "Number 4"]
        question(office, "Number 5")
        await office.settle()
        assert len(office.inbox("pat")) == 2
        await later(office, 61)
        assert "Number 5" in office.inbox("pat")[2].title
        await later(office, 61)
        question(office, "Number 6")
        await office.settle()
        assert "Number 6" in office.inbox("pat")[3].title

    async def test_an_offer_is_not_kept_by_other_news(self, office: Office) -> None:
        assert TaskGiven.batch is Batch.NEWS
        assert ReminderDue.batch is None
        question(office, "Number 1")
        await office.settle()
        offer(office, "Number 2")
        await office.settle()
        assert "Number 2" in office.inbox("robin")[-1].title

    async def test_none_waits_where_the_rules_say_so(self, office: Office) -> None:
        office.rules(routing=(TO_ROBIN,), quiet={"batch_seconds": 0})
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        assert len(office.inbox("robin")) == 3

    async def test_what_the_company_calls_urgent_does_not_wait(self, office: Office) -> None:
        office.rules(routing=(TO_ROBIN,), quiet={"urgent": ["lead_offered"]})
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        assert len(office.inbox("robin")) == 3


class TestNothingIsLost:
    async def test_quiet_hours_that_begin_meanwhile_keep_all_for_the_morning(
        self, office: Office
    ) -> None:
        await office.travel(2024, 3, 4, 20, 59)
        question(office, "Number 1")
        question(office, "Number 2")
        await office.settle()
        await later(office, 30)
        question(office, "Number 3")
        await later(office, 40)
        question(office, "Number 4")
        await later(office, 600)
        assert len(office.inbox("pat")) == 1
        await office.travel(2024, 3, 5, 8)
        [_, listed] = office.inbox("pat")
        assert listed.title == office.say("quiet.title", n=3)
        assert named(listed) == ["Number 2", "Number 3", "Number 4"]

    async def test_the_process_may_die_while_they_wait(self, office: Office) -> None:
        """Another process starts an hour later and finds them; once."""
        for number in (1, 2, 3):
            question(office, f"Number {number}")
        await office.world.jobs.tick()
        while office.world.jobs._do_next():
            pass
        await office.world.delivery.drain()
        office.world.clock.advance(timedelta(hours=1))
        await office.world.delivery.take_over()
        await office.settle()
        await office.settle()
        assert named(office.inbox("pat")[1]) == ["Number 2", "Number 3"]
        assert len(office.inbox("pat")) == 2

    async def test_killed_after_the_send_and_before_it_was_noted(self, office: Office) -> None:
        """The first may come twice, as ever; what waits behind it comes once and in order."""
        for number in (1, 2, 3):
            question(office, f"Number {number}")
        lanes = Lanes(office.world.database, timedelta(minutes=1))
        assert lanes.lease(office.world.clock.now())
        office.world.clock.advance(timedelta(minutes=2))
        await office.settle()
        await later(office, 61)
        assert "Number 1" in office.inbox("pat")[0].title
        assert named(office.inbox("pat")[1]) == ["Number 2", "Number 3"]

    async def test_a_platform_that_was_away_gets_the_first_and_a_list(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def away(*_args: object, **_more: object) -> str:
            raise Unavailable("away")

        post = office.desk.post
        monkeypatch.setattr(office.desk, "post", away)
        for number in (1, 2, 3):
            question(office, f"Number {number}")
        await office.world.delivery.drain()
        monkeypatch.setattr(office.desk, "post", post)
        await office.settle()
        await later(office, 61)
        assert len(office.inbox("pat")) == 2
        assert named(office.inbox("pat")[1]) == ["Number 2", "Number 3"]

    async def test_one_that_comes_as_the_span_ends_does_not_overtake(self, office: Office) -> None:
        question(office, "Number 1")
        question(office, "Number 2")
        await office.settle()
        office.world.clock.advance(timedelta(seconds=61))
        question(office, "Number 3")
        await office.world.delivery.drain()
        await later(office, 1)
        assert named(office.inbox("pat")[1]) == ["Number 2", "Number 3"]

    async def test_a_clock_that_is_set_back_stops_nothing_new(self, office: Office) -> None:
        question(office, "Number 1")
        await office.settle()
        office.world.clock.set_wall(FRIDAY - timedelta(hours=1))
        question(office, "Number 2")
        await office.settle()
        assert len(office.inbox("pat")) == 2


class TestTurnedDown:
    def form(self, office: Office, account: str, **typed: str) -> None:
        form = office.ask(account, "quiet.choose").form
        assert form is not None
        assert not office.submit(account, form, **typed).errors

    async def talk(self, office: Office) -> None:
        """Max says something about Robin's lead, and the span of talk is over."""
        office.log_lead("robin", owner="keep")
        state = {"lead": "LX001"}
        office.ask("max", "remark.create", state=state, values={"text": "Ask for the budget"})
        await later(office, 600)

    async def test_talk_comes_at_once_unless_somebody_says_otherwise(self, office: Office) -> None:
        await self.talk(office)
        assert "Ask for the budget" in words_of(office.inbox("robin"))

    async def test_never_is_never_and_is_counted(self, office: Office) -> None:
        self.form(office, "robin", about_talk="never")
        await self.talk(office)
        await office.travel(2024, 3, 5, 12)
        assert "Ask for the budget" not in words_of(office.inbox("robin"))
        [row] = [row for row in office.rows("message") if row["kind"] == "remarks_made"]
        assert (row["state"], row["problem"]) == ("moot", "turned_down")

    async def test_in_the_morning(self, office: Office) -> None:
        self.form(office, "robin", about_talk="morning")
        await self.talk(office)
        await office.travel(2024, 3, 4, 7, 59)
        assert "Ask for the budget" not in words_of(office.inbox("robin"))
        await office.travel(2024, 3, 4, 8)
        assert "Ask for the budget" in words_of(office.inbox("robin"))

    async def test_other_news_does_not_bring_the_morning_forward(self, office: Office) -> None:
        self.form(office, "robin", about_talk="morning")
        await self.talk(office)
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        await later(office, 61)
        assert "Ask for the budget" not in words_of(office.inbox("robin"))

    def test_duties_are_not_offered_and_the_form_says_so(self, office: Office) -> None:
        form = office.ask("robin", "quiet.choose").form
        assert form is not None
        about = [one for one in form.fields if one.name.startswith("about_")]
        topics = ("talk", "library", "sharing", "views")
        assert [one.name for one in about] == [f"about_{topic}" for topic in topics]
        assert about[0].hint == office.say("quiet.topic_hint")
        boss = office.ask("max", "quiet.choose").form
        assert boss is not None
        assert "about_pool" in words_of(boss)

    def test_made_up_choices_are_refused(self, office: Office) -> None:
        form = office.ask("robin", "quiet.choose").form
        assert form is not None
        reply = office.submit("robin", form, about_talk="sometimes")
        assert set(reply.errors) == {"about_talk"}


class TestSentAgainstActedOn:
    async def test_admins_get_the_line_and_the_number_opens_the_kinds(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C1")
        offer(office, "Number 1", "Number 2", "Number 3")
        await office.settle()
        await later(office, 61)
        office.ask("robin", "offer.accept", pressed="LX001")
        listed = office.inbox("robin")[1]
        button = button_of(listed, office.say("button.accept_notice", number=1))
        office.ask("robin", button.action, pressed=button.value)
        await office.settle()
        await office.travel(2024, 3, 4, 14, 30)
        assert office.say("button.noise") not in words_of(office.inbox("C1"))
        digest = office.inbox("ada")[-1]
        [part] = [one for one in digest.sections if one.heading == "East"]
        assert "Number" not in words_of(part)
        kind = button_of(replace(digest, buttons=part.buttons), office.say("button.noise"))
        card = office.ask("ada", kind.action, pressed=kind.value).card
        assert card is not None
        [table] = [one.table for one in card.sections if one.table]
        offered = next(r for r in table.rows if r[0] == office.say("notice.lead_offered"))
        assert offered[1:] == ("3", "2", "0")
        assert "Number" not in words_of(card)

    async def test_only_an_admin_opens_it(self, office: Office) -> None:
        value = f"{office.teams['East'].id}:2024-W09"
        assert office.ask("ada", "notice.noise", pressed=value).card
        for account in ("max", "robin", "wes"):
            assert office.ask(account, "notice.noise", pressed=value).card is None
        for made_up in ("", "x", "1:2024-W99", "99999:2024-W09"):
            assert office.ask("ada", "notice.noise", pressed=made_up).card is None
