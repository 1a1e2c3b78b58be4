"""``--at`` takes what people type, in the company's timezone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.backups.point_in_time import NotAMoment, parse_past

NOW = datetime(2026, 11, 28, 21, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Saturday."""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-27", "2026-11-27T23:59:59.999999+08:00"),
        ("20261127", "2026-11-27T23:59:59.999999+08:00"),
        ("２０２６-１１-２７", "2026-11-27T23:59:59.999999+08:00"),
        ("２０２６／１１／２７　１４：００", "2026-11-27T14:00:00+08:00"),
        ("2026/11/27", "2026-11-27T23:59:59.999999+08:00"),
        ("2026-11-27T14:00", "2026-11-27T14:00:00+08:00"),
        (" 2026-11-27  14:00:30 ", "2026-11-27T14:00:30+08:00"),
        ("2026/11/27 14:00:30", "2026-11-27T14:00:30+08:00"),
        ("2026-11-27T06:00:00Z", "2026-11-27T14:00:00+08:00"),
        ("20261127T060000Z", "2026-11-27T14:00:00+08:00"),
        ("昨天 18:00", "2026-11-27T18:00:00+08:00"),
        ("昨天下午六点", "2026-11-27T18:00:00+08:00"),
        ("昨天", "2026-11-27T23:59:59.999999+08:00"),
        ("yesterday", "2026-11-27T23:59:59.999999+08:00"),
        ("Yesterday 6pm", "2026-11-27T18:00:00+08:00"),
        ("today", "2026-11-28T23:59:59.999999+08:00"),
        ("今天上午", "2026-11-28T09:00:00+08:00"),
        ("周五 18点", "2026-11-27T18:00:00+08:00"),
        ("friday 18:00", "2026-11-27T18:00:00+08:00"),
        ("11月20日", "2026-11-20T23:59:59.999999+08:00"),
        ("Nov 20, 9am", "2026-11-20T09:00:00+08:00"),
        ("2 hours ago", "2026-11-28T19:00:00+08:00"),
        ("两小时前", "2026-11-28T19:00:00+08:00"),
        ("3 days ago", "2026-11-25T23:59:59.999999+08:00"),
        ("18:00", "2026-11-28T18:00:00+08:00"),
        ("23:30", "2026-11-27T23:30:00+08:00"),
        ("下午三点", "2026-11-28T15:00:00+08:00"),
    ],
)
def test_a_moment_is_read(typed: str, meant: str) -> None:
    assert parse_past(typed, NOW) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "soon", "2026-13-40", "tomorrow", "明天 9:00", "2027-01-01", "LX001", "x" * 5000],
)
def test_no_other_text_is_one(typed: str) -> None:
    with pytest.raises(NotAMoment):
        parse_past(typed, NOW)


def test_a_day_of_two_numbers_is_read_as_the_country_does() -> None:
    assert parse_past("5/11", NOW, "dmy").date().isoformat() == "2026-11-05"
    assert parse_past("5/11", NOW, "mdy").date().isoformat() == "2026-05-11"
