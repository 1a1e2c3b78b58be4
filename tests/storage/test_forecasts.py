"""What a forecast rests on, on both databases: against sums made by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sales.forecast import OpenValue, Outcomes, Slip, StageOdds, Timing, slipped_value
from sales.leads import ForecastCategory, Lead, Stage
from sales.people import SYSTEM
from sales.playbook import Forecasting
from storage.forecasts import COMPANY
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
WINDOW = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
TODAY = date(2026, 11, 20)
RULES = Forecasting()


class Books:
    """The leads of the small company."""

    def __init__(self, units: UnitOfWorkFactory, company: Company) -> None:
        self._units, self._company = units, company

    def add(self, **known: Any) -> Lead:
        with self._units() as uow:
            added = uow.leads(SYSTEM).add(self._company.lead(**known))
            uow.commit()
        return added

    def save(self, lead: Lead, **known: Any) -> Lead:
        with self._units() as uow:
            saved = uow.leads(SYSTEM).save(replace(uow.leads(SYSTEM).get(lead.id), **known))
            uow.commit()
        return saved

    def expect(self, lead: Lead, day: date | None, on: date) -> Lead:
        said_at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        return self.save(lead, expected_close=day, expected_by=1, expected_at=said_at)

    def close(self, lead: Lead, stage: Stage, on: date) -> Lead:
        at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        return self.save(lead, stage=stage, stage_since=at, closed_at=at)


@pytest.fixture
def books(units: UnitOfWorkFactory, company: Company) -> Books:
    return Books(units, company)


def key(part: OpenValue) -> tuple[str, str]:
    return part.stage.value, part.timing.value


class TestOpenValues:
    def test_add_up_by_stage_category_and_time(
        self, units: UnitOfWorkFactory, company: Company, books: Books
    ) -> None:
        proposal = {"stage": Stage.PROPOSAL, "expected_close": TODAY}
        books.add(**proposal, amount=Decimal(100), budget_high=Decimal(7))
        books.add(**proposal, budget_low=Decimal(20))
        books.add(**proposal, category=ForecastCategory.COMMIT)
        books.add(stage=Stage.SCREENED, expected_close=TODAY - timedelta(days=1), amount=Decimal(5))
        books.add(stage=Stage.SCREENED, expected_close=date(2026, 10, 31), amount=Decimal(5))
        books.add(stage=Stage.SCREENED, expected_close=date(2026, 12, 1), amount=Decimal(5))
        books.add(stage=Stage.SCREENED)
        books.add(stage=Stage.NURTURE, expected_close=TODAY)
        books.add(stage=Stage.LOST, expected_close=TODAY)
        books.add(stage=Stage.CAPTURED, owner_id=None, pooled_at=MONDAY)
        books.add(stage=Stage.PROPOSAL, team_id=company.west.id, owner_id=company.kim.id)
        with units(read_only=True) as uow:
            values = uow.forecasts.open_values([company.east.id], FIRST, LAST, TODAY)
            kims = uow.forecasts.open_values(
                [company.west.id, company.east.id], FIRST, LAST, TODAY, owner_id=company.kim.id
            )
        assert set(values) == {(company.east.id, company.robin.id)}
        assert list(kims) == [(company.west.id, company.kim.id)]
        found = sorted(
            values[company.east.id, company.robin.id], key=lambda one: (*key(one), one.n)
        )
        assert found == [
            OpenValue(
                stage=Stage.PROPOSAL, timing=Timing.WITHIN, category=ForecastCategory.COMMIT,
                unvalued=1,
            ),
            OpenValue(stage=Stage.PROPOSAL, timing=Timing.WITHIN, n=2, value=Decimal(120)),
            OpenValue(stage=Stage.SCREENED, timing=Timing.EARLIER, value=Decimal(5), overdue=1),
            OpenValue(stage=Stage.SCREENED, timing=Timing.LATER, value=Decimal(5)),
            OpenValue(stage=Stage.SCREENED, timing=Timing.UNDATED, unvalued=1),
            OpenValue(stage=Stage.SCREENED, timing=Timing.WITHIN, value=Decimal(5), overdue=1),
        ]  # fmt: skip


class TestOdds:
    def test_count_every_stage_that_a_closed_deal_had_reached(
        self, units: UnitOfWorkFactory, company: Company, books: Books
    ) -> None:
        skipped = books.add(stage=Stage.CAPTURED)
        books.close(skipped, Stage.WON, date(2026, 11, 3))
        far = books.save(books.add(stage=Stage.SCREENED), stage=Stage.PROPOSAL)
        back = books.save(far, stage=Stage.DISCOVERY)
        books.close(back, Stage.LOST, date(2026, 11, 4))
        # Came closed from a file: no stage before.
        books.add(stage=Stage.WON, closed_at=MONDAY.replace(year=2026, month=11, day=9))
        before = books.add(stage=Stage.PROPOSAL)
        books.close(before, Stage.WON, date(2026, 10, 31))
        west = books.add(stage=Stage.CAPTURED, team_id=company.west.id)
        books.close(west, Stage.LOST, date(2026, 11, 30))
        with units() as uow:
            for _ in range(2):  # counting again changes nothing
                uow.forecasts.count_outcomes(FIRST, *WINDOW)
            odds = uow.forecasts.odds([company.east.id], date(2026, 12, 5), RULES)
            earlier = uow.forecasts.odds([company.east.id], date(2026, 11, 30), RULES)
        assert odds[company.east.id].outcomes == {
            Stage.CAPTURED: Outcomes(2, 1),
            Stage.SCREENED: Outcomes(2, 1),
            Stage.DISCOVERY: Outcomes(1, 1),
            Stage.PROPOSAL: Outcomes(1, 1),
            Stage.NEGOTIATION: Outcomes(1, 0),
        }
        assert odds[COMPANY].outcomes[Stage.CAPTURED] == Outcomes(2, 2)
        company_chance = (1 + 0.5 * 10) / (2 + 10)
        expected = (1 + company_chance * 10) / (2 + 10)
        assert odds[company.east.id].of(Stage.PROPOSAL) == pytest.approx(expected)
        assert earlier[COMPANY].of(Stage.PROPOSAL) == 0.5


class TestSnapshots:
    def test_hold_what_was_open_and_are_taken_once(
        self, units: UnitOfWorkFactory, company: Company, books: Books
    ) -> None:
        proposal = {"stage": Stage.PROPOSAL, "amount": Decimal(100)}
        books.add(**proposal, expected_close=date(2026, 11, 20))
        books.add(**proposal, expected_close=date(2026, 11, 3))
        books.add(**proposal)
        odds = {company.east.id: StageOdds({Stage.PROPOSAL: 0.4})}
        with units() as uow:
            assert uow.forecasts.take_snapshot(FIRST, MONDAY, odds)
            books_later = uow.leads(SYSTEM).add(company.lead(**proposal))
            assert not uow.forecasts.take_snapshot(FIRST, MONDAY, odds)
            uow.commit()
        assert books_later.id
        with units(read_only=True) as uow:
            rows = uow.forecasts.snapshot(FIRST)
            assert uow.forecasts.snapshot(FIRST, [company.west.id]) == ()
            assert uow.forecasts.snapshot(LAST) is None
            assert uow.forecasts.last_snapshot(LAST) == FIRST
            assert uow.forecasts.last_snapshot(date(2026, 10, 31)) is None
        assert rows is not None
        found = sorted((row.month or date.max, row.n, row.value, row.odds) for row in rows)
        assert found == [(FIRST, 2, Decimal(200), 0.4), (date.max, 1, Decimal(100), 0.4)]

    def test_may_be_empty(self, units: UnitOfWorkFactory, company: Company) -> None:
        with units() as uow:
            uow.forecasts.take_snapshot(FIRST, MONDAY, {})
            assert uow.forecasts.snapshot(FIRST) == ()
        assert company


class TestSlippage:
    def test_is_what_left_the_period(
        self, units: UnitOfWorkFactory, company: Company, books: Books
    ) -> None:
        def deal(amount: int) -> Lead:
            lead = books.add(stage=Stage.PROPOSAL, amount=Decimal(amount))
            return books.expect(lead, date(2026, 11, 10), date(2026, 10, 20))

        later, removed, back, won = deal(1), deal(2), deal(4), deal(8)
        within, before, late, open_still, lost = (deal(16 << n) for n in range(5))
        books.expect(later, date(2026, 12, 9), date(2026, 11, 8))
        books.expect(removed, None, date(2026, 11, 8))
        books.expect(back, date(2026, 12, 9), date(2026, 11, 8))
        books.expect(back, date(2026, 11, 25), date(2026, 11, 9))
        books.expect(won, date(2026, 12, 9), date(2026, 11, 8))
        books.close(won, Stage.WON, date(2026, 11, 29))
        books.expect(within, date(2026, 11, 29), date(2026, 11, 8))
        books.close(within, Stage.WON, date(2026, 11, 30))
        books.expect(before, date(2026, 12, 9), date(2026, 10, 21))
        books.close(late, Stage.WON, date(2026, 12, 3))
        books.close(lost, Stage.LOST, date(2026, 11, 3))
        with units(read_only=True) as uow:
            during = uow.forecasts.slips(FIRST, LAST, WINDOW, TODAY)
            after = uow.forecasts.slips(FIRST, LAST, WINDOW, date(2027, 1, 5))
            none = uow.forecasts.slips(FIRST, LAST, WINDOW, TODAY, [company.west.id])
        moved = Slip(
            later.id, company.east.id, company.robin.id, Decimal(1), date(2026, 11, 10),
            date(2026, 12, 9),
        )  # fmt: skip
        assert after[0] == moved
        assert [slip.lead_id for slip in after] == [
            later.id, removed.id, back.id, late.id, open_still.id,
        ]  # fmt: skip
        assert slipped_value(after) == 1 + 2 + 4 + 64 + 128
        # On the 20th, one that is due on the 25th may still be closed in time.
        assert [slip.lead_id for slip in during] == [later.id, removed.id, late.id, open_still.id]
        assert none == ()
