"""A win is announced in the team's channel, once, and corrected when it is taken back."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.channel_privacy import Readers, Told
from sales.leads import Stage
from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.office import SHANGHAI, Office, buttons_of, open_office, words_of

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)
CUSTOMER = "Canary Works"
PHONE = "138 1234 5678"
TEAM = Readers(Told.ALL, frozenset({"max", "robin", "dana"}))
CANNOT_TELL = Readers(Told.NEVER)


@pytest.fixture(params=["en", "zh_CN"])
def office(request: pytest.FixtureRequest, database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY, request.param) as opened:
        opened.log_lead("robin", owner="keep", customer=CUSTOMER)
        opened.ask("robin", "followup.open", text="LX001 call likes it by 3/2 send the case")
        opened.ask("max", "channel.bind", channel="C1")
        yield opened


def win(office: Office, account: str = "robin", lead_id: int = 1, **typed: str) -> Reply:
    lead = office.lead(lead_id)
    reply = office.ask(
        account,
        "stage.move",
        state={"lead": lead.number, "to": "won", "version": str(lead.version)},
        values={"amount": "12.5万", "criteria": ("signed",), "reason": "fast", **typed},
    )
    assert not reply.errors, reply.errors
    assert office.lead(lead_id).stage is Stage.WON
    return reply


def money(office: Office) -> str:
    amount = office.lead().amount
    assert amount is not None
    return office.language.money(amount)


async def announced(office: Office, channel: str = "C1") -> list[Card]:
    await office.settle()
    return office.inbox(channel)


class TestCelebration:
    def test_says_the_amount_the_days_the_quarter_and_what_comes_next(self, office: Office) -> None:
        card = win(office).card
        assert card
        words = words_of(card)
        assert f"value={money(office)!r}" in words
        assert office.say("announce.days", n=0) in words
        assert office.say("task.kind_invoice") in words
        quarter = {"name": "Robin Sample", "n": 1, "amount": money(office)}
        assert office.say("announce.quarter", **quarter) in words

    def test_other_moves_are_not_celebrated(self, office: Office) -> None:
        lead = office.lead()
        reply = office.ask(
            "robin",
            "stage.move",
            state={"lead": lead.number, "to": "screened", "version": str(lead.version)},
            values={"reason": "so"},
        )
        assert reply.card is None
        assert reply.toast

    async def test_somebody_elses_lead_is_not_found(self, office: Office) -> None:
        lead = office.lead()
        state = {"lead": lead.number, "to": "won", "version": str(lead.version)}
        reply = office.ask("dana", "stage.move", state=state, values={"amount": "1"})
        assert CUSTOMER not in words_of(reply)
        assert await announced(office) == []


class TestAnnouncement:
    async def test_names_the_customer_where_everybody_may_know(self, office: Office) -> None:
        office.ask("max", "access.give", pressed=f"LX001:{office.people['dana'].id}")
        win(office)
        (card,) = await announced(office)
        assert card.title == office.say(
            "announce.won_customer", name="Robin Sample", customer=CUSTOMER
        )
        words = words_of(card)
        assert "Dana Example" in words
        assert money(office) in words
        for contact in (PHONE, "13812345678", "zhang@acme.example", "Zhang Sample"):
            assert contact not in words

    @pytest.mark.parametrize("readers", [TEAM, CANNOT_TELL])
    async def test_names_no_customer_among_other_colleagues(
        self, office: Office, readers: Readers
    ) -> None:
        office.desk.members["C1"] = readers
        win(office)
        (card,) = await announced(office)
        assert card.title == office.say("announce.won_name", name="Robin Sample")
        assert CUSTOMER not in words_of(card)
        assert "LX001" not in words_of(card)
        assert office.say("announce.hides_customer") in card.footnote

    async def test_says_nothing_where_an_outsider_reads(self, office: Office) -> None:
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "guest-of-others"}))
        win(office)
        assert await announced(office) == []

    async def test_leaders_are_told_of_what_outsiders_kept_back_once_a_week(
        self, office: Office
    ) -> None:
        office.desk.members["C1"] = Readers(Told.ALL, frozenset({"max", "guest-of-others"}))
        office.log_lead("robin", owner="keep", customer="Second Works", phone="", email="")
        win(office)
        win(office, lead_id=2)
        assert await announced(office) == []
        await office.travel(2024, 3, 1, 10, 5)
        start = office.say("announce.withheld_title", where="")
        told = [card for card in office.inbox("max") if card.title.startswith(start[:8])]
        assert [card.body for card in told] == [office.say("announce.withheld")]
        assert office.press("max", told[0], "button.announcements").form
        for account in ("robin", "wes"):
            assert not any(card.title.startswith(start[:8]) for card in office.inbox(account))

    async def test_says_no_more_than_that_where_nobody_knows_who_reads(
        self, office: Office
    ) -> None:
        office.desk.members["C1"] = Readers(Told.FAILED)
        win(office)
        (card,) = await announced(office)
        words = words_of(card)
        assert card.title == office.say("announce.won_bare", team="East")
        assert not any(word in words for word in (CUSTOMER, "Robin", "12.5", "125,000", "LX001"))

    async def test_comes_once_and_to_no_other_team(self, office: Office) -> None:
        office.ask("wes", "channel.bind", channel="C-west")
        reply = win(office)
        assert office.ask("robin", "stage.aftersales", pressed="LX001").update
        assert len(await announced(office)) == 1
        assert await announced(office, "C-west") == []
        assert reply.card

    async def test_without_a_channel_nothing_is_announced(self, office: Office) -> None:
        office.ask("max", "channel.unbind", channel="C1")
        win(office)
        assert await announced(office) == []
        assert office.rows("announcement") == []


class TestTakingBack:
    async def test_corrects_the_posted_card(self, office: Office) -> None:
        card = win(office).card
        assert card
        assert len(await announced(office)) == 1
        undone = office.press("robin", card, "button.undo_win")
        assert undone.update
        assert office.lead().stage is Stage.CAPTURED
        assert office.lead().amount is None
        (corrected,) = await announced(office)
        assert corrected.title == office.say("announce.back_title")
        # Won again, the same card says so.
        win(office, amount="13万")
        (again,) = await announced(office)
        assert again.title == office.say(
            "announce.won_customer", name="Robin Sample", customer=CUSTOMER
        )
        assert money(office) in words_of(again)

    async def test_before_it_was_posted_nothing_is_said(self, office: Office) -> None:
        card = win(office).card
        assert card
        office.press("robin", card, "button.undo_win")
        assert await announced(office) == []

    async def test_by_the_stage_form_as_well(self, office: Office) -> None:
        win(office)
        await announced(office)
        lead = office.lead()
        state = {"lead": lead.number, "to": "negotiation", "version": str(lead.version)}
        reply = office.ask("robin", "stage.move", state=state, values={"reason": "not signed"})
        assert not reply.errors
        (corrected,) = await announced(office)
        assert corrected.title == office.say("announce.back_title")

    async def test_a_correction_follows_where_no_card_can_be_redrawn(self, office: Office) -> None:
        office.desk.can_edit = False
        card = win(office).card
        assert card
        await announced(office)
        office.press("robin", card, "button.undo_win")
        first, correction = await announced(office)
        assert correction.title == office.say("announce.back_title")
        win(office)
        *_, third = await announced(office)
        assert third.title == first.title
        assert len(office.inbox("C1")) == 3

    @pytest.mark.parametrize("account", ["dana", "kim", "wes"])
    async def test_not_by_people_who_may_not_see_the_lead(
        self, office: Office, account: str
    ) -> None:
        card = win(office).card
        assert card
        office.press(account, card, "button.undo_win")
        assert office.lead().stage is Stage.WON

    @pytest.mark.parametrize(
        "value", ["", "LX001", "LX001:1:captured", "LX001:x:captured", "LX001:{now}:lost"]
    )
    def test_a_value_from_outside_changes_nothing(self, office: Office, value: str) -> None:
        win(office)
        closed = office.lead().closed_at
        assert closed
        pressed = value.format(now=int(closed.timestamp()))
        office.ask("robin", "win.undo", pressed=pressed)
        assert office.lead().stage is Stage.WON


class TestCongratulating:
    async def test_names_people_on_the_card_once(self, office: Office) -> None:
        win(office)
        (card,) = await announced(office)
        for _ in range(2):
            office.press("dana", card, "button.congratulate")
        office.press("max", card, "button.congratulate")
        assert office.press("robin", card, "button.congratulate").toast == office.say(
            "announce.own"
        )
        (card,) = await announced(office)
        # Of one instant, by id: Max was hired first.
        names = office.language.listing(["Max Manager", "Dana Example"])
        assert office.say("announce.congratulated", names=names) in card.body
        assert len(office.rows("congratulation")) == 2

    @pytest.mark.parametrize("value", ["", "0", "99", "x", "-1"])
    def test_an_announcement_there_is_none_of(self, office: Office, value: str) -> None:
        reply = office.ask("dana", "announcement.congratulate", pressed=value)
        assert reply.toast == office.say("announce.gone")


class TestChoosing:
    def form(self, office: Office, account: str = "max") -> Reply:
        return office.ask(account, "announcement.settings", channel="C1", pressed="")

    async def test_another_channel_without_amount_and_customer(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C2")
        form = self.form(office).form
        assert form
        reply = office.submit("max", form, channel="desk:C2", what=("wins",))
        assert reply.card
        assert reply.toast == office.say("announce.saved")
        win(office)
        assert await announced(office) == []
        (card,) = office.inbox("C2")
        words = words_of(card)
        assert CUSTOMER not in words
        assert money(office) not in words
        assert "audience" not in card.footnote

    async def test_wins_can_be_switched_off(self, office: Office) -> None:
        form = self.form(office).form
        assert form
        office.submit("max", form, what=())
        win(office)
        assert await announced(office) == []

    async def test_a_channel_that_was_given_up_hears_nothing(self, office: Office) -> None:
        office.ask("max", "channel.bind", channel="C2")
        form = self.form(office).form
        assert form
        office.submit("max", form, channel="desk:C2")
        office.ask("max", "channel.unbind", channel="C2")
        win(office)
        assert await announced(office) == []
        assert await announced(office, "C2") == []

    @pytest.mark.parametrize("account", ["robin", "kim", "wes"])
    def test_only_the_teams_leaders_choose(self, office: Office, account: str) -> None:
        form = self.form(office).form
        assert form
        office.submit(account, form, what=())
        assert office.rows("announcement_setting") == []

    def test_the_help_in_the_channel_leads_there(self, office: Office) -> None:
        card = office.ask("max", "help.open", channel="C1").card
        assert card
        labels = [button.label for button in buttons_of(card)]
        assert office.say("button.announcements") in labels
