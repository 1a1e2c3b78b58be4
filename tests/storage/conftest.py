"""A migrated database with a small company in it, and the units of work on it."""

import pytest

from storage.engine import Database
from storage.fields import Fields
from storage.figures import FigureQueries
from storage.unit_of_work import UnitsOfWork
from tests.clock import MovableClock
from tests.storage.company import Company, found_company


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def units(database: Database, fields: Fields, clock: MovableClock) -> UnitsOfWork:
    return UnitsOfWork(database, fields, FigureQueries, now=clock.now)


@pytest.fixture
def company(units: UnitsOfWork) -> Company:
    return found_company(units)
