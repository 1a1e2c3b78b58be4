"""Logging follow-ups: the planned step stays unless somebody says otherwise."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card, Form
from handlers.digests.actions import weekly_card
from sales.leads import Stage
from tests.furnished import Offices
from tests.handlers.conftest import FRIDAY
from tests.office import SHANGHAI, Office, button_of, words_of

DUE = datetime(2024, 3, 8, 9, tzinfo=SHANGHAI)
NUMBER = "LX001"


def robins(office: Office) -> None:
    """Robin's lead, its next step due on Friday the 8th."""
    office.log_lead("robin", owner="keep")
    line(office, "call likes it 2024-03-08 send the case")
    office.world.clock.advance(60)


def shared(office: Office) -> None:
    """The same, and Kim works on it beside Robin."""
    robins(office)
    with office.world.new_uow() as uow:
        uow.collaborators.share(1, office.people["kim"].id)
        uow.commit()


@pytest.fixture
def office(offices: Offices, locale: str) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=robins) as office:
        yield office


@pytest.fixture
def together(offices: Offices, locale: str) -> Iterator[Office]:
    with offices.open(FRIDAY, locale, after=shared) as office:
        yield office


def ask(office: Office, text: str, account: str = "robin") -> Reply:
    return office.ask(account, "followup.open", text=text)


def line(office: Office, said: str, account: str = "robin") -> Card:
    return card_of(ask(office, f"{NUMBER} {said}", account))


def card_of(reply: Reply) -> Card:
    assert reply.card is not None, reply
    return reply.card


def form_of(reply: Reply) -> Form:
    assert reply.form is not None, reply
    return reply.form


def opened(office: Office, account: str = "robin") -> Form:
    return form_of(office.ask(account, "followup.log", pressed=NUMBER))


def filled(form: Form) -> dict[str, Any]:
    return {one.name: getattr(one, "value", "") for one in form.fields}


def hint_of(form: Form, name: str) -> str:
    return next(one.hint for one in form.fields if one.name == name)


def planned(office: Office, said: str, key: str, **more: Any) -> str:
    return office.say(key, step=said, day=office.language.day(date(2024, 3, 8)), **more)


class TestWithoutANextStep:
    def test_the_one_that_is_planned_stays_and_is_told_of(self, office: Office) -> None:
        card = line(office, "微信 随便聊聊")
        assert (office.lead().next_step, office.lead().next_at) == ("send the case", DUE)
        assert planned(office, "send the case", "followup.kept") in card.body
        assert office.say("followup.no_next_step") not in card.footnote
        labels = {"button.step_done", "button.reschedule"}
        assert {button_of(card, office.say(label)).value for label in labels} == {"1"}

    def test_done_with_it_is_one_tap(self, office: Office) -> None:
        card = line(office, "call just talked")
        office.press("robin", card, "button.step_done")
        assert office.lead().next_at is None
        assert not any(one.is_waiting for one in office.history())

    async def test_its_reminder_comes_as_planned(self, office: Office) -> None:
        line(office, "call just talked")
        await office.travel(2024, 3, 7, 9)
        [card] = office.inbox("robin")
        assert card.subject == "followup:1"

    def test_without_any_planned_it_is_said_that_nothing_is(self, office: Office) -> None:
        office.ask("robin", "reminder.done", pressed="1")
        card = line(office, "call just talked")
        assert card.footnote == office.say("followup.no_next_step")


class TestANewStep:
    def test_it_takes_the_place_of_the_old_which_is_named(self, office: Office) -> None:
        card = line(office, "call agreed, tomorrow ring again")
        assert office.lead().next_step == "ring again"
        assert [one.is_waiting for one in office.history()] == [True, False]
        assert planned(office, "send the case", "followup.replaced") in card.body


class TestTheForm:
    def test_it_shows_what_is_planned(self, office: Office) -> None:
        form = opened(office)
        assert filled(form)["next_step"] == "send the case"
        assert filled(form)["next_on"] == "2024-03-08"
        assert hint_of(form, "next_step") == office.say("followup.step_open")

    def test_left_alone_it_stays(self, office: Office) -> None:
        card = card_of(office.submit("robin", opened(office), summary="hello"))
        assert [one.is_waiting for one in office.history()] == [False, True]
        assert office.lead().next_at == DUE
        assert planned(office, "send the case", "followup.kept") in card.body

    async def test_an_overdue_one_left_alone_stays(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 10)
        reply = office.submit("robin", opened(office), summary="hello")
        assert not reply.errors
        assert office.lead().next_at == DUE

    def test_emptied_it_is_closed_and_that_is_said(self, office: Office) -> None:
        form = opened(office)
        card = card_of(office.submit("robin", form, summary="sent", next_step="", next_on=""))
        assert office.lead().next_at is None
        assert planned(office, "send the case", "followup.closed") in card.body

    @pytest.mark.parametrize(
        "typed", [{"next_step": "send two cases"}, {"next_on": "2024-03-12"}], ids=["step", "day"]
    )
    def test_changed_it_takes_the_place_of_the_old(
        self, office: Office, typed: dict[str, str]
    ) -> None:
        card = card_of(office.submit("robin", opened(office), summary="hello", **typed))
        assert [one.is_waiting for one in office.history()] == [True, False]
        assert planned(office, "send the case", "followup.replaced") in card.body

    def test_what_the_form_did_not_show_is_not_closed(self, office: Office) -> None:
        form = form_of(office.ask("robin", "followup.new"))
        office.submit("robin", form, lead=NUMBER, summary="hello")
        assert office.lead().next_at == DUE

    def test_a_step_planned_meanwhile_is_not_closed_by_an_empty_form(self, office: Office) -> None:
        form = opened(office)
        line(office, "call agreed, tomorrow ring again")
        office.submit("robin", form, summary="sent", next_step="", next_on="")
        assert office.lead().next_step == "ring again"


class TestBesideTheOwner:
    def test_a_colleagues_note_leaves_the_owners_step(self, together: Office) -> None:
        card = line(together, "call just talked", "kim")
        assert together.lead().next_at == DUE
        assert together.say("button.step_done") not in words_of(card.buttons)

    def test_a_colleagues_form_shows_it_and_an_empty_one_leaves_it(self, together: Office) -> None:
        form = opened(together, "kim")
        assert filled(form)["next_step"] == ""
        said = planned(together, "send the case", "followup.step_of", name="Robin Sample")
        assert hint_of(form, "next_step") == said
        together.submit("kim", form, summary="hello")
        assert together.lead().next_at == DUE

    def test_a_step_in_one_line_is_asked_about_in_the_form(self, together: Office) -> None:
        form = form_of(ask(together, f"{NUMBER} call agreed, tomorrow ring again", "kim"))
        assert len(together.history()) == 1
        shown = filled(form)
        assert (shown["summary"], shown["next_step"]) == (
            "agreed, tomorrow ring again",
            "ring again",
        )
        together.submit("kim", form)
        assert together.lead().next_step == "ring again"

    def test_a_step_that_the_form_did_not_show_is_asked_about(self, together: Office) -> None:
        form = form_of(together.ask("kim", "followup.new"))
        typed = {"lead": NUMBER, "summary": "hi", "next_step": "mine", "next_on": "2024-03-04"}
        reply = together.submit("kim", form, **typed)
        assert set(reply.errors) == {""}
        assert together.lead().next_at == DUE
        again = form_of(reply)
        assert filled(again) == typed | {"method": "call", "when": "", "feedback": ""}
        together.submit("kim", again)
        assert together.lead().next_step == "mine"


class TestOneLine:
    def test_a_time_is_when_the_step_is_due(self, office: Office) -> None:
        card = line(office, "微信 聊得不错，明天下午三点再去")
        due = datetime(2024, 3, 2, 15, tzinfo=SHANGHAI)
        assert office.lead().next_at == due
        assert office.language.moment(due) in card.body
        shown = card_of(office.ask("robin", "lead.show", pressed=NUMBER))
        assert office.language.moment(due) in words_of(shown.facts)

    def test_a_time_is_typed_with_the_step_in_the_form(self, office: Office) -> None:
        typed = {"next_step": "下午三点半去拜访", "next_on": "2024-03-05"}
        office.submit("robin", opened(office), summary="x", **typed)
        assert office.lead().next_at == datetime(2024, 3, 5, 15, 30, tzinfo=SHANGHAI)
        assert office.lead().next_step == "去拜访"
        again = opened(office)
        assert filled(again)["next_step"] == "15:30 去拜访"
        office.submit("robin", again, summary="y")
        assert len([one for one in office.history() if one.is_waiting]) == 1
        form = form_of(office.ask("robin", "followup.correct", pressed="2"))
        office.submit("robin", form, summary="z")
        assert office.lead().next_at == datetime(2024, 3, 5, 15, 30, tzinfo=SHANGHAI)

    def test_another_year_is_told(self, office: Office) -> None:
        card = line(office, "call fine, 2025-01-05 ring again")
        assert "2025" in card.body

    @pytest.mark.parametrize(
        ("said", "method", "step", "day"),
        [
            ("电话", "call", "send the case", "2024-03-08"),
            ("微信", "wechat", "send the case", "2024-03-08"),
            ("明天下午三点再去", "call", "15:00 再去", "2024-03-02"),
            ("visit tomorrow 10:30", "call", "10:30 visit", "2024-03-02"),
        ],
    )
    def test_nothing_said_is_no_contact_yet(
        self, office: Office, said: str, method: str, step: str, day: str
    ) -> None:
        form = form_of(ask(office, f"{NUMBER} {said}"))
        shown = filled(form)
        assert len(office.history()) == 1
        assert (shown["lead"], shown["method"], shown["summary"]) == (NUMBER, method, "")
        assert (shown["next_step"], shown["next_on"]) == (step, day)


class TestByName:
    @pytest.mark.parametrize("name", ["Acme", "acme sample", "Acme Sample Ltd"])
    def test_one_own_lead_is_meant(self, office: Office, name: str) -> None:
        card = card_of(ask(office, f"{name} 微信 聊得不错，下周二发方案"))
        assert NUMBER in card.title
        newest = office.history()[0]
        assert (newest.method, newest.summary) == ("wechat", "聊得不错，下周二发方案")
        assert newest.next_step == "发方案"

    @pytest.mark.parametrize("line", ["，微信，聊得不错", ": 微信 聊得不错", "、微信：聊得不错"])
    def test_voice_input_sets_it_off_by_signs(self, office: Office, line: str) -> None:
        assert NUMBER in card_of(ask(office, f"Acme Sample Ltd{line}")).title
        newest = office.history()[0]
        assert (newest.method, newest.summary) == ("wechat", "聊得不错")

    def test_of_several_the_form_asks_which_with_all_that_was_typed(self, office: Office) -> None:
        office.log_lead("robin", owner="keep", customer="Acme Other", phone="", email="")
        form = form_of(ask(office, "Acme 微信 聊得不错，下周二发方案"))
        shown = filled(form)
        assert (shown["lead"], shown["summary"]) == ("", "Acme 聊得不错，下周二发方案")
        assert shown["method"] == "wechat"
        assert (shown["next_step"], shown["next_on"]) == ("发方案", "2024-03-05")

    @pytest.mark.parametrize("name", ["Zhang", "a"])
    def test_too_little_of_a_name_logs_nothing(self, office: Office, name: str) -> None:
        form = form_of(ask(office, f"{name} 微信 聊得不错"))
        assert len(office.history()) == 1
        assert name in filled(form)["summary"]

    def test_a_colleagues_lead_is_nobodys_to_name(self, office: Office) -> None:
        form = form_of(ask(office, "Acme 微信 聊得不错", "kim"))
        assert NUMBER not in words_of(form)


class TestWholeHistory:
    def shown(self, office: Office, account: str = "robin", value: str = NUMBER) -> Card:
        return card_of(office.ask(account, "lead.history", pressed=value))

    def test_each_line_tells_who_and_when(self, office: Office) -> None:
        lines = self.shown(office).sections[0].lines
        at = office.language.moment(FRIDAY)
        assert any(
            line.startswith(f"{at} · Robin Sample · {office.say('method.call')}") for line in lines
        )
        assert any(office.say("history.made") in line for line in lines)

    def test_moves_and_hand_overs_stand_in_order(self, office: Office) -> None:
        office.world.clock.advance(60)
        state = {"lead": NUMBER, "to": "screened", "version": str(office.lead().version)}
        criteria = ("budget", "decision", "urgent")
        assert office.ask("robin", "stage.move", state=state, values={"criteria": criteria}).update
        office.world.clock.advance(60)
        form = form_of(office.ask("max", "lead.reassign", pressed=NUMBER))
        office.submit("max", form, person=str(office.people["dana"].id))
        lines = self.shown(office, "max").sections[0].lines
        given = next(
            place
            for place, line in enumerate(lines)
            if office.say("history.given", name="Dana Example") in line
        )
        moved = next(
            place
            for place, line in enumerate(lines)
            if office.say("stage.screened") in line and office.say("stage.captured") in line
        )
        assert given < moved
        assert "Max Manager" in lines[given]
        assert "Robin Sample" in lines[moved]

    def test_ten_a_page_newest_first(self, office: Office) -> None:
        for number in range(12):
            office.world.clock.advance(60)
            line(office, f"call talk number {number}")
        first = self.shown(office)
        assert len(first.sections[0].lines) == 10
        assert "talk number 11" in first.sections[0].lines[0]
        second = office.press("robin", first, "button.older").update
        assert second is not None
        assert "talk number 1" in second.sections[0].lines[0]
        assert office.press("robin", second, "button.newer").update == first

    def test_whose_lead_it_is_not_reads_nothing(self, office: Office) -> None:
        assert office.ask("kim", "lead.history", pressed=NUMBER).card is None

    def test_the_card_names_the_person_and_leads_there(self, office: Office) -> None:
        card = card_of(office.ask("max", "lead.show", pressed=NUMBER))
        assert office.say("button.history") in words_of(card.more)
        assert "Robin Sample · " + office.say("method.call") in words_of(card.sections)


class TestTheBoard:
    def headline(self, office: Office, **counted: int) -> str:
        counts = {"overdue": 0, "today": 0, "n": 1} | counted
        return office.say("board.headline", **counts)

    async def test_a_customer_who_waits_today_counts(self, office: Office) -> None:
        number = office.log_lead(
            "robin", owner="keep", customer="Bee Sample", phone="", email="bee@sample.example"
        ).number
        with office.world.new_uow(read_only=True) as uow:
            [clock] = uow.clocks(office.people["robin"]).waiting_on(2)
        due = clock.due_at.astimezone(SHANGHAI)
        await office.travel(due.year, due.month, due.day, 0, 30)
        card = card_of(office.ask("robin", "board.open"))
        assert self.headline(office, today=1, n=2) in card.body
        assert number in words_of(card.sections)
        await office.travel(due.year, due.month, due.day, 23)
        card = card_of(office.ask("robin", "board.open"))
        assert self.headline(office, overdue=1, n=2) in card.body

    @pytest.mark.parametrize(
        ("step", "overdue"),
        [("by 3/5 send", 0), ("by 3/5 09:30 send", 1), ("by 3/5 10:30 send", 0)],
    )
    async def test_a_date_is_not_an_instant(self, office: Office, step: str, overdue: int) -> None:
        """On its own day a step is due, not overdue, unless its time of day has passed."""
        office.ask("robin", "followup.open", text=f"{NUMBER} call ok, {step}")
        await office.travel(2024, 3, 5, 10)
        board = card_of(office.ask("robin", "board.open"))
        assert self.headline(office, overdue=overdue, today=1 - overdue) in board.body
        with office.world.new_uow(read_only=True) as uow:
            context = office.world.context(uow)
            digest = weekly_card(office.teams["East"].id, "2024-W09", context)
        assert digest
        at_risk = context.text("digest.at_risk_heading", n=1)
        assert (at_risk in [part.heading for part in digest.sections]) is bool(overdue)
        agenda = card_of(office.ask("max", "sync.show"))
        assert (NUMBER in words_of(agenda.sections)) is bool(overdue)
        tone = card_of(office.ask("robin", "lead.show", pressed=NUMBER)).tone
        assert (tone == "warning") is bool(overdue)

    async def test_the_heading_counts_what_the_headline_does(self, office: Office) -> None:
        """Ten steps and four clocks were 14 above a list of 10."""
        for number in range(13):
            lead = office.log_lead(
                "robin", owner="keep", customer=f"Bee {number}", phone="", email=""
            )
            if number % 2:
                office.ask("robin", "followup.open", text=f"{lead.number} call ok, by 3/5 send")
        await office.travel(2024, 3, 7, 10)
        card = card_of(office.ask("robin", "board.open"))
        late = {
            row["lead_id"]
            for row in office.rows("clock")
            if row["met_at"] is row["stopped_at"] is None
            and row["due_at"] <= office.world.clock.now()
        }
        today = date(2024, 3, 7)
        planned = [row for row in office.rows("lead") if row["next_at"]]
        steps = {row["id"] for row in planned if row["next_at"].astimezone(SHANGHAI).date() < today}
        total = len(late | steps)
        assert self.headline(office, overdue=total, n=14) in card.body
        [section] = [
            part for part in card.sections if part.heading == office.say("board.overdue", n=total)
        ]
        assert len(section.rows) == 5
        assert section.opens
        assert section.opens.label == office.say("button.whole_list", n=total)

    def test_the_board_and_the_targets_count_the_same(self, office: Office) -> None:
        for customer in ("Bee Sample", "Sea Sample", "Dee Sample"):
            office.log_lead("robin", owner="keep", customer=customer, phone="", email="")
        office.change_lead(2, lambda lead: replace(lead, owner_id=None, pooled_at=FRIDAY))
        office.change_lead(3, lambda lead: replace(lead, stage=Stage.NURTURE))
        board = card_of(office.ask("max", "board.open"))
        assert office.say("board.set_aside", n=1) in board.body
        with office.world.new_uow(read_only=True) as uow:
            sold = uow.targets.sold([office.teams["East"].id], FRIDAY, DUE)
        assert sum(one.open for one in sold.values()) == 2
        assert any(
            office.say(key, overdue=0, today=today, n=2) in board.body
            for key in ("board.headline", "board.clear")
            for today in range(3)
        )

    def test_a_lead_that_rests_tells_when_it_is_looked_at_again(self, office: Office) -> None:
        state = {"lead": NUMBER, "to": "nurture", "version": str(office.lead().version)}
        typed = {"reason": "later", "look_again": "2024-06-03"}
        reply = office.ask("robin", "stage.move", state=state, values=typed)
        assert not reply.errors, reply.errors
        card = card_of(office.ask("robin", "lead.show", pressed=NUMBER))
        assert office.language.day(date(2024, 6, 3)) in words_of(card.facts)
