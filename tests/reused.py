"""A PostgreSQL database shared by one test after the other, restored between them.

Making a new one takes longer than most tests do in it: hundreds of files are copied and removed,
and every connection begins without a plan or a catalogue.
"""

from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES = (
    "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL"
    " FROM pg_sequences WHERE schemaname = 'public'"
)
_KEEP_ROWS = SQL("INSERT INTO kept.{0} SELECT {1}, row FROM public.{0} AS row")
_REMOVE = SQL("DELETE FROM public.{0}")
_BRING_BACK = SQL(
    "INSERT INTO public.{0} OVERRIDING SYSTEM VALUE"
    " SELECT (kept.row).* FROM kept.{0} AS kept WHERE number = {1}"
)
_COUNT_ON = SQL("PERFORM setval({}, {}, {})")


class Reused:
    """A database that keeps contents beside its tables, and gets one of them back with
    ``put_back``, whatever was committed meanwhile.

    Not for a test that changes tables, or stops the server.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._link = psycopg.connect(url, autocommit=True)
        # Neither foreign keys nor triggers: the audit table lets nobody delete from it.
        self._link.execute("SET session_replication_role = replica; SET lock_timeout = '2s'")
        self._tables = [Identifier(name) for (name,) in self._link.execute(_TABLES).fetchall()]
        self._kept: dict[str, tuple[int, Any]] = {}
        self._link.execute("CREATE SCHEMA kept")
        table = SQL("CREATE UNLOGGED TABLE kept.{0} (number integer, row public.{0})")
        self._link.execute(SQL(";").join([table.format(name) for name in self._tables]))

    def keep(self, name: str, about: Any) -> None:
        """Keep the present content by this name, with what is known about it."""
        number = len(self._kept)
        full = [SQL("SELECT {} WHERE EXISTS (SELECT FROM public.{})").format(one.as_string(), one)
                for one in self._tables]  # fmt: skip
        found = {name for (name,) in self._link.execute(SQL(" UNION ALL ").join(full))}
        tables = [one for one in self._tables if one.as_string() in found]
        for table in tables:
            self._link.execute(_KEEP_ROWS.format(table, Literal(number)))
        self._link.execute(self._function(number, tables))
        self._kept[name] = number, about

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    def about(self, name: str) -> Any:
        """What is known about a content that is kept."""
        return self._kept[name][1]

    def put_back(self, name: str) -> bool:
        """Restore a content; False if something that a test left behind does not let go."""
        try:
            self._link.execute(SQL("SELECT kept.{}()").format(_name_of(self._kept[name][0])))
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        self._link.close()

    def _function(self, number: int, tables: list[Identifier]) -> Composed:
        """Restores what was kept: a function, whose statements are planned once."""
        steps = [_REMOVE.format(table) for table in self._tables]
        steps += [_BRING_BACK.format(table, Literal(number)) for table in tables]
        for name, last, called in self._link.execute(_SEQUENCES).fetchall():
            place = Identifier("public", name).as_string()
            steps.append(_COUNT_ON.format(Literal(place), Literal(last), Literal(called)))
        body = SQL("BEGIN {}; END").format(SQL("; ").join(steps)).as_string(self._link)
        head = SQL("CREATE FUNCTION kept.{}() RETURNS void LANGUAGE plpgsql AS {}")
        return head.format(_name_of(number), Literal(body))


def _name_of(number: int) -> Identifier:
    return Identifier(f"put_back_{number}")
