"""Shared metadata of all tables, with a naming scheme for every constraint."""

from typing import Any

from sqlalchemy import MetaData, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def only(condition: str) -> dict[str, Any]:
    """Return the options of a partial index over these rows, on both databases.

    In literal SQL: SQLite cannot use an index whose condition is a bound parameter.
    """
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
