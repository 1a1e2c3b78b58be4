"""An office at work on a Friday morning, on both databases."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from storage.engine import Database
from storage.fields import Fields
from tests.office import SHANGHAI, Office, open_office

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def office(database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(database, fields, FRIDAY) as opened:
        yield opened
