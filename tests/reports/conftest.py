"""A small company in a database, in which histories are played and taken back."""

import pytest

from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MovableClock
from tests.storage.company import Company, found_company


@pytest.fixture
def units(database: Database, fields: Fields) -> UnitOfWorkFactory:
    return UnitOfWorkFactory(database, fields, now=MovableClock().now)


@pytest.fixture
def company(units: UnitOfWorkFactory) -> Company:
    return found_company(units)
