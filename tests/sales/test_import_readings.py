"""Rows of the process' own table, read with its points [P4] [P5]."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sales.imports.drafts import read_row
from sales.imports.plan import Choices, Reading
from sales.imports.sheet import Row
from sales.leads import Grade, Lead, Stage, Timeframe
from sales.people import Person, Role
from sales.playbook import Playbook
from sales.readings import readings_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 28, 10, tzinfo=SHANGHAI)
ROBIN = Person(id=1, name="Robin Sample", role=Role.REP, team_id=1, locale="zh_CN")
HEADINGS = ("customer", "title", "budget", "need", "created", "stage")


def lead_of(*cells: str, unowned: str = "me") -> Lead:
    choices = Choices(
        columns={name: place for place, name in enumerate(HEADINGS)},
        source="ads",
        detail="",
        unowned=unowned,  # type: ignore[arg-type]
        team_id=1,
        units={"budget": 10_000},
    )
    reading = Reading(ROBIN, choices, Playbook(), (ROBIN,), NOW, SHANGHAI)
    lead = read_row(Row(2, cells), reading).lead
    assert lead is not None
    return lead


class TestReadings:
    def test_the_two_rows_of_the_process(self) -> None:
        first = lead_of("A科技有限公司", "采购经理", "15–20", "需要客户管理工具", "2024-03-01")
        second = lead_of("B培训学校", "校长", "8–10", "提升招生效率", "2024-03-02")
        assert (first.score, first.grade) == (7, Grade.MEDIUM)
        assert (second.score, second.grade) == (5, Grade.MEDIUM)
        assert set(readings_of(first)) == {"authority", "clarity"}

    def test_this_month_is_that_of_the_row(self) -> None:
        lead = lead_of("A", "", "", "这个月底前上线客户管理系统", "2024-03-01")
        assert lead.timeframe is Timeframe.MONTH
        assert lead.created_at.date() == date(2024, 3, 1)


class TestNurture:
    def test_what_is_surely_low_rests(self) -> None:
        assert lead_of("A", "", "5", "了解一下，明年再说").stage is Stage.NURTURE

    def test_not_what_the_file_says_otherwise_or_nobody_owns(self) -> None:
        low = ("A", "", "5", "了解一下，明年再说", "")
        assert lead_of(*low, "需求挖掘").stage is Stage.DISCOVERY
        assert lead_of(*low, unowned="pool").stage is Stage.CAPTURED

    def test_not_what_is_only_unanswered(self) -> None:
        assert lead_of("A", "", "", "").stage is Stage.CAPTURED
