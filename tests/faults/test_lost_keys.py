"""Keys lost while a process starts: it says so, saves nothing, and recovers by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import Genjin, build
from bot.boot import WaitsFor
from bot.database_health import key_conditions
from bot.doctor import _database
from bot.settings import Settings
from handlers.core.language import Languages
from handlers.core.requests import Conversation, Request, Sender
from sales.errors import KeysUnavailable
from storage.database.keyring import new_key
from tests.world import TestSettings


def request(action: str, number: int, **values: str) -> Request:
    return Request(
        id=f"web:{number}",
        action=action,
        sender=Sender("web", "rep-1"),
        conversation=Conversation("web", "dm:rep-1", private=True),
        values=values,
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an invented company that has worked once."""
    settings = TestSettings.of(genjin_data_dir=tmp_path / "data", web_port=0)
    genjin = build(settings)
    genjin.prepare_database()
    genjin.database.dispose()
    return settings


@pytest.fixture
def file(settings: Settings) -> Path:
    return settings.genjin_data_dir / "secret.keys"


@pytest.fixture
def genjin(settings: Settings) -> Iterator[Genjin]:
    genjin = build(settings)
    yield genjin
    genjin._threads.shutdown()
    genjin.database.dispose()


class TestLostKeys:
    async def test_are_told_of_and_work_again_when_they_are_back(
        self, file: Path, genjin: Genjin
    ) -> None:
        kept = file.rename(file.with_name("kept"))
        for replaced in (False, True):
            if replaced:
                # What an earlier version did by itself.
                file.write_text(new_key(kept.read_text().partition(":")[0]), "ascii")
            with pytest.raises(WaitsFor) as waits:
                genjin.prepare_database()
            assert isinstance(waits.value.__cause__, KeysUnavailable)
            words = genjin.languages().text("error.keys_unavailable")
            lead = {"customer": "Acme", "source": "ads", "owner": "keep"}
            reply = await genjin.dispatch(request("lead.create", 1, **lead))
            assert list(reply.errors.values()) == [words]
            assert (await genjin.dispatch(request("board.open", 2))).toast == words
            [condition] = conditions(genjin)
            assert condition == ("keys_wrong" if replaced else "keys_missing")
            assert not genjin.health()["ok"]
        kept.rename(file)
        genjin.prepare_database()
        assert conditions(genjin) == []
        assert (await genjin.dispatch(request("board.open", 3))).card

    def test_are_found_missing_by_doctor_who_makes_none(
        self, settings: Settings, file: Path
    ) -> None:
        file.unlink()
        language = Languages(settings.timezone)()
        told = [finding.said for finding in _database(settings, language) if not finding.ok]
        assert any("secret.keys does not exist" in said for said in told), told
        assert not file.exists()

    async def test_that_go_while_it_runs_are_told_of(self, file: Path, genjin: Genjin) -> None:
        genjin.prepare_database()
        file.unlink()
        assert conditions(genjin) == ["keys_gone"]
        assert (await genjin.dispatch(request("board.open", 4))).card


def conditions(genjin: Genjin) -> list[str]:
    assert genjin.keys
    return [one.key for one in key_conditions(genjin.keys)()]
