"""The SQL statements that a part of a test runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from storage.database.engine import Database


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements run within the block, each on one line, with their values."""
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        run.append((" ".join(statement.split()), values))

    engines = (database.writer, database.reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield run
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
