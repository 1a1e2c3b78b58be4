"""When a lead returns to the pool, and that nobody loses one unwarned."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales.calendar import WorkCalendar
from sales.leads import Grade, Stage
from sales.playbook import Pool, WorkingHours
from sales.pool import Extension, Holding, Step, Warned, extended_to, next_step, return_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(WorkingHours(), SHANGHAI)
MONDAY = datetime(2024, 3, 4, 10, tzinfo=SHANGHAI)
"""No public holiday until the beginning of April."""
RULES = Pool(return_after=10, protect_days=5, warn_days=2)
FRESH = Holding(
    lead_id=1,
    owner_id=7,
    stage=Stage.DISCOVERY,
    grade=Grade.HIGH,
    idle_since=MONDAY,
    owned_since=MONDAY,
)


def warned(at: datetime, returns_on: date) -> Warned:
    return Warned(lead_id=1, owner_id=7, at=at, returns_on=returns_on)


def extension(at: datetime, until: date, by: int = 7) -> Extension:
    return Extension(lead_id=1, owner_id=7, by_id=by, at=at, until=until, reason="x")


class TestReturnDay:
    def test_counts_working_days_or_all(self) -> None:
        assert return_day(FRESH, RULES, CALENDAR) == date(2024, 3, 18)
        calendar_days = RULES.model_copy(update={"days": "calendar"})
        assert return_day(FRESH, calendar_days, CALENDAR) == date(2024, 3, 14)

    def test_leaves_out_holidays(self) -> None:
        before_qingming = datetime(2024, 4, 1, 10, tzinfo=SHANGHAI)
        late = replace(FRESH, idle_since=before_qingming, owned_since=before_qingming)
        # 4 and 5 April are off, 7 April, a Sunday, is worked instead.
        rules = Pool(return_after=4, protect_days=0)
        assert return_day(late, rules, CALENDAR) == date(2024, 4, 8)

    def test_a_new_owner_is_protected(self) -> None:
        old = replace(FRESH, idle_since=MONDAY - timedelta(days=60))
        assert return_day(old, RULES, CALENDAR) == date(2024, 3, 11)

    def test_each_stage_may_have_its_own_number(self) -> None:
        rules = RULES.model_copy(update={"stage_days": {Stage.DISCOVERY: 7, Stage.PROPOSAL: 0}})
        assert return_day(FRESH, rules, CALENDAR) == date(2024, 3, 13)
        assert return_day(replace(FRESH, stage=Stage.PROPOSAL), rules, CALENDAR) is None

    @pytest.mark.parametrize("stage", [Stage.WON, Stage.AFTERSALES, Stage.NURTURE, Stage.LOST])
    def test_what_is_decided_or_rests_never_returns(self, stage: Stage) -> None:
        assert return_day(replace(FRESH, stage=stage), RULES, CALENDAR) is None

    def test_nor_does_a_grade_that_the_playbook_leaves_out(self) -> None:
        assert return_day(replace(FRESH, grade=Grade.LOW), RULES, CALENDAR) is None

    def test_the_playbook_refuses_days_for_what_never_returns(self) -> None:
        with pytest.raises(ValueError, match="won never returns"):
            Pool(stage_days={Stage.WON: 3})


class TestNextStep:
    def test_waits_then_warns_then_returns(self) -> None:
        said = {day: next_step(FRESH, RULES, CALENDAR, date(2024, 3, day))[0] for day in (13, 14)}
        assert said == {13: Step.WAIT, 14: Step.WARN}
        told = replace(FRESH, warnings=(warned(MONDAY + timedelta(days=10), date(2024, 3, 18)),))
        steps = [next_step(told, RULES, CALENDAR, date(2024, 3, day))[0] for day in (15, 18, 19)]
        assert steps == [Step.WAIT, Step.RETURN, Step.RETURN]

    def test_a_rule_that_makes_it_due_at_once_warns_first(self) -> None:
        step, day = next_step(FRESH, RULES, CALENDAR, date(2024, 6, 3))
        assert (step, day) == (Step.WARN, date(2024, 6, 5))

    def test_contact_after_the_warning_makes_it_void(self) -> None:
        told = warned(MONDAY + timedelta(days=10), date(2024, 3, 18))
        spoke = replace(FRESH, warnings=(told,), idle_since=MONDAY + timedelta(days=11))
        assert next_step(spoke, RULES, CALENDAR, date(2024, 3, 18))[0] is Step.WAIT

    def test_an_extension_does_too(self) -> None:
        told = warned(MONDAY + timedelta(days=10), date(2024, 3, 18))
        longer = extension(MONDAY + timedelta(days=11), date(2024, 3, 25))
        kept = replace(FRESH, warnings=(told,), extensions=(longer,))
        assert next_step(kept, RULES, CALENDAR, date(2024, 3, 18)) == (
            Step.WAIT,
            date(2024, 3, 25),
        )
        assert next_step(kept, RULES, CALENDAR, date(2024, 3, 21))[0] is Step.WARN

    def test_a_rule_that_became_kinder_is_kept(self) -> None:
        told = replace(FRESH, warnings=(warned(MONDAY + timedelta(days=10), date(2024, 3, 18)),))
        kinder = RULES.model_copy(update={"return_after": 30})
        assert next_step(told, kinder, CALENDAR, date(2024, 3, 18))[0] is Step.WAIT

    @settings(deadline=None)
    @given(
        st.integers(1, 40),
        st.integers(0, 40),
        st.integers(1, 9),
        st.sampled_from(["working", "calendar"]),
        st.integers(0, 120),
    )
    def test_nobody_loses_a_lead_without_warning_in_time(
        self, patience: int, protect: int, warn: int, days: str, later: int
    ) -> None:
        rules = Pool.model_validate(
            {"return_after": patience, "protect_days": protect, "warn_days": warn, "days": days}
        )
        held, today = FRESH, date(2024, 3, 4) + timedelta(days=later)
        for _ in range(200):
            step, day = next_step(held, rules, CALENDAR, today)
            if step is Step.WARN:
                assert CALENDAR.workday_from(today, warn) <= day
                at = datetime(today.year, today.month, today.day, 9, tzinfo=SHANGHAI)
                held = replace(held, warnings=(warned(at.astimezone(UTC), day),))
            if step is Step.RETURN:
                assert held.warned_for is not None
                assert today >= held.warned_for
                return
            today += timedelta(days=1)
        pytest.fail("it never returned")


class TestExtendedTo:
    def test_the_owner_extends_a_limited_number_of_times(self) -> None:
        first = extended_to(FRESH, RULES, CALENDAR, date(2024, 3, 14))
        assert first == date(2024, 3, 25)
        twice = tuple(extension(MONDAY + timedelta(days=day), date(2024, 3, 25)) for day in (1, 2))
        assert extended_to(replace(FRESH, extensions=twice), RULES, CALENDAR, first) is None
        by_leader = replace(FRESH, extensions=(extension(MONDAY, date(2024, 3, 29), by=2),) * 3)
        assert extended_to(by_leader, RULES, CALENDAR, first) is not None

    def test_contact_gives_them_back(self) -> None:
        twice = tuple(extension(MONDAY + timedelta(days=day), date(2024, 3, 25)) for day in (1, 2))
        spoke = replace(FRESH, extensions=twice, idle_since=MONDAY + timedelta(days=3))
        assert extended_to(spoke, RULES, CALENDAR, date(2024, 3, 14)) is not None
