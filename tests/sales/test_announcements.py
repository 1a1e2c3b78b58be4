"""What an announcement says about a win."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sales.announcements import days_from_first_contact
from tests.sales.leads import a_lead

SHANGHAI = ZoneInfo("Asia/Shanghai")


class TestDaysFromFirstContact:
    @pytest.mark.parametrize("hour", [0, 9, 18, 23])
    @pytest.mark.parametrize("won_hour", [0, 9, 18, 23])
    def test_are_calendar_days_of_the_company(self, hour: int, won_hour: int) -> None:
        arrived = datetime(2026, 11, 23, hour, 30, tzinfo=SHANGHAI)
        won = datetime(2026, 11, 28, won_hour, 30, tzinfo=SHANGHAI)
        lead = a_lead(created_at=arrived, closed_at=won)
        assert days_from_first_contact(lead, None, SHANGHAI) == 5
        assert days_from_first_contact(lead, won - timedelta(days=6), SHANGHAI) == 6

    def test_of_a_contact_after_the_win_are_none(self) -> None:
        won = datetime(2026, 11, 28, 9, tzinfo=SHANGHAI)
        lead = a_lead(created_at=won, closed_at=won)
        assert days_from_first_contact(lead, won + timedelta(days=3), SHANGHAI) == 0
