"""A migrated database with a small company in it, and the units of work on it."""

import pytest

from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.unit_of_work import UnitOfWorkFactory
from tests.clock import MovableClock
from tests.storage.company import Company, found_company


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def units(database: Database, fields: Fields, clock: MovableClock) -> UnitOfWorkFactory:
    return UnitOfWorkFactory(database, fields, now=clock.now)


@pytest.fixture
def company(units: UnitOfWorkFactory) -> Company:
    return found_company(units)
