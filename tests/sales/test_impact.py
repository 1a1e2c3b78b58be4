"""Cohorts before and after a day have equal time; what is compared is counted by hand here."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.calendar import WorkCalendar
from sales.leads import Stage
from sales.playbook import WorkingHours
from sales.reports.impact import (
    LENGTHS,
    Cohort,
    Days,
    HandOver,
    ImpactFinding,
    Split,
    answer_times,
    base_of,
    cohort,
    compare_conversion,
    compare_cycle,
    compare_medians,
    usual_horizon,
)
from sales.reports.journeys import Journey, Stay
from sales.reports.measures import Rate

DAY = timedelta(days=1)
START = datetime(2024, 3, 1, tzinfo=UTC)
WINDOW = (START, START + 30 * DAY)
CALENDAR = WorkCalendar(WorkingHours(country=""), ZoneInfo("UTC"))


def journey(*stays: tuple[Stage, float], created: float = 0, **more: object) -> Journey:
    """A lead that entered the stages so many days after it was created."""
    at = START + created * DAY
    entered = [(stage, at + days * DAY) for stage, days in stays]
    ends = [moment for _, moment in entered[1:]]
    way = tuple(
        Stay(stage, moment, left)
        for (stage, moment), left in zip(entered, [*ends, None], strict=True)
    )
    known: dict[str, object] = {"stage": way[-1].stage, "created_at": at, "stays": way}
    return Journey(lead_id=1, team_id=1, **known | more)  # type: ignore[arg-type]


def won_after(days: float, **more: object) -> Journey:
    return journey((Stage.CAPTURED, 0), (Stage.SCREENED, 1), (Stage.WON, days), **more)  # type: ignore[arg-type]


class TestSplit:
    def test_each_lead_has_the_same_time(self) -> None:
        split = Split.around(date(2024, 6, 1), date(2024, 12, 1), 90)
        assert split.before.last + 91 * DAY == date(2024, 6, 1)
        assert split.after == Days(date(2024, 6, 1), date(2024, 9, 1))
        assert (split.before.last - split.before.first).days == LENGTHS[-1] - 1

    def test_after_a_short_time_nothing_is_compared(self) -> None:
        split = Split.around(date(2024, 6, 1), date(2024, 6, 20), 30)
        assert split.after.is_empty
        start, end = split.after.window(CALENDAR)
        assert start == end

    @given(st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.integers(0, 3000))
    def test_no_lead_of_either_side_has_less_than_the_horizon(self, on: date, passed: int) -> None:
        today = on + passed * DAY
        horizon = usual_horizon(on, today)
        split = Split.around(on, today, horizon)
        assert split.before.last + horizon * DAY < on
        assert split.after.is_empty or split.after.last + horizon * DAY < today
        assert split.before.last < split.after.first

    @pytest.mark.parametrize(("passed", "days"), [(400, 180), (200, 90), (130, 60), (70, 30),
                                                  (3, 30)])  # fmt: skip
    def test_the_horizon_leaves_time_for_a_cohort(self, passed: int, days: int) -> None:
        assert usual_horizon(date(2024, 1, 1), date(2024, 1, 1) + passed * DAY) == days


class TestCohort:
    def test_counts_wins_within_the_horizon_only(self) -> None:
        leads = [won_after(29.9), won_after(30), won_after(200)]
        found = cohort(leads, WINDOW, 30, "screened")
        assert found.won == Rate(1, 3)
        assert found.cycles == pytest.approx([29.9])

    def test_a_win_taken_back_in_time_is_none_and_one_won_again_is_one(self) -> None:
        back = journey((Stage.SCREENED, 0), (Stage.WON, 5), (Stage.NEGOTIATION, 9))
        again = journey((Stage.SCREENED, 0), (Stage.WON, 5), (Stage.LOST, 9), (Stage.WON, 20))
        aftersales = journey((Stage.SCREENED, 0), (Stage.WON, 5), (Stage.AFTERSALES, 6))
        found = cohort([back, again, aftersales], WINDOW, 30, "screened")
        assert found.won == Rate(2, 3)
        assert found.cycles == pytest.approx([5, 20])

    def test_of_screened_leads_or_of_all(self) -> None:
        leads = [won_after(9), journey((Stage.CAPTURED, 0), (Stage.LOST, 3))]
        late = journey((Stage.CAPTURED, 0), (Stage.SCREENED, 40))
        assert cohort([*leads, late], WINDOW, 30, "screened").won == Rate(1, 1)
        assert cohort([*leads, late], WINDOW, 30, "created").won == Rate(1, 3)
        assert base_of(leads) == "screened"
        assert base_of([*leads, won_after(3, imported=True)]) == "created"

    def test_leads_of_other_days_or_of_unknown_ones_are_not_in_it(self) -> None:
        leads = [won_after(9, created=-1), won_after(9, created=30), won_after(9, dated=False)]
        assert cohort(leads, WINDOW, 30, "created") == Cohort(
            created=0, from_files=0, won=Rate(0, 0), cycles=()
        )
        assert cohort(leads, WINDOW, 30, "created").cycle is None


class TestComparing:
    @staticmethod
    def side(hits: int, n: int, cycle: float = 20) -> Cohort:
        return Cohort(created=n, from_files=0, won=Rate(hits, n), cycles=(cycle,) * hits)

    def test_says_what_the_interval_allows(self) -> None:
        before, after = self.side(18, 100), self.side(24, 100)
        assert compare_conversion(before, after).finding is ImpactFinding.UNCLEAR
        assert compare_conversion(self.side(180, 1000), self.side(240, 1000)).finding is (
            ImpactFinding.HIGHER
        )
        assert compare_conversion(self.side(240, 1000), self.side(180, 1000)).finding is (
            ImpactFinding.LOWER
        )
        found = compare_conversion(before, after)
        assert found.relative == pytest.approx(1 / 3)

    def test_of_few_nothing_is_said(self) -> None:
        assert (
            compare_conversion(self.side(3, 9), self.side(30, 90)).finding is ImpactFinding.TOO_FEW
        )
        assert compare_cycle(self.side(9, 90), self.side(30, 90)).finding is ImpactFinding.TOO_FEW
        assert compare_medians((), ()).finding is ImpactFinding.TOO_FEW
        assert compare_medians((), ()).relative is None

    def test_cycles(self) -> None:
        found = compare_cycle(self.side(20, 90, 40), self.side(30, 90, 30))
        assert (found.before, found.after, found.finding) == (40, 30, ImpactFinding.LOWER)
        assert found.relative == pytest.approx(-0.25)


class TestAnswers:
    def test_are_in_working_hours_and_late_ones_count_with_the_limit(self) -> None:
        monday = datetime(2024, 3, 4, 9, tzinfo=UTC)
        window = (monday - DAY, monday + 5 * DAY)
        limit = CALENDAR.between(monday, monday + 14 * DAY) / timedelta(hours=1)
        found = answer_times(
            [
                HandOver(monday, monday + timedelta(hours=2)),
                HandOver(monday, None),
                HandOver(monday, monday + 60 * DAY),
                HandOver(monday - 9 * DAY, monday),
            ],
            window,
            CALENDAR,
        )
        assert found == (2, limit, limit)
