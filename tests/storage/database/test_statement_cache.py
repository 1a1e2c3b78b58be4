"""A statement that was sent before does exactly what it did the first time."""

import gc
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Select, bindparam, event, func, or_, select
from sqlalchemy.exc import IntegrityError, StatementError

from sales.errors import KeysUnavailable
from storage.database.among import among
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.statement_cache import StatementCachingConnection
from storage.tables import lane, person, remark, team

NOW = datetime(2024, 3, 4, 10, tzinfo=UTC)
_ADD = lane.insert()
_FIND = select(lane).where(lane.c.key == bindparam("key"))
_KEYS = select(lane.c.key).order_by(lane.c.key)
_WAIT = lane.update().where(lane.c.key == bindparam("held"))


@pytest.fixture
def lanes(database: Database) -> Database:
    with database.write() as connection:
        for key in "abc":
            connection.execute(_ADD, {"key": key, "ready_at": NOW, "epoch": 0, "pending": 1})
    return database


def often(connection: Connection, statement: Any, **given: Any) -> list[Any]:
    return [connection.execute(statement, given).all() for _ in range(4)]


def test_is_remembered_by_every_database_of_the_same_engines(lanes: Database) -> None:
    before = lanes.reader._connection_cls
    assert lanes.behind(lambda: None).reader._connection_cls is before


class TestRepeated:
    def test_finds_the_same_rows_every_time(self, lanes: Database) -> None:
        with lanes.read() as connection:
            assert often(connection, _KEYS) == [[("a",), ("b",), ("c",)]] * 4
            for key in "abcabc":
                row = connection.execute(_FIND, {"key": key}).mappings().one()
                assert (row["key"], row[lane.c.ready_at], row["pending"]) == (key, NOW, 1)
            assert connection.execute(_FIND, {"key": "?"}).mappings().one_or_none() is None
            assert connection.scalar(_FIND, {"key": "b"}) == "b"
            assert connection.scalars(_KEYS).all() == ["a", "b", "c"]
            assert [row.key for row in connection.execute(_KEYS)] == ["a", "b", "c"]

    def test_an_equal_statement_keeps_its_own_values(self, lanes: Database) -> None:
        def keys_but(key: str) -> Select[Any]:
            return select(lane.c.key).where(lane.c.key != key).order_by(lane.c.key)

        but_a, but_b = keys_but("a"), keys_but("b")
        with lanes.read() as connection:
            for _ in range(4):
                assert connection.scalars(but_a).all() == ["b", "c"]
                assert connection.scalars(but_b).all() == ["a", "c"]

    def test_a_list_of_values_may_grow(self, lanes: Database) -> None:
        counted = select(func.count()).where(lane.c.key.in_(bindparam("keys", expanding=True)))
        with lanes.read() as connection:
            for keys in (["a"], ["a", "b"], [], ["a", "b", "c"], ["b"]):
                assert connection.scalar(counted, {"keys": keys}) == len(keys)

    def test_a_list_that_never_changes_is_remembered(self, lanes: Database) -> None:
        never = lane.c.key.in_(["a", "c"]), lane.c.epoch == bindparam("e")
        keys = select(lane.c.key).where(*never).order_by(lane.c.key)
        with lanes.read() as connection:
            assert [len(often(connection, keys, e=epoch)[3]) for epoch in (0, 1, 0)] == [2, 0, 2]
            assert isinstance(connection, StatementCachingConnection)
            assert any(connection._known[keys].values())

    @pytest.mark.parametrize("keys", [[], ["a"], ["b", "a", "?"], ["'", '"', "c"]])
    def test_among_is_one_statement(self, keys: list[str], lanes: Database) -> None:
        asked = select(lane.c.key).where(or_(among(lane.c.key, "keys"), lane.c.epoch == 1))
        numbered = select(func.count()).where(among(lane.c.pending, "numbers"))
        with lanes.read() as connection:
            assert "= 1" not in str(asked.compile(lanes.reader)).replace("epoch = 1", "")
            for _ in range(4):
                assert set(connection.scalars(asked, {"keys": keys})) == set(keys) & set("abc")
                assert connection.scalar(numbered, {"numbers": [len(keys), 7]}) == (
                    3 if len(keys) == 1 else 0
                )

    def test_writes_the_columns_that_are_given(self, lanes: Database) -> None:
        with lanes.write() as connection:
            for epoch in (4, 5, 6):
                done = connection.execute(_WAIT, {"held": "a", "epoch": epoch})
                assert done.rowcount == 1
                connection.execute(_WAIT, {"held": "a", "pending": epoch * 2})
            assert connection.execute(_WAIT, {"held": "?", "epoch": 1}).rowcount == 0
            row = connection.execute(_FIND, {"key": "a"}).one()
            assert (row.epoch, row.pending) == (6, 12)

    def test_returns_what_was_stored(self, database: Database) -> None:
        add = team.insert().returning(team.c.id)
        with database.write() as connection:
            ids = [connection.scalar(add, {"name": name}) for name in "xyz"]
            assert len(set(ids)) == 3
            for name in "uvw":
                connection.execute(team.insert(), {"name": name})
            assert connection.scalar(select(func.count()).select_from(team)) == 6

    def test_fails_as_the_first_time(self, lanes: Database) -> None:
        with lanes.write() as connection:
            for _ in range(4):
                with pytest.raises(IntegrityError) as failed, connection.begin_nested():
                    connection.execute(
                        _ADD, {"key": "a", "ready_at": NOW, "epoch": 0, "pending": 1}
                    )
                assert "parameters hidden" in str(failed.value)
                assert connection.scalars(_KEYS).all() == ["a", "b", "c"]
            for _ in range(4):
                with pytest.raises(StatementError, match="bind parameter"):
                    connection.execute(_FIND, {})

    def test_locked_keys_are_told_apart_from_a_fault(self, lanes: Database) -> None:
        texts = select(func.count()).where(remark.c.text == bindparam("text"))
        with lanes.read() as connection:
            for _ in range(3):
                assert connection.scalar(texts, {"text": "anything"}) == 0
            lanes.seal_with(Fields())
            for _ in range(3):
                with pytest.raises(StatementError) as failed:
                    connection.scalar(texts, {"text": "anything"})
                assert isinstance(failed.value.orig, KeysUnavailable)

    def test_a_listener_hears_of_every_statement(self, lanes: Database) -> None:
        heard = []

        def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            heard.append(statement)

        with lanes.read() as connection:
            often(connection, _KEYS)
        event.listen(lanes.reader, "before_cursor_execute", note)
        with lanes.read() as connection:
            often(connection, _KEYS)
        event.remove(lanes.reader, "before_cursor_execute", note)
        assert len(heard) == 4

    def test_remembers_no_statement_longer_than_it_exists(self, lanes: Database) -> None:
        with lanes.read() as connection:
            assert isinstance(connection, StatementCachingConnection)
            known = connection._known
            often(connection, _KEYS)
            gc.collect()
            before = len(known)
            for number in range(50):
                often(connection, select(person.c.id).where(person.c.id == number))
            gc.collect()
            assert _KEYS in known
            # SQLAlchemy keeps the first one of a shape.
            assert len(known) <= before + 1

    def test_leaves_a_reader_unable_to_write(self, lanes: Database) -> None:
        for _ in range(3):
            with pytest.raises(Exception, match=r"read-?only"), lanes.read() as connection:
                connection.execute(_WAIT, {"held": "a", "epoch": 9})
