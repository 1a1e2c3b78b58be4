"""Figures of an imported history by agent, manager, product and quarter, against plain counts.

The managers' teams are in the company before; the file is imported as it is. Where
``GENJIN_CRM_SALES`` names the directory of the public data set, that is read too, and compared with
what pandas computed of it (``crm_sales_by_pandas.csv``: agents, managers and products without their
names, numbered in alphabetical order). The file was written by ::

    won = pipeline[pipeline.deal_stage == "Won"].merge(teams, on="sales_agent", how="left")
    won["product"] = won["product"].str.replace(" ", "")
    won["quarter"] = pandas.to_datetime(won.close_date, format="%m/%d/%Y").dt.to_period("Q")
    won.groupby([column, "quarter"]).close_value.agg(["size", "sum"])
"""

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pytest

from handlers.core.requests import Upload
from sales.imports.values import parse_date
from sales.lead_lists import DayRange, LeadQuery, Moments, Status
from sales.leads import Stage
from sales.people import SYSTEM, Person, Role, Team
from sales.targets import Quarter
from tests.furnished import Offices
from tests.imports.opportunities import Opportunities, invented
from tests.office import SHANGHAI, Office

DATA = os.environ.get("GENJIN_CRM_SALES", "")
PANDAS = Path(__file__).with_name("crm_sales_by_pandas.csv")
FRIDAY = datetime(2024, 3, 1, 10, tzinfo=SHANGHAI)
Sales = Mapping[tuple[str, str, Quarter], tuple[int, Decimal]]
"""How many deals were won, and for how much: by agent, manager or product, its name, and quarter;
without those without any."""


@dataclass(frozen=True)
class History:
    """A file of opportunities, and the manager of each agent."""

    file: Opportunities
    manager_of: Mapping[str, str]

    @cached_property
    def sales(self) -> Sales:
        found: dict[tuple[str, str, Quarter], tuple[int, Decimal]] = {}
        for row in self.file.rows:
            if row["deal_stage"] == "Won":
                agent, value = row["sales_agent"], Decimal(row["close_value"])
                when = Quarter.of(parse_date(row["close_date"], "mdy"))
                product = row["product"].replace(" ", "")
                for key in (
                    ("agent", agent, when),
                    ("manager", self.manager_of[agent], when),
                    ("product", product, when),
                ):
                    count, total = found.get(key, (0, Decimal(0)))
                    found[key] = (count + 1, total + value)
        return found

    @property
    def quarters(self) -> list[Quarter]:
        return sorted({when for _, _, when in self.sales}, key=str)


def an_invented_one() -> History:
    file = invented(700)
    return History(file, {name: f"Manager {n % 6}" for n, name in enumerate(file.agents)})


def the_public_one() -> History:
    with (Path(DATA) / "sales_teams.csv").open(encoding="utf-8") as teams:
        manager_of = {row["sales_agent"]: row["manager"] for row in csv.DictReader(teams)}
    return History(Opportunities((Path(DATA) / "sales_pipeline.csv").read_bytes()), manager_of)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, genjin_currency="USD") as office:
        yield office


async def bring_in(history: History, office: Office) -> None:
    """Hire the agents in their managers' teams, and import the file as it is."""
    with office.world.new_uow() as uow:
        teams = {
            name: uow.people.add_team(Team(name=name)).id
            for name in sorted(set(history.manager_of.values()))
        }
        for agent, manager in history.manager_of.items():
            person = Person(name=agent, role=Role.REP, team_id=teams[manager], has_account=False)
            uow.people.add(person)
        uow.commit()
    upload = Upload("sales_pipeline.csv", history.file.content)
    assert not office.ask("ada", "import.take", upload=upload).errors
    await office.settle()
    number = str(office.rows("import_job")[-1]["id"])
    assert not office.ask("ada", "import.start", pressed=number).errors
    await office.settle()


def listed(history: History, office: Office) -> Sales:
    """What the lists of won leads count and add up."""
    found: dict[tuple[str, str, Quarter], tuple[int, Decimal]] = {}
    moments = Moments(now=office.world.clock.now(), timezone=office.world.settings.timezone)
    with office.world.new_uow(read_only=True) as uow:
        queries = [
            *(("agent", one.name, LeadQuery(owners=(one.id,))) for one in uow.people.everyone()),
            *(("manager", one.name, LeadQuery(teams=(one.id,))) for one in uow.people.teams()),
            *(
                ("product", term.en.replace(" ", ""), LeadQuery(products=(term.key,)))
                for term in uow.playbooks.current().vocabulary.products
            ),
        ]
        listing = uow.lead_list(SYSTEM)
        for when in history.quarters:
            days = DayRange(when.first, when.next.first - timedelta(days=1))
            for what, name, only in queries:
                query = replace(only, status=Status.WON, closed=days)
                if Stage.WON in (sums := listing.sums(query, moments)):
                    found[what, name, when] = (sums[Stage.WON].count, sums[Stage.WON].value)
    return found


def reached(history: History, office: Office) -> Sales:
    """What counts towards the targets of people and teams."""
    found: dict[tuple[str, str, Quarter], tuple[int, Decimal]] = {}
    with office.world.new_uow(read_only=True) as uow:
        people = {one.id: one.name for one in uow.people.everyone()}
        for team in uow.people.teams():
            for when in history.quarters:
                start, end = window(when, office)
                for (_, owner_id), sold in uow.targets.sold([team.id], start, end).items():
                    if sold.won:
                        assert owner_id is not None
                        for key in (
                            ("agent", people[owner_id], when),
                            ("manager", team.name, when),
                        ):
                            won, revenue = found.get(key, (0, Decimal(0)))
                            found[key] = (won + sold.won, revenue + sold.revenue)
    return found


def window(quarter: Quarter, office: Office) -> tuple[datetime, datetime]:
    zone = office.world.settings.timezone
    first, after = (
        datetime.combine(day, time(), zone) for day in (quarter.first, quarter.next.first)
    )
    return first, after


def in_reports(history: History, office: Office) -> tuple[int, Decimal]:
    """What the figures of digests count in every quarter, of all teams together."""
    won, amount = 0, Decimal(0)
    with office.world.new_uow(read_only=True) as uow:
        for team in uow.people.teams():
            for when in history.quarters:
                facts = uow.figures.week(team.id, *window(when, office))
                won, amount = won + facts.won, amount + facts.won_amount
    return won, amount


async def check(history: History, office: Office) -> None:
    await bring_in(history, office)
    assert listed(history, office) == history.sales
    expected = {key: sold for key, sold in history.sales.items() if key[0] != "product"}
    assert reached(history, office) == expected
    agents = [sold for (what, _, _), sold in history.sales.items() if what == "agent"]
    assert in_reports(history, office) == (
        sum(won for won, _ in agents), sum(value for _, value in agents),
    )  # fmt: skip


async def test_of_a_history_of_that_shape(office: Office) -> None:
    await check(an_invented_one(), office)


@pytest.mark.skipif(not DATA, reason="GENJIN_CRM_SALES is not set")
async def test_of_the_public_data_set(office: Office) -> None:
    history = the_public_one()
    assert by_number(history.sales) == by_pandas()
    for what in ("agent", "manager", "product"):
        sold = [sold for (by, _, _), sold in by_pandas().items() if by == what]
        assert sum(won for won, _ in sold) == 4238
        assert sum(value for _, value in sold) == 10_005_534
    await check(history, office)


def by_number(sales: Sales) -> dict[tuple[str, int, str], tuple[int, Decimal]]:
    """The same with numbers instead of names, as in the file."""
    names = {what: sorted({name for by, name, _ in sales if by == what}) for what, _, _ in sales}
    return {
        (what, names[what].index(name) + 1, str(when)): sold
        for (what, name, when), sold in sales.items()
    }


def by_pandas() -> dict[tuple[str, int, str], tuple[int, Decimal]]:
    with PANDAS.open(encoding="utf-8") as file:
        return {
            (by, int(number), when): (int(won), Decimal(value))
            for by, number, when, won, value in list(csv.reader(file))[1:]
        }
