"""The weekly digest: posted once a week, one screen, and every number opens its records."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from handlers.composition import COMPOSITION
from handlers.core.charts import BridgeChart, ComparisonChart, FunnelChart, TrendChart
from handlers.core.context import Context, ContextFactory
from handlers.core.language import LOCALES, Languages
from handlers.core.requests import Conversation, Request, Sender
from handlers.core.ui import Button, Card, DrawnChart, Section
from handlers.digests import actions as digests
from handlers.digests.records import button_value, parse_button_value
from handlers.help import bind
from sales.errors import UnknownAction
from sales.followups import FollowUp, Method
from sales.jobs import Job, PublishDigest
from sales.leads import Grade, Lead, Stage
from sales.notices import DigestReady
from sales.people import Identity, Person, Role, Team
from sales.playbook import Digest, Playbook
from sales.reports import Number, RepWeek, period_of
from sales.targets import Holder, Measure, Quarter
from sales.weekly_reports import WeeklyReport
from storage import tables
from storage.channels import BoundChannel
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.cards import problems_of
from tests.databases import Databases

SHANGHAI = ZoneInfo("Asia/Shanghai")
LANGUAGES = Languages(SHANGHAI)
WEEK = "2024-W10"


def march(day: int, hour: int = 10) -> datetime:
    """A moment of March 2024 in Shanghai; week 10 is the 4th to the 10th."""
    return datetime(2024, 3, day, hour, tzinfo=SHANGHAI)


@dataclass
class Team10:
    """A team in one open unit of work, at a time that a test sets."""

    uow: UnitOfWork
    database: Database
    east: Team
    west: Team
    boss: Person
    robin: Person
    kim: Person
    now: datetime

    def context(
        self, actor: Person | None = None, pressed: str = "", locale: str = "en"
    ) -> Context:
        unasked = ContextFactory(LANGUAGES, lambda: self.now, COMPOSITION).unasked(
            self.uow, locale=locale
        )
        if actor is None:
            return unasked
        request = Request(
            "web:1", "digest.show", Sender("web", "u"), Conversation("web", "c", private=True),
            state={"value": pressed},
        )  # fmt: skip
        return replace(unasked, actor=actor, request=request)

    def card(self, locale: str = "en", week: str = WEEK, *, totals_only: bool = False) -> Card:
        context = self.context(locale=locale)
        card = digests.weekly_card(self.east.id, week, context, totals_only=totals_only)
        assert card is not None
        return card

    def details(self, locale: str = "en", *, totals_only: bool = False) -> Card:
        context = self.context(locale=locale)
        card = digests.weekly_details(self.east.id, WEEK, context, totals_only=totals_only)
        assert card is not None
        return card

    def company(self) -> tuple[Card, Card]:
        """The company's digest and its details."""
        context = self.context()
        cards = (
            digests.weekly_card(None, WEEK, context),
            digests.weekly_details(None, WEEK, context),
        )
        assert cards[0]
        assert cards[1]
        return cards[0], cards[1]

    def report(self, person: Person, focus: str) -> None:
        """A weekly report that was submitted on Monday."""
        uow = self.uow
        uow.weekly_reports.ask(person.id, WEEK, march(11, 9))
        uow.weekly_reports.submit(
            WeeklyReport(
                person_id=person.id, week=WEEK, focus=focus, submitted_at=march(11, 10),
                figures=RepWeek(person_id=person.id, name=person.name),
            )
        )  # fmt: skip

    def show(self, actor: Person, pressed: str, locale: str = "en") -> Card:
        card = digests.show(self.context(actor, pressed, locale)).card
        assert card is not None
        return card

    def lead(self, owner: Person | None, created: datetime, **known: Any) -> Lead:
        lead = Lead(
            source=known.pop("source", "ads-SEM"), customer=known.pop("customer", "Sample Co"),
            owner_id=owner.id if owner else None, team_id=(owner or self.robin).team_id,
            created_at=created, created_by=1, stage_since=created, **known,
        )  # fmt: skip
        return self.uow.leads(_SYSTEM).add(lead)

    def move(self, lead: Lead, stage: Stage, at: datetime, **known: Any) -> Lead:
        return self.uow.leads(_SYSTEM).save(replace(lead, stage=stage, stage_since=at, **known))

    def step(self, lead: Lead, at: datetime, next_at: datetime, next_step: str = "") -> None:
        """A follow-up by the owner with a next step."""
        followup = FollowUp(
            lead_id=lead.id, person_id=lead.owner_id or 0, at=at, method=Method.CALL,
            summary="Called", next_step=next_step, next_at=next_at,
        )  # fmt: skip
        self.uow.followups(_SYSTEM).add(followup)
        changed = replace(lead, last_contact_at=at, next_at=next_at, next_step=next_step)
        self.uow.leads(_SYSTEM).save(changed)

    def bind(self, conversation: str, team: Team | None = None) -> None:
        team_id = (team or self.east).id
        self.uow.channels.bind(BoundChannel("web", conversation, team_id, "en", self.boss.id))

    def scheduled(self) -> dict[str, datetime]:
        """Every digest ever scheduled, with when it is due."""
        return dict(
            self.uow._connection.execute(select(tables.work.c.key, tables.work.c.due_at)).all()
        )

    def publish(self, week: str, team: Team | None = None) -> None:
        team_id = (team or self.east).id
        job = Job(PublishDigest(team_id, week), self.now, f"digest:{team_id}:{week}")
        self.uow.jobs.add(job)
        digests.publish(job, self.context())

    def posted(self) -> list[tuple[str, dict[str, Any]]]:
        """What the outbox holds, by lane."""
        self.uow.commit()
        with self.database.read() as connection:
            rows = connection.execute(select(tables.message.c.lane, tables.message.c.fields))
            return [(lane, fields) for lane, fields in rows]


_SYSTEM = Person(name="System", role=Role.ADMIN, team_id=0)


@pytest.fixture
def team(databases: Databases, fields: Fields, tmp_path: Path) -> Iterator[Team10]:
    database = open_database(databases.new("sqlite"), tmp_path)
    units = UnitOfWorkFactory(database, fields, now=lambda: march(11, 9))
    with units() as uow:
        east, west = uow.people.add_team(Team(name="East")), uow.people.add_team(Team(name="West"))

        def hire(name: str, role: Role, team_id: int) -> Person:
            return uow.people.add(Person(name=name, role=role, team_id=team_id))

        boss = hire("Bo Sample", Role.MANAGER, east.id)
        robin = hire("Robin Sample", Role.REP, east.id)
        kim = hire("Kim Sample", Role.REP, east.id)
        yield Team10(uow, database, east, west, boss, robin, kim, march(11, 9))
    database.dispose()


@pytest.fixture
def busy(team: Team10) -> Team10:
    """Week 10 with something of everything."""
    for day in (4, 5, 6):
        team.lead(team.robin, march(day), grade=Grade.HIGH)
    team.lead(None, march(7), source="exhibition-教育展")
    won = team.lead(team.robin, march(1), customer="A Tech", stage=Stage.NEGOTIATION)
    team.move(won, Stage.WON, march(7), amount=Decimal(125_000), closed_at=march(7))
    lost = team.lead(team.kim, march(1), customer="B School", stage=Stage.SCREENED)
    team.move(lost, Stage.LOST, march(8), lost_reason="Price", closed_at=march(8))
    late = team.lead(team.kim, march(1), customer="C Works", stage=Stage.PROPOSAL)
    team.step(late, march(5), march(8), "send the quote")
    soon = team.lead(team.robin, march(1), customer="D Freight", stage=Stage.DISCOVERY)
    team.step(soon, march(6), march(13), "arrange a demo")
    return team


def words(card: Card) -> str:
    """All that a reader sees."""
    parts = [card.title, card.body, card.footnote, card.summary]
    parts += [f"{fact.label} {fact.value}" for fact in card.facts]
    for section in card.sections:
        parts += [section.heading, *section.lines, *(row.text for row in section.rows)]
        if section.chart:
            parts += [section.chart.title, section.chart.alt]
        if section.table:
            parts += [*section.table.columns, *(cell for row in section.table.rows for cell in row)]
    return "\n".join([*parts, *(button.label for button in buttons(card))])


def buttons(card: Card) -> list[Button]:
    inside = (one for section in card.sections for one in section.every_button)
    return [*inside, *card.buttons]


def charts(card: Card) -> list[DrawnChart]:
    return [one for one in card.every_chart if isinstance(one, DrawnChart)]


def headings(card: Card) -> list[str]:
    return [section.heading for section in card.sections if section.heading]


def section(card: Card, heading: str) -> Section:
    return next(one for one in card.sections if one.heading.startswith(heading))


def button(card: Card, number: Number) -> str:
    """The value of the button that opens a number."""
    return next(one.value for one in buttons(card) if one.value.startswith(f"{number.value}:"))


class TestSchedule:
    def test_every_team_gets_its_next_digest(self, team: Team10) -> None:
        digests.ensure_digests(team.context())
        monday = datetime(2024, 3, 11, 6, tzinfo=UTC)
        whose = (team.east.id, team.west.id, "company")
        assert team.scheduled() == {f"digest:{one}:2024-W10": monday for one in whose}

    def test_ensuring_again_changes_nothing(self, team: Team10) -> None:
        for _ in range(3):
            digests.ensure_digests(team.context())
        assert len(team.scheduled()) == 3

    def test_goes_to_every_channel_of_the_team_and_schedules_the_next(self, team: Team10) -> None:
        team.bind("managers")
        team.bind("board")
        team.bind("others", team.west)
        team.publish(WEEK)
        told = {"team_id": team.east.id, "week": WEEK}
        assert [lane for lane, _ in team.posted()] == [
            "web:channel:board", "web:channel:board", "web:channel:managers",
            "web:channel:managers",
        ]  # fmt: skip
        first, details = {**told, "late": False}, told
        assert [fields for _, fields in team.posted()] == [first, details, first, details]
        assert f"digest:{team.east.id}:2024-W11" in team.scheduled()

    def test_without_a_channel_only_the_next_is_scheduled(self, team: Team10) -> None:
        team.publish(WEEK)
        assert team.posted() == []
        assert f"digest:{team.east.id}:2024-W11" in team.scheduled()

    def test_after_a_monday_asleep_the_missed_week_is_told_late_and_once(
        self, team: Team10
    ) -> None:
        team.bind("managers")
        team.now = march(4, 8)
        digests.ensure_digests(team.context())
        whose = (team.east.id, team.west.id, "company")
        assert list(team.scheduled()) == [f"digest:{one}:2024-W09" for one in whose]
        team.now = march(6, 15)
        digests.ensure_digests(team.context())
        team.publish("2024-W09")
        digests.ensure_digests(team.context())
        assert [fields["week"] for _, fields in team.posted()] == ["2024-W09"] * 2
        keys = [key for key in team.scheduled() if key.startswith(f"digest:{team.east.id}:")]
        assert keys == [f"digest:{team.east.id}:{week}" for week in ("2024-W09", "2024-W10")]

    def test_after_weeks_asleep_only_the_last_of_them_is_told(self, team: Team10) -> None:
        team.bind("managers")
        team.now = march(27)
        team.publish("2024-W09")
        assert team.posted() == []
        due = team.scheduled()[f"digest:{team.east.id}:2024-W12"]
        assert due == march(25, 14)
        team.publish("2024-W12")
        assert [fields["week"] for _, fields in team.posted()] == ["2024-W12"] * 2
        assert team.scheduled()[f"digest:{team.east.id}:2024-W13"] > team.now

    def test_a_new_weekday_neither_repeats_nor_skips_a_week(self, team: Team10) -> None:
        team.bind("managers")
        rules = Playbook(digest=Digest(weekday="fri", at=time(16)))
        team.uow.playbooks.store(rules, team.boss, team.now)
        team.publish(WEEK)
        assert [fields["week"] for _, fields in team.posted()] == [WEEK] * 2
        assert team.scheduled()[f"digest:{team.east.id}:2024-W11"] == march(22, 16)


class TestFirstScreen:
    def test_reads_like_a_monday_note(self, busy: Team10) -> None:
        card = busy.card()
        assert card.title == "East: week of Mar 4 – 10".replace(" – ", "\u2009–\u2009")
        assert card.body.splitlines() == [
            "1 deal won for ¥125,000, 1 more than the week before.",
            "1 deal lost: Price 1.",
            "4 new leads, as many as the week before. From: Online advertising 3, Exhibition 1.",
            "Open leads: 4 at the start + 4 in − 1 won − 1 lost = 6.",
        ]
        assert card.facts == ()

    def test_reads_like_one_in_chinese(self, busy: Team10) -> None:
        card = busy.card("zh_CN")
        assert card.title == "East周报：3月4日至10日"
        assert card.body.splitlines() == [
            "成交1单，共12.5万，比前一周多1单。",
            "流失1单：Price 1。",
            "新增4条线索，与前一周持平。来源：线上广告 3、展会 1。",
            "未结束的线索：期初4 + 进入4 − 成交1 − 流失1 = 期末6。",
        ]
        assert card.footnote == (
            "2024年第10周，周一至周日，中国时间。本群已订阅East的周报；@我发“帮助”可以停止。"
        )

    def test_begins_with_what_is_won_against_the_target(self, busy: Team10) -> None:
        goals = {Measure.REVENUE: Decimal(1_000_000)}
        busy.uow.targets.set(Quarter(2024, 1), Holder.team(busy.east.id), goals)
        assert busy.card().body.splitlines()[0] == (
            "Q1 2024, Revenue: ¥125,000 of ¥1,000,000 █░░░░░░░░░ 12%, "
            "behind (75% of the working days are over)."
        )
        assert busy.card("zh_CN").body.splitlines()[0] == (
            "2024年第1季度销售额：12.5万 / 100万 █░░░░░░░░░ 12%，落后于进度（工作日已过75%）。"
        )

    def test_tells_how_the_forecast_changed(self, busy: Team10) -> None:
        assert "Forecast" not in busy.card().body
        deal = busy.lead(busy.robin, march(1), customer="E Data", stage=Stage.PROPOSAL,
                         budget_high=Decimal(100_000))  # fmt: skip
        busy.uow.leads(_SYSTEM).save(replace(deal, expected_close=date(2024, 3, 20)))
        [line] = [one for one in busy.card().body.splitlines() if one.startswith("Forecast")]
        assert line.startswith("Forecast for Q1 2024: ¥1")
        assert "week before" not in line
        odds = busy.uow.forecasts.odds([busy.east.id], date(2024, 3, 4), Playbook().forecasting)
        busy.uow.forecasts.take_snapshot(date(2024, 3, 4), march(4, 1), odds)
        [line] = [one for one in busy.card().body.splitlines() if one.startswith("Forecast")]
        assert line.endswith("¥125,000 more than a week before.")

    def test_opens_each_number_beside_it(self, busy: Team10) -> None:
        assert [one.label for one in busy.card().sections[0].buttons] == [
            "Won 1", "Lost 1", "New 4", "Open 6", "Overdue 1", "Without an owner 1",
        ]  # fmt: skip

    def test_names_what_is_at_risk_and_coming(self, busy: Team10) -> None:
        at_risk, coming = (section(busy.card(), one) for one in ("1 deal", "Next steps"))
        assert at_risk.heading == "1 deal at risk"
        assert [row.text for row in at_risk.rows] == [
            "LX007 · C Works · Proposal · next step was due Mar 8, Fri · Kim Sample",
        ]
        assert [row.text for row in coming.rows] == [
            "LX008 · D Freight · Mar 13, Wed · arrange a demo · Robin Sample"
        ]
        assert [part.opens and part.opens.label for part in (at_risk, coming)] == [
            "Open list (1)",
            "Open list (1)",
        ]
        assert coming.heading.startswith("Next steps due Mar 11")

    def test_has_everybodys_focus_and_names_once_who_has_none(self, busy: Team10) -> None:
        assert "Focus for next week" not in headings(busy.card())
        busy.report(busy.robin, "Move D Freight\nto a demo")
        busy.uow.weekly_reports.ask(busy.kim.id, WEEK, march(11, 9))
        assert section(busy.card(), "Focus").lines == ("Robin Sample: Move D Freight to a demo",)
        busy.uow.weekly_reports.remind(busy.kim.id, WEEK, march(11, 11))
        assert section(busy.card(), "Focus").lines == (
            "Robin Sample: Move D Freight to a demo",
            "Weekly reports still missing: Kim Sample.",
        )
        assert "Focus for next week" not in headings(busy.card(totals_only=True))

    def test_has_how_many_wrote_one_where_it_would_be_a_wall(self, busy: Team10) -> None:
        for n in range(13):
            person = Person(name=f"Sample {n:02}", role=Role.REP, team_id=busy.east.id)
            busy.report(busy.uow.people.add(person), "Demos")
        told = ("13 people have set a focus: see all figures.",)
        assert section(busy.card(), "Focus").lines == told
        lines = section(busy.details(), "Focus").lines
        assert (len(lines), lines[0]) == (13, "Sample 00: Demos")

    def test_a_long_focus_is_whole_in_the_details(self, busy: Team10) -> None:
        focus = "Visit the customers of the spring fair " * 8
        busy.report(busy.robin, focus)
        [line] = section(busy.card(), "Focus").lines
        assert line.endswith("…")
        assert len(line) < 180
        assert section(busy.details(), "Focus").lines == (f"Robin Sample: {focus}",)

    def test_draws_the_funnel_and_the_trend_since_the_team_began(self, busy: Team10) -> None:
        funnel, trend = charts(busy.card())
        assert isinstance(funnel, FunnelChart)
        assert [(stage.name, stage.figure.value) for stage in funnel.stages] == [
            ("Captured", 4), ("Screened", 0), ("Discovery", 1), ("Proposal", 1),
            ("Negotiation", 0),
        ]  # fmt: skip
        assert isinstance(trend, TrendChart)
        assert trend.periods == ("Feb 26", "Mar 4")
        counts = [[figure.value for figure in line.figures] for line in trend.lines]
        assert counts == [[4, 4], [0, 1], [0, 1]]
        assert trend.alt == "Week by week: New 4 → 4, Won 0 → 1, Lost 0 → 1"

    def test_compares_with_the_average_once_there_is_one(self, busy: Team10) -> None:
        busy.now = march(18, 14)
        assert busy.card(week="2024-W11").body.splitlines()[:2] == [
            "No deal won, 1 fewer than the week before (2-week average 0.5).",
            "No new lead, 4 fewer than the week before (2-week average 4).",
        ]

    def test_is_kind_about_an_empty_week(self, team: Team10) -> None:
        card = team.card()
        assert card.body == "No new leads and no progress last week. Log new leads with /lead."
        assert card.sections == ()

    def test_says_when_it_comes_late(self, busy: Team10) -> None:
        context = busy.context(busy.boss)
        for late in (False, True):
            card = digests.digest_notice(DigestReady(busy.east.id, WEEK, late=late), context)
            assert card
            said = "This comes late: it was due Mar 11, Mon 14:00."
            assert card.footnote.endswith(said) is late

    def test_totals_name_nobody(self, busy: Team10) -> None:
        busy.report(busy.robin, "Move D Freight to a demo")
        for card in (busy.card(totals_only=True), busy.details(totals_only=True)):
            for name in ("Robin", "Kim", "A Tech", "C Works", "D Freight", "LX0"):
                assert name not in words(card)
        labels = [one.label for one in buttons(busy.card(totals_only=True))]
        assert {"At risk 1", "Next steps due 1", "New 4"} <= set(labels)
        assert charts(busy.card(totals_only=True))

    def test_is_nothing_for_a_team_that_is_gone(self, team: Team10) -> None:
        assert digests.weekly_card(99, WEEK, team.context()) is None
        assert digests.weekly_details(99, WEEK, team.context()) is None

    @pytest.mark.parametrize("locale", LOCALES)
    @pytest.mark.parametrize("totals_only", [True, False])
    def test_fits_on_one_screen(self, busy: Team10, locale: str, totals_only: bool) -> None:
        for n in range(40):
            lead = busy.lead(busy.robin, march(1), customer=f"Customer {n}", source=f"s{n}-x")
            busy.step(lead, march(2), march(3 + n % 12), "call back")
        card = busy.card(locale, totals_only=totals_only)
        assert len(card.body.splitlines()) <= 7
        assert all(len(section.lines) + len(section.rows) <= 5 for section in card.sections)
        assert len(buttons(card)) <= 27
        assert all(len(one.label) <= 75 for one in buttons(card))


def test_large_ones_fit_every_platform(busy: Team10) -> None:
    """Fifty people, each with an overdue step and a long focus, in both languages."""
    for n in range(50):
        person = busy.uow.people.add(
            Person(name=f"Sample Person {n}", role=Role.REP, team_id=busy.east.id)
        )
        lead = busy.lead(person, march(1), customer=f"Customer {n} of a longer name")
        busy.step(lead, march(2), march(3), "call back and ask about the decision")
        busy.report(person, "Visit the customers of the spring fair " * 10)
    for locale in LOCALES:
        language = busy.context(locale=locale).language
        for card in (busy.card(locale), busy.details(locale), *busy.company()):
            assert problems_of(card, language) == []


class TestDetails:
    def test_are_posted_in_the_thread_of_the_first_screen(self, busy: Team10) -> None:
        assert busy.details().thread == busy.card().starts

    def test_have_the_week_of_every_rep(self, busy: Team10) -> None:
        table = section(busy.details(), "By person").table
        assert table is not None
        assert table.columns == (
            "Name", "New", "High value", "Followed up", "Discovery", "Proposal", "Won", "Amount",
            "Overdue",
        )  # fmt: skip
        assert table.rows == (
            ("Kim Sample", "0", "0", "1", "0", "1", "0", "—", "1"),
            ("Robin Sample", "3", "3", "1", "1", "0", "1", "¥125,000", "0"),
        )
        overdue = section(busy.details(), "1 next step overdue")
        assert [one.label for one in overdue.buttons] == ["Kim Sample: 1"]

    def test_draw_the_bridge(self, busy: Team10) -> None:
        [bridge] = charts(busy.details())
        assert isinstance(bridge, BridgeChart)
        assert [bar.figure.label for bar in bridge.bars] == ["4", "+4", "−1", "−1", "6"]
        assert [one.label for one in bridge.buttons] == ["Start 4", "Won −1", "Lost −1", "End 6"]

    def test_have_no_lines_of_zeros(self, team: Team10) -> None:
        card = team.details()
        assert card.facts == ()
        assert headings(card) == ["By person"]

    def test_have_everybodys_target(self, busy: Team10) -> None:
        quarter, goals = Quarter(2024, 1), {Measure.REVENUE: Decimal(500_000)}
        busy.uow.targets.set(quarter, Holder.team(busy.east.id), goals)
        busy.uow.targets.set(quarter, Holder.person(busy.robin.id), goals)
        lines = section(busy.details(), "Target Q1").lines
        assert lines[-1].startswith("Robin Sample · Revenue: ¥125,000 of ¥500,000")
        lines = section(busy.details(totals_only=True), "Target Q1").lines
        assert not [line for line in lines if "Robin" in line]

    @pytest.mark.parametrize(
        ("locale", "label", "said"),
        [
            ("en", "Nurture", "1 added this week, 2 at its end"),
            ("zh_CN", "培育池", "本周新进1条，期末共2条"),
        ],
    )
    def test_nurture_only_when_there_is_some(
        self, busy: Team10, locale: str, label: str, said: str
    ) -> None:
        assert label not in [fact.label for fact in busy.details(locale).facts]
        for day in (1, 6):
            lead = busy.lead(busy.robin, march(1), customer=f"E Rests {day}")
            busy.move(lead, Stage.NURTURE, march(day))
        card = busy.details(locale)
        assert (label, said) in [(fact.label, fact.value) for fact in card.facts]
        new = words(busy.show(busy.boss, button(card, Number.NURTURED)))
        assert ("E Rests 6" in new, "E Rests 1" in new) == (True, False)
        there = words(busy.show(busy.boss, button(card, Number.IN_NURTURE)))
        assert "E Rests 6" in there
        assert "E Rests 1" in there

    def test_open_with_a_button_for_who_may(self, busy: Team10) -> None:
        [value] = {one.value for one in buttons(busy.card()) if one.action == "digest.details"}
        outsider = Person(name="Wes Sample", role=Role.REP, team_id=busy.west.id)
        outsider = busy.uow.people.add(outsider)
        told = [digests.details(busy.context(one, value)).card for one in (busy.boss, busy.kim)]
        assert ["Robin" in words(card) for card in told if card] == [True, False]
        with pytest.raises(UnknownAction):
            digests.details(busy.context(outsider, value))
        busy.uow.channels.bind(BoundChannel("web", "c", busy.east.id, "en", busy.boss.id))
        shown = digests.details(busy.context(outsider, value)).card
        assert shown
        assert "Robin" not in words(shown)

    @pytest.mark.parametrize(
        "value", ["", "1", "1:", ":2024-W10", "1:2024-W60", "99:2024-W10", "all:2024-W10", "x:y"]
    )
    def test_refuse_hand_made_values(self, busy: Team10, value: str) -> None:
        with pytest.raises(UnknownAction):
            digests.details(busy.context(busy.boss, value))


class TestCompany:
    def test_adds_up_all_teams_and_shows_them_side_by_side(self, busy: Team10) -> None:
        wes = busy.uow.people.add(Person(name="Wes Sample", role=Role.REP, team_id=busy.west.id))
        won = busy.lead(wes, march(1), stage=Stage.NEGOTIATION)
        busy.move(won, Stage.WON, march(6), amount=Decimal(200_000), closed_at=march(6))
        card, details = busy.company()
        assert card.title.startswith("Whole company: week of Mar 4")
        assert card.body.splitlines()[0] == (
            "2 deals won for ¥325,000, 2 more than the week before."
        )
        table = section(details, "By team").table
        assert table is not None
        assert table.columns[0] == "Team"
        assert table.rows == (
            ("West", "0", "1", "¥200,000", "0", "0", "0"),
            ("East", "4", "1", "¥125,000", "1", "6", "1"),
        )
        compared = next(one for one in charts(details) if isinstance(one, ComparisonChart))
        assert [bar.figure.label for bar in compared.bars] == ["¥200,000", "¥125,000"]

    def test_every_number_opens_all_teams_for_who_sees_them(self, busy: Team10) -> None:
        card, _ = busy.company()
        admin = busy.uow.people.add(
            Person(name="Ada Sample", role=Role.ADMIN, team_id=busy.west.id)
        )
        assert "4 leads" in busy.show(admin, button(card, Number.NEW)).title
        assert "4 leads" in busy.show(busy.boss, button(card, Number.NEW)).title

    def test_goes_to_the_companys_channels_and_the_bots_week_to_admins(self, team: Team10) -> None:
        ada = team.uow.people.add(Person(name="Ada Sample", role=Role.ADMIN, team_id=team.west.id))
        team.uow.people.link(Identity("web", "ada", ada.id), team.now)
        team.uow.channels.bind(BoundChannel("web", "all", None, "en", ada.id))
        team.bind("managers")
        digests.publish(Job(PublishDigest(None, WEEK), team.now, "k"), team.context())
        assert [lane for lane, _ in team.posted()] == [
            "web:channel:all", "web:channel:all", "web:person:ada",
        ]  # fmt: skip
        assert "digest:company:2024-W11" in team.scheduled()

    def test_names_customers_only_to_who_sees_all_teams(self, busy: Team10) -> None:
        notice = DigestReady(None, WEEK)
        card = digests.digest_notice(notice, busy.context(busy.boss))
        assert card
        assert "C Works" not in words(card)


class TestShow:
    def test_every_button_opens_exactly_what_was_counted(self, busy: Team10) -> None:
        for one in (*buttons(busy.card()), *buttons(busy.details())):
            if one.action == "digest.show":
                assert "LX" in words(busy.show(busy.boss, one.value)), one

    @pytest.mark.parametrize(
        ("number", "cells"),
        [
            (Number.WON, ("LX005", "A Tech", "¥125,000", "Robin Sample")),
            (Number.LOST, ("LX006", "B School", "Price", "Kim Sample")),
            (Number.OVERDUE, ("LX007", "C Works", "Kim Sample")),
            (Number.UNASSIGNED, ("LX004", "Sample Co", "Captured")),
            (Number.DISCOVERY, ("LX008", "D Freight", "Discovery", "Robin Sample")),
        ],
    )
    def test_tells_what_matters_of_each(
        self, busy: Team10, number: Number, cells: tuple[str, ...]
    ) -> None:
        card = busy.details() if number is Number.DISCOVERY else busy.card()
        shown = busy.show(busy.boss, button(card, number))
        [table] = [section.table for section in shown.sections]
        assert table
        [row] = table.rows
        assert set(cells) <= set(row)
        assert [one.value for one in table.opens] == [cells[0]]

    def test_keeps_why_a_deal_is_at_risk(self, busy: Team10) -> None:
        shown = busy.show(busy.boss, f"at_risk:{busy.east.id}:{WEEK}")
        [table] = [section.table for section in shown.sections]
        assert table
        assert [row[-1] for row in table.rows] == ["next step was due Mar 8, Fri"]
        assert shown.title.startswith("At risk · 1 lead")

    def test_one_persons_share(self, busy: Team10) -> None:
        value = section(busy.details(), "1 next step overdue").buttons[0].value
        assert value == f"overdue:{busy.east.id}:{WEEK}:{busy.kim.id}"
        assert busy.show(busy.boss, value).title.startswith("Kim Sample · Overdue · Mar 4")

    def test_shows_nobody_anothers_leads(self, busy: Team10) -> None:
        other = busy.uow.people.add(
            Person(name="Wes Sample", role=Role.MANAGER, team_id=busy.west.id)
        )
        for number in Number:
            shown = busy.show(other, f"{number.value}:{busy.east.id}:{WEEK}")
            assert shown.sections == ()
            assert shown.body.startswith("There is nothing here that you can open")
            assert "LX" not in words(shown)

    def test_counts_what_the_reader_sees_and_pages_through_it(self, team: Team10) -> None:
        for n in range(25):
            team.lead(team.robin if n % 2 else team.kim, march(5))
        value = f"new:{team.east.id}:{WEEK}"
        shown = team.show(team.boss, value)
        assert "25 leads" in shown.title
        assert "lead_list.page" in [one.action for one in buttons(shown)]
        assert "12 leads" in team.show(team.robin, value).title

    @pytest.mark.parametrize(
        "value",
        ["", "new", "new:1", "nonsense:1:2024-W10", "new:1:2024-W60", "new:x:2024-W10",
         "new:1:0001-W01", "new:1:9999-W52", "new:1:2024-W10:", "new:1:2024-W10:1:2",
         "new:99999999999:2024-W10", "NEW:1:2024-W10", "new:1:2024-W10\n"],
    )  # fmt: skip
    def test_refuses_hand_made_values(self, team: Team10, value: str) -> None:
        with pytest.raises(UnknownAction):
            team.show(team.boss, value)

    def test_button_values_come_back_as_they_went(self, team: Team10) -> None:
        calendar = team.context().calendar
        period = period_of(7, WEEK, calendar, team.now, 7)
        for number in Number:
            opened = parse_button_value(button_value(number, period, 3))
            assert (opened.number, opened.team_id, opened.week, opened.person_id) == (
                number, 7, WEEK, 3,
            )  # fmt: skip

    @pytest.mark.parametrize("locale", LOCALES)
    def test_explains_every_number_in_both_languages(self, busy: Team10, locale: str) -> None:
        for number in Number:
            shown = busy.show(busy.boss, f"{number.value}:{busy.east.id}:{WEEK}", locale)
            assert shown.footnote


def test_the_week_goes_by_the_companys_days(team: Team10) -> None:
    """Midnight in Shanghai is four in the afternoon in UTC."""
    for at in (
        datetime(2024, 3, 3, 15, 59, tzinfo=UTC),
        datetime(2024, 3, 3, 16, 0, tzinfo=UTC),
        datetime(2024, 3, 10, 15, 59, tzinfo=UTC),
        datetime(2024, 3, 10, 16, 0, tzinfo=UTC),
    ):
        team.lead(team.robin, at)
    assert team.card().body.splitlines()[1].startswith("2 new leads")


def test_binding_a_channel_schedules_the_first_digest(team: Team10) -> None:
    """The team may have been founded after the start, by the first who wrote."""
    where = Conversation("web", "managers", private=False)
    context = team.context(team.boss)
    bind(replace(context, request=replace(context.request, conversation=where)))
    assert f"digest:{team.east.id}:2024-W10" in team.scheduled()
