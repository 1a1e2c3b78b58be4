"""The public pool: claiming, releasing to, assigning from, and returning to it, with reasons."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from handlers.pool.listing import parse_place, write_place
from sales.clocks import ClockState
from sales.lead_lists import LeadQuery, Moments
from sales.leads import Grade, Stage
from sales.people import SYSTEM, Role
from sales.playbook import Pool, PoolMember, RoutingRule
from sales.pool import PoolQuery
from tests.furnished import Offices
from tests.handlers.collaboration.test_collaboration import at_once
from tests.handlers.test_hostile import HOSTILE, assert_sound
from tests.office import SHANGHAI, Office, button_of, buttons_of, words_of

FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
TO_ROBIN = RoutingRule(name="all", pool=(PoolMember(person="Robin Sample"),))
EACH_ALONE = {"batch_seconds": 0}
"""Days pass at once here, and with them all that people hear: none waits for another."""
RULES = Pool(return_after=10, protect_days=3)
"""Ten working days from Friday: due back on the 15th, warned of on the 13th."""


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=a_lead_of_robins) as office:
        yield office


def a_lead_of_robins(office: Office) -> None:
    """LX001 is Robin's, of high value, with a next step on the 8th."""
    office.rules(routing=(TO_ROBIN,), pool=RULES, quiet=EACH_ALONE)
    office.log_lead("max")
    office.ask("robin", "followup.open", text="LX001 call likes it by 3/8 send the case")


def put(office: Office, account: str = "robin", lead: str = "LX001", reason: str = "busy") -> Reply:
    form = office.ask(account, "pool.ask", pressed=lead).form
    assert form is not None
    return office.submit(account, form, reason=reason)


def listed(office: Office, account: str, text: str = "") -> Card:
    card = office.ask(account, "pool.open", text=text).card
    assert card is not None
    return card


def titled(office: Office, account: str, words: str) -> list[Card]:
    return [card for card in office.inbox(account) if words in card.title]


def audited(office: Office, act: str) -> list[Any]:
    return [row["detail"] for row in office.rows("audit") if row["act"] == act]


class TestGivingUp:
    async def test_ends_all_that_the_owner_had_open(self, office: Office) -> None:
        await office.travel(2024, 3, 7, 9)
        assert titled(office, "robin", "Acme")
        reply = put(office)
        assert reply.toast == office.say("pool.put_done", lead="LX001 · Acme Sample Ltd")
        assert "Acme" not in repr(reply.update)
        await office.travel(2024, 3, 25, 9)
        lead = office.lead()
        assert (lead.owner_id, lead.is_pooled, lead.next_at) == (None, True, None)
        assert not titled(office, "robin", "Acme")
        assert all(row["stopped_at"] or row["met_at"] for row in office.rows("clock"))
        waiting = {row["kind"] for row in office.rows("work") if not row["done_at"]}
        assert not waiting & {"reminder", "overdue", "clock", "offer"}
        assert_sound(office)
        assert audited(office, "pool.enter") == [
            {"reason": "given_up", "detail": "busy", "owner": str(office.people["robin"].id)}
        ]

    async def test_the_leaders_hear_of_several_in_one_message(self, office: Office) -> None:
        office.log_lead("max", customer="Other Sample", phone="", email="")
        put(office)
        put(office, lead="LX002", reason="unreachable")
        await office.travel(2024, 3, 1, 10, 10)
        [card] = titled(office, "max", office.say("pool.brief_title", n=2))
        said = repr(card.sections)
        for words in ("Acme Sample Ltd", "Other Sample", "Robin Sample"):
            assert words in said
        assert office.say("pool.reason_unreachable") in said

    def test_not_for_what_is_decided_or_not_mine(self, office: Office) -> None:
        assert office.ask("dana", "pool.ask", pressed="LX001").toast == office.say(
            "error.lead_not_found"
        )
        office.change_lead(1, lambda lead: replace(lead, stage=Stage.NURTURE))
        reply = office.ask("robin", "pool.ask", pressed="LX001")
        assert reply.toast == office.say("error.not_for_pool", lead="LX001")

    def test_a_leader_puts_and_the_owner_hears_why(self, office: Office) -> None:
        form = office.ask("max", "pool.ask", pressed="LX001").form
        assert form is not None
        assert set(office.submit("max", form).errors) == {"reason"}
        assert not office.submit("max", form, reason="not_my_field").errors
        reply = office.submit("max", form, reason="busy")
        assert set(reply.errors.values()) == {office.say("error.not_for_pool", lead="LX001")}

    async def test_and_is_told_no_more_than_everybody(self, office: Office) -> None:
        put(office, "max", reason="other")
        await office.settle()
        [card] = titled(office, "robin", office.say("pool.returned_title", lead="LX001"))
        assert office.say("pool.by", name="Max Manager") in card.body
        assert "138" not in repr(card)


class TestTheList:
    @pytest.fixture
    def pool(self, office: Office) -> Office:
        """Nine leads in the pool: LX001, and eight of the north."""
        put(office)
        for number in range(8):
            lead = office.log_lead(
                "max", customer=f"North {number}", phone="", email="", region="north",
                industry="retail", authority="staff",
            )  # fmt: skip
            put(office, lead=lead.number)
        return office

    def test_shows_what_claiming_needs_and_no_more(self, pool: Office) -> None:
        card = listed(pool, "kim")
        assert card.title == pool.say("pool.title", n=9)
        said = repr(card)
        assert "LX001 · Acme Sample Ltd" in said
        for secret in ("138", "Zhang", "acme.example", "likes it", "Robin", "customer tool"):
            assert secret not in said
        assert pool.say("pool.why_given_up", reason=pool.say("pool.reason_busy")) in said

    def test_pages(self, pool: Office) -> None:
        first = listed(pool, "kim")
        second = pool.press("kim", first, "button.next_page").update
        assert second is not None
        assert [len(first.sections), len(second.sections)] == [6, 3]
        assert pool.press("kim", second, "button.previous").update == first
        assert "Acme" in first.sections[0].heading

    def test_is_searched_by_what_it_shows(self, pool: Office) -> None:
        """A search for a contact must not tell whose it is."""
        found = {
            "华北": 8, "north high": 0, "east": 1, "retail north": 8, "acme": 1, "North 3": 1,
            "13812345678": 0, "zhang@acme.example": 0, "tool": 0, "%": 0,
        }  # fmt: skip
        for text, count in found.items():
            assert listed(pool, "kim", text).title == pool.say("pool.title", n=count), text

    def test_is_filtered_by_a_form(self, pool: Office) -> None:
        form = pool.press("kim", listed(pool, "kim"), "button.filter").form
        assert form is not None
        card = pool.submit("kim", form, region="north", customer="3").update
        assert card is not None
        assert card.title == pool.say("pool.title", n=1)
        everything = pool.press("kim", card, "button.show_all").update
        assert everything is not None
        assert everything.title == pool.say("pool.title", n=9)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_place_made_by_hand_is_some_page(text: str) -> None:
    query, number = parse_place(text)
    assert 0 <= number <= 999
    assert parse_place(write_place(query, number)) == (query, number)
    assert parse_place("") == (PoolQuery(), 0)


class TestClaiming:
    async def test_gives_the_lead_at_once_and_starts_its_clock(self, office: Office) -> None:
        put(office)
        card = listed(office, "kim")
        [claim] = [b for b in buttons_of(card) if b.action == "pool.claim"]
        reply = office.ask("kim", "pool.claim", pressed=claim.value)
        assert reply.toast == office.say("pool.claimed", lead="LX001", customer="Acme Sample Ltd")
        assert reply.update is not None
        assert reply.update.title == office.say("pool.title", n=0)
        await office.settle()
        lead = office.lead()
        assert (office.owner(), lead.team_id) == ("kim", office.people["kim"].team_id)
        assert not lead.is_pooled
        [card] = office.inbox("kim")
        assert office.say("why.claimed") in words_of(card)
        with office.world.new_uow(read_only=True) as uow:
            clock = uow.clocks(SYSTEM).latest(1)
        assert clock is not None
        assert (clock.owner_id, clock.state) == (office.people["kim"].id, ClockState.RUNNING)
        assert len(audited(office, "pool.claim")) == 1

    @pytest.mark.every_way
    def test_of_eight_one_wins_and_the_others_hear_it_kindly(self, office: Office) -> None:
        office.rules(routing=(TO_ROBIN,), pool=RULES.model_copy(update={"cooldown_days": 0}))
        for number in range(8):
            office.hire(f"rep{number}", f"Rep {number}", Role.REP)
        for _ in range(3):
            put(office, office.owner())
            asked = [
                office.request(f"rep{number}", "pool.claim", pressed="LX001") for number in range(8)
            ]
            replies = at_once(*(lambda r=r: office.send(r) for r in asked))
            told = [reply.toast for reply in replies]
            won = office.say("pool.claimed", lead="LX001", customer="Acme Sample Ltd")
            lost = office.say("error.not_in_pool", lead="LX001")
            assert sorted(set(told)) == sorted({won, lost})
            assert told.count(won) == 1
            winner = told.index(won)
            assert office.owner() == f"rep{winner}"
            assert_sound(office)

    def test_knows_a_cap_and_a_daily_number(self, office: Office) -> None:
        office.rules(
            routing=(TO_ROBIN,), pool=RULES.model_copy(update={"hold_most": 2, "claims_per_day": 3})
        )
        for number in range(5):
            lead = office.log_lead("max", customer=f"C{number}", phone="", email="")
            put(office, lead=lead.number)
        told = [office.ask("dana", "pool.claim", pressed=f"LX00{n}").toast for n in (2, 3, 4)]
        assert told[2] == office.say("pool.refused_held", n=2)
        put(office, "dana", "LX002")
        assert office.ask("dana", "pool.claim", pressed="LX004").toast.startswith("LX004")
        put(office, "dana", "LX003")
        told = [office.ask("dana", "pool.claim", pressed="LX005").toast]
        assert told == [office.say("pool.refused_today", n=3)]
        assert office.owner(5) == ""

    @pytest.mark.every_way
    def test_two_claims_at_once_are_not_both_the_last(self, office: Office) -> None:
        office.rules(routing=(TO_ROBIN,), pool=RULES.model_copy(update={"hold_most": 1}))
        office.log_lead("max", customer="Other", phone="", email="")
        for lead in ("LX001", "LX002"):
            put(office, lead=lead)
        asked = [office.request("dana", "pool.claim", pressed=f"LX00{n}") for n in (1, 2)]
        at_once(*(lambda r=r: office.send(r) for r in asked))
        assert sorted((office.owner(1), office.owner(2))) == ["", "dana"]

    async def test_who_had_it_last_waits(self, office: Office) -> None:
        put(office)
        day = office.language.day(date(2024, 3, 31))
        reply = office.ask("robin", "pool.claim", pressed="LX001")
        assert reply.toast == office.say("pool.refused_cooldown", day=day, n=0)
        await office.travel(2024, 3, 31, 11)
        office.ask("robin", "pool.claim", pressed="LX001")
        assert office.owner() == "robin"

    def test_a_pool_of_the_team_is_not_for_others(self, office: Office) -> None:
        office.rules(routing=(TO_ROBIN,), pool=RULES.model_copy(update={"reach": "team"}))
        put(office)
        assert listed(office, "kim").title == office.say("pool.title", n=0)
        reply = office.ask("kim", "pool.claim", pressed="LX001")
        assert reply.toast == office.say("error.not_in_pool", lead="LX001")
        assert listed(office, "dana").title == office.say("pool.title", n=1)
        office.ask("dana", "pool.claim", pressed="LX001")
        assert office.owner() == "dana"


class TestHandingOut:
    async def test_a_leader_gives_it_to_somebody_of_the_team(self, office: Office) -> None:
        put(office)
        form = office.ask("wes", "pool.pick", pressed="LX001").form
        assert form is not None
        assert "Dana" not in repr(form)
        reply = office.submit("wes", form, person=str(office.people["kim"].id))
        assert reply.toast == office.say("lead.reassigned", lead="LX001", name="Kim Sample")
        await office.settle()
        assert office.owner() == "kim"
        assert office.say("why.chosen", rule="Wes Manager") in office.inbox("kim")[0].footnote
        assert office.submit("wes", form, person=str(office.people["kim"].id)).errors
        [row] = office.rows("pool_stay")
        assert (row["left_to"], row["claimed"]) == (office.people["kim"].id, False)

    def test_the_teams_leader_sees_why_it_is_there_on_its_card(self, office: Office) -> None:
        put(office)
        card = office.ask("max", "lead.show", pressed="LX001").card
        assert card is not None
        why = office.say("pool.why_given_up", reason=office.say("pool.reason_busy"))
        assert office.say("pool.owner", why=why) in repr(card.facts)
        assert office.ask("wes", "lead.show", pressed="LX001").card is None
        assert office.ask("robin", "lead.show", pressed="LX001").card is None

    def test_it_stands_in_nobodys_lists(self, office: Office) -> None:
        put(office)
        with office.world.new_uow(read_only=True) as uow:
            leads = uow.leads(office.people["max"])
            assert leads.most_urgent("", 10) == []
            moments = Moments(now=office.world.clock.now(), timezone=UTC)
            assert uow.lead_list(office.people["max"]).count(LeadQuery(), moments) == 0
            assert [lead.id for lead in leads.search("Acme", 5)] == [1]


class TestReturning:
    async def test_warned_two_days_ahead_then_returned_with_why(self, office: Office) -> None:
        await office.travel(2024, 3, 12, 12)
        day = office.language.day(date(2024, 3, 15))
        near = office.say("pool.near_title", day=day, lead="LX001 · Acme Sample Ltd")
        assert not titled(office, "robin", near)
        await office.travel(2024, 3, 13, 9)
        [card] = titled(office, "robin", near)
        assert office.say("pool.near_why", n=10) == card.footnote
        await office.travel(2024, 3, 14, 9)
        await office.travel(2024, 3, 15, 8, 59)
        assert office.owner() == "robin"
        await office.travel(2024, 3, 15, 9)
        assert office.lead().is_pooled
        told = titled(office, "robin", office.say("pool.returned_title", lead="LX001"))
        assert office.say("pool.why_idle", n=14) in told[0].body
        assert not titled(office, "robin", near)
        await office.travel(2024, 3, 15, 9, 10)
        assert titled(office, "max", office.say("pool.brief_title", n=1))
        [row] = [row for row in office.rows("audit") if row["act"] == "pool.enter"]
        assert (row["actor_id"], row["detail"]["reason"]) == (0, "idle")
        assert_sound(office)

    async def test_contact_moves_it_and_turns_the_warning_back(self, office: Office) -> None:
        await office.travel(2024, 3, 13, 9)
        office.ask("robin", "followup.open", text="LX001 call fine by 3/20 again")
        await office.travel(2024, 3, 15, 9, 30)
        assert office.owner() == "robin"
        assert not titled(office, "robin", "Returns")
        await office.travel(2024, 3, 25, 9)
        await office.travel(2024, 3, 27, 9)
        assert office.lead().is_pooled

    async def test_extended_by_the_owner_twice_and_by_a_leader_always(self, office: Office) -> None:
        await office.travel(2024, 3, 13, 9)
        card = titled(office, "robin", "Returns")[-1]
        form = office.press("robin", card, "button.extend").form
        assert form is not None
        assert set(office.submit("robin", form, reason=" ").errors) == {"reason"}
        assert set(office.submit("robin", form, reason="x" * 200).errors) == {"reason"}
        day = office.language.day(date(2024, 3, 22))
        reply = office.submit("robin", form, reason="Budget round")
        assert reply.toast == office.say("pool.extended", lead="LX001", day=day)
        await office.travel(2024, 3, 20, 9)
        assert office.owner() == "robin"
        office.submit("robin", form, reason="Still")
        reply = office.submit("robin", form, reason="Again")
        assert reply.toast == office.say("pool.no_more_extensions", n=2)
        assert office.ask("robin", "pool.extend", pressed="LX001").form is None
        form = office.ask("max", "pool.extend", pressed="LX001").form
        assert form is not None
        assert set(office.submit("max", form, reason="x", until="2024-03-01").errors) == {"until"}
        assert not office.submit("max", form, reason="Key account", until="2024-06-28").errors
        await office.travel(2024, 6, 20, 9)
        assert office.owner() == "robin"
        assert len(audited(office, "pool.extend")) == 3
        assert [row["reason"] for row in office.rows("pool_extension")] == [
            "Budget round", "Still", "Key account",
        ]  # fmt: skip

    async def test_a_changed_rule_holds_for_leads_that_are_there(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 12)
        office.rules(pool=Pool(return_after=3, protect_days=0), quiet=EACH_ALONE)
        await office.travel(2024, 3, 12, 9)
        assert len(titled(office, "robin", "Returns")) == 1
        assert office.owner() == "robin"
        await office.travel(2024, 3, 14, 9)
        assert office.lead().is_pooled

    async def test_a_rule_switched_off_returns_nothing(self, office: Office) -> None:
        office.rules(pool=Pool(return_after=0))
        await office.travel(2024, 6, 20, 9)
        assert office.owner() == "robin"

    async def test_after_downtime_it_is_announced_first(self, office: Office) -> None:
        office.world.clock.set_wall(datetime(2024, 3, 18, 12, tzinfo=SHANGHAI))
        await office.settle()
        assert office.owner() == "robin"
        assert len(titled(office, "robin", "Returns")) == 1
        await office.travel(2024, 3, 20, 9)
        assert office.lead().is_pooled

    async def test_the_leaders_hear_while_the_owner_is_away(self, office: Office) -> None:
        office.change_person("robin", lambda p: replace(p, away_until=date(2024, 4, 1)))
        await office.travel(2024, 3, 13, 9)
        assert len(titled(office, "max", "Returns")) == 1

    @pytest.mark.parametrize("stage", [Stage.WON, Stage.NURTURE, Stage.LOST])
    async def test_what_is_decided_stays(self, office: Office, stage: Stage) -> None:
        office.change_lead(1, lambda lead: replace(lead, stage=stage))
        await office.travel(2024, 6, 20, 9)
        assert office.owner() == "robin"

    async def test_a_lead_of_low_value_rests_instead(self, office: Office) -> None:
        office.change_lead(1, lambda lead: replace(lead, grade=Grade.LOW))
        await office.travel(2024, 6, 20, 9)
        assert office.owner() == "robin"

    @pytest.mark.every_way
    def test_contact_in_the_moment_of_the_return(self, office: Office) -> None:
        for day, hour in ((13, 9), (15, 9)):
            office.world.clock.set_wall(datetime(2024, 3, day, hour, tzinfo=SHANGHAI))
            if day == 13:
                while office.world.jobs._do_next():
                    pass
        assert office.world.jobs._do_next()
        log = office.request("robin", "followup.open", text="LX001 call yes by 3/29 go on")
        reply, *_ = at_once(lambda: office.send(log), office.world.jobs._do_next)
        while office.world.jobs._do_next():
            pass
        kept = office.owner() == "robin"
        assert kept == (reply.card is not None)
        assert kept != office.lead().is_pooled
        assert_sound(office)


def test_the_card_of_a_lead_offers_the_pool(office: Office) -> None:
    card = office.ask("robin", "lead.show", pressed="LX001").card
    assert card is not None
    assert button_of(card, office.say("button.to_pool")).action == "pool.ask"
