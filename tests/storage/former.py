"""A database as it was before a revision, for tests of what that revision does to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from storage.database.engine import Database, open_database
from storage.database.schema import _config, _locked
from tests.databases import Databases, Kind


@contextmanager
def database_before(
    revision: str, databases: Databases, kind: Kind, folder: Path
) -> Iterator[Database]:
    """An empty database as the version before the revision left it."""
    database = open_database(databases.empty(kind), folder)
    database.create()
    before = ScriptDirectory.from_config(_config()).get_revision(revision).down_revision
    assert isinstance(before, str)
    with _locked(database) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, before)
    yield database
    database.dispose()
    if database.path is None:
        databases.drop(database.url.render_as_string(hide_password=False))
