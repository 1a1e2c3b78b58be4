"""The weekly figures of 8,800 opportunities, against the same counted in plain Python.

Runs if ``GENJIN_CRM_SALES`` names the directory of Maven Analytics' public data set "CRM Sales
Opportunities"; the data itself is not in the repository.
"""

import csv
import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert

from sales.calendar import WorkCalendar, iso_week, week_after
from sales.leads import Lead, Stage
from sales.playbook import WorkingHours
from sales.reports import WeekFacts
from storage import tables
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.reports.figures import FigureRepository

DATA = os.environ.get("GENJIN_CRM_SALES", "")
pytestmark = pytest.mark.skipif(not DATA, reason="GENJIN_CRM_SALES is not set")

ZONE = ZoneInfo("America/New_York")
STAGES = {"Won": Stage.WON, "Lost": Stage.LOST, "Engaging": Stage.DISCOVERY}
WEEKS = [week_after("2016-W41", n) for n in range(0, 66, 5)]


@dataclass(frozen=True)
class Deal:
    agent: str
    stage: Stage
    opened: datetime
    closed: datetime | None
    value: Decimal


@cache
def deals() -> tuple[Deal, ...]:
    with (Path(DATA) / "sales_pipeline.csv").open(encoding="utf-8") as file:
        return tuple(
            Deal(
                agent=row["sales_agent"],
                stage=STAGES[row["deal_stage"]],
                opened=_day(row["engage_date"]),
                closed=_day(row["close_date"]) if row["close_date"] else None,
                value=Decimal(row["close_value"] or 0),
            )
            for row in csv.DictReader(file)
            if row["engage_date"]
        )


def _day(text: str) -> datetime:
    """Half past eleven at night, when it is another day in UTC."""
    return datetime.strptime(text, "%m/%d/%Y").replace(hour=23, minute=30, tzinfo=ZONE)


def fill(connection: Connection) -> dict[str, int]:
    agents = {name: n for n, name in enumerate(sorted({deal.agent for deal in deals()}), 1)}
    connection.execute(insert(tables.team), [{"id": 1, "name": "All"}])
    person = {"role": "rep", "team_id": 1, "locale": "", "active": True, "weight": 1, "hours": ""}
    rows = [{"id": n, "name": f"Agent {n}"} | person for n in agents.values()]
    connection.execute(insert(tables.person), rows)
    absent = {"phone", "email", "wechat", "others"}
    leads: list[dict[str, Any]] = []
    intervals: list[dict[str, Any]] = []
    for number, deal in enumerate(deals(), 1):
        lead = Lead(
            id=number, source="other", customer="Sample Co", stage=deal.stage,
            stage_since=deal.closed or deal.opened, owner_id=agents[deal.agent], team_id=1,
            created_at=deal.opened, created_by=1, amount=deal.value, closed_at=deal.closed,
        )  # fmt: skip
        leads.append({name: getattr(lead, name) for name in Lead.__slots__ if name not in absent})
        first = {"lead_id": number, "stage": Stage.DISCOVERY, "entered_at": deal.opened}
        intervals.append(first | {"left_at": deal.closed})
        if deal.closed:
            last = {"lead_id": number, "stage": deal.stage, "entered_at": deal.closed}
            intervals.append(last | {"left_at": None})
    connection.execute(insert(tables.lead), leads)
    connection.execute(insert(tables.stage_interval), intervals)
    return agents


def counted(week: str) -> dict[str, Any]:
    """The figures of a week by the dates as they are written, without any instant."""
    new = [deal for deal in deals() if iso_week(deal.opened.date()) == week]
    shut = [deal for deal in deals() if deal.closed and iso_week(deal.closed.date()) == week]
    won = [deal for deal in shut if deal.stage is Stage.WON]
    return {
        "new": len(new),
        "won": len(won),
        "amount": sum((deal.value for deal in won), Decimal(0)),
        "lost": len(shut) - len(won),
        "won_by": Counter(deal.agent for deal in won),
    }


def test_agree_in_every_week(database: Database, fields: Fields) -> None:
    calendar = WorkCalendar(WorkingHours(country=""), ZONE)
    with database.write() as connection:
        agents = fill(connection)
        figures = FigureRepository(connection, fields)
        for week in WEEKS:
            facts, plain = figures.week(1, *calendar.week(week)), counted(week)
            assert (facts.new_leads, facts.won, facts.lost, facts.won_amount) == (
                plain["new"], plain["won"], plain["lost"], plain["amount"],
            ), week  # fmt: skip
            won_by = {rep.person_id: rep.won for rep in facts.reps if rep.won}
            assert won_by == {agents[name]: n for name, n in plain["won_by"].items()}, week
            _check_bridge(facts)


def test_all_weeks_together_are_the_whole_data_set(database: Database, fields: Fields) -> None:
    with database.write() as connection:
        fill(connection)
        start = datetime(2016, 10, 1, tzinfo=ZONE)
        facts = FigureRepository(connection, fields).week(1, start, start + timedelta(days=500))
    assert (facts.won, facts.lost, facts.open_at_end) == (4238, 2473, 1589)
    assert facts.won_amount == 10_005_534
    _check_bridge(facts)


def _check_bridge(facts: WeekFacts) -> None:
    end = facts.open_at_start + facts.entered - facts.won - facts.lost
    assert end == facts.open_at_end
    assert facts.entered == facts.new_leads
