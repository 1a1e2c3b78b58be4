"""The weekly digest: posted once a week, one screen, and every number opens its records."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from handlers.composition import COMPOSITION
from handlers.core.context import Context, ContextFactory
from handlers.core.language import LOCALES, Languages
from handlers.core.requests import Conversation, Request, Sender
from handlers.core.ui import Button, Card, Chart
from handlers.digests import actions as digests
from handlers.digests.records import button_value, parse_button_value
from handlers.help import bind
from sales.errors import UnknownAction
from sales.followups import FollowUp, Method
from sales.jobs import Job, PublishDigest
from sales.leads import Grade, Lead, Stage
from sales.people import Person, Role, Team
from sales.playbook import Digest, Playbook
from sales.reports import Number, period_of
from storage import tables
from storage.channels import BoundChannel
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
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
        if section.table:
            parts += [*section.table.columns, *(cell for row in section.table.rows for cell in row)]
    return "\n".join([*parts, *(button.label for button in buttons(card))])


def buttons(card: Card) -> list[Button]:
    inside = (one for section in card.sections for one in section.every_button)
    return [*inside, *card.buttons]


def button(card: Card, number: Number) -> str:
    """The value of the button that opens a number."""
    return next(one.value for one in buttons(card) if one.value.startswith(f"{number.value}:"))


class TestSchedule:
    def test_every_team_gets_its_next_digest(self, team: Team10) -> None:
        digests.ensure_digests(team.context())
        monday = datetime(2024, 3, 18, 1, tzinfo=UTC)
        assert team.scheduled() == {
            f"digest:{team.east.id}:2024-W11": monday, f"digest:{team.west.id}:2024-W11": monday,
        }  # fmt: skip

    def test_ensuring_again_changes_nothing(self, team: Team10) -> None:
        for _ in range(3):
            digests.ensure_digests(team.context())
        assert len(team.scheduled()) == 2

    def test_goes_to_every_channel_of_the_team_and_schedules_the_next(self, team: Team10) -> None:
        team.bind("managers")
        team.bind("board")
        team.bind("others", team.west)
        team.publish(WEEK)
        told = {"team_id": team.east.id, "week": WEEK}
        assert sorted(lane for lane, _ in team.posted()) == [
            "web:channel:board", "web:channel:managers",
        ]  # fmt: skip
        assert [fields for _, fields in team.posted()] == [told, told]
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
        assert list(team.scheduled()) == [
            f"digest:{team.east.id}:2024-W09", f"digest:{team.west.id}:2024-W09",
        ]  # fmt: skip
        team.now = march(6, 15)
        digests.ensure_digests(team.context())
        team.publish("2024-W09")
        digests.ensure_digests(team.context())
        assert [fields["week"] for _, fields in team.posted()] == ["2024-W09"]
        keys = [key for key in team.scheduled() if key.startswith(f"digest:{team.east.id}:")]
        assert keys == [f"digest:{team.east.id}:{week}" for week in ("2024-W09", "2024-W10")]

    def test_after_weeks_asleep_only_the_last_of_them_is_told(self, team: Team10) -> None:
        team.bind("managers")
        team.now = march(27)
        team.publish("2024-W09")
        assert team.posted() == []
        due = team.scheduled()[f"digest:{team.east.id}:2024-W12"]
        assert due == march(25, 9)
        team.publish("2024-W12")
        assert [fields["week"] for _, fields in team.posted()] == ["2024-W12"]
        assert team.scheduled()[f"digest:{team.east.id}:2024-W13"] > team.now

    def test_a_new_weekday_neither_repeats_nor_skips_a_week(self, team: Team10) -> None:
        team.bind("managers")
        rules = Playbook(digest=Digest(weekday="fri", at=time(16)))
        team.uow.playbooks.store(rules, team.boss, team.now)
        team.publish(WEEK)
        assert [fields["week"] for _, fields in team.posted()] == [WEEK]
        assert team.scheduled()[f"digest:{team.east.id}:2024-W11"] == march(22, 16)


class TestCard:
    def test_reads_like_a_monday_note(self, busy: Team10) -> None:
        card = busy.card()
        assert card.title == "East: week of Mar 4 – 10".replace(" – ", "\u2009–\u2009")
        assert card.body == (
            "1 deal won for ¥125,000, 1 more than the week before.\n"
            "4 new leads, as many as the week before."
        )
        assert [(fact.label, fact.value) for fact in card.facts] == [
            ("Open leads", "4 at the start + 4 in − 1 won − 1 lost = 6"),
            ("New leads from", "Online advertising 3, Exhibition 1"),
            ("Lost because of", "Price 1"),
            ("Without an owner", "1"),
        ]

    def test_reads_like_one_in_chinese(self, busy: Team10) -> None:
        card = busy.card("zh_CN")
        assert card.title == "East周报：3月4日至10日"
        assert card.body == "成交1单，共12.5万，比前一周多1单。\n新增4条线索，与前一周持平。"
        assert card.footnote == (
            "2024年第10周，周一至周日，中国时间。本群已订阅East的周报，用 /genjin 可以停止。"
        )

    def test_has_the_report_of_every_rep(self, busy: Team10) -> None:
        table = busy.card().sections[0].table
        assert table is not None
        assert table.columns == (
            "Name", "New", "High value", "Followed up", "Discovery", "Proposal", "Won", "Amount",
            "Overdue",
        )  # fmt: skip
        assert table.rows == (
            ("Kim Sample", "0", "0", "1", "0", "1", "0", "—", "1"),
            ("Robin Sample", "3", "3", "1", "1", "0", "1", "¥125,000", "0"),
        )

    def test_names_what_is_late_at_risk_and_coming(self, busy: Team10) -> None:
        _, overdue, at_risk, coming = busy.card().sections
        assert overdue.heading == "1 next step overdue"
        assert [one.label for one in overdue.buttons] == ["Kim Sample: 1"]
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

    def test_shows_the_trend_since_the_team_began(self, busy: Team10) -> None:
        chart = busy.card().chart
        assert isinstance(chart, Chart)
        assert chart.categories == ("Feb 26", "Mar 4")
        assert [series.values for series in chart.series] == [(4, 4), (0, 1), (0, 1)]
        assert chart.alt == "Week by week: New 4 → 4, Won 0 → 1, Lost 0 → 1"

    def test_compares_with_the_average_once_there_is_one(self, busy: Team10) -> None:
        busy.now = march(18, 9)
        assert busy.card(week="2024-W11").body == (
            "No deal won, 1 fewer than the week before (2-week average 0.5).\n"
            "No new lead, 4 fewer than the week before (2-week average 4)."
        )

    def test_is_kind_about_an_empty_week(self, team: Team10) -> None:
        card = team.card()
        assert card.body == "Nothing came in and nothing moved. New leads are logged with /lead."
        assert card.chart is None
        assert [section.heading for section in card.sections] == ["By person"]

    def test_says_when_it_comes_late(self, busy: Team10) -> None:
        assert "late" not in busy.card().footnote
        busy.now = march(12, 8)
        assert busy.card().footnote.endswith("This comes late: it was due Mar 11, Mon 09:00.")

    def test_totals_name_nobody(self, busy: Team10) -> None:
        card = busy.card(totals_only=True)
        seen = words(card)
        for name in ("Robin", "Kim", "A Tech", "C Works", "D Freight", "LX0"):
            assert name not in seen
        assert ("Overdue next steps", "1") in [(fact.label, fact.value) for fact in card.facts]
        assert button(card, Number.NEW)

    @pytest.mark.parametrize(
        ("locale", "label", "said"),
        [
            ("en", "Nurture", "1 put there this week, 2 there at its end"),
            ("zh_CN", "培育池", "本周新进1条，期末共2条"),
        ],
    )
    def test_nurture_only_when_there_is_some(
        self, busy: Team10, locale: str, label: str, said: str
    ) -> None:
        assert label not in [fact.label for fact in busy.card(locale).facts]
        for day in (1, 6):
            lead = busy.lead(busy.robin, march(1), customer=f"E Rests {day}")
            busy.move(lead, Stage.NURTURE, march(day))
        card = busy.card(locale)
        assert (label, said) in [(fact.label, fact.value) for fact in card.facts]
        new = words(busy.show(busy.boss, button(card, Number.NURTURED)))
        assert ("E Rests 6" in new, "E Rests 1" in new) == (True, False)
        there = words(busy.show(busy.boss, button(card, Number.IN_NURTURE)))
        assert "E Rests 6" in there
        assert "E Rests 1" in there

    def test_is_nothing_for_a_team_that_is_gone(self, team: Team10) -> None:
        assert digests.weekly_card(99, WEEK, team.context()) is None

    @pytest.mark.parametrize("locale", LOCALES)
    @pytest.mark.parametrize("totals_only", [True, False])
    def test_fits_on_one_screen(self, busy: Team10, locale: str, totals_only: bool) -> None:
        for n in range(40):
            lead = busy.lead(busy.robin, march(1), customer=f"Customer {n}", source=f"s{n}-x")
            busy.step(lead, march(2), march(3 + n % 12), "call back")
        card = busy.card(locale, totals_only=totals_only)
        assert len(card.facts) <= 7
        assert all(len(section.lines) + len(section.rows) <= 5 for section in card.sections)
        assert len(buttons(card)) <= 27
        assert all(len(one.label) <= 75 for one in buttons(card))


class TestShow:
    def test_every_button_opens_exactly_what_was_counted(self, busy: Team10) -> None:
        card = busy.card()
        for one in buttons(card):
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
        shown = busy.show(busy.boss, button(busy.card(), number))
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
        value = button(busy.card(), Number.OVERDUE)
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
    assert f"digest:{team.east.id}:2024-W11" in team.scheduled()
