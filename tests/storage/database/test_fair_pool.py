"""Who gets SQLite's one writer, and when."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as NoneCame

from storage.database.engine import Database, open_database
from storage.database.fair_pool import FairPool, _InTurn


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = open_database("", tmp_path)
    database.create()
    return database


class TestFairPool:
    def test_lends_in_the_order_of_asking(self, database: Database) -> None:
        order: list[str] = []

        def write(name: str) -> None:
            with database.write() as connection:
                connection.execute(text("SELECT 1"))
                order.append(name)

        held = database.writer.connect()
        waiting = []
        for name in ("first", "second", "third"):
            thread = threading.Thread(target=write, args=(name,))
            thread.start()
            waiting.append(thread)
            until(lambda: len(turns(database)) == len(waiting))
        held.close()
        write("asked again")
        for thread in waiting:
            thread.join()
        assert order == ["first", "second", "third", "asked again"]
        database.dispose()

    def test_gives_up_after_its_time(self, database: Database) -> None:
        pool = database.writer.pool
        assert isinstance(pool, FairPool)
        pool._timeout = 0.01
        with database.writer.connect(), pytest.raises(NoneCame):
            database.writer.connect()
        assert not turns(database)
        database.writer.connect().close()
        database.dispose()

    def test_replaces_a_connection_that_failed(self, database: Database) -> None:
        broken = database.writer.connect()
        done = threading.Event()

        def write() -> None:
            with database.write() as connection:
                connection.execute(text("SELECT 1"))
            done.set()

        thread = threading.Thread(target=write)
        thread.start()
        until(lambda: len(turns(database)) == 1)
        broken.invalidate()
        broken.close()
        assert done.wait(5)
        thread.join()
        database.dispose()


def turns(database: Database) -> list[object]:
    pool = database.writer.pool
    assert isinstance(pool, FairPool)
    queue: _InTurn | object = pool._pool
    assert isinstance(queue, _InTurn)
    return list(queue._turns)


def until(holds: Callable[[], bool]) -> None:
    for _ in range(2000):
        if holds():
            return
        time.sleep(0.002)
    raise AssertionError("it never came to that")
