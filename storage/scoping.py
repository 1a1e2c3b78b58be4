"""The condition for leads shared with a person, in a form both databases can index.

PostgreSQL reads the whole table when one side of an OR is a subquery, but not when it is an array;
SQLite has no arrays and needs none.
"""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage.database.among import Condition
from storage.tables import collaborator, lead


class _Among(Condition):
    """Tests whether a column's value is in a subquery."""

    inherit_cache = True


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
