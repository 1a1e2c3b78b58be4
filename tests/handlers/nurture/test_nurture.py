"""Leads of low value rest in nurture by themselves, are touched, and looked at again [P7]."""

from dataclasses import replace
from datetime import date

import pytest

from handlers.core.ui import Card
from sales.clocks import ClockState
from sales.leads import Grade, Stage
from sales.people import SYSTEM
from tests.handlers.imports.test_imports import imported, sent
from tests.office import LEAD, Office, button_of, buttons_of, words_of

SURELY_LOW = {"authority": "staff", "clarity": "vague", "timeframe": "later", "budget": "5万"}
OPEN = {"authority": "unknown", "clarity": "vague", "timeframe": "later", "budget": "", "title": ""}
LX001 = "LX001 · Acme Sample Ltd"


def low(office: Office, *, owner: str = "keep") -> None:
    office.log_lead("robin", owner=owner, **SURELY_LOW)


def card_of(office: Office, account: str = "robin", number: str = "LX001") -> Card:
    card = office.ask(account, "lead.show", pressed=number).card
    assert card is not None
    return card


def titled(office: Office, account: str, key: str) -> list[Card]:
    title = office.say(key, lead=LX001)
    return [card for card in office.inbox(account) if card.title == title]


class TestEntering:
    def test_on_capture_and_back_with_one_press(self, office: Office) -> None:
        reply = office.ask("robin", "lead.create", values={**LEAD, **SURELY_LOW, "owner": "keep"})
        assert office.say("button.nurture_undo") in words_of(reply.card)
        assert office.lead().stage is Stage.NURTURE
        assert office.owner() == "robin"
        card = card_of(office)
        assert office.say("stage.nurture") in words_of(card)
        office.press("robin", card, "button.nurture_undo")
        assert office.lead().stage is Stage.CAPTURED
        state = {"lead": "LX001", "version": str(office.lead().version)}
        form = office.ask("robin", "lead.edit", pressed="LX001").form
        assert form is not None
        assert not office.submit("robin", form, contact="Kim Sample").errors, state
        assert office.lead().stage is Stage.CAPTURED

    def test_on_regrading_by_a_colleague_the_owner_hears_of_it(self, office: Office) -> None:
        office.log_lead("robin", owner="keep")
        form = office.ask("max", "lead.edit", pressed="LX001").form
        assert form is not None
        assert not office.submit("max", form, **SURELY_LOW).errors
        assert office.lead().stage is Stage.NURTURE

    async def test_after_the_days_for_open_questions(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", **OPEN)
        assert office.lead().stage is Stage.CAPTURED
        await office.travel(2024, 3, 6, 18)
        assert office.lead().stage is Stage.CAPTURED
        await office.travel(2024, 3, 7, 10)
        assert office.lead().stage is Stage.NURTURE
        [card] = titled(office, "robin", "nurture.entered_title")
        office.press("robin", card, "button.nurture_undo")
        assert office.lead().stage is Stage.CAPTURED

    async def test_not_when_the_owner_is_working_on_it(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", **OPEN)
        office.ask("robin", "followup.open", text="LX001 call, wants to think")
        await office.travel(2024, 3, 20, 10)
        assert office.lead().stage is Stage.CAPTURED


class TestEnteringLater:
    @pytest.mark.parametrize(
        ("answers", "at_first", "at_last"),
        [(SURELY_LOW, Stage.NURTURE, Stage.NURTURE), (OPEN, Stage.CAPTURED, Stage.NURTURE)],
    )
    async def test_when_nobody_was_free_at_capture(
        self, office: Office, answers: dict[str, str], at_first: Stage, at_last: Stage
    ) -> None:
        back = date(2024, 3, 5)
        for account in office.people:
            office.change_person(account, lambda person: replace(person, away_until=back))
        office.log_lead("robin", owner="rules", **answers)
        assert (office.lead().owner_id, office.lead().stage) == (None, Stage.CAPTURED)
        await office.travel(2024, 3, 6, 10)
        assert office.lead().owner_id is not None
        assert office.lead().stage is at_first
        await office.travel(2024, 3, 12, 18)
        assert office.lead().stage is at_last

    @pytest.mark.parametrize(
        ("answers", "at_first", "at_last"),
        [(SURELY_LOW, Stage.NURTURE, Stage.NURTURE), (OPEN, Stage.CAPTURED, Stage.NURTURE)],
    )
    async def test_when_a_merge_regraded_it(
        self, office: Office, answers: dict[str, str], at_first: Stage, at_last: Stage
    ) -> None:
        known = {} if answers is SURELY_LOW else {"authority": "unknown", "budget": "", "title": ""}
        office.log_lead("robin", owner="keep", **known)
        before = office.lead().grade
        assert before is not Grade.LOW
        other = (
            dict(LEAD) | answers | {"owner": "keep", "different": "name", "phone": "139 0000 5678"}
        )
        other |= {"email": "", "customer": "ACME Sample Inc"}
        assert not office.ask("robin", "lead.create", values=other).errors
        if office.lead(2).stage is Stage.NURTURE:
            office.press("robin", card_of(office, number="LX002"), "button.nurture_undo")
        pick = office.ask("max", "merge.ask", pressed="LX001").form
        assert pick
        form = office.submit("max", pick, other="LX002").form
        assert form
        chosen = dict.fromkeys(("budget", "authority", "clarity", "timeframe", "title"), "other")
        shown = {one.name for one in form.fields}
        chosen = {name: value for name, value in chosen.items() if name in shown}
        reply = office.submit("max", form, **chosen)
        assert reply.update
        assert office.lead().grade is Grade.LOW
        assert office.lead().stage is at_first
        await office.travel(2024, 3, 7, 10)
        assert office.lead().stage is at_last
        undo = next(one for one in buttons_of(reply.update) if one.action == "merge.undo")
        office.ask("max", undo.action, pressed=undo.value)
        assert (office.lead().grade, office.lead().stage) == (before, Stage.CAPTURED)


class TestTouching:
    async def test_brings_content_and_counts_only_what_a_person_sent(self, office: Office) -> None:
        office.ask("ada", "library.start")
        low(office)
        await office.travel(2024, 3, 26, 10)
        [card] = titled(office, "robin", "clock.near_touch")
        offered = [one for one in buttons_of(card) if one.action == "nurture.send"]
        assert offered
        assert office.lead().last_contact_at is None
        message = office.ask("robin", "nurture.send", pressed=offered[0].value).card
        assert message is not None
        assert office.lead().last_contact_at is None
        reply = office.press("robin", message, "button.nurture_sent")
        assert reply.toast == office.say("nurture.sent", lead="LX001")
        [logged] = office.history()
        assert logged.person_id == office.people["robin"].id
        with office.world.new_uow(read_only=True) as uow:
            clock = uow.clocks(SYSTEM).latest(1)
        assert clock is not None
        assert clock.state is ClockState.RUNNING
        assert clock.started_at == logged.at

    async def test_is_asked_for_again_in_its_rhythm_when_it_was_missed(
        self, office: Office
    ) -> None:
        low(office)
        for day in ((4, 2), (5, 7), (6, 12)):
            await office.travel(2024, *day, 10)
        assert len(titled(office, "robin", "clock.missed_touch")) == 3


class TestReview:
    async def test_is_asked_again_and_again_until_somebody_decides(self, office: Office) -> None:
        low(office)
        await office.travel(2024, 5, 30, 10)
        [card] = titled(office, "robin", "move.look_again_title")
        labels = {one.action for one in buttons_of(card)}
        assert {"lead.edit", "nurture.keep", "nurture.pool", "nurture.close"} <= labels
        await office.travel(2024, 8, 29, 10)
        assert len(titled(office, "robin", "move.look_again_title")) == 2

    async def test_kept_for_the_same_time(self, office: Office) -> None:
        low(office)
        await office.travel(2024, 5, 30, 10)
        [card] = titled(office, "robin", "move.look_again_title")
        reply = office.press("robin", card, "button.nurture_keep")
        assert "LX001" in (reply.toast or "")
        assert office.lead().stage is Stage.NURTURE

    async def test_given_to_the_pool(self, office: Office) -> None:
        low(office)
        await office.travel(2024, 5, 30, 10)
        [card] = titled(office, "robin", "move.look_again_title")
        office.press("robin", card, "button.to_pool")
        assert office.lead().is_pooled

    async def test_closed_with_a_reason(self, office: Office) -> None:
        low(office)
        await office.travel(2024, 5, 30, 10)
        [card] = titled(office, "robin", "move.look_again_title")
        button = button_of(card, office.say("button.nurture_close"))
        form = office.ask("robin", button.action, pressed=button.value).form
        assert form is not None
        assert not office.submit("robin", form, lost="price").errors
        assert office.lead().stage is Stage.LOST


class TestImported:
    async def test_is_touched_and_looked_at_again_without_clocks(self, office: Office) -> None:
        cells = b"Acme Sample Ltd,just looking,next year,100,Robin Sample\n"
        file = b"Company,Need,Timeline,Budget,Owner\n" + cells
        await imported(office, await sent(office, file, "max"), "max")
        assert (office.lead().stage, office.owner()) == (Stage.NURTURE, "robin")
        await office.travel(2024, 4, 15, 10)
        assert titled(office, "robin", "clock.missed_touch")
        await office.travel(2024, 5, 31, 10)
        assert titled(office, "robin", "move.look_again_title")
