"""Half an hour without Slack or DingTalk: what was accepted meanwhile, counted on the far side."""

from datetime import timedelta

import pytest

from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.databases import Kind
from tests.faults.campaign import NewTally
from tests.faults.outages import (
    AWAY,
    FIRST,
    OTHER,
    OUTAGE,
    PLATFORMS,
    STEP,
    UNCLEAR,
    WHOLE_NETWORK,
    Name,
    NoNames,
    Scene,
    hire,
    is_once,
    scene,
)

MOST_CALLS = 400
"""Connections in half an hour of two conversations, a socket and a token that is checked."""


def in_order(numbers: list[int]) -> list[int]:
    """Without what was repeated right after itself."""
    return [one for place, one in enumerate(numbers) if place == 0 or numbers[place - 1] != one]


@pytest.mark.slow
@pytest.mark.campaign(cases=3)
@pytest.mark.in_turn
class TestHalfAnHourWithoutAPlatform:
    @pytest.mark.parametrize("away", AWAY)
    @pytest.mark.parametrize("platform", PLATFORMS)
    async def test_everything_arrives_in_order_and_the_admin_is_told(  # noqa: PLR0917 - fixtures
        self,
        database: Database,
        database_kind: Kind,
        fields: Fields,
        tally: NewTally,
        monkeypatch: pytest.MonkeyPatch,
        platform: Name,
        away: str,
    ) -> None:
        count = tally(f"{platform}: {away}", database_kind, kind="outage")
        names = NoNames(monkeypatch)
        async with scene(database, fields, monkeypatch) as play:
            hire(play, platform)
            play.write(platform)
            await play.pass_time(STEP)
            assert play.numbers(platform, "robin") == [FIRST]
            relay = play.relays[platform]
            await AWAY[away](play, relay, names)
            before = relay.let_in
            await play.settle_health(platform, ok=False)
            play.bring_lead()

            def write(step: int) -> None:
                if step % 6 == 0:
                    play.write(platform)

            await play.pass_time(OUTAGE, every=write)
            calls = relay.let_in - before
            assert play.numbers(platform, "robin") == [FIRST]
            assert len(play.told(OTHER[platform])) == (away not in WHOLE_NETWORK)
            assert play.told(platform) == []
            names.end()
            await relay.open()
            for name in PLATFORMS:
                await play.settle_health(name, ok=True)
            with count.recovering():
                await play.pass_time(timedelta(minutes=15))
            self.check(play, platform, away)
            assert calls < MOST_CALLS
            count.accepted = sum(map(len, play.put.values()))
            count.unknown = list(play.states().values()).count("unknown")
            count.check(1)

    def check(self, play: Scene, platform: Name, away: str) -> None:
        states = play.states()
        for address, numbers in play.put.items():
            unknown = {one for one in numbers if states[one] == "unknown"}
            assert all(is_once(one) for one in unknown)
            assert not unknown or away in UNCLEAR
            sent = [one for one in numbers if one not in unknown]
            assert play.numbers(platform, address) == sent, address
        offer, *_ = [text for text in play.texts(platform, "robin") if "Beech Sample" in text]
        assert "comes late" in offer
        told = [*play.told("slack"), *play.told("dingtalk")]
        if away in WHOLE_NETWORK:
            assert any("could not reach you" in text for text in told)
            assert all("It lasted from" in text for text in told)
        else:
            assert sum("Genjin needs you" in text for text in told) == 1
            assert sum("No longer the case" in text for text in told) == 1
