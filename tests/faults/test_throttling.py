"""Half an hour in which Slack or DingTalk answer every call with "too many": calls are counted.

Each conversation waits as long as it is told, nobody calls all the time, nothing is lost, and all
of it arrives in order once it is over.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import pytest

from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.databases import Kind
from tests.doubles.dingtalk.world import Fault as DingTalkFault
from tests.doubles.slack import Fault
from tests.faults.campaign import NewTally
from tests.faults.outages import OUTAGE, STEP, Name, Scene, hire, scene

ALWAYS: Final = 10_000
IN_A_MINUTE: Final = "in a minute"
"""As an HTTP date; the far side reads its own clock when it answers."""


@dataclass(frozen=True)
class Storm:
    """What every call is answered. ``pause``: for so many seconds at least nobody calls again in
    that conversation."""

    platform: Name
    name: str
    pause: float
    status: int = 429
    retry_after: str | None = None
    body: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.platform}: {self.name}"

    @property
    def named(self) -> str | None:
        if self.retry_after != IN_A_MINUTE:
            return self.retry_after
        now = datetime.now(UTC)  # noqa: TID251 - as the server's own Date
        return format_datetime(now + timedelta(minutes=1), usegmt=True)


STORMS: Final = (
    Storm("slack", "30 seconds", 30, retry_after="30"),
    Storm("slack", "a second and a half", 1.5, retry_after="1.5"),
    Storm("slack", "0 seconds", 0, retry_after="0"),
    Storm("slack", "none named", 1),
    Storm("slack", "an HTTP date", 30, retry_after=IN_A_MINUTE),
    Storm("slack", "a day", 900, retry_after="86400"),
    Storm("slack", "no number", 1, retry_after="nan"),
    Storm("slack", "503 for two minutes", 120, status=503, retry_after="120"),
    Storm("dingtalk", "30 seconds", 30, retry_after="30"),
    Storm("dingtalk", "no number", 1, retry_after="nan"),
    Storm("dingtalk", "an HTTP date", 30, retry_after=IN_A_MINUTE),
    Storm("dingtalk", "a day", 900, retry_after="86400"),
    Storm(
        "dingtalk",
        "calls a second",
        1,
        403,
        body={
            "code": "Forbidden.AccessDenied.QpsLimitForApi",
            "requestid": "0F0F",
            "message": "请求被限流",
        },
    ),
    Storm(
        "dingtalk",
        "calls a minute",
        60,
        403,
        body={"code": "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", "message": "请求被限流"},
    ),
    Storm("dingtalk", "90018", 1, 200, body={"errcode": 90018, "errmsg": "超过频率限制"}),
    Storm(
        "dingtalk",
        "90002 within 88",
        1,
        200,
        body={"errcode": 88, "sub_code": "90002", "sub_msg": "当前接口的所有请求都被暂时禁用了"},
    ),
    Storm("dingtalk", "503 for two minutes", 120, status=503, retry_after="120"),
)


def begin(play: Scene, storm: Storm) -> None:
    if storm.platform == "slack":
        fault = Fault("" if storm.status == 503 else "ratelimited", storm.status, storm.named)
        if storm.status == 503:
            fault = Fault("service_unavailable", 503, storm.named)
        play.slack.faults["chat.postMessage"] = deque([fault] * ALWAYS)
        return
    headers = {"Retry-After": storm.named} if storm.named else {}
    for name in ("batchSend", "send"):
        fault_of = DingTalkFault(storm.status, storm.body, headers)
        play.dingtalk.world.faults[name] = [fault_of] * ALWAYS


def end(play: Scene) -> None:
    play.slack.faults.clear()
    play.dingtalk.world.faults.clear()


def calls(play: Scene, platform: Name) -> int:
    if platform == "slack":
        return len(play.slack.calls("chat.postMessage"))
    return sum(len(play.dingtalk.world.named(name)) for name in ("batchSend", "send"))


@pytest.mark.slow
@pytest.mark.campaign(cases=4)
@pytest.mark.in_turn
class TestAStorm:
    @pytest.mark.parametrize("storm", STORMS, ids=str)
    async def test_is_waited_out(  # noqa: PLR0917 - fixtures
        self,
        database: Database,
        database_kind: Kind,
        fields: Fields,
        tally: NewTally,
        monkeypatch: pytest.MonkeyPatch,
        storm: Storm,
    ) -> None:
        count = tally(f"{storm}", database_kind, kind="throttled")
        async with scene(database, fields, monkeypatch) as play:
            hire(play, storm.platform)
            begin(play, storm)
            before = calls(play, storm.platform)

            def write(step: int) -> None:
                if step % 10 == 0:
                    play.write(storm.platform)

            # Every second, as the process does; every half minute, what is due.
            for step in range(int(OUTAGE / STEP)):
                write(step)
                for _ in range(int(STEP.total_seconds())):
                    play.world.clock.advance(1)
                    await play.world.delivery.drain()
            tried = calls(play, storm.platform) - before
            conversations = len(play.put)
            at_most = min(60, OUTAGE.total_seconds() / max(storm.pause, 1) + 2)
            assert conversations <= tried <= conversations * at_most
            assert all(not play.numbers(storm.platform, to) for to in play.put)
            assert set(play.states().values()) == {"waiting"}
            end(play)
            with count.recovering():
                await play.pass_time(timedelta(minutes=20))
            for address, numbers in play.put.items():
                count.accepted += len(numbers)
                assert play.numbers(storm.platform, address) == numbers
            count.check(1)
