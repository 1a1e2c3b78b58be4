"""The condition that a column has one of several values, as a statement of one text.

SQLAlchemy's ``in_`` writes a parameter for each value, so the text is made anew for each call and
PostgreSQL plans it anew for each number of values. Here the values are one parameter: an array on
PostgreSQL, and a JSON text on SQLite.
"""

import json
from collections.abc import Collection
from typing import Any, Self

from sqlalchemy import Boolean, ColumnElement, Dialect, String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Values(TypeDecorator[Collection[Any]]):
    """Texts or whole numbers, those of a column of type ``of``."""

    impl = String
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.of) if _has_arrays(dialect) else String())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return values if _has_arrays(dialect) else json.dumps(values)


class Condition(FunctionElement[bool]):
    """A condition in SQL of its own.

    SQLAlchemy would write ``… = 1`` on SQLite, which keeps an index from being used.
    """

    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002 - SQLAlchemy's signature
        return self


class _OneOf(Condition):
    """Tests whether a column's value is among those of a parameter."""

    inherit_cache = True


def among(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """The condition that the column's value is in the collection given as ``parameter``."""
    return _OneOf(column, bindparam(parameter, type_=_Values(column.type)))


@compiles(_OneOf)
def _in_json(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - both are SQL


@compiles(_OneOf, "postgresql")
def _in_array(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({values})"


def _has_arrays(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"
