"""A rep's weekly report: asked for on Monday, submitted with one press, corrected in time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest

from handlers.core.replies import Reply
from handlers.core.ui import Card
from sales.jobs import AskForReports, Job
from sales.people import Role
from sales.playbook import Digest, WeeklyReporting
from tests.furnished import Offices
from tests.office import SHANGHAI, WEST, Office, button_of, buttons_of, words_of

WEDNESDAY = datetime(2024, 3, 6, 10, tzinfo=SHANGHAI)
"""Of week 10, March 4 to 10; its report is asked for on Monday, March 11."""
WEEK = "2024-W10"
FOCUS = "推进B学校演示"
DAYS = "Mar 4\u2009–\u200910"
SUGGESTED = "robin Ltd: next demo (Mar 13, Wed)"


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(WEDNESDAY, after=a_week) as office:
        yield office


def a_week(office: Office) -> None:
    for account in ("robin", "dana", "kim"):
        office.log_lead(account, customer=f"{account} Ltd", phone="", email="", owner="keep")
    lead = next(lead for lead in office.leads() if lead.customer == "robin Ltd")
    line = f"{lead.number} call wants a demo, next demo on 2024-03-13"
    assert not office.ask("robin", "followup.open", text=line).errors


def reports(office: Office, account: str) -> list[Card]:
    """The cards of weekly reports in somebody's chat, in their present state."""
    cards = office.inbox(account, reports=True)
    return [card for card in cards if card.subject.startswith("weekly_report:")]


def facts(card: Card, office: Office) -> dict[str, str]:
    names = {office.say(f"weekly.{key}"): key for key in ("owner", "new_leads", "high_value",
             "followed_up", "in_discovery", "in_proposal", "won", "won_amount")}  # fmt: skip
    return {names[fact.label]: fact.value for fact in card.facts if fact.label in names}


def card_of(reply: Reply) -> Card:
    card = reply.update or reply.card
    assert card is not None
    return card


def submitted(office: Office) -> dict[int, str]:
    with office.world.new_uow(read_only=True) as uow:
        people = [person.id for person in office.people.values()]
        found = uow.weekly_reports.of_people(people, WEEK)
        return {person_id: report.focus for person_id, report in found.items()}


class TestAsking:
    async def test_every_seller_with_leads_gets_it_on_monday_at_nine(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 8, 59)
        assert reports(office, "robin") == []
        await office.travel(2024, 3, 11, 9)
        for account in ("robin", "dana", "kim"):
            assert len(reports(office, account)) == 1
        # Managers and admins without leads of their own owe none.
        assert [reports(office, account) for account in ("max", "wes", "ada")] == [[]] * 3
        (card,) = reports(office, "robin")
        assert facts(card, office) == {
            "owner": "Robin Sample", "new_leads": "1", "high_value": "1", "followed_up": "1",
            "in_discovery": "0", "in_proposal": "0", "won": "0", "won_amount": "¥0",
        }  # fmt: skip
        assert SUGGESTED in words_of(card)
        # Once, however often the job runs.
        with office.world.new_uow() as uow:
            now = office.world.clock.now()
            uow.jobs.add(Job(AskForReports(WEEK), now, "again"))
            uow.commit()
        await office.travel(2024, 3, 11, 9, 30)
        assert len(reports(office, "robin")) == 1

    async def test_each_number_opens_its_leads(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        (card,) = reports(office, "robin")
        lists = [button for button in buttons_of(card) if button.action == "lead_list.show"]
        assert len(lists) == 3
        for button in lists:
            shown = card_of(office.ask("robin", button.action, pressed=button.value))
            assert "robin Ltd" in words_of(shown)
            assert "dana Ltd" not in words_of(shown)

    async def test_not_of_people_away_or_new(self, office: Office) -> None:
        office.change_person("dana", lambda one: replace(one, away_until=date(2024, 3, 13)))
        office.hire("nell", "Nell Sample", Role.REP)
        await office.travel(2024, 3, 11, 9)
        assert reports(office, "dana") == []
        assert reports(office, "nell") == []
        await office.travel(2024, 3, 13, 10)
        assert reports(office, "dana") == []  # the digest is posted

    async def test_people_back_before_the_digest_are_asked_then(self, office: Office) -> None:
        office.rules(digest=Digest(weekday="thu"))
        office.change_person("dana", lambda one: replace(one, away_until=date(2024, 3, 13)))
        await office.travel(2024, 3, 11, 9)
        await office.travel(2024, 3, 12, 9)
        assert reports(office, "dana") == []
        await office.travel(2024, 3, 13, 9)
        assert len(reports(office, "dana")) == 1
        assert len(reports(office, "kim")) == 2  # asked and reminded

    async def test_after_weeks_asleep_the_last_one_comes_late(self, office: Office) -> None:
        await office.travel(2024, 3, 20, 11)
        (card,) = reports(office, "robin")
        assert card.title == office.say("weekly.title_open", days="Mar 11\u2009–\u200917")
        assert office.say("weekly.asked_late", at="Mar 18, Mon 09:00") in card.footnote
        await office.travel(2024, 3, 25, 9)
        assert len(reports(office, "robin")) == 2

    async def test_off_where_the_rule_says_so(self, office: Office) -> None:
        office.rules(weekly_report=WeeklyReporting(enabled=False))
        await office.travel(2024, 3, 11, 15)
        assert reports(office, "robin") == []

    async def test_follows_a_changed_rule(self, office: Office) -> None:
        office.rules(weekly_report=WeeklyReporting(weekday="tue"), digest=Digest(weekday="wed"))
        await office.travel(2024, 3, 11, 12)
        assert reports(office, "robin") == []
        await office.travel(2024, 3, 12, 9)
        assert len(reports(office, "robin")) == 1


class TestSubmitting:
    async def test_with_one_press(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        (card,) = reports(office, "robin")
        reply = office.press("robin", card, "button.submit_report")
        assert reply.toast == office.say("weekly.done")
        assert card_of(reply).tone == "good"
        await office.settle()
        (card,) = reports(office, "robin")
        assert card.tone == "good"
        assert [*submitted(office).values()] == [SUGGESTED]
        await office.travel(2024, 3, 11, 12)
        assert len(reports(office, "robin")) == 1  # nothing to remind of

    async def test_shows_changed_steps_before_it_submits_them(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        (card,) = reports(office, "robin")
        lead = next(lead for lead in office.leads() if lead.customer == "robin Ltd")
        line = f"{lead.number} call moved, next contract on 2024-03-14"
        office.ask("robin", "followup.open", text=line)
        reply = office.press("robin", card, "button.submit_report")
        assert reply.toast == office.say("weekly.focus_changed")
        assert submitted(office) == {}
        office.press("robin", card_of(reply), "button.submit_report")
        assert "contract" in words_of(submitted(office))

    async def test_with_another_focus_and_corrected_until_the_digest(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        (card,) = reports(office, "robin")
        form = office.press("robin", card, "button.edit_focus").form
        assert form is not None
        assert "14:00" in form.intro
        assert office.submit("robin", form, focus="").errors
        done = office.submit("robin", form, focus="A")
        assert done.toast == office.say("weekly.done")
        form = office.press("robin", card_of(done), "button.correct_report").form
        assert form is not None
        reply = office.submit("robin", form, focus=FOCUS)
        assert reply.toast == office.say("weekly.corrected")
        assert [*submitted(office).values()] == [FOCUS]
        await office.travel(2024, 3, 11, 14)
        late = office.submit("robin", form, focus="too late")
        assert "Max Manager" in late.errors["focus"]
        assert "too late" in late.errors["focus"]
        assert [*submitted(office).values()] == [FOCUS]
        shown = card_of(office.ask("robin", "weekly_report.open"))
        assert "Max Manager" in shown.body
        assert all(button.action != "weekly_report.edit" for button in buttons_of(shown))

    async def test_after_the_digest_it_is_late_and_leaders_see_it(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        await office.travel(2024, 3, 11, 15)
        shown = card_of(office.ask("robin", "report.open", text="周报"))
        office.press("robin", shown, "button.submit_report")
        await office.travel(2024, 3, 11, 15, 5)
        titles = [card.title for card in office.inbox("max")]
        late = office.say("weekly.late_title", name="Robin Sample", days=DAYS)
        assert late in titles
        assert late not in [card.title for card in office.inbox("wes")]
        team = card_of(office.ask("max", "weekly_report.team"))
        assert office.say(
            "weekly.team_line_late", name="Robin Sample", focus=SUGGESTED
        ) in words_of(team)

    def test_refuses_other_weeks(self, office: Office) -> None:
        for week in ("2024-W11", "2024-W30", "2023-W30"):
            reply = office.ask("robin", "weekly_report.submit", pressed=f"{week}:x")
            assert reply.card is not None
            assert reply.card.title == office.say("weekly.nothing_title")
        for week in ("", "x", "2024-W99", "9999-W53"):
            for action in ("submit", "edit", "save", "open"):
                office.ask("robin", f"weekly_report.{action}", pressed=week)
        assert submitted(office) == {}


class TestPrivacy:
    async def test_a_lead_that_is_somebody_elses_is_suggested_no_more(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        (card,) = reports(office, "robin")
        assert SUGGESTED in words_of(card)
        lead = next(lead for lead in office.leads() if lead.customer == "robin Ltd")
        form = office.ask("max", "lead.reassign", pressed=lead.number).form
        assert form is not None
        office.submit("max", form, person=str(office.people["dana"].id))
        await office.settle()
        (card,) = reports(office, "robin")
        assert "robin Ltd" not in words_of(card)


class TestReminding:
    async def test_once_then_leaders_read_who_is_missing(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        for account in ("robin", "kim"):
            (card,) = reports(office, account)
            office.press(
                account, card,
                "button.submit_report" if account == "robin" else "button.submit_without_focus",
            )  # fmt: skip
        await office.travel(2024, 3, 11, 11)
        title = office.say("weekly.title_reminder", days=DAYS)
        assert [card.title for card in reports(office, "dana")][1:] == [title]
        assert len(reports(office, "robin")) == 1
        await office.travel(2024, 3, 11, 12)
        missing = office.say("weekly.missing_title", n=1, days=DAYS)
        (told,) = [card for card in office.inbox("max", reports=True) if card.title == missing]
        assert "Dana Example" in words_of(told)
        assert "Robin Sample" not in words_of(told)
        assert missing not in [card.title for card in office.inbox("wes", reports=True)]
        await office.travel(2024, 3, 11, 13, 30)
        assert len(reports(office, "dana")) == 2
        reply = office.press("max", told, "button.remind_of_report", name="Dana Example")
        assert "Max Manager" in words_of(card_of(reply))
        await office.settle()
        assert len(reports(office, "dana")) == 3
        again = office.press("max", told, "button.remind_of_report", name="Dana Example")
        assert again.toast == office.say("weekly.no_more_reminders", name="Dana Example")
        await office.settle()
        assert len(reports(office, "dana")) == 3
        office.press("dana", reports(office, "dana")[-1], "button.submit_without_focus")
        await office.settle()
        titles = [card.title for card in office.inbox("max", reports=True)]
        assert office.say("weekly.all_in", days=DAYS) in titles
        assert missing not in titles

    async def test_redrawn_after_the_digest_says_that_it_is_out(self, office: Office) -> None:
        for hour, minute in ((9, 0), (11, 0), (12, 0), (14, 5)):
            await office.travel(2024, 3, 11, hour, minute)
        office.press("robin", reports(office, "robin")[-1], "button.submit_report")
        await office.settle()
        missing = office.say("weekly.missing_title", n=1, days=DAYS)
        (told,) = [card for card in office.inbox("max", reports=True) if card.title == missing]
        at = office.language.moment(datetime(2024, 3, 11, 14, tzinfo=SHANGHAI))
        assert told.body == office.say("weekly.missing_posted", n=1, total=2, team="East", at=at)

    async def test_only_by_leaders_of_the_team(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        dana, kim = office.people["dana"].id, office.people["kim"].id
        for account, person_id in (("max", kim), ("wes", dana), ("robin", dana)):
            reply = office.ask(account, "weekly_report.remind", pressed=f"{person_id}:{WEEK}")
            assert reply.card is None
            assert reply.update is None
        await office.settle()
        assert len(reports(office, "dana")) == len(reports(office, "kim")) == 1
        west = office.teams[WEST].id
        assert office.ask("max", "weekly_report.team", pressed=f"{west}:{WEEK}").card is None
        assert office.ask("ada", "weekly_report.team", pressed=f"{west}:{WEEK}").card is not None
        assert office.ask("robin", "weekly_report.team").card is None

    async def test_never_of_people_who_are_away(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        office.change_person("dana", lambda one: replace(one, away_until=date(2024, 3, 18)))
        await office.travel(2024, 3, 11, 12)
        assert len(reports(office, "dana")) == 1
        dana = office.people["dana"].id
        reply = office.ask("max", "weekly_report.remind", pressed=f"{dana}:{WEEK}")
        assert reply.toast == office.say("weekly.is_away", name="Dana Example")


class TestWords:
    async def test_the_report_that_is_owed_opens(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 8)
        for words in ("周报", "我的周报", "weekly report"):
            card = card_of(office.ask("robin", "report.open", text=words))
            assert card.subject == f"weekly_report:{office.people['robin'].id}:{WEEK}"
            button_of(card, office.say("button.submit_report"))

    async def test_leaders_read_their_teams_unless_they_mean_their_own(
        self, office: Office
    ) -> None:
        office.log_lead("max", customer="max Ltd", phone="", email="", owner="keep")
        await office.travel(2024, 3, 11, 9)
        assert len(reports(office, "max")) == 1
        assert not card_of(office.ask("max", "report.open", text="周报")).subject
        assert card_of(office.ask("max", "report.open", text="我的周报")).subject

    async def test_a_focus_in_one_line_submits_it(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        line = f"周报 下周重点：{FOCUS}"
        card = card_of(office.ask("robin", "weekly_report.type", text=line))
        assert FOCUS in words_of(card)
        assert card.tone == "good"
        assert [*submitted(office).values()] == [FOCUS]
        card = card_of(office.ask("robin", "report.open", text="focus: A Tech"))
        assert [*submitted(office).values()] == ["A Tech"]

    async def test_one_typed_before_the_week_is_over_is_kept(self, office: Office) -> None:
        await office.travel(2024, 3, 8, 16)
        card = card_of(office.ask("robin", "weekly_report.type", text=f"下周重点：{FOCUS}"))
        assert card.title == office.say("weekly.kept_title")
        assert FOCUS in words_of(card)
        await office.travel(2024, 3, 11, 9)
        (card,) = reports(office, "robin")
        assert FOCUS in words_of(card)
        office.press("robin", card, "button.submit_report")
        assert [*submitted(office).values()] == [FOCUS]

    async def test_one_that_is_too_long_is_not_cut(self, office: Office) -> None:
        await office.travel(2024, 3, 11, 9)
        reply = office.ask("robin", "weekly_report.type", text="周报 下周重点：" + "很" * 501)
        assert "500" in card_of(reply).body
        assert submitted(office) == {}
