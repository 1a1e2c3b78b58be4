"""Weekly reports on both databases: each is asked, reminded and submitted once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from sales.reports import RepWeek
from sales.weekly_reports import WeeklyReport
from storage.database.engine import Database
from storage.tables import weekly_report
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MONDAY
from tests.storage.company import Company

HOUR = timedelta(hours=1)
WEEK = "2024-W09"


def report_of(company: Company) -> WeeklyReport:
    person = company.robin
    figures = RepWeek(
        person_id=person.id, name=person.name, new_leads=15, high_value=3, followed_up=8,
        in_discovery=5, in_proposal=3, won=2, won_amount=Decimal("125000.00"), overdue=1,
    )  # fmt: skip
    return WeeklyReport(
        person_id=person.id,
        week=WEEK,
        figures=figures,
        focus="推进B学校演示",
        submitted_at=MONDAY,
    )


class TestWeeklyReports:
    def test_keeps_what_was_submitted_and_its_correction(
        self, units: UnitOfWorkFactory, company: Company, database: Database
    ) -> None:
        report, people = report_of(company), [company.robin.id, 4711]
        for stored in (report, replace(report, focus="A", corrected_at=MONDAY + HOUR)):
            with units() as uow:
                uow.weekly_reports.submit(stored)
                uow.commit()
            with units(read_only=True) as uow:
                assert uow.weekly_reports.of_people(people, WEEK) == {report.person_id: stored}
                assert uow.weekly_reports.of_people(people, "2024-W08") == {}
        with units() as uow:
            uow.weekly_reports.submit(report)
            uow.commit()
        with database.read() as connection:
            raw = connection.exec_driver_sql("SELECT focus FROM weekly_report").scalar_one()
            assert "推进".encode() not in bytes(raw)
            assert connection.execute(select(weekly_report.c.asked_at)).scalar_one() is None

    def test_asks_and_reminds_once(self, units: UnitOfWorkFactory, company: Company) -> None:
        robin = company.robin.id
        with units() as uow:
            reports = uow.weekly_reports
            assert not reports.remind(robin, WEEK, MONDAY)  # who was not asked
            assert reports.ask(robin, WEEK, MONDAY)
            assert not reports.ask(robin, WEEK, MONDAY + HOUR)
            assert not reports.asked_of([robin], WEEK)[robin].is_missing
            assert reports.remind(robin, WEEK, MONDAY + HOUR)
            assert not reports.remind(robin, WEEK, MONDAY + 2 * HOUR)
            assert reports.nudge(robin, WEEK, robin, MONDAY + 2 * HOUR)
            assert not reports.nudge(robin, WEEK, robin, MONDAY + 3 * HOUR)
            asked = reports.asked_of([robin], WEEK)[robin]
            assert asked.is_missing
            assert (asked.asked_at, asked.reminded_at) == (MONDAY, MONDAY + HOUR)
            assert reports.of_people([robin], WEEK) == {}
            reports.submit(report_of(company))
            asked = reports.asked_of([robin], WEEK)[robin]
            assert not asked.is_owed
            assert asked.asked_at == MONDAY

    def test_does_not_ask_who_has_reported(
        self, units: UnitOfWorkFactory, company: Company
    ) -> None:
        with units() as uow:
            uow.weekly_reports.submit(report_of(company))
            assert not uow.weekly_reports.ask(company.robin.id, WEEK, MONDAY)
            assert not uow.weekly_reports.nudge(company.robin.id, WEEK, 1, MONDAY)
