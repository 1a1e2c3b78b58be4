"""Slack and DingTalk do what they were asked, and their answer is lost: counted at their side.

What goes out at most once is never there twice, and what did not surely arrive is shown as unknown;
what goes out at least once is there twice at most as often as an answer was lost.
"""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from typing import Final

import pytest

from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.databases import Kind
from tests.doubles.dingtalk.world import Fault as DingTalkFault
from tests.doubles.slack import Fault
from tests.faults.campaign import NewTally, dice, rounds
from tests.faults.outages import PLATFORMS, STEP, Name, Scene, hire, is_once, scene

WHOLE: Final = 40
MESSAGES: Final = 6
"""Pairs: one for a person and one for a channel."""
PATIENCE: Final = timedelta(minutes=20)

LOST: Final = {
    "connection reset": (
        Fault(lost=True),
        DingTalkFault(200, {}, drop=True, done_first=True),
    ),
    "no answer in time": (
        Fault(acted=True, held=asyncio.Event()),
        DingTalkFault(200, {}, done_first=True, held=asyncio.Event()),
    ),
    "500 although it was done": (
        Fault(acted=True, status=500),
        DingTalkFault(500, {}, done_first=True),
    ),
    "half an answer": (
        Fault(acted=True, body='{"ok": tru'),
        DingTalkFault(200, {}, done_first=True, text='{"processQ'),
    ),
    "a proxy's page": (
        Fault(acted=True, body="<html>please sign in</html>"),
        DingTalkFault(200, {}, done_first=True, text="<html>please sign in</html>"),
    ),
    "an empty answer": (
        Fault(acted=True, body=""),
        DingTalkFault(200, {}, done_first=True, text=""),
    ),
}


def lose(play: Scene, platform: Name, how: str, chance: random.Random) -> None:
    """Lose the answers of some of the next calls."""
    slack, dingtalk = LOST[how]
    for _ in range(2 * MESSAGES):
        lost = chance.random() < 0.4
        if platform == "slack":
            # The workspace has no fault for a call that goes well: it ends the row of them.
            if lost:
                play.slack.fault("chat.postMessage", slack)
        else:
            for name in ("batchSend", "send"):
                play.dingtalk.world.faults.setdefault(name, []).append(dingtalk if lost else None)


@pytest.mark.slow
@pytest.mark.campaign(cases=4)
@pytest.mark.in_turn
class TestALostAnswer:
    @pytest.mark.parametrize("how", LOST)
    @pytest.mark.parametrize("platform", PLATFORMS)
    async def test_never_doubles_what_goes_out_once(  # noqa: PLR0917 - fixtures
        self,
        database: Database,
        database_kind: Kind,
        fields: Fields,
        tally: NewTally,
        monkeypatch: pytest.MonkeyPatch,
        platform: Name,
        how: str,
    ) -> None:
        count = tally(f"{platform}: {how}", database_kind, kind="answer lost", may_repeat=True)
        played = rounds(WHOLE)
        async with scene(database, fields, monkeypatch) as play:
            hire(play, platform)
            for number in played:
                lose(play, platform, how, dice(platform, how, number))
                for _ in range(MESSAGES):
                    play.write(platform)
                with count.recovering():
                    await play.pass_time(PATIENCE)
            states = play.states()
            for address, numbers in play.put.items():
                there = Counter(play.numbers(platform, address))
                for one in numbers:
                    count.accepted += 1
                    count.lost += not there[one]
                    count.unknown += states[one] == "unknown"
                    if is_once(one):
                        count.once_twice += there[one] > 1
                    else:
                        count.repeated += there[one] - 1
                        assert states[one] == "sent"
                first_seen = list(dict.fromkeys(play.numbers(platform, address)))
                assert first_seen == numbers
        assert not {"waiting", "sending", "dead"} & set(states.values())
        count.check(len(played))


class TestNothingWasAskedYet:
    """A connection on which TLS is never agreed: certainly nothing was sent."""

    @pytest.mark.parametrize("platform", PLATFORMS)
    async def test_is_sent_again_even_what_goes_out_once(
        self,
        database: Database,
        fields: Fields,
        monkeypatch: pytest.MonkeyPatch,
        platform: Name,
    ) -> None:
        async with scene(database, fields, monkeypatch) as play:
            hire(play, platform)
            plain = hang_in_tls(play, platform)
            await play.relays[platform].go_silent()
            for _ in range(2):
                play.write(platform)
            await play.pass_time(2 * STEP)
            assert set(play.states().values()) == {"waiting"}
            plain()
            await play.relays[platform].open()
            await play.pass_time(10 * STEP)
            assert set(play.states().values()) == {"sent"}
            assert [play.numbers(platform, to) for to in play.put] == list(play.put.values())


def hang_in_tls(play: Scene, platform: Name):  # type: ignore[no-untyped-def]
    """Call the platform by https, at a port that never says a word; returns what ends it."""
    world = play.world
    if platform == "slack":
        client = world.platforms["slack"]._client  # type: ignore[attr-defined]
        before = client.base_url
        client.base_url = before.replace("http://", "https://")
        return lambda: setattr(client, "base_url", before)
    transport = world.platforms["dingtalk"]._transport  # type: ignore[attr-defined]
    config = transport._config
    secure = config.api_url.replace("http://", "https://")
    object.__setattr__(config, "api_url", secure)
    return lambda: object.__setattr__(config, "api_url", secure.replace("https://", "http://"))
