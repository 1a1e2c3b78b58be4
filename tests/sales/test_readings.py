from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sales.leads import Authority, Clarity, Grade, Lead, Timeframe
from sales.merging import merged
from sales.playbook import Scoring
from sales.readings import answered, readings_of, with_readings
from sales.scoring import score, scored
from tests.sales.leads import a_lead

SATURDAY = date(2026, 11, 28)
LATER = date(2027, 2, 1)
RULES = Scoring()


def read(**known: Any) -> Lead:
    return with_readings(a_lead(**known), SATURDAY)


def budget(low: int, high: int) -> dict[str, Decimal]:
    return {"budget_low": Decimal(low), "budget_high": Decimal(high)}


class TestTheProcessExamples:
    def test_lx001_is_medium_and_one_answer_away_from_high(self) -> None:
        lead = read(**budget(150_000, 200_000), title="采购经理", need="需要客户管理工具")
        result = score(lead, RULES)
        assert dict(result.got) == {"budget": 2, "authority": 3, "need": 2, "timeframe": 0}
        assert (result.total, result.grade) == (7, Grade.MEDIUM)
        assert result.ask_next == "timeframe"
        assert result.if_good("timeframe", RULES) == (10, Grade.HIGH)

    def test_lx002_is_medium(self) -> None:
        result = score(read(**budget(80_000, 100_000), title="校长", need="提升招生效率"), RULES)
        assert dict(result.got) == {"budget": 0, "authority": 3, "need": 2, "timeframe": 0}
        assert (result.total, result.grade) == (5, Grade.MEDIUM)

    @pytest.mark.parametrize(
        ("known", "points"),
        [
            ({"title": "Purchasing manager", "need": "a CRM, within 30 days"}, 8),
            ({"title": "Head of IT", "need": "replace our CRM next year"}, 5),
            ({"title": "产品经理", "need": "了解一下"}, 0),
            ({"title": "", "need": "这个月要上客户管理系统"}, 5),
            ({"title": "老板", "need": ""}, 3),
            ({"title": "助理", "need": "尽快联系我"}, 0),
        ],
    )
    def test_others_come_out_by_the_same_points(self, known: dict[str, Any], points: int) -> None:
        assert scored(read(**known), RULES).score == points


class TestWithReadings:
    def test_says_which_answers_were_read(self) -> None:
        lead = read(title="采购经理", need="30天内上线客户管理系统")
        assert readings_of(lead) == {
            "authority": "manager",
            "clarity": "clear",
            "timeframe": "month",
        }

    def test_reads_nothing_from_nothing(self) -> None:
        assert readings_of(read()) == {}

    def test_never_overwrites_what_a_person_answered(self) -> None:
        lead = read(
            title="校长",
            need="30天内上线客户管理系统",
            authority=Authority.STAFF,
            clarity=Clarity.VAGUE,
            timeframe=Timeframe.LATER,
        )
        assert readings_of(lead) == {}
        assert (lead.authority, lead.timeframe) == (Authority.STAFF, Timeframe.LATER)

    def test_follows_the_words_when_they_change(self) -> None:
        before = read(title="采购经理", need="30天内上线客户管理系统")
        after = with_readings(replace(before, title="助理", need="了解一下"), LATER, before)
        assert after.authority is Authority.UNKNOWN
        assert after.timeframe is Timeframe.UNKNOWN
        assert readings_of(after) == {"clarity": "vague"}

    def test_keeps_what_this_month_meant_when_it_was_written(self) -> None:
        before = read(need="12月20日前上线客户管理系统")
        assert before.timeframe is Timeframe.MONTH
        after = with_readings(replace(before, contact="Kim"), LATER, before)
        assert after == replace(before, contact="Kim")

    def test_reads_a_lead_of_before_once_but_no_days(self) -> None:
        before = a_lead(title="采购经理", need="本月上线客户管理系统")
        after = with_readings(before, LATER, before)
        assert readings_of(after) == {"authority": "manager", "clarity": "clear"}

    def test_reads_the_timeframe_from_the_message_too(self) -> None:
        lead = with_readings(a_lead(), SATURDAY, message="我是张样例，这个月要定。")
        assert readings_of(lead) == {"timeframe": "month"}


LEAD = read(title="采购经理", need="客户管理系统，本月上线")
SHOWN = readings_of(LEAD)
GIVEN = {"authority": Authority.MANAGER, "clarity": Clarity.CLEAR, "timeframe": Timeframe.MONTH}


class TestAnswered:
    def test_a_reading_left_as_it_was_stays_one(self) -> None:
        assert answered(LEAD, GIVEN, SHOWN) == LEAD

    def test_another_answer_is_the_persons(self) -> None:
        lead = answered(LEAD, GIVEN | {"authority": Authority.STAFF}, SHOWN)
        assert set(readings_of(lead)) == {"clarity", "timeframe"}
        promoted = with_readings(replace(lead, title="总经理"), LATER, lead)
        assert promoted.authority is Authority.STAFF

    def test_not_known_yet_is_an_answer_to_a_reading(self) -> None:
        lead = answered(LEAD, GIVEN | {"timeframe": Timeframe.UNKNOWN}, SHOWN)
        assert lead.answers_refused == {"timeframe"}
        again = with_readings(replace(lead, need="尽快上线客户管理系统"), LATER, lead)
        assert again.timeframe is Timeframe.UNKNOWN
        told = answered(again, GIVEN, {})
        assert (told.timeframe, told.answers_refused) == (Timeframe.MONTH, frozenset())

    def test_not_known_yet_leaves_an_empty_form_open(self) -> None:
        blank, unknown = a_lead(), {"authority": Authority.UNKNOWN}
        lead = answered(replace(blank, title="校长"), unknown, {})
        assert with_readings(lead, SATURDAY).authority is Authority.DECIDER

    def test_what_the_message_said_survives_the_form(self) -> None:
        draft = with_readings(a_lead(id=0), SATURDAY, message="这个月要定")
        given = {"timeframe": Timeframe.MONTH}
        lead = with_readings(answered(a_lead(id=0), given, readings_of(draft)), SATURDAY)
        assert readings_of(lead) == {"timeframe": "month"}


class TestMerged:
    def test_an_answer_takes_along_how_it_came_about(self) -> None:
        winner = a_lead(authority=Authority.STAFF)
        loser = read(id=2, title="校长", need="客户管理系统")
        kept = merged(winner, loser, ())
        assert readings_of(kept) == {"clarity": "clear"}
        taken = merged(winner, loser, ("authority",))
        assert readings_of(taken) == {"authority": "decider", "clarity": "clear"}
