"""``/report``: whose figures are added up for whom, compared with what, and what every number
opens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from handlers.core.charts import ComparisonChart, FunnelChart, TrendChart
from handlers.core.ui import Button, Card, Table
from sales.leads import Grade, Lead, Stage
from sales.people import SYSTEM, Role
from sales.playbook.vocabulary import Vocabulary
from storage.unit_of_work import UnitOfWork
from tests.furnished import Offices
from tests.handlers.test_hostile import HOSTILE
from tests.office import SHANGHAI, Office, button_of, buttons_of

THURSDAY = datetime(2024, 3, 14, 10, tzinfo=SHANGHAI)
"""In the week of March 11; the first ten days of the month are over."""


@pytest.fixture
def busy(offices: Offices) -> Iterator[Office]:
    with offices.open(THURSDAY, after=a_month) as office:
        yield office


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2024, month, day, hour, tzinfo=SHANGHAI)


class Journal:
    """Adds leads as they went along, each on the days that a test says."""

    def __init__(self, office: Office, uow: UnitOfWork) -> None:
        self.office, self.leads = office, uow.leads(SYSTEM)

    def lead(self, owner: str, created: datetime, source: str = "ads", **known: Any) -> Lead:
        person = self.office.people[owner]
        lead = Lead(
            source=source, customer="Sample Co", owner_id=person.id, team_id=person.team_id,
            created_at=created, created_by=person.id, stage_since=created, **known,
        )  # fmt: skip
        return self.leads.add(lead)

    def move(self, lead: Lead, stage: Stage, when: datetime, **known: Any) -> Lead:
        return self.leads.save(replace(lead, stage=stage, stage_since=when, **known))

    def won(self, owner: str, when: datetime, amount: int, source: str = "ads") -> None:
        lead = self.lead(owner, when - timedelta(days=20), source, grade=Grade.HIGH)
        lead = self.move(lead, Stage.PROPOSAL, when - timedelta(days=9))
        self.move(lead, Stage.WON, when, amount=Decimal(amount), closed_at=when)

    def lost(self, owner: str, when: datetime, reason: str = "price", source: str = "ads") -> None:
        lead = self.lead(owner, when - timedelta(days=12), source)
        lead = self.move(lead, Stage.SCREENED, when - timedelta(days=9))
        self.move(lead, Stage.LOST, when, lost_reason=reason, closed_at=when)


def a_month(office: Office) -> None:
    """February: one deal won; March so far: six won, three lost, and much that is new."""
    with office.world.new_uow() as uow:
        journal = Journal(office, uow)
        journal.won("robin", at(2, 6), 100_000)
        for day in (1, 4, 5, 6, 7):
            journal.won("robin", at(3, day), 50_000, "exhibition")
        journal.won("dana", at(3, 8), 10_000)
        for day in (4, 5, 12):
            journal.lost("dana", at(3, day))
        journal.lost("kim", at(3, 6), "silent-no answer since")
        for day in range(1, 13):
            journal.lead("robin", at(3, day), "exhibition", region="east", budget_high=Decimal(5))
        journal.lead("dana", at(3, 12), "website", product="basic")
        journal.lead("kim", at(3, 12), "website")
        uow.commit()


def report(office: Office, account: str, text: str = "") -> Card:
    card = office.ask(account, "report.open", text=text).card
    assert card is not None
    return card


def facts(card: Card) -> dict[str, str]:
    return {fact.label: fact.value for fact in card.facts}


def table_of(card: Card) -> Table:
    [table] = [section.table for section in card.sections if section.table]
    return table


def opened(office: Office, account: str, button: Button) -> int:
    """How many leads a button lists."""
    card = office.ask(account, button.action, pressed=button.value).card
    assert card is not None
    rows = [len(section.table.rows) for section in card.sections if section.table]
    return sum(rows)


def source_name(office: Office, key: str) -> str:
    term = next(term for term in Vocabulary().sources if term.key == key)
    return term.label(office.locale)


class TestFigures:
    def test_are_compared_with_as_many_days_before(self, busy: Office) -> None:
        card = report(busy, "ada", "this month")
        shown = facts(card)
        new, won = busy.say("report.column_new"), busy.say("report.column_won")
        assert shown[new] == busy.say("report.beside", now=14, before=3)
        amount, before = (busy.language.money(Decimal(n)) for n in (260_000, 100_000))
        assert shown[won] == busy.say("report.beside", now=f"6 · {amount}", before=f"1 · {before}")
        days = busy.language.days(at(2, 1).date(), at(2, 14).date())
        assert card.footnote.startswith(busy.say("report.compared_so_far", before=days))

    def test_a_rate_of_fewer_than_five_is_not_shown(self, busy: Office) -> None:
        rate = busy.say("report.column_win_rate")
        assert facts(report(busy, "ada", "this month"))[rate] == busy.say(
            "report.rate", share=busy.language.percent(0.6), hits=6, n=10
        )
        assert facts(report(busy, "ada", "this week"))[rate] == busy.say("report.few_closed", n=1)

    def test_of_a_period_without_anything_no_zeros_are_shown(self, office: Office) -> None:
        card = report(office, "ada", "this week")
        assert not card.facts
        assert not [section for section in card.sections if section.chart or section.table]

    def test_what_changed_is_told_first(self, busy: Office) -> None:
        first = report(busy, "ada", "this month").body.splitlines()[0]
        assert first == busy.say(
            "report.changed_more",
            figure=busy.say("report.column_new"),
            now=14,
            before=3,
            period=busy.language.days(at(2, 1).date(), at(2, 14).date()),
        ) + busy.say("report.cause", name=source_name(busy, "exhibition"), now=12, before=3)
        nothing = report(busy, "ada", "2024-01 vs 2023-12").body.splitlines()[0]
        december = busy.language.month(datetime(2023, 12, 1, tzinfo=SHANGHAI).date())
        assert nothing == busy.say("report.nothing_before", before=december)

    def test_funnel_and_trend_are_drawn(self, busy: Office) -> None:
        charts = report(busy, "ada", "this month").every_chart
        assert [type(chart) for chart in charts] == [FunnelChart, TrendChart]

    def test_every_number_opens_as_many_leads_as_it_says(self, busy: Office) -> None:
        for account in ("ada", "max", "robin"):
            card = report(busy, account, "this month")
            counted = [
                (int(button.label.rpartition(" ")[2]), opened(busy, account, button))
                for button in card.every_button
                if button.action == "lead_list.show" and button.label[-1].isdecimal()
            ]
            assert len(counted) > 4
            assert [n for n, _ in counted] == [min(rows, n) for n, rows in counted]


class TestWhose:
    def test_a_rep_sees_their_own_and_compares_nobody(self, busy: Office) -> None:
        card = report(busy, "dana", "this month by person")
        assert facts(card)[busy.say("report.column_new")] == "1"
        assert busy.say("report.own_only") in card.body
        assert not any(section.table for section in card.sections)

    def test_a_manager_sees_the_own_team(self, busy: Office) -> None:
        card = report(busy, "max", "team West this month")
        assert busy.say("report.own_team_only") in card.body
        lost = facts(card)[busy.say("report.column_lost")]
        assert lost.startswith(busy.say("report.beside", now=3, before=0))

    def test_a_manager_compares_people_instead_of_teams(self, busy: Office) -> None:
        card = report(busy, "max", "this month by team")
        assert busy.say("report.one_team") in card.body
        assert [row[0] for row in table_of(card).rows] == ["Robin Sample", "Dana Example"]

    def test_a_button_gives_nobody_more(self, busy: Office) -> None:
        pressed = button_of(
            report(busy, "ada", "this month by person"), busy.say("report.by_team")
        ).value
        card = busy.ask("robin", "report.page", pressed=pressed).update
        assert card
        assert card.title.startswith(busy.say("report.title_month_own"))
        assert facts(card)[busy.say("report.column_new")] == busy.say(
            "report.beside", now=12, before=3
        )

    def test_people_without_leads_are_told_where_their_work_is(self, busy: Office) -> None:
        busy.hire("sue", "Sue Sample", Role.SERVICE)
        card = report(busy, "sue", "this month")
        assert card.body == busy.say("report.not_here")
        assert busy.ask("sue", "task.list").card


class TestComparisons:
    def test_by_person_is_ordered_by_what_was_won(self, busy: Office) -> None:
        card = report(busy, "ada", "this month by person")
        table = table_of(card)
        assert [(row[0], *row[2:4]) for row in table.rows] == [
            ("Robin Sample", "12", "5"), ("Dana Example", "1", "1"), ("Kim Sample", "1", "0"),
        ]  # fmt: skip
        amount = busy.language.money(Decimal(250_000))
        assert amount in table.rows[0][1]
        assert isinstance(card.every_chart[0], ComparisonChart)

    def test_each_row_opens_its_own_records(self, busy: Office) -> None:
        for words, wanted in (
            ("this month by person", [5, 1, 1]),
            ("this month by source", [5, 1, 2]),
            ("this month by person new leads", [12, 1, 1]),
            ("this month lost by team", [3, 1]),
            ("this month by product new leads", [13, 1]),
            ("this month by grade new leads", [14, 6]),
        ):
            table = table_of(report(busy, "ada", words))
            rows = [opened(busy, "ada", button) for button in table.opens]
            assert rows[: len(wanted)] == wanted, words

    def test_by_week_has_a_row_for_each_step(self, busy: Office) -> None:
        card = report(busy, "ada", "this month by week")
        table = table_of(card)
        assert [row[1].split()[-1] for row in table.rows] == ["3", "7", "4"]
        assert [opened(busy, "ada", button) for button in table.opens] == [3, 7, 4]

    def test_reasons_are_counted_without_what_was_typed(self, busy: Office) -> None:
        table = table_of(report(busy, "ada", "this month by reason"))
        assert [row[1] for row in table.rows] == ["3", "1"]
        assert "since" not in repr(table)

    def test_stages_have_a_row_each(self, busy: Office) -> None:
        table = table_of(report(busy, "ada", "this month by stage"))
        assert table.rows[0][0] == busy.say("stage.captured")

    def test_filters_are_in_the_title_and_the_figures(self, busy: Office) -> None:
        card = report(busy, "ada", "this month exhibition")
        assert "Exhibition" in card.title or "展会" in card.title
        won = facts(card)[busy.say("report.column_won")]
        assert won.startswith("5 ")

    def test_another_period_and_the_year_before(self, busy: Office) -> None:
        card = report(busy, "ada", "this month vs last year")
        days = busy.language.days(at(3, 1).date(), at(3, 14).date())
        assert days in card.footnote


class TestWords:
    def test_what_was_not_understood_is_said(self, busy: Office) -> None:
        card = report(busy, "ada", "last month blue")
        assert "blue" in card.body
        assert busy.say("report.example") in card.body

    def test_the_usual_period_is_named(self, busy: Office) -> None:
        card = report(busy, "ada", "monthly report")
        assert busy.language.month(at(3, 1).date()) in card.title
        assert busy.language.month(at(3, 1).date()) in report(busy, "ada", "by source").body

    @pytest.mark.parametrize("line", ["上月 按来源", "win rate by source", "last month by person"])
    def test_a_line_without_the_command_is_a_report(self, busy: Office, line: str) -> None:
        card = busy.ask("ada", "help.unknown", text=line).card
        assert card
        assert any(button.action == "report.choose" for button in buttons_of(card))

    @pytest.mark.parametrize("line", ["how are we doing", "上个月业绩怎么样", "will we hit target"])
    def test_who_has_no_leads_is_told_that_reports_are_of_them(
        self, busy: Office, line: str
    ) -> None:
        busy.hire("sue", "Sue Sample", Role.SERVICE)
        card = busy.ask("sue", "help.unknown", text=line).card
        assert card
        assert card.title == busy.say("report.not_here_title")

    @pytest.mark.parametrize("line", ["能完成目标吗", "are we on track", "forecast"])
    def test_whether_the_target_is_reached_is_answered_with_the_forecast(
        self, busy: Office, line: str
    ) -> None:
        card = busy.ask("max", "help.unknown", text=line).card
        targets = busy.ask("max", "target.open").card
        assert card
        assert targets
        assert card.title == targets.title

    @pytest.mark.parametrize(
        ("line", "title"),
        [("2月丢单复盘", "loss_review"), ("数据质量", "review"), ("sales cycle", "review")],
    )
    def test_parts_and_months_of_reviews_are_found(
        self, busy: Office, line: str, title: str
    ) -> None:
        card = busy.ask("max", "help.unknown", text=line).card
        assert card
        assert any(button.action.startswith(title) for button in buttons_of(card))

    def test_a_sentence_that_begins_with_the_word_is_none(self, busy: Office) -> None:
        line = "report said the customer moved their office downtown"
        asked = busy.request("ada", "report.open", text=line)
        card = busy.send(replace(asked, typed=line)).card
        assert card is None or not any(
            button.action == "report.choose" for button in buttons_of(card)
        )

    def test_a_period_ahead_has_nothing(self, busy: Office) -> None:
        assert busy.say("report.ahead") in report(busy, "ada", "2030").body


class TestWaysOn:
    def test_earlier_and_later_lead_there_and_back(self, busy: Office) -> None:
        card = report(busy, "ada", "this month by source")
        earlier = card.buttons[0]
        before = busy.ask("ada", earlier.action, pressed=earlier.value).update
        assert before
        back = busy.ask("ada", before.buttons[1].action, pressed=before.buttons[1].value).update
        assert back
        assert back.title == card.title

    def test_the_form_shows_what_is_open_and_changes_it(self, busy: Office) -> None:
        card = report(busy, "ada", "last month by source exhibition")
        form = busy.press("ada", card, "report.change").form
        assert form
        again = busy.submit("ada", form).update
        assert again
        assert again.title == card.title
        days = busy.submit("ada", form, first="2024-03-01", last="2024-03-06", by="person").update
        assert days
        assert busy.language.days(at(3, 1).date(), at(3, 6).date()) in days.title

    def test_days_the_wrong_way_round_are_refused(self, busy: Office) -> None:
        form = busy.press("ada", report(busy, "ada"), "report.change").form
        assert form
        reply = busy.submit("ada", form, first="2024-03-06", last="2024-03-01")
        assert reply.errors == {"last": busy.say("problem.report_days")}

    def test_every_way_on_leads_somewhere(self, busy: Office) -> None:
        for account in ("ada", "max", "robin"):
            for button in report(busy, account, "this month by source").more:
                reply = busy.ask(account, button.action, pressed=button.value)
                assert reply.update or reply.attachment, button

    @pytest.mark.parametrize("pressed", ["", "x", "2026-13|||", *HOSTILE[:6]])
    def test_a_value_of_no_button_of_ours_is_refused(self, busy: Office, pressed: str) -> None:
        reply = busy.ask("ada", "report.page", pressed=pressed)
        assert reply.update is None


class TestFile:
    def test_has_the_figures_and_no_customer(self, busy: Office) -> None:
        card = report(busy, "max", "this month by person")
        button = button_of(card, busy.say("button.as_file"))
        reply = busy.ask("max", button.action, pressed=button.value)
        assert reply.attachment
        sheet = load_workbook(BytesIO(reply.attachment.content)).active
        assert sheet
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert [busy.say("report.column_new"), 13, 3] in [row[:3] for row in rows]
        assert "Robin Sample" in [row[0] for row in rows]
        assert "Sample Co" not in repr(rows)
        assert busy.rows("audit")[-1]["act"] == "export.create"

    def test_is_for_leaders(self, busy: Office) -> None:
        card = report(busy, "robin", "this month")
        assert busy.say("button.as_file") not in [one.label for one in buttons_of(card)]
