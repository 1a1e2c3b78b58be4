from decimal import Decimal

import pytest

from sales.leads import Authority, Clarity, Grade, Timeframe
from sales.playbook import Scoring
from sales.scoring import score, scored
from tests.sales.leads import a_lead

RULES = Scoring()


def budget(low: int, high: int | None = None) -> dict[str, Decimal]:
    return {"budget_low": Decimal(low), "budget_high": Decimal(high or low)}


class TestScore:
    def test_example_lx001_is_high(self) -> None:
        lead = a_lead(
            **budget(150_000, 200_000),
            authority=Authority.MANAGER,
            clarity=Clarity.CLEAR,
            timeframe=Timeframe.MONTH,
        )
        result = score(lead, RULES)
        assert (result.total, result.grade) == (10, Grade.HIGH)
        assert dict(result.got) == {"budget": 2, "authority": 3, "need": 2, "timeframe": 3}

    def test_example_lx002_is_medium(self) -> None:
        lead = a_lead(**budget(80_000, 100_000), authority=Authority.DECIDER, clarity=Clarity.CLEAR)
        result = score(lead, RULES)
        assert (result.total, result.grade) == (5, Grade.MEDIUM)
        assert result.got["budget"] == 0

    @pytest.mark.parametrize(
        ("known", "points", "grade"),
        [
            ({}, 0, Grade.LOW),
            (budget(99_999), 0, Grade.LOW),
            (budget(100_000), 2, Grade.LOW),
            ({**budget(100_000), "clarity": Clarity.CLEAR}, 4, Grade.LOW),
            ({"authority": Authority.MANAGER, "clarity": Clarity.CLEAR}, 5, Grade.MEDIUM),
            ({**budget(100_000), "clarity": Clarity.CLEAR, "timeframe": Timeframe.MONTH}, 7,
             Grade.MEDIUM),
            ({**budget(100_000), "authority": Authority.MANAGER, "timeframe": Timeframe.MONTH}, 8,
             Grade.HIGH),
        ],
    )  # fmt: skip
    def test_grades_at_the_thresholds(
        self, known: dict[str, object], points: int, grade: Grade
    ) -> None:
        lead = scored(a_lead(**known), RULES)
        assert (lead.score, lead.grade) == (points, grade)

    def test_names_the_unanswered_question_worth_most(self) -> None:
        result = score(a_lead(authority=Authority.STAFF, timeframe=Timeframe.LATER), RULES)
        assert result.unknown == ("budget", "need")
        assert result.ask_next == "budget"

    def test_a_known_no_is_not_unknown(self) -> None:
        answered = a_lead(
            **budget(1),
            authority=Authority.STAFF,
            clarity=Clarity.VAGUE,
            timeframe=Timeframe.QUARTER,
        )
        assert score(answered, RULES).ask_next == ""

    def test_follows_the_playbooks_points(self) -> None:
        rules = Scoring(budget_from=Decimal(1), budget_points=9, high_from=9)
        assert score(a_lead(**budget(2)), rules).grade is Grade.HIGH

    def test_refuses_thresholds_out_of_order(self) -> None:
        with pytest.raises(ValueError, match="medium_from must not be above"):
            Scoring(medium_from=9, high_from=8)
