"""When a contact took place: in the line, the form and the correction, and what goes by it."""

from datetime import datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.requests import Upload
from handlers.core.ui import Form
from sales.clocks import Clock, ClockState
from sales.followups import FollowUp, Method
from sales.people import SYSTEM, Role
from tests.office import EAST, SHANGHAI, Office, words_of

NUMBER = "LX001"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2024; the 1st is a Friday."""
    return datetime(2024, 3, day, hour, minute, tzinfo=SHANGHAI)


def log_robins(office: Office) -> None:
    """A high-value lead of Friday the 1st at 10:00: to be called by Monday at 10:00."""
    office.log_lead("robin", owner="keep")


def line(office: Office, said: str, account: str = "robin") -> Reply:
    return office.ask(account, "followup.open", text=f"{NUMBER} {said}")


def logged(office: Office, said: str, account: str = "robin") -> FollowUp:
    reply = line(office, said, account)
    assert reply.card, reply
    return max(office.history(), key=lambda one: one.id)


def clock(office: Office) -> Clock:
    with office.world.new_uow(read_only=True) as uow:
        return uow.clocks(SYSTEM).newest(1)[0]


def form_of(reply: Reply) -> Form:
    assert reply.form, reply
    return reply.form


def filled(form: Form) -> dict[str, str]:
    return {one.name: getattr(one, "value", "") for one in form.fields}


class TestTheLine:
    async def test_of_yesterday_is_logged_for_yesterday(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 9)
        found = logged(office, "昨天面谈，客户要 12.5万 的方案，周三发方案")
        assert (found.at, found.day_only, found.logged_at) == (at(3, 12), True, at(4, 9))
        assert (found.method, found.summary) == (
            Method.VISIT,
            "昨天面谈，客户要 12.5万 的方案，周三发方案",
        )
        assert (found.next_step, found.next_at) == ("发方案", at(6, 9))
        assert office.lead().last_contact_at == at(3, 12)
        assert clock(office).state is ClockState.MET

    async def test_shows_when_in_the_answer_and_the_history(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 9)
        for said, shown in (
            ("yesterday call, fine", office.language.day_of(at(3, 12))),
            ("called on Saturday at 15:20, fine", office.language.moment(at(2, 15, 20))),
        ):
            card = line(office, said).card
            assert card
            assert card.body.startswith(f"{shown} · {office.say('method.call')}"), card.body
        card = office.ask("robin", "lead.history", pressed=NUMBER).card
        assert card
        lines = card.sections[0].lines
        assert lines[0].startswith(f"{office.language.day_of(at(3, 12))} · Robin")
        assert lines[1].startswith(f"{office.language.moment(at(2, 15, 20))} · Robin")

    async def test_counts_hours_from_now(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 22, 45)
        found = logged(office, "两小时前电话沟通，一个半小时后发资料")
        assert (found.at, found.day_only) == (at(4, 20, 45), False)
        assert (found.next_step, found.next_at) == ("发资料", at(5, 0, 15))
        assert found.next_until == found.next_at
        form = form_of(office.ask("robin", "followup.log", pressed=NUMBER))
        values = {"summary": "ok", "when": "an hour ago", "next_on": "in 45 min"}
        assert not office.submit("robin", form, **values).errors
        newest = max(office.history(), key=lambda one: one.id)
        assert (newest.at, newest.next_at) == (at(4, 21, 45), at(4, 23, 30))

    @pytest.mark.parametrize("said", ["2月28日拜访，客户满意", "called yesterday at 9:30, fine"])
    async def test_before_the_lead_asks_in_the_form(self, office: Office, said: str) -> None:
        log_robins(office)
        await office.travel(2024, 3, 2, 9)
        form = form_of(line(office, said))
        assert office.history() == []
        first = office.language.moment(at(1, 10, 0))
        assert form.intro == office.say("problem.when_before_lead", lead=NUMBER, first=first)
        assert filled(form)["summary"] == said
        reply = office.submit("robin", form)
        assert reply.errors == {"when": form.intro}
        assert not office.submit("robin", form, when="yesterday 10:00").errors
        assert office.history()[0].at == at(1, 10)

    async def test_earlier_on_the_day_of_the_lead_counts_from_the_lead(
        self, office: Office
    ) -> None:
        log_robins(office)
        await office.travel(2024, 3, 2, 9)
        assert logged(office, "昨天电话，客户满意").at == at(1, 12)
        assert clock(office).state is ClockState.MET

    async def test_a_contact_before_the_last_one_leaves_the_last_contact(
        self, office: Office
    ) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 9)
        logged(office, "call fine")
        logged(office, "周六微信，客户要案例")
        assert office.lead().last_contact_at == at(4, 9)
        assert [one.at for one in office.history()] == [at(4, 9), at(2, 12)]


class TestImportedLeads:
    async def test_had_contact_before_unless_their_file_says_when_they_began(
        self, office: Office
    ) -> None:
        content = b"Customer,Owner,Created\nOld Sample,Robin Sample,2024-01-08\n"
        content += b"Undated Sample,Robin Sample,\n"
        office.ask("max", "import.take", upload=Upload("leads.csv", content))
        await office.settle()
        [button] = [one for one in office.inbox("max")[-1].buttons if one.action == "import.start"]
        office.ask("max", "import.start", pressed=button.value)
        await office.settle()
        number = {lead.customer: lead.number for lead in office.leads()}
        for customer, day, is_logged in (
            ("Old Sample", "1月5日", False),
            ("Old Sample", "1月8日", True),
            ("Undated Sample", "2023年12月5日", True),
        ):
            text = f"{number[customer]} {day}拜访，客户满意"
            reply = office.ask("robin", "followup.open", text=text)
            assert bool(reply.card) is is_logged, (customer, day)


class TestWordsForATime:
    def test_not_understood_are_named_beside_the_button_to_correct(self, office: Office) -> None:
        log_robins(office)
        card = line(office, "电话 客户同意，尽快发合同").card
        assert card
        assert office.say("followup.unread", words="尽快") in card.body
        assert office.say("button.correct") in words_of(card.buttons)
        assert card.footnote == office.say("followup.no_next_step")
        assert card.tone == "warning"

    def test_not_understood_leave_an_older_plan_that_is_told_as_old(self, office: Office) -> None:
        log_robins(office)
        logged(office, "call fine, monday send the case")
        card = line(office, "call agreed, send the contract soon").card
        assert card
        day = office.language.day_of(at(4, 9))
        kept = office.say("followup.kept_unread", step="send the case", day=day)
        assert card.body.split("\n")[1:] == [office.say("followup.unread", words="soon"), kept]
        assert office.lead().next_step == "send the case"

    def test_that_name_no_single_day_are_told_with_the_day_taken(self, office: Office) -> None:
        log_robins(office)
        card = line(office, "call agreed, send the contract next week").card
        assert card
        day = office.language.day_of(at(8, 9))
        assert office.say("followup.taken", words="next week", day=day) in card.body


class TestClocks:
    async def test_an_escalated_one_is_set_right(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 15)
        assert clock(office).state is ClockState.BREACHED
        logged(office, "周五下午4点电话，客户满意")
        assert (clock(office).state, clock(office).met_at) == (ClockState.MET, at(1, 16))
        acts = [row["act"] for row in office.rows("audit") if row["act"].startswith("clock.")]
        assert acts == ["clock.breach", "clock.in_time"]
        with office.world.new_uow(read_only=True) as uow:
            week = uow.figures.week(office.teams[EAST].id, at(4, 0), at(11, 0))
        assert (week.clocks_met, week.clocks_breached) == (1, 0)

    async def test_one_met_late_is_met_by_an_earlier_contact(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 15)
        logged(office, "call fine")
        assert clock(office).state is ClockState.BREACHED
        logged(office, "called on Friday, fine")
        assert (clock(office).state, clock(office).met_at) == (ClockState.MET, at(1, 12))

    async def test_a_late_contact_stays_late(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 5, 15)
        logged(office, "昨天电话，客户满意")
        assert (clock(office).state, clock(office).met_at) == (ClockState.BREACHED, at(4, 12))

    async def test_a_correction_of_the_time_counts(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 15)
        logged(office, "call fine")
        form = form_of(office.ask("robin", "followup.correct", pressed="1"))
        assert filled(form)["when"] == "2024-03-04 15:00"
        assert not office.submit("robin", form, when="上周五 16:00").errors
        assert (clock(office).state, office.lead().last_contact_at) == (ClockState.MET, at(1, 16))
        form = form_of(office.ask("robin", "followup.correct", pressed="1"))
        assert not office.submit("robin", form, method="email").errors
        assert (clock(office).state, clock(office).met_at) == (ClockState.BREACHED, None)
        [found] = office.history()
        assert (found.at, found.logged_at) == (at(1, 16), at(4, 15))

    async def test_a_contact_before_a_new_grade_counts(self, office: Office) -> None:
        log_robins(office)
        await office.travel(2024, 3, 4, 9)
        form = form_of(office.ask("robin", "lead.edit", pressed=NUMBER))
        assert not office.submit("robin", form, timeframe="later").errors
        assert clock(office).started_at == at(4, 9)
        office.world.clock.advance(60)
        logged(office, "周六电话，客户满意")
        assert (clock(office).state, clock(office).met_at) == (ClockState.MET, at(2, 12))

    async def test_a_contact_before_the_clock_says_so(self, office: Office) -> None:
        log_robins(office)
        logged(office, "call fine")
        await office.travel(2024, 3, 4, 9)
        with office.world.new_uow(read_only=True) as uow:
            assert not uow.clocks(SYSTEM).waiting_on(1)
        form = form_of(office.ask("max", "lead.reassign", pressed=NUMBER))
        office.submit("max", form, person=str(office.people["dana"].id))
        await office.travel(2024, 3, 5, 9)
        card = line(office, "周六电话，客户满意", "max").card
        assert card
        assert clock(office).met_at is None
        due = office.language.moment(clock(office).due_at)
        started = office.language.moment(clock(office).started_at)
        assert card.footnote == office.say("clock.not_yet_begun", started=started, due=due)


class TestFigures:
    async def test_a_contact_counts_in_the_week_in_which_it_took_place(
        self, office: Office
    ) -> None:
        log_robins(office)
        await office.travel(2024, 3, 5, 9)
        logged(office, "周六微信，客户要案例")
        for first, last, customers in ((at(4, 0), at(11, 0), 0), (at(1, 0), at(4, 0), 1)):
            with office.world.new_uow(read_only=True) as uow:
                week = uow.figures.week(office.teams[EAST].id, first, last)
            [robins] = [one for one in week.reps if one.name == "Robin Sample"]
            assert robins.followed_up == customers


class TestTheForm:
    def test_is_for_now_by_default(self, office: Office) -> None:
        log_robins(office)
        office.world.clock.advance(60)
        form = form_of(office.ask("robin", "followup.log", pressed=NUMBER))
        assert filled(form)["when"] == ""
        assert office.submit("robin", form, summary="x").card
        [found] = office.history()
        assert (found.at, found.logged_at) == (at(1, 10, 1), None)

    @pytest.mark.parametrize(
        ("typed", "problem"),
        [
            ("tomorrow", {"when_to_come": {"now": 1}}),
            ("23:59", {"when_to_come": {"now": 1}}),
            ("2024-02-29", {"when_before_lead": {"lead": NUMBER, "first": 0}}),
            ("whenever", {"when": {"typed": "whenever"}}),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(
        self, office: Office, typed: str, problem: dict[str, dict[str, str | int]]
    ) -> None:
        """Numbers are the minutes after ten on that day."""
        log_robins(office)
        office.world.clock.advance(60)
        form = form_of(office.ask("robin", "followup.log", pressed=NUMBER))
        reply = office.submit("robin", form, summary="x", when=typed)
        [(key, params)] = problem.items()
        said = {
            name: office.language.moment(at(1, 10, value)) if isinstance(value, int) else value
            for name, value in params.items()
        }
        assert reply.errors == {"when": office.say(f"problem.{key}", **said)}

    def test_feedback_alone_is_enough(self, office: Office) -> None:
        log_robins(office)
        found = logged(office, "电话 反馈：太贵")
        assert (found.summary, found.feedback) == ("", "太贵")
        form = form_of(office.ask("robin", "followup.correct", pressed="1"))
        assert not office.submit("robin", form, feedback="价格 12.5万 太高").errors

    def test_a_step_without_a_day_is_asked_for(self, office: Office) -> None:
        log_robins(office)
        form = form_of(line(office, "call fine. Next: send the case"))
        assert form.intro == office.say("followup.undated", step="send the case")
        assert office.submit("robin", form).errors.keys() == {"next_on"}
        assert not office.submit("robin", form, next_on="2024-03-05").errors
        assert office.lead().next_step == "send the case"


class TestAColleagueWhoWasAsked:
    @pytest.fixture
    def office(self, office: Office) -> Office:
        log_robins(office)
        for account, role in (("pat", Role.PRODUCT), ("pia", Role.PRODUCT), ("fay", Role.FINANCE)):
            office.hire(account, f"{account.title()} Sample", role)
        form = form_of(office.ask("robin", "support.ask", pressed=NUMBER))
        office.submit("robin", form, question="Show it?", person=str(office.people["pat"].id))
        return office

    def test_logs_what_they_did_under_their_name(self, office: Office) -> None:
        card = office.ask("pat", "lead.show", pressed=NUMBER).card
        assert card
        form = form_of(office.press("pat", card, "button.log"))
        assert office.submit("pat", form, method="demo", summary="showed v2.1").card
        [found] = office.history()
        assert (found.person_id, found.method) == (office.people["pat"].id, Method.DEMO)
        assert clock(office).state is ClockState.MET
        history = office.ask("robin", "lead.history", pressed=NUMBER).card
        assert "Pat Sample · " + office.say("method.demo") in words_of(history)

    def test_nobody_else_does(self, office: Office) -> None:
        for account in ("pia", "fay", "kim"):
            assert line(office, "call fine", account).card is None
        assert office.history() == []

    def test_asks_before_replacing_the_owners_step(self, office: Office) -> None:
        logged(office, "call fine, tomorrow send the case")
        form = form_of(line(office, "演示 客户满意，周一问结果", "pat"))
        assert filled(form)["next_step"] == "问结果"
        assert office.lead().next_step == "send the case"

    def test_corrects_their_own_and_nobody_elses(self, office: Office) -> None:
        logged(office, "call fine")
        logged(office, "demo fine", "pat")
        assert office.ask("pat", "followup.correct", pressed="1").form is None
        form = form_of(office.ask("pat", "followup.correct", pressed="2"))
        assert not office.submit("pat", form, summary="went well").errors
        state = {"followup": "1", "version": "0"}
        values = {"lead": NUMBER, "method": "call", "summary": "x"}
        assert office.ask("pat", "followup.update", state=state, values=values).update is None
        assert {one.summary for one in office.history()} == {"fine", "went well"}
