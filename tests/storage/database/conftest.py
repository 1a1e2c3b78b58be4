"""A database of its own for each test, since the tests here look at tables, plans and files."""

import pytest

from storage.database.engine import Database


@pytest.fixture
def database(fresh_database: Database) -> Database:
    return fresh_database
