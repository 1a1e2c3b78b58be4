"""Announcing wins: how long a deal took."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from sales.announcements import days_from_first_contact
from sales.calendar import WorkCalendar
from sales.playbook import WorkingHours
from tests.sales.leads import a_lead

CHINA = WorkCalendar(WorkingHours(), ZoneInfo("Asia/Shanghai"))


def at(day: int, hour: int) -> datetime:
    return datetime(2024, 3, day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


class TestDaysFromFirstContact:
    @pytest.mark.parametrize(
        ("contact", "days"),
        [(at(1, 17), 5), (at(1, 8), 5), (None, 6), (at(6, 8), 0), (at(6, 20), 0), (at(7, 9), 0)],
    )
    def test_are_those_of_the_calendar(self, contact: datetime | None, days: int) -> None:
        won = a_lead(
            created_at=datetime(2024, 2, 29, 23, tzinfo=CHINA.timezone), closed_at=at(6, 9)
        )
        assert days_from_first_contact(won, contact, CHINA) == days
