"""No request of daily work reads what grows with the years: every statement's plan is looked at.

Every route that only reads is asked, as a rep, a manager and an admin, with nothing, a lead and a
text; so are the requests that change something and that people wait for most. A route is left out
only by name, with its reason. The company is small, but most of its leads are closed, as after
years, so that a database chooses as it does then.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Connection, text

from bench.company import COMMON, NOW, RARE, Size, copy_to_postgresql, enter, fill, hire
from handlers.routes import ROUTES
from sales.calendar import WorkCalendar
from sales.lead_lists import LeadFigure, LeadQuery, encode
from sales.people import SYSTEM
from sales.playbook import Forecasting, WorkingHours
from sales.reports import ALL, JourneyFilter, Number, ReportPeriod
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.planner import indexes_with_statistics
from storage.tables import metadata
from tests.databases import Databases, Kind
from tests.office import LEAD, SHANGHAI, Office, open_office
from tests.statements import statements

SIZE: Final = Size("plans", leads=4_000, open=150, kept=2_000)
GROWS: Final = frozenset(
    {"lead", "followup", "stage_interval", "clock", "task", "work", "message", "offer",
     "imported", "objection", "reminder", "remark", "proposal", "discovery", "audit", "posting",
     "close_change", "forecast_snapshot"}
)  # fmt: skip
"""Tables that hold more every year, or thousands of rows from the first month on."""
ENDS_EARLY: Final = {
    "SELECT count(*) AS count_1 FROM (SELECT lead.id AS id FROM lead ": "at 300 leads in scope",
    "SELECT count(*) AS count_1 FROM (SELECT followup.id AS id FROM followup ": "at 1,000",
    "SELECT followup.id AS id, followup.lead_id AS lead_id, lead.customer": "at a page of ten",
    "SELECT stage_interval.stage, sum(": "at 500 won deals",
    "SELECT EXISTS (SELECT lead.id FROM lead WHERE": "at the first lead",
    "SELECT (SELECT min(lead.created_at)": "at the first lead of each team",
}
"""Statements that go through an index until they have enough: how each begins, and where it
ends."""
OF_A_WEEK: Final = (
    "SELECT CASE WHEN (entry.entered_at",
    "SELECT sum(CASE WHEN (CASE WHEN (anon_1.in_file",
    "SELECT followup.person_id, count(DISTINCT",
    "SELECT lead.owner_id, count(*)",
)
"""The digest's, which PostgreSQL joins to all leads while these are few."""
RARELY: Final = {
    "export.open": "an export is of everything",
    "playbook.try": "a dry run is over the last months, whatever it takes",
    "playbook.draft": "it shows a dry run",
    "automation.list": "an admin's list of the newest runs",
    "library.start": "once, in an empty library",
    "impact.open": "some times a year, of up to two years' leads",
    "impact.show": "like impact.open",
    "impact.day": "once, by an admin",
    "sharing.show": "four times a year",
    "leaver.ask": "somebody leaves",
    "leaver.preview": "somebody leaves",
}
OF_A_PERIOD: Final = ("report.open", "review.open")
"""They take a text that names no period as none, and are asked for several periods below."""
ASKERS: Final = ("rep3", "max", "ada")
_PARTIAL: Final = frozenset(
    str(index.name)
    for table in metadata.sorted_tables
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)
"""Indexes of what is open or waiting: there is no more of it after years."""
_ALIAS = re.compile(r"\b(\w+) AS (\w+)")
_STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?(?: \((.*)\))?")
_UNSELECTIVE = re.compile(
    r"(?:ANY\(\w+\)|(?:team_id|stage|state|kind)=\?|\w+<\?)"
    r"(?: AND (?:(?:stage|state|kind)=\?|\w+<\?))*"
)
"""A condition on an index that most rows of ten years meet."""


def problems(kind: Kind, database: Database, run: list[tuple[str, Any]]) -> list[str]:
    """What is wrong with the plans of the statements, each once."""
    look = _of_sqlite if kind == "sqlite" else _of_postgresql
    # PostgreSQL goes from the newest lead on where it expects enough matches among the first.
    weighs = "FROM lead_text" if kind == "postgresql" else "nothing"
    left_out = (*ENDS_EARLY, *(OF_A_WEEK if kind == "postgresql" else ()))
    with database.reader.connect() as connection:
        prefer_indexes(kind, connection)
        found = {
            statement: look(connection, statement, values)
            for statement, values in dict(run).items()
            if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE"))
            and not statement.startswith(left_out)
            and weighs not in statement
        }
    return [f"{one}\n    {statement}" for statement, many in found.items() for one in many]


def prefer_indexes(kind: Kind, connection: Connection) -> None:
    """In a table of some thousand rows it is often right to read all; not where an index would
    do."""
    if kind == "postgresql":
        connection.exec_driver_sql("SET enable_seqscan = off")


def _of_sqlite(connection: Connection, statement: str, values: Any) -> list[str]:
    tables = {alias: name for name, alias in _ALIAS.findall(statement)}
    found = []
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        if not (step := _STEP.match(row[3])) or "VIRTUAL TABLE" in row[3]:
            continue
        how, alias, index, condition = step.groups()
        if tables.get(alias, alias) not in GROWS or index in _PARTIAL:
            continue
        if how == "SCAN" or (condition and _UNSELECTIVE.fullmatch(condition)):
            found.append(row[3])
    return found


def _of_postgresql(connection: Connection, statement: str, values: Any) -> list[str]:
    large = set(connection.exec_driver_sql(_LARGE).scalars()) & GROWS
    told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    plan = told if isinstance(told, list) else json.loads(told)
    return [
        f"{node['Node Type']} on {node['Relation Name']}, {node.get('Index Name')}"
        for node in _nodes(plan[0]["Plan"])
        if node.get("Relation Name") in large and _reads_all(node)
    ]


_LARGE: Final = "SELECT relname FROM pg_class WHERE reltuples > 1000"


def _reads_all(node: dict[str, Any]) -> bool:
    if node["Node Type"] == "Seq Scan":
        return True
    whole_index = "Index Cond" not in node and node.get("Index Name") not in _PARTIAL
    return whole_index and node["Node Type"] in ("Index Scan", "Index Only Scan")


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture(scope="module")
def years(
    kind: Kind, databases: Databases, fields: Fields, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The company after years, on one database."""
    place = tmp_path_factory.mktemp("years")
    database = open_database(databases.new("sqlite"), place)
    database.seal_with(fields)
    with open_office(database, fields, NOW, "zh_CN", enter=hire) as office:
        fill(database, office, fields, SIZE)
    if kind == "postgresql":
        url = databases.new(kind)
        copy_to_postgresql(database, url)
        database.dispose()
        database = open_database(url, place)
        database.seal_with(fields)
        with database.write() as connection:
            connection.execute(text("ANALYZE"))
    with open_office(database, fields, NOW, "zh_CN", enter=enter) as office:
        yield office
        # What a request without sense shows is looked at elsewhere.
        office.unfit.clear()
    database.dispose()


def of_reading(office: Office) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every reading route with some values: whatever it makes of them, it runs statements.

    Only a search is asked for all the texts that are looked up in different ways.
    """
    with office.world.new_uow(read_only=True) as uow:
        number = next(one.number for one in uow.leads(SYSTEM).held_by(office.people["rep3"].id))
    behind = [f"{one.value}|{office.teams['East'].id}|2026-W47" for one in Number]
    asked: tuple[dict[str, Any], ...] = ({}, {"pressed": number}, {"text": number}, {"text": RARE})
    for action, route in ROUTES.items():
        if not route.changes and action not in RARELY:
            values = asked[:1] if action in OF_A_PERIOD else asked
            yield from ((account, action, one) for account in ASKERS for one in values)
    for words in (COMMON, RARE[:2], "LX39", "13800003990", "a"):
        yield from ((account, "lead.open", {"text": words}) for account in ASKERS)
    yield from (("max", "digest.show", {"pressed": value}) for value in behind)
    for words in ("last month by source", "last quarter by person", "this year", "上周 对比 去年"):
        yield from ((account, "report.open", {"text": words}) for account in ASKERS)


def of_changing(office: Office) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The requests that change something and that people wait for most."""
    with office.world.new_uow(read_only=True) as uow:
        one, other, *_ = uow.leads(SYSTEM).held_by(office.people["rep3"].id)
    new = dict(LEAD) | {"customer": "全新样例有限公司", "owner": "rules"}
    said = {
        "lead": one.number, "method": "call", "summary": "谈了报价", "next_step": "送方案",
        "next_on": "2026-12-01",
    }  # fmt: skip
    yield "max", "lead.create", {"values": new}
    yield "max", "lead.create", {"values": new}
    yield "rep3", "followup.create", {"values": said}
    yield "rep3", "followup.open", {"text": f"{one.number} 电话沟通报价，下周三送方案"}
    yield "rep3", "followup.open", {"text": f"{other.customer} 电话沟通报价"}
    moved = {"lead": other.number, "to": "lost", "version": str(other.version)}
    yield "ada", "stage.move", {"state": moved, "values": {"reason": "price"}}
    yield "rep3", "remark.create", {"state": {"lead": one.number}, "values": {"text": "样例"}}


def read_a_report(office: Office, month: tuple[datetime, datetime]) -> None:
    """Everything that a report of a month reads, for an admin, a manager and a rep."""
    only = JourneyFilter(sources=frozenset({"ads", "form"}))
    with office.world.new_uow(read_only=True) as uow:
        for account in ASKERS:
            journeys = uow.journeys(office.people[account])
            for filtered in (ALL, only):
                journeys.of_period(*month, filtered)
                journeys.open_in(*month, filtered)
                journeys.open_at_present(filtered)
                journeys.clocks_due(*month, filtered)


class TestDailyPlans:
    def test_reading_scans_nothing_that_grows(self, kind: Kind, years: Office) -> None:
        with statements(years.world.database) as run:
            for account, action, asked in of_reading(years):
                years.ask(account, action, **asked)
        assert len(run) > 1_000
        assert not (found := problems(kind, years.world.database, run)), "\n".join(found)

    def test_a_report_of_a_month_scans_nothing_that_grows(self, kind: Kind, years: Office) -> None:
        calendar = WorkCalendar(WorkingHours(), SHANGHAI)
        month = ReportPeriod.of_key("2026-10").window(calendar)
        with statements(years.world.database) as run:
            read_a_report(years, month)
            for number in Number:
                # Of so few leads, PostgreSQL reads all for those of a month.
                key = "2026-10" if kind == "sqlite" else "2026-W47"
                figure = LeadFigure(number, None, key)
                years.ask("ada", "lead_list.show", pressed=encode(LeadQuery.of_figure(figure)))
        assert len(run) > 100
        assert not (found := problems(kind, years.world.database, run)), "\n".join(found)

    def test_changing_scans_nothing_that_grows(self, kind: Kind, years: Office) -> None:
        with statements(years.world.database) as run:
            for account, action, asked in of_changing(years):
                years.ask(account, action, **asked)
        assert len(run) > 100
        assert not (found := problems(kind, years.world.database, run)), "\n".join(found)

    def test_the_forecast_reads_what_is_open_and_its_period(
        self, kind: Kind, years: Office
    ) -> None:
        first, last = date(2026, 10, 1), date(2026, 12, 31)
        window = (NOW - timedelta(days=30), NOW)
        with statements(years.world.database) as run, years.world.new_uow() as uow:
            teams, known = [team.id for team in uow.people.teams()], uow.forecasts
            odds = known.odds(teams, first, Forecasting())
            known.count_outcomes(first, *window)
            known.take_snapshot(first, NOW, odds)
            known.snapshot(first, teams)
            known.open_values(teams, first, last, first)
            known.slips(first, last, window, last)
            known.slips(first, last, window, last, teams)
        assert not (found := problems(kind, years.world.database, run)), "\n".join(found)

    def test_a_missing_index_is_noticed(self, kind: Kind, years: Office) -> None:
        database = years.world.database
        with statements(database) as run:
            years.ask("max", "lead.show", pressed="LX3990")
        assert not problems(kind, database, run)
        look = _of_sqlite if kind == "sqlite" else _of_postgresql
        with database.writer.connect() as connection:
            prefer_indexes(kind, connection)
            connection.execute(text("DROP INDEX ix_offer_lead_id"))
            found = [look(connection, *one) for one in run if one[0].startswith("SELECT")]
            connection.rollback()
        assert any(found)

    def test_the_planner_has_figures_of_every_index(self, kind: Kind) -> None:
        """A new index of a table with figures gets some, too, or SQLite will hardly use it."""
        indexes = {str(index.name) for table in metadata.sorted_tables for index in table.indexes
                   if indexes_with_statistics(table.name)}  # fmt: skip
        figures = {index for table in metadata.tables for index in indexes_with_statistics(table)}
        assert {name for name in figures if not name.startswith("sqlite_")} == indexes
