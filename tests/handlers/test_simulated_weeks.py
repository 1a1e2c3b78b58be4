"""Two weeks of six people, played by chance: what must hold then holds all the time.

A year of fifty people is ``python -m bench.simulate``.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bench.simulation.pages import write_pages
from bench.simulation.play import Simulation
from bench.simulation.records import Played, Tally
from bench.simulation.staff import SIX, at
from sales.leads import Stage
from storage.reports.figures import FigureRepository
from tests.furnished import Offices
from tests.office import Office

MONDAY = date(2025, 1, 6)
"""The bot speaks of each week on the Monday after, so that fifteen days have three digests."""
SIZE = replace(SIX, look_at=0.05, curiosity=0.1)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(at(MONDAY, 8), "zh_CN") as office:
        yield office


async def played(office: Office, days: int) -> Simulation:
    simulation = Simulation(office, SIZE, seed=7)
    await simulation.play(MONDAY, MONDAY + timedelta(days=days - 1))
    return simulation


async def test_everything_holds(office: Office, tmp_path: Path) -> None:
    simulation = await played(office, 15)
    assert simulation.checks.problems == []
    weeks = ("2025-W01", "2025-W02", "2025-W03")
    assert simulation.reports.digests == Counter(
        {(team, week): 1 for team in (*office.teams, "") for week in weeks}
    )
    assert len(simulation.tally.leads) > 10
    write_pages(simulation.reports.kept, tmp_path, "zh_CN")
    written = (tmp_path / "2025-01_C-East.txt").read_text(encoding="utf-8")
    assert written.count("# East") >= len(weeks)


async def test_a_wrong_figure_is_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def more(self: FigureRepository, *asked: Any) -> Any:
        facts = week(self, *asked)
        return replace(facts, lost=facts.lost + 1)

    week = FigureRepository.week
    monkeypatch.setattr(FigureRepository, "week", more)
    problems = (await played(office, 1)).checks.problems
    assert [one.partition(" lost: ")[2] for one in problems if " lost: " in one] == [
        "the report says 1, counted were 0"
    ] * (len(office.teams) + 1)


class TestTally:
    NOON = datetime(2025, 3, 3, 12, tzinfo=at(MONDAY, 8).tzinfo)

    def of(self, *moves: tuple[int, Stage]) -> Tally:
        tally = Tally()
        steps = [(self.NOON + timedelta(days=days), stage) for days, stage in moves]
        tally.leads[1] = Played(self.NOON, "ads", steps, Decimal(100), "price")
        return tally

    def test_a_lead_counts_where_it_is_at_the_end(self) -> None:
        tally = self.of((1, Stage.LOST), (2, Stage.DISCOVERY), (3, Stage.WON))
        counted = tally.count([1], self.NOON, self.NOON + timedelta(days=4))
        assert (counted.new, counted.won, counted.lost, counted.won_amount) == (
            1,
            1,
            0,
            Decimal(100),
        )
        early = tally.count([1], self.NOON, self.NOON + timedelta(days=2))
        assert (early.won, early.lost, dict(early.by_reason)) == (0, 1, {"": 1})

    def test_after_sales_is_not_won_again(self) -> None:
        tally = self.of((1, Stage.WON), (8, Stage.AFTERSALES))
        later = tally.count([1], self.NOON + timedelta(days=7), self.NOON + timedelta(days=14))
        assert (later.new, later.won, later.open_at_start, later.open_at_end) == (0, 0, 0, 0)
