"""Two leads of the same customer that were merged are one lead in every figure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sales.leads import Grade, Stage
from sales.merging import Merge, merged
from sales.people import SYSTEM
from sales.reports import Number, ReportPeriod, response_spread, stage_conversion, totals
from storage.unit_of_work import UnitOfWork, UnitOfWorkFactory
from tests.reports.histories import Contacted, Event, History, Moved, Player, Story
from tests.reports.test_oracle import Report
from tests.storage.company import Company

pytestmark = pytest.mark.every_way

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 31, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def story(number: int, created: datetime, *events: Event) -> Story:
    return Story(
        number=number, stage=Stage.CAPTURED, created=created, came=None, dated=True, closed=None,
        owner=0, source="form", grade=Grade.HIGH, amount=Decimal(70_000), budget=None,
        events=events, promises=(),
    )  # fmt: skip


OLDER = story(
    1, NOW - 20 * DAY,
    Contacted(NOW - 19 * DAY, None, None),
    Moved(NOW - 18 * DAY, Stage.SCREENED),
)  # fmt: skip
NEWER = story(
    2, NOW - 2 * DAY,
    Moved(NOW - DAY, Stage.PROPOSAL),
    Moved(NOW - DAY / 2, Stage.WON),
)  # fmt: skip


def merge(uow: UnitOfWork, company: Company) -> None:
    """The older lead becomes a part of the newer one, as leaders may choose."""
    player = Player(uow, company)
    for one in (OLDER, NEWER):
        player.play(one)
    loser, winner = (uow.leads(SYSTEM).get(player.ids[one.number]) for one in (OLDER, NEWER))
    begun = uow.merges.begin(
        Merge(
            winner_id=winner.id, loser_id=loser.id, merged_by=company.boss.id, merged_at=NOW,
            undo_until=NOW + DAY,
        )
    )  # fmt: skip
    uow.merges.move(begun)
    uow.leads(SYSTEM).save(merged(winner, loser, ()))
    uow.merges.finish(begun, None)


def test_merged_leads_count_once_since_the_first(
    units: UnitOfWorkFactory, company: Company
) -> None:
    with units() as uow:
        merge(uow, company)
        month = Report(uow, History(SHANGHAI, NOW, ReportPeriod.month_of(NOW.date()).key, ()))
        week = Report(uow, History(SHANGHAI, NOW, "2026-W53", ()))
        added = {}
        for name, report in (("month", month), ("week", week)):
            added[name] = totals(report.moved, report.start, report.end)
            facts = uow.figures.week(None, report.start, report.end)
            assert (facts.new_leads, facts.won) == (added[name].new, added[name].won)
            for number in (Number.NEW, Number.WON, Number.DECIDED):
                assert report.listed(number) == (0 if (number, name) == (Number.NEW, "week") else 1)
        assert (added["month"].new, added["month"].won) == (1, 1)
        assert (added["week"].new, added["week"].won) == (0, 1)
        assert added["week"].won_amount == Decimal(70_000)
        steps = {one.stage: one for one in stage_conversion(month.moved, month.start, month.end)}
        assert (steps[Stage.SCREENED].entered, steps[Stage.SCREENED].converted) == (1, 1)
        waits = response_spread(month.moved, month.start, month.end)
        assert (waits.n, waits.median) == (1, DAY)
