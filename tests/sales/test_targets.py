from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.calendar import WorkCalendar
from sales.people import Person, Role
from sales.playbook import WorkingHours
from sales.targets import (
    Holder,
    Measure,
    Quarter,
    Sold,
    asks_about_targets,
    attainments,
    given_out,
    may_see,
    may_set,
    pace,
)

CALENDAR = WorkCalendar(WorkingHours(), ZoneInfo("Asia/Shanghai"))
Q1 = Quarter(2024, 1)


class TestQuarter:
    def test_knows_its_days_and_neighbours(self) -> None:
        assert Quarter.of(date(2024, 3, 31)) == Q1
        assert Quarter.of(date(2024, 4, 1)) == Q1.next == Quarter(2024, 2)
        assert Q1.previous == Quarter(2023, 4)
        assert Quarter(2023, 4).next == Q1
        assert (Q1.first, Q1.next.first) == (date(2024, 1, 1), date(2024, 4, 1))

    @given(st.dates(date(2000, 1, 1), date(2098, 12, 31)))
    def test_every_day_lies_in_its_quarter_and_is_read_back(self, day: date) -> None:
        quarter = Quarter.of(day)
        assert quarter.first <= day < quarter.next.first
        assert Quarter.parse(str(quarter)) == quarter
        assert quarter.next.previous == quarter

    @pytest.mark.parametrize("text", ["", "2024", "2024-Q5", "1999-Q1", "2024-Q1 ", "٢٠٢٤-Q1"])
    def test_refuses_what_is_no_quarter(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no quarter"):
            Quarter.parse(text)

    @given(st.text(max_size=24))
    def test_a_holder_is_read_or_refused(self, text: str) -> None:
        try:
            assert str(Holder.parse(text)) == text
        except ValueError:
            assert not text.startswith(("team:1", "person:1")) or not text[5:].isdecimal()


class TestPace:
    def test_counts_working_days_gone(self) -> None:
        assert pace(Q1, date(2023, 12, 1), CALENDAR) == 0
        assert pace(Q1, date(2024, 4, 1), CALENDAR) == 1
        # 2024's first quarter has 61 working days in China: New Year, and spring festival off,
        # 4 and 18 February made up; 22 of them lie in January.
        assert pace(Q1, date(2024, 2, 1), CALENDAR) == pytest.approx(22 / 61)

    @given(st.dates(date(2024, 1, 1), date(2024, 3, 30)))
    def test_never_runs_back(self, day: date) -> None:
        later = date.fromordinal(day.toordinal() + 1)
        assert 0 <= pace(Q1, day, CALENDAR) <= pace(Q1, later, CALENDAR) <= 1


class TestAttainments:
    SOLD = Sold(leads=30, won=4, revenue=Decimal(200_000), lost_screened=6)

    def test_compares_with_the_pace_and_ratios_with_the_goal(self) -> None:
        goals = {
            Measure.REVENUE: Decimal(1_000_000),
            Measure.CUSTOMERS: Decimal(8),
            Measure.CONVERSION: Decimal(50),
            Measure.AVERAGE_DEAL: Decimal(40_000),
        }
        found = {one.measure: one for one in attainments(goals, self.SOLD, 0.5)}
        assert Measure.LEADS not in found
        assert (found[Measure.REVENUE].share, found[Measure.REVENUE].is_behind) == (0.2, True)
        assert (found[Measure.CUSTOMERS].share, found[Measure.CUSTOMERS].is_behind) == (0.5, False)
        assert found[Measure.CONVERSION].reached == 40
        assert found[Measure.CONVERSION].is_behind
        assert found[Measure.AVERAGE_DEAL].reached == 50_000
        assert not found[Measure.AVERAGE_DEAL].is_behind

    def test_a_ratio_of_too_few_says_nothing(self) -> None:
        goals = {Measure.CONVERSION: Decimal(50), Measure.AVERAGE_DEAL: Decimal(1)}
        for one in attainments(goals, Sold(won=0, lost_screened=4), 1.0):
            assert (one.reached, one.share, one.is_behind) == (None, None, False)

    def test_sums_over_people(self) -> None:
        both = self.SOLD + Sold(leads=1, won=1, revenue=Decimal(5), open=2)
        assert (both.leads, both.won, both.revenue, both.open) == (31, 5, Decimal(200_005), 2)
        goals = [{Measure.REVENUE: Decimal(3)}, {}, {Measure.REVENUE: Decimal(4)}]
        assert given_out(goals, Measure.REVENUE) == 7


class TestRights:
    PEOPLE = tuple(
        Person(id=n, name=str(n), role=role, team_id=team, active=n != 6)
        for n, (role, team) in enumerate(
            (
                (Role.ADMIN, 1),
                (Role.MANAGER, 1),
                (Role.REP, 1),
                (Role.REP, 2),
                (Role.SERVICE, 1),
                (Role.REP, 1),
            ),
            1,
        )
    )

    @pytest.mark.parametrize(
        ("actor", "sees", "sets"),
        [
            (1, {"team:1", "team:2", "person:1", "person:2", "person:3", "person:4"}, "same"),
            (2, {"team:1", "person:1", "person:2", "person:3"}, "same"),
            (3, {"person:3"}, set()),
            (4, {"person:4"}, set()),
            (5, set(), set()),
            (6, set(), set()),
        ],
    )
    def test_who_sees_and_sets_what(self, actor: int, sees: set[str], sets: set[str] | str) -> None:
        person = self.PEOPLE[actor - 1]
        holders = [Holder.team(1), Holder.team(2), *(Holder.person(n) for n in range(1, 8))]
        seen = {str(one) for one in holders if may_see(person, one, self.PEOPLE)}
        changed = {str(one) for one in holders if may_set(person, one, self.PEOPLE)}
        assert seen == sees
        assert changed == (sees if sets == "same" else sets)


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("预测", True),
        ("本月预测", True),
        ("这个季度能完成目标吗", True),
        ("目标完成情况", True),
        ("离目标还差多少", True),
        ("能达标吗", True),
        ("will we hit the target?", True),
        ("are we on track", True),
        ("can we make our quota", True),
        ("forecast", True),
        ("how far are we from target", True),
        ("下月预测", False),
        ("LX001 预测", False),
        ("差多少分", False),
        ("the target customer said no", False),
        ("能完成安装吗", False),
        ("forecast accuracy", False),
    ],
)
def test_what_asks_for_the_forecast(line: str, asks: bool) -> None:
    assert asks_about_targets(line) is asks
