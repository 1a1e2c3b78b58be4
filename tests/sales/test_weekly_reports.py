"""Weekly reports: who is asked, until when they can be corrected, and a focus in one line."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from sales.calendar import WorkCalendar
from sales.people import Person, Role
from sales.playbook import Digest, WeeklyReporting, WorkingHours
from sales.weekly_reports import (
    AskedReport,
    can_be_written,
    closes_at,
    focus_days,
    read_focus,
    reported_week,
    reporters,
    team_reports,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = WorkCalendar(WorkingHours(), SHANGHAI)
MONDAY = date(2026, 11, 23)


def shanghai(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("line", "focus"),
    [
        ("周报 下周重点：推进B学校演示", "推进B学校演示"),
        ("周报，下周重点推进B学校演示", "推进B学校演示"),
        (
            "我的周报：下周重点是跟进A科技的内部讨论；推进B学校演示",
            "跟进A科技的内部讨论；推进B学校演示",
        ),
        ("写周报 下周计划 跟进A科技", "跟进A科技"),
        ("周报 重点：A科技", "A科技"),
        ("周报 下周跟进A科技", "跟进A科技"),
        ("/周报 下周工作重点为：A科技合同", "A科技合同"),
        ("交周报，下周的重点：A科技\n推进B学校", "A科技\n推进B学校"),
        ("下周重点：推进B学校演示", "推进B学校演示"),
        ("weekly report focus: demo with B School", "demo with B School"),
        ("Weekly report, next week's focus: demo with B School", "demo with B School"),
        ("my weekly report - focus of next week is A Tech's contract", "A Tech's contract"),
        ("/report focus: A Tech", "A Tech"),
        ("report next week: close A Tech", "close A Tech"),
        ("weekly report focus demo with B School", "demo with B School"),
        ("next week's focus: A Tech", "A Tech"),
        ("submit my weekly report, priorities for next week: A Tech, B School", "A Tech, B School"),
        # Something else.
        ("周报", None),
        ("周报 下周", None),
        ("周报 下周重点", None),
        ("周报 下周重点：", None),
        ("周报 上周", None),
        ("周报 本月 按来源", None),
        ("周报 本周 按来源", None),
        ("周报 这周", None),
        ("周报 本周目标完成情况", None),
        ("周报 本周目标 按人", None),
        ("周报 本周重点：A科技", "A科技"),
        ("report plans by product", None),
        ("周报 重点客户", None),
        ("weekly report", None),
        ("weekly report focus:", None),
        ("report last week by source", None),
        ("report next week", None),
        ("下周重点跟进A科技", None),
        ("下周给A科技发方案", None),
        ("next week call A Tech", None),
        ("focus: A Tech", None),
        ("weekly reporting focus: no", None),
        ("A科技 下周重点：方案", None),
        ("", None),
    ],
)
def test_reads_a_focus_typed_in_one_line(line: str, focus: str | None) -> None:
    assert read_focus(line) == focus


class TestWhenItCloses:
    ASKED = WeeklyReporting()

    def test_with_the_digest(self) -> None:
        assert closes_at("2026-W47", CHINA, self.ASKED, Digest()) == shanghai(11, 23, 14)
        friday = Digest(weekday="fri", at=time(16))
        assert closes_at("2026-W47", CHINA, self.ASKED, friday) == shanghai(11, 27, 16)

    def test_in_the_evening_where_the_digest_comes_first(self) -> None:
        # As companies have it that stored their rules before there were reports.
        early = Digest(at=time(9))
        assert closes_at("2026-W47", CHINA, self.ASKED, early) == shanghai(11, 23, 18)
        late = WeeklyReporting(at=time(20))
        assert closes_at("2026-W47", CHINA, late, early) == shanghai(11, 24)

    def test_after_holidays(self) -> None:
        assert closes_at("2026-W40", CHINA, self.ASKED, Digest()) == shanghai(10, 8, 14)
        # The week of the Spring Festival, of which nobody is asked.
        assert closes_at("2026-W08", CHINA, self.ASKED, Digest()) == shanghai(2, 24, 14)


class TestWeeks:
    def test_the_last_complete_one_is_reported(self) -> None:
        assert reported_week(MONDAY) == reported_week(date(2026, 11, 29)) == "2026-W47"
        assert reported_week(date(2027, 1, 4)) == "2026-W53"

    def test_old_ones_and_those_not_over_are_not_written(self) -> None:
        assert can_be_written("2026-W47", MONDAY)
        assert can_be_written("2026-W40", MONDAY)
        assert not can_be_written("2026-W48", MONDAY)
        assert not can_be_written("2026-W30", MONDAY)

    def test_the_focus_is_about_the_week_after(self) -> None:
        assert focus_days("2026-W47", MONDAY) == (MONDAY, date(2026, 11, 29))
        # Asked on Tuesday, February 24, after the Spring Festival.
        asked = date(2026, 2, 24)
        assert focus_days("2026-W07", asked) == (date(2026, 2, 23), date(2026, 3, 1))


class TestWhoIsAsked:
    ROBIN = Person(id=1, name="Robin", role=Role.REP, team_id=1)
    MAX = Person(id=2, name="Max", role=Role.MANAGER, team_id=1)
    FAY = Person(id=3, name="Fay", role=Role.FINANCE, team_id=1)

    def test_sellers_at_work_with_something_to_report(self) -> None:
        away = replace(self.ROBIN, id=4, away_until=date(2026, 11, 24))
        back = replace(self.ROBIN, id=5, away_until=MONDAY)
        gone = replace(self.ROBIN, id=6, active=False)
        expected = replace(self.ROBIN, id=7, has_account=False)
        people = (self.ROBIN, self.MAX, self.FAY, away, back, gone, expected)
        everyone = frozenset(person.id for person in people)
        asked = reporters(people, everyone - {self.MAX.id}, MONDAY)
        assert [person.id for person in asked] == [1, 5]
        assert reporters(people, frozenset({2}), MONDAY) == (self.MAX,)

    def test_a_team_by_what_became_of_it(self) -> None:
        owing = AskedReport(person_id=1, week="2026-W47", asked_at=shanghai(11, 23, 9))
        gone = replace(self.ROBIN, id=6, active=False)
        reports = team_reports(
            (self.ROBIN, self.MAX, self.FAY, gone, replace(self.ROBIN, id=8)),
            {1: owing, 6: replace(owing, person_id=6)},
            {},
        )
        assert reports.owed == (owing,)
        assert reports.unasked == (8,)  # no manager
        assert reports.asked == 1
        assert not owing.is_missing
        assert replace(owing, reminded_at=shanghai(11, 23, 11)).is_missing
