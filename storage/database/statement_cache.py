"""Connections that send a statement they have sent before without preparing it anew.

For each execution SQLAlchemy looks up how a statement is compiled, which parameters it takes and
how its columns are read. For a statement that is a constant of a module this never changes, so it
is remembered as long as the statement exists. Everything else is executed as usual. Knows no
tables.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, CursorResult, Engine, Executable, ScalarResult
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.engine.interfaces import BindTyping
from sqlalchemy.engine.result import IteratorResult, ResultMetaData
from sqlalchemy.sql.compiler import SQLCompiler

_Process = Callable[[Any], Any]
_Given = Mapping[str, Any]
_Parameter = tuple[str, str | None, _Process | None, Any]
"""The driver's key; the name it is given by, None for a constant; how it is processed; or the
constant, processed already."""


@dataclass(frozen=True, slots=True)
class _CachedStatement:
    """How a statement is sent, and how its rows are read; ``columns`` None when it has none."""

    sql: str
    parameters: tuple[_Parameter, ...]
    positional: bool
    columns: ResultMetaData | None
    has_rows: bool

    def bound(self, given: _Given) -> Sequence[Any] | _Given:
        """Return the parameters as the driver takes them."""
        if self.positional:
            return [
                constant if name is None else process(given[name]) if process else given[name]
                for _, name, process, constant in self.parameters
            ]
        return {
            key: constant if name is None else process(given[name]) if process else given[name]
            for key, name, process, constant in self.parameters
        }


class _Rows(IteratorResult[Any]):
    """The rows of a result, all of them fetched."""

    def __init__(self, columns: ResultMetaData, rows: Iterable[Any], rowcount: int) -> None:
        super().__init__(columns, iter(rows))
        self.rowcount = rowcount


@dataclass(frozen=True, slots=True)
class _Done:
    """The result of a statement that returns no rows."""

    rowcount: int


_Variants = dict[tuple[str, ...], _CachedStatement | None]
"""A statement by the names of its parameters, which tell the columns an INSERT fills; None for one
that is always executed as usual."""
_Known = WeakKeyDictionary[Executable, _Variants]


class StatementCachingConnection(Connection):
    """A connection of an engine that remembers its statements.

    A result is a ``CursorResult`` as usual; of a remembered statement all rows are fetched at once,
    and it has ``rowcount`` but nothing else that concerns the cursor.
    """

    def __init__(self, engine: Engine, *, known: _Known) -> None:
        super().__init__(engine)
        self._known = known
        self._cursor: Any = None
        self._cursor_of: Any = None

    def execute(
        self,
        statement: Executable,
        parameters: _Given | Sequence[_Given] | None = None,
        **options: Any,
    ) -> CursorResult[Any]:
        given = {} if parameters is None else parameters
        if options or not isinstance(given, dict) or not self._is_usable():
            return super().execute(statement, parameters, **options)
        variants = self._known.get(statement)
        if variants is None:
            # Perhaps built for this call alone.
            self._known[statement] = {}
            return super().execute(statement, parameters)
        keys = tuple(given)
        if keys not in variants:
            result = super().execute(statement, parameters)
            variants[keys] = _cached_statement(result, keys)
            return result
        cached = variants[keys]
        if cached is None:
            return super().execute(statement, parameters)
        return cast("CursorResult[Any]", self._execute_cached(cached, given))

    def scalar(
        self, statement: Executable, parameters: _Given | None = None, **options: Any
    ) -> Any:
        return self.execute(statement, parameters, **options).scalar()

    def scalars(  # type: ignore[override]
        self, statement: Executable, parameters: _Given | None = None, **options: Any
    ) -> ScalarResult[Any]:
        return self.execute(statement, parameters, **options).scalars()

    def _is_usable(self) -> bool:
        """Tell whether nothing but the statement itself has to be looked after: no listener, no
        transaction that failed, no connection that was lost."""
        if self._echo or self._has_events or self.engine._has_events:  # noqa: SLF001
            return False
        inner, managed = self._nested_transaction, self._trans_context_manager
        return (
            self._dbapi_connection is not None
            and (self._transaction is None or self._transaction.is_active)
            and (inner is None or inner.is_active)
            and (managed is None or managed.is_active)  # type: ignore[attr-defined]
        )

    def _execute_cached(self, cached: _CachedStatement, given: _Given) -> "_Rows | _Done":
        bound, cursor = None, None
        try:
            bound = cached.bound(given)
            cursor = self._own_cursor()
            cursor.execute(cached.sql, bound)
            rows = cursor.fetchall() if cached.has_rows else ()
        except BaseException as error:
            self._cursor = None
            if cursor is not None and not isinstance(error, self.dialect.loaded_dbapi.Error):
                raise
            self._handle_dbapi_exception(error, cached.sql, bound, cursor, None)
        if cached.columns is None:
            return _Done(cursor.rowcount)
        return _Rows(cached.columns, rows, cursor.rowcount)

    def _own_cursor(self) -> Any:
        """Return the cursor of all cached statements: their rows are fetched before the next."""
        if self._transaction is None:
            self._autobegin()
        if self._cursor is None or self._cursor_of is not self._dbapi_connection:
            self._cursor_of = self._dbapi_connection
            self._cursor = self.connection.cursor()
        return self._cursor


def cache_statements(engine: Engine) -> None:
    """Have the engine's connections remember how its statements are sent; once for an engine, which
    several ``Database`` may share."""
    if isinstance(engine._connection_cls, partial):  # noqa: SLF001
        return
    known: _Known = WeakKeyDictionary()
    engine._connection_cls = cast(  # noqa: SLF001 - there is no other way to choose it
        "type[Connection]", partial(StatementCachingConnection, known=known)
    )


def _cached_statement(result: CursorResult[Any], keys: tuple[str, ...]) -> _CachedStatement | None:
    """Return how the statement just executed is sent; None when that differs from call to call."""
    context = result.context
    compiled = context.compiled
    given = frozenset(keys)
    if not isinstance(compiled, SQLCompiler) or context.executemany or _varies(compiled, given):
        return None
    return _CachedStatement(
        context.statement or "",
        tuple(_parameters(context, compiled, given)),
        compiled.positional,
        result._metadata if result.returns_rows else None,  # noqa: SLF001 - how rows are read
        result.returns_rows or bool(compiled.implicit_returning),
    )


def _varies(compiled: SQLCompiler, given: frozenset[str]) -> bool:
    """Tell whether the text, or a value nobody gives, depends on the call."""
    names = compiled.bind_names
    return bool(
        compiled.literal_execute_params
        or compiled.insert_prefetch
        or compiled.update_prefetch
        or compiled.schema_translate_map
        or compiled.dialect.bind_typing is BindTyping.SETINPUTSIZES
        or any(parameter.callable for parameter in names)
        # The text of an IN has as many parameters as there are values, unless they never change.
        or any(not given.isdisjoint((one.key, names[one])) for one in compiled.post_compile_params)
    )


def _parameters(
    context: DefaultExecutionContext, compiled: SQLCompiler, given: frozenset[str]
) -> Iterable[_Parameter]:
    """Yield the parameters, for positional ones in their order."""
    names = {name: parameter.key for parameter, name in compiled.bind_names.items()}
    processors = cast("Mapping[str, _Process]", compiled._bind_processors)  # noqa: SLF001
    sent: Any = context.parameters[0]
    if compiled.positional:
        expanded = context._expanded_parameters  # noqa: SLF001 - the values of each IN
        places = [one for name in compiled.positiontup or () for one in expanded.get(name, [name])]
        for name, value in zip(places, sent, strict=True):
            source = _source(name, names, given)
            yield name, source, processors.get(name), None if source else value
        return
    escaped: Mapping[str, str] = compiled.escaped_bind_names or {}
    for name in context.compiled_parameters[0]:
        source, key = _source(name, names, given), escaped.get(name, name)
        yield key, source, processors.get(name), None if source else sent[key]


def _source(name: str, names: Mapping[str, str], given: frozenset[str]) -> str | None:
    """Return the given name that fills a parameter; None when the statement has its value."""
    key = names.get(name, name)
    return key if key in given else name if name in given else None
