"""Two leads of one customer merged, and separated again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card, Form
from handlers.proposals.customer_page import Page, ProposalReader
from sales.people import Role
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.purge import purge
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.handlers.proposals.drafted import SITE, form_for, stock
from tests.office import EAST, LEAD, Office, button_of, open_office, words_of

OTHER = dict(LEAD) | {
    "customer": "ACME Sample Inc",
    "phone": "139 0000 5678",
    "email": "",
    "budget": "30万",
    "contact": "",
    "need": "also wants reports",
}
TABLES = ("lead", "followup", "offer", "clock", "task", "stage_interval", "enquiry", "discovery",
          "signal", "collaborator", "access_request", "lead_alias", "share")  # fmt: skip


@pytest.fixture
def two(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, after=two_of_one_customer) as office:
        yield office


def two_of_one_customer(office: Office) -> None:
    """LX001 is Robin's, with a next step; LX002 of the same customer Dana's, with a next step, a
    question to Pat, and somebody who asked for it."""
    office.log_lead("robin", owner="keep")
    office.ask("robin", "followup.open", text="LX001 call likes it by 3/8 send the case")
    office.world.clock.advance(timedelta(hours=1))
    reply = office.ask("dana", "lead.create", values=OTHER | {"owner": "keep", "different": "name"})
    assert not reply.errors, reply.errors
    office.ask("dana", "followup.open", text="LX002 call wants reports by 3/9 call back")
    office.hire("pat", "Pat Sample", Role.PRODUCT)
    asked = {"person": str(office.people["pat"].id), "question": "Can it?"}
    office.ask("dana", "support.create", state={"lead": "LX002"}, values=asked)


def form_of(reply: Reply) -> Form:
    assert reply.form is not None, reply
    return reply.form


def merge(office: Office, account: str = "max", **chosen: str) -> Card:
    """Merge LX002 into LX001 unless told otherwise."""
    pick = form_of(office.ask(account, "merge.ask", pressed="LX001"))
    form = form_of(office.submit(account, pick, other="LX002"))
    reply = office.submit(account, form, **chosen)
    assert reply.update is not None, reply
    return reply.update


def state_of(office: Office) -> dict[str, list[dict[str, Any]]]:
    """What belongs to leads, but for the seals and the counts of saves, which only go up."""
    return {table: [_plain(row) for row in office.rows(table)] for table in TABLES}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if name != "version" and not isinstance(value, bytes)
    }


def new_leads(office: Office) -> int:
    with office.world.new_uow(read_only=True) as uow:
        now = office.world.clock.now()
        week = uow.figures.week(
            office.teams[EAST].id, now - timedelta(days=6), now + timedelta(days=1)
        )
        return sum(week.new_by_source.values())


class TestMerge:
    def test_the_likely_other_is_offered_and_both_stand_side_by_side(self, two: Office) -> None:
        pick = form_of(two.ask("max", "merge.ask", pressed="LX001"))
        assert getattr(pick.fields[0], "value", "") == "LX002"
        form = form_of(two.submit("max", pick))
        shown = {one.name for one in form.fields}
        assert {"stays", "customer", "phone", "budget"} <= shown
        assert not {"email", "contact", "title"} & shown
        for word in ("LX001: Acme Sample Ltd", "LX002: ACME Sample Inc", "139****5678"):
            assert word in words_of(form)
        assert "13900005678" not in words_of(form)

    def test_chosen_values_stay_and_all_that_belongs_to_it_moves(self, two: Office) -> None:
        card = merge(two, phone="other")
        assert "LX002" in card.title
        lead = two.lead()
        assert (lead.customer, lead.phone) == ("Acme Sample Ltd", "+8613900005678")
        assert lead.contact == LEAD["contact"]
        assert "also wants reports" in lead.need
        assert [one.id for one in two.leads()] == [1]
        assert len(two.history(1)) == 2
        assert [task.question for task in two.tasks(1)] == ["Can it?"]
        assert lead.next_step == "send the case"

    def test_two_companies_that_nothing_connects_are_meant_or_not_merged(self, two: Office) -> None:
        two.change_lead(
            2, lambda one: replace(one, customer="Brightwater School", email="b@water.example")
        )
        pick = form_of(two.ask("max", "merge.ask", pressed="LX001"))
        form = form_of(two.submit("max", pick, other="LX002"))
        assert "Brightwater School" in form.intro
        assert set(two.submit("max", form).errors) == {"sure"}
        assert len(two.leads()) == 2
        assert two.submit("max", form, sure=("meant",)).update
        assert len(two.leads()) == 1

    def test_the_other_may_stay(self, two: Office) -> None:
        merge(two, stays="other", customer="one")
        [lead] = two.leads()
        assert (lead.id, lead.customer) == (2, "Acme Sample Ltd")
        assert two.owner(2) == "dana"

    def test_the_old_number_leads_to_it(self, two: Office) -> None:
        merge(two)
        card = two.ask("robin", "lead.open", text="LX002").card
        assert card is not None
        assert card.title.startswith("LX001")
        logged = two.ask("robin", "followup.open", text="LX002 call once more tomorrow ask again")
        assert logged.card is not None
        assert len(two.history(1)) == 3
        typed = {
            "lead": "LX002",
            "method": "call",
            "summary": "again",
            "next_step": "",
            "next_on": "",
        }
        assert not two.ask("robin", "followup.create", values=typed).errors

    async def test_both_owners_hear_and_still_see_the_customer(self, two: Office) -> None:
        merge(two)
        await two.settle()
        for account in ("robin", "dana"):
            assert "LX002" in two.inbox(account)[-1].title
            assert two.ask(account, "lead.show", pressed="LX002").card is not None

    def test_figures_count_the_customer_once(self, two: Office) -> None:
        assert new_leads(two) == 2
        card = merge(two)
        assert new_leads(two) == 1
        two.press("max", card, "button.open")
        undo(two)
        assert new_leads(two) == 2

    def test_a_number_is_never_given_again(self, two: Office) -> None:
        merge(two)
        assert two.log_lead("kim", customer="Quite New", phone="", email="").id == 3

    def test_what_changed_meanwhile_is_looked_at_again(self, two: Office) -> None:
        pick = form_of(two.ask("max", "merge.ask", pressed="LX001"))
        form = form_of(two.submit("max", pick, other="LX002"))
        two.ask("dana", "followup.open", text="LX002 call news tomorrow write")
        assert two.submit("max", form).errors == {"": two.say("error.conflict")}
        assert len(two.leads()) == 2


class TestRights:
    @pytest.mark.parametrize("account", ["robin", "dana", "kim", "wes"])
    def test_is_for_leaders_and_who_owns_both(self, two: Office, account: str) -> None:
        state = {"one": "LX001", "other": "LX002", "version": "2:2", "lead": "LX001"}
        before = state_of(two)
        for action in ("merge.compare", "merge.save"):
            reply = two.ask(
                account, action, values={"other": "LX002"}, state=state | {"lead": "LX001"}
            )
            assert reply.errors
            assert reply.update is None
        assert state_of(two) == before

    def test_who_owns_both_may(self, two: Office) -> None:
        form = form_of(two.ask("max", "lead.reassign", pressed="LX002"))
        two.submit("max", form, person=str(two.people["robin"].id))
        merge(two, "robin")
        assert [one.id for one in two.leads()] == [1]

    def test_a_lead_is_not_merged_with_itself(self, two: Office) -> None:
        pick = form_of(two.ask("max", "merge.ask", pressed="LX001"))
        assert set(two.submit("max", pick, other="LX001").errors) == {"other"}


def undo(office: Office, account: str = "max") -> Reply:
    card = office.ask(account, "lead.show", pressed="LX001").card
    assert card is not None
    button = button_of(card, office.say("button.unmerge", part="LX002"))
    return office.ask(account, button.action, pressed=button.value)


class TestUndo:
    @pytest.mark.parametrize("stays", ["one", "other"])
    def test_restores_both_exactly(self, two: Office, stays: str) -> None:
        before = state_of(two)
        card = merge(two, stays=stays, phone="other", budget="one")
        button = next(one for one in card.buttons if one.action == "merge.undo")
        reply = two.ask("max", button.action, pressed=button.value)
        assert "LX002" in reply.toast
        assert state_of(two) == before
        assert (two.lead(1).phone, two.lead(2).phone) == ("+8613812345678", "+8613900005678")

    def test_an_open_offer_waits_again(self, two: Office) -> None:
        form = form_of(two.ask("max", "lead.reassign", pressed="LX002"))
        two.submit("max", form, person=str(two.people["robin"].id))
        before = state_of(two)
        merge(two)
        undo(two)
        assert state_of(two) == before
        assert two.press("robin", shown(two, "robin", "LX002"), "button.accept").toast

    def test_what_was_done_since_stays_done(self, two: Office) -> None:
        merge(two)
        form = form_of(two.ask("robin", "lead.edit", pressed="LX001"))
        two.submit("robin", form, title="Director")
        two.ask("robin", "followup.open", text="LX001 call after the merge tomorrow write")
        undo(two)
        assert two.lead(1).title == "Director"
        assert two.lead(1).need == LEAD["need"]
        assert two.history(1)[0].summary == "after the merge tomorrow write"
        assert len(two.history(2)) == 1

    async def test_reminders_go_on(self, two: Office) -> None:
        merge(two)
        undo(two)
        await two.travel(2024, 3, 8, 10)
        reminded = [card for card in two.inbox("dana") if "call back" in words_of(card)]
        assert reminded

    async def test_only_within_the_rules_days(self, two: Office) -> None:
        card = merge(two)
        button = next(one for one in card.buttons if one.action == "merge.undo")
        await two.travel(2024, 3, 9, 10)
        assert two.ask("max", "merge.undo", pressed=button.value).toast == two.say("merge.too_late")
        purge(two.world.database, two.world.clock.now())
        assert two.rows("merge")[0]["kept"] is None
        assert len(two.leads()) == 1

    def test_the_last_merge_first(self, two: Office) -> None:
        two.log_lead("robin", customer="Third", phone="", email="", owner="keep")
        first = merge(two)
        pick = form_of(two.ask("max", "merge.ask", pressed="LX001"))
        form = form_of(two.submit("max", pick, other="LX003"))
        second = two.submit("max", form, sure=("meant",)).update
        assert second is not None
        undo_first, undo_second = (
            next(one.value for one in card.buttons if one.action == "merge.undo")
            for card in (first, second)
        )
        refused = two.ask("max", "merge.undo", pressed=undo_first)
        assert refused.toast == two.say("merge.not_the_last")
        two.ask("max", "merge.undo", pressed=undo_second)
        two.ask("max", "merge.undo", pressed=undo_first)
        assert len(two.leads()) == 3

    def test_into_one_that_was_merged_on(self, two: Office) -> None:
        """LX002 becomes LX001's, LX001 then LX003's: LX002 opens LX003."""
        two.log_lead("robin", customer="Third", phone="", email="", owner="keep")
        merge(two)
        pick = form_of(two.ask("max", "merge.ask", pressed="LX003"))
        form = form_of(two.submit("max", pick, other="LX001"))
        assert two.submit("max", form, sure=("meant",)).update is not None
        card = two.ask("max", "lead.open", text="LX002").card
        assert card is not None
        assert card.title.startswith("LX003")

    def test_stages_do_not_overlap(self, two: Office) -> None:
        merge(two, stays="other")
        intervals = two.rows("stage_interval")
        assert all(row["lead_id"] == 2 for row in intervals)
        assert [row["left_at"] is None for row in intervals].count(True) == 1
        assert two.lead(2).created_at == intervals[0]["entered_at"]


def shown(office: Office, account: str, number: str) -> Card:
    card = office.ask(account, "lead.show", pressed=number).card
    assert card is not None
    return card


class TestWhatWasWritten:
    """Nothing that somebody wrote goes in a merge, and all of it comes back as it was. LX001 is
    Robin's, LX002 Dana's."""

    @pytest.fixture
    def two(self, database: Database, fields: Fields) -> Iterator[Office]:
        with open_office(database, fields, FRIDAY, public_url=SITE) as office:
            stock(office)
            office.log_lead("robin", owner="keep")
            typed = OTHER | {"owner": "keep", "different": "name"}
            assert not office.ask("dana", "lead.create", values=typed).errors
            yield office

    def test_both_sent_proposals_stay_and_can_be_read(self, two: Office) -> None:
        ours, theirs = proposed(two, "robin", "LX001"), proposed(two, "dana", "LX002")
        two.world.clock.advance(timedelta(hours=1))
        before = numbers(two, "proposal", "number")
        merge(two)
        assert numbers(two, "proposal", "number") == {1: (1, 1), 2: (1, 2)}
        assert is_read(two, ours)
        assert is_read(two, theirs)
        undo(two)
        assert numbers(two, "proposal", "number") == before
        assert is_read(two, theirs)

    def test_both_drafts_stay(self, two: Office) -> None:
        for account, lead in (("robin", "LX001"), ("dana", "LX002")):
            assert not two.submit(account, form_for(two, account, lead)).errors
            two.world.clock.advance(timedelta(minutes=1))
        merge(two)
        assert numbers(two, "proposal", "number") == {1: (1, 1), 2: (1, 2)}
        assert two.ask("max", "proposal.show", pressed="1").card is not None

    def test_what_is_still_a_draft_stays_the_newest(self, two: Office) -> None:
        assert not two.submit("robin", form_for(two, "robin", "LX001")).errors
        two.world.clock.advance(timedelta(minutes=1))
        proposed(two, "dana", "LX002")
        merge(two)
        assert numbers(two, "proposal", "number") == {1: (1, 2), 2: (1, 1)}
        two.world.clock.advance(timedelta(minutes=1))
        card = two.ask("max", "proposal.show", pressed="1").card
        assert card is not None
        [button] = [one for one in card.buttons if one.action == "proposal.send"]
        assert two.ask("max", button.action, pressed=button.value).card is not None
        undo(two)
        assert numbers(two, "proposal", "number") == {1: (1, 1), 2: (2, 1)}

    def test_discovery_notes_are_joined_and_parted(self, two: Office) -> None:
        note(two, "robin", "LX001", "WINNER notes")
        note(two, "dana", "LX002", "loser first")
        note(two, "dana", "LX002", "LOSER second")
        before = numbers(two, "discovery", "version")
        merge(two)
        after = {2: (1, 1), 3: (1, 2), 1: (1, 3), 4: (1, 4)}
        assert numbers(two, "discovery", "version") == after
        form = form_of(two.ask("max", "discovery.log", pressed="LX001"))
        [situation] = [getattr(one, "value", "") for one in form.fields if one.name == "situation"]
        assert situation == "WINNER notes\nLOSER second"
        assert "loser first" in words_of(two.ask("max", "discovery.show", pressed="LX001"))
        undo(two)
        assert numbers(two, "discovery", "version") == before

    def test_what_was_noted_since_the_merge_stays(self, two: Office) -> None:
        note(two, "robin", "LX001", "WINNER notes")
        note(two, "dana", "LX002", "LOSER notes")
        merge(two)
        note(two, "robin", "LX001", "WINNER notes, and more")
        undo(two)
        found = numbers(two, "discovery", "version")
        assert (found[1], found[2]) == ((1, 1), (2, 1))
        card = two.ask("robin", "discovery.show", pressed="LX001").card
        assert "WINNER notes, and more" in words_of(card)

    async def test_who_has_the_customer_asks_for_feedback(self, two: Office) -> None:
        """In a time of their own; the other is not to blame."""
        proposed(two, "dana", "LX002")
        before = two.rows("clock")
        two.world.clock.advance(timedelta(hours=1))
        merge(two)
        robin, dana = (two.people[one].id for one in ("robin", "dana"))
        assert running_feedback(two) == [(1, robin)]
        undo(two)
        assert running_feedback(two) == [(2, dana)]
        kept = [row for row in two.rows("clock") if row["id"] in {one["id"] for one in before}]
        assert kept == before
        await two.travel(2024, 3, 6, 18)
        told = two.say("clock.missed_feedback", lead="LX002 · ACME Sample Inc")
        assert told in [card.title for card in two.inbox("dana")]

    async def test_a_customer_who_signed_is_not_asked_for_feedback(self, two: Office) -> None:
        proposed(two, "dana", "LX002")
        form = form_of(two.ask("robin", "stage.choose", state={"lead": "LX001"},
                               values={"to": "won"}))  # fmt: skip
        assert not two.submit("robin", form, amount="1000", reason="skip", criteria=()).errors
        merge(two)
        await two.travel(2024, 3, 6, 18)
        assert running_feedback(two) == []
        assert "clock.breach" not in {row["act"] for row in two.rows("audit")}

    def test_a_lead_that_has_an_owner_is_not_in_the_pool(self, two: Office) -> None:
        form = form_of(two.ask("dana", "pool.ask", pressed="LX002"))
        two.submit("dana", form, reason="busy")
        before = two.rows("pool_stay")
        merge(two)
        [stay] = two.rows("pool_stay")
        assert (stay["left_at"], stay["left_to"]) == (
            two.world.clock.now(), two.people["robin"].id,
        )  # fmt: skip
        undo(two)
        assert two.rows("pool_stay") == before


def running_feedback(office: Office) -> list[tuple[int, int]]:
    """Lead and owner of every clock for feedback that runs."""
    return [
        (row["lead_id"], row["owner_id"])
        for row in office.rows("clock")
        if row["for_feedback"] and not row["stopped_at"] and not row["met_at"]
    ]


def proposed(office: Office, account: str, lead: str) -> str:
    """Write a proposal and send it; the token of its page."""
    card = office.submit(account, form_for(office, account, lead)).card
    assert card is not None
    [button] = [one for one in card.buttons if one.action == "proposal.send"]
    sent = office.ask(account, button.action, pressed=button.value).card
    assert sent is not None
    return sent.links[0].url.rpartition("/")[2]


def is_read(office: Office, token: str) -> bool:
    world = office.world
    return isinstance(ProposalReader(world.new_uow, world.contexts).page(token), Page)


def note(office: Office, account: str, lead: str, words: str) -> None:
    form = form_of(office.ask(account, "discovery.log", pressed=lead))
    assert not office.submit(account, form, situation=words).errors


def numbers(office: Office, table: str, column: str) -> dict[int, tuple[int, int]]:
    """Of which lead each row is, and its number there."""
    return {row["id"]: (row["lead_id"], row[column]) for row in office.rows(table)}
