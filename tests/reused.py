"""A PostgreSQL database shared by one test after the other, restored between them.

Making a new one takes longer than most tests do in it: hundreds of files are copied and removed,
and every connection begins without a plan or a catalogue.
"""

import psycopg

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"


class Reused:
    """A database whose present content comes back with ``put_back``, whatever was committed
    meanwhile.

    Not for a test that changes tables, or stops the server.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._link = psycopg.connect(url, autocommit=True)
        # Neither foreign keys nor triggers: the audit table lets nobody delete from it.
        self._link.execute("SET session_replication_role = replica; SET lock_timeout = '2s'")
        self._script = self._remember().encode()

    def put_back(self) -> bool:
        """Restore the content; False if something that the test left behind does not let go."""
        try:
            self._link.execute(self._script)
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        self._link.close()

    def _remember(self) -> str:
        """Keep a copy of every row beside the tables; returns the statements that restore them
        all."""
        self._link.execute("CREATE SCHEMA kept")
        tables = [f'"{name}"' for (name,) in self._link.execute(_TABLES).fetchall()]
        script = [f"DELETE FROM public.{table}" for table in tables]  # noqa: S608
        for table in tables:
            self._link.execute(f"CREATE TABLE kept.{table} AS TABLE public.{table}")
        script += [
            f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE TABLE kept.{table}"
            for table in tables
        ]
        for name, last in self._link.execute(_SEQUENCES).fetchall():
            called = "false" if last is None else "true"
            script.append(f"SELECT setval('public.\"{name}\"', {last or 1}, {called})")
        return ";".join(script)
