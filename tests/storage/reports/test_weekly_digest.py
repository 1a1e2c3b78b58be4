"""What the digest counts of many weeks, stages and teams at once, against one at a time."""

from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import Connection, select, update

from sales.calendar import WorkCalendar, week_after
from sales.people import SYSTEM
from sales.permissions import scope_of
from sales.playbook import WorkingHours
from sales.reports import stage_conversion
from sales.reports.digest import TREND_WEEKS
from storage import tables
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.reports.figures import FigureRepository
from storage.reports.journeys import JourneyRepository
from storage.reports.weekly_digest import WeeklyDigestRepository
from tests.storage.company import Company
from tests.storage.reports.test_recomputed import NOW, SHANGHAI, Histories

CALENDAR = WorkCalendar(WorkingHours(), SHANGHAI)
WEEKS = [CALENDAR.week(week_after("2024-W10", -back)) for back in range(TREND_WEEKS - 1, -1, -1)]


@pytest.fixture
def connection(database: Database, company: Company) -> Iterator[Connection]:
    """Random histories of two teams."""
    with database.write() as connection:
        Histories(connection, company, Random(7)).write(80)  # noqa: S311
        west = update(tables.lead).where(tables.lead.c.id % 3 == 0)
        connection.execute(west.values(team_id=company.west.id))
        yield connection


def test_weeks_in_a_row_are_what_each_is_alone(
    connection: Connection, company: Company, fields: Fields
) -> None:
    figures, digest = FigureRepository(connection, fields), WeeklyDigestRepository(connection)
    for team_id in (company.east.id, company.west.id, None):
        alone = [figures.week(team_id, *window) for window in WEEKS]
        counted = digest.weeks(team_id, WEEKS)
        assert [(week.new_leads, week.won, week.lost) for week in counted] == [
            (week.new_leads, week.won, week.lost) for week in alone
        ]
        assert [(week.start, week.end) for week in counted] == WEEKS


def test_teams_side_by_side_are_what_each_is_alone(
    connection: Connection, company: Company, fields: Fields
) -> None:
    figures, digest = FigureRepository(connection, fields), WeeklyDigestRepository(connection)
    for window in WEEKS[-3:]:
        teams = digest.teams(*window)
        for team_id in (company.east.id, company.west.id):
            alone, week = figures.week(team_id, *window), teams[team_id]
            assert (week.new_leads, week.won, week.won_amount, week.lost, week.overdue) == (
                alone.new_leads, alone.won, alone.won_amount, alone.lost, alone.overdue,
            )  # fmt: skip
            flows = digest.flows(team_id, *window)
            assert week.open == sum(flow.open for flow in flows)


def test_a_team_began_with_its_first_lead(connection: Connection, company: Company) -> None:
    digest, lead = WeeklyDigestRepository(connection), tables.lead
    first = {
        team_id: min(connection.scalars(select(lead.c.created_at).where(lead.c.team_id == team_id)))
        for team_id in (company.east.id, company.west.id)
    }
    assert {team_id: digest.began(team_id) for team_id in first} == first
    assert digest.began(None) == min(first.values())


def test_what_goes_on_from_a_stage_is_what_reports_say(
    connection: Connection, company: Company
) -> None:
    """Random ways, half of them from files, as the reports' own function counts them."""
    start, end = WEEKS[0][0], NOW
    journeys = JourneyRepository(connection, scope_of(SYSTEM)).of_period(start, end)
    for team_id in (company.east.id, company.west.id, None):
        mine = [one for one in journeys if team_id in (None, one.team_id)]
        flows = WeeklyDigestRepository(connection).flows(team_id, start, end)
        assert [(flow.stage, flow.entered, flow.went_on) for flow in flows] == [
            (one.stage, one.entered, one.converted) for one in stage_conversion(mine, start, end)
        ]
        assert any(flow.went_on for flow in flows)
