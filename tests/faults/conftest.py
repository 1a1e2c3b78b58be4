"""Databases for tests that break them and inspect their files, and what is counted then."""

import pytest

from storage.database.engine import Database
from tests.faults.campaign import tally

__all__ = ["tally"]


@pytest.fixture
def database(fresh_database: Database) -> Database:
    return fresh_database
