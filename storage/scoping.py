"""Conditions on leads in a form that both databases can index.

PostgreSQL reads the whole table when one side of an OR is a subquery, but not when it is an array;
SQLite has no arrays and needs none. A partial index is used only for its own condition, in literal
SQL.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, Select, TextClause, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from storage.database.among import Condition
from storage.tables import collaborator, lead
from storage.tables.leads import OPEN_LEADS

IS_OPEN: Final[TextClause] = text(f"lead.{OPEN_LEADS}")
"""The condition that a lead is open; the number of those does not grow with the years."""


class _Among(Condition):
    """Tests whether a column's value is in a subquery."""

    inherit_cache = True


class unindexed(FunctionElement[Any]):  # noqa: N801 - a sign in SQL
    """A column or condition by which SQLite looks nothing up, only checks what it found otherwise,
    where it would choose an index that nearly everything is in; PostgreSQL knows better itself."""

    inherit_cache = True
    type = NullType()


@compiles(unindexed)
def _as_is(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(unindexed, "sqlite")
def _with_plus(element: unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+({compiler.process(element.clauses, **options)})"


class looked_up(Condition):  # noqa: N801 - a sign in SQL
    """Whether a table's id is that of a row found otherwise, looked up for each: PostgreSQL expects
    hundreds of times as many stays and steps to be open as there are, and would read all leads for
    them."""

    inherit_cache = True


@compiles(looked_up)
def _is_its_id(element: looked_up, compiler: SQLCompiler, **options: Any) -> str:
    table_id, found = (compiler.process(one, **options) for one in element.clauses)
    return f"{table_id} = {found}"


@compiles(looked_up, "postgresql")
def _is_in_array_of_its_id(element: looked_up, compiler: SQLCompiler, **options: Any) -> str:
    table_id, found = (compiler.process(one, **options) for one in element.clauses)
    return f"{table_id} = ANY (ARRAY[{found}])"


def found_by(column: ColumnElement[int], query: Select[Any] | CompoundSelect[Any]) -> Condition:
    """The condition that a column's value is among those that a query finds on its own, which is
    run first: it finds few, and PostgreSQL would join it to all rows where it expects more."""
    return _Among(column, query.scalar_subquery())


def shared_with(person: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that the lead was shared with the person."""
    theirs = select(collaborator.c.lead_id).where(collaborator.c.person_id == person)
    return _Among(lead.c.id, theirs.scalar_subquery())


@compiles(_Among)
def _in_subquery(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN {values}"


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY (ARRAY{values})"
