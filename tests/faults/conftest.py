"""Databases for tests that break them and inspect their files."""

import pytest

from storage.database.engine import Database


@pytest.fixture
def database(fresh_database: Database) -> Database:
    return fresh_database
