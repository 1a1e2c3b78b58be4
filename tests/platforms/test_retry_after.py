"""What ``Retry-After`` may hold, and what Slack and DingTalk are then given time for."""

import math

import pytest

from bot.platforms import Throttled, Unavailable
from bot.platforms.dingtalk.errors import failure_of
from bot.platforms.retry_after import seconds_to_wait
from bot.platforms.slack.client import _error

NOW = "Fri, 01 Mar 2024 10:00:00 GMT"


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        (" 30 ", 30.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("0.25", 0.25),
        ("-5", 0.0),
        ("86400000", 86_400_000.0),
        ("Fri, 01 Mar 2024 10:02:30 GMT", 150.0),
        ("Friday, 01-Mar-24 10:00:05 GMT", 5.0),
        ("Fri, 01 Mar 2024 09:00:00 GMT", 0.0),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("1e999", None),
        ("soon", None),
        ("10 s", None),
        ("", None),
        (None, None),
        ("Fri, 99 Mar 2024 10:00:00 GMT", None),
        ("9" * 5000, None),
        (", " * 5000, None),
    ],
)
def test_every_form(given: str | None, seconds: float | None) -> None:
    assert seconds_to_wait(given, NOW) == seconds


def test_a_date_is_compared_with_the_servers_clock_not_with_ours() -> None:
    assert seconds_to_wait("Fri, 01 Mar 2024 10:02:30 GMT", None) is None
    assert seconds_to_wait("Fri, 01 Mar 2024 10:02:30 GMT", "rubbish") is None


@pytest.mark.parametrize(
    ("status", "code", "given", "expected"),
    [
        (429, "ratelimited", "30", 30.0),
        (429, "", "Fri, 01 Mar 2024 10:00:09 GMT", 9.0),
        (429, "ratelimited", None, 1.0),
        (429, "ratelimited", "nan", 1.0),
        (200, "ratelimited", "12", 12.0),
        (503, "", "120", 120.0),
        (503, "service_unavailable", None, None),
    ],
)
def test_slack(status: int, code: str, given: str | None, expected: float | None) -> None:
    headers = {"Date": NOW} | ({"Retry-After": given} if given else {})
    error = _error(status, code, headers)
    if expected is None:
        assert isinstance(error, Unavailable)
    else:
        assert isinstance(error, Throttled)
        assert error.retry_after == expected


@pytest.mark.parametrize(
    ("status", "body", "wait", "expected"),
    [
        (429, {}, 7.0, 7.0),
        (429, {}, None, 1.0),
        (503, {}, 90.0, 90.0),
        (503, {}, None, None),
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForApi"}, None, 1.0),
        (403, {"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}, 0.0, 1.0),
        (403, {"code": "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"}, None, 60.0),
        (200, {"errcode": 88, "sub_code": "90018"}, None, 1.0),
        *((200, {"errcode": code}, None, 1.0) for code in (90001, 90002, 90006, 90014, 90018)),
        (200, {"errcode": 130101}, None, 1.0),
    ],
)
def test_dingtalk(
    status: int, body: dict[str, object], wait: float | None, expected: float | None
) -> None:
    error = failure_of(status, body, wait)
    if expected is None:
        assert isinstance(error, Unavailable)
    else:
        assert isinstance(error, Throttled)
        assert math.isclose(error.retry_after, expected)
