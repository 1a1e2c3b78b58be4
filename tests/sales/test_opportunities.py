"""What a customer's signal suggests, and what time alone suggests."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.leads import Stage
from sales.opportunities import coming_up, months_after, opportunity_of
from sales.playbook import Playbook, Recommendation, Repeat
from sales.signals import Signal, SignalKind
from sales.targets import Quarter
from tests.sales.leads import MONDAY, a_lead

RULES = Repeat()
TODAY = date(2024, 3, 1)


def suggested(kind: SignalKind, value: int | None = None, product: str = "advanced") -> tuple[
    str, Decimal | None, Quarter
]:  # fmt: skip
    lead = a_lead(stage=Stage.AFTERSALES, product=product, amount=Decimal(125_000))
    signal = Signal(lead_id=1, kind=kind, at=MONDAY, event="x", value=value)
    found = opportunity_of(signal, lead, RULES, TODAY)
    return found.product, found.amount, found.quarter


class TestWhatIsSuggested:
    def test_three_months_on_the_advanced_edition_want_analytics(self) -> None:
        expected = ("analytics", Decimal(37_500), Quarter(2024, 2))
        assert suggested(SignalKind.EDITION_MONTHS, 3) == expected
        assert suggested(SignalKind.EDITION_MONTHS, 2) == ("", None, Quarter(2024, 2))
        assert suggested(SignalKind.EDITION_MONTHS, 3, "basic")[0] == ""

    def test_a_renewal_is_the_whole_sum_in_its_own_quarter(self) -> None:
        renewal = suggested(SignalKind.RENEWAL_DUE, 20)
        assert renewal == ("advanced", Decimal(125_000), Quarter(2024, 1))
        assert suggested(SignalKind.RENEWAL_DUE)[2] == Quarter(2024, 1)
        assert suggested(SignalKind.RENEWAL_DUE, 31)[2] == Quarter(2024, 2)

    def test_more_usage_is_a_share_of_the_deal(self) -> None:
        assert suggested(SignalKind.USAGE_UP, 40)[1] == Decimal(25_000)


class TestComingUp:
    def test_counts_from_the_signature(self) -> None:
        won = a_lead(product="advanced")
        first = [(one.kind, one.on, one.value) for one in coming_up(won, TODAY, RULES)]
        assert first == [
            (SignalKind.EDITION_MONTHS, date(2024, 6, 1), 3),
            (SignalKind.RENEWAL_DUE, date(2025, 1, 30), 30),
        ]
        [second] = coming_up(won, TODAY, RULES, year=2)
        assert second.on == date(2026, 1, 30)
        assert coming_up(a_lead(product="basic"), TODAY, Repeat(renewal_months=0)) == []

    @given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
    def test_a_month_is_never_skipped(self, day: date, months: int) -> None:
        later = months_after(day, months)
        assert (later.year - day.year) * 12 + later.month - day.month == months
        assert later.day <= day.day


class TestRules:
    def test_a_product_that_is_none_is_refused(self) -> None:
        rule = Recommendation(after_months=3, product="magic")
        with pytest.raises(ValueError, match="magic"):
            Playbook(repeat=Repeat(recommendations=(rule,)))
