"""A migrated database with a small company in it, and the units of work on it."""

import pytest

from storage.engine import Database
from storage.fields import Fields
from storage.unit_of_work import UnitsOfWork
from tests.clock import MovableClock
from tests.figures import no_figures
from tests.storage.company import Company, found_company


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def units(database: Database, fields: Fields, clock: MovableClock) -> UnitsOfWork:
    return UnitsOfWork(database, fields, no_figures, now=clock.now)


@pytest.fixture
def company(units: UnitsOfWork) -> Company:
    return found_company(units)
