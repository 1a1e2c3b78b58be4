"""An office at work on a Friday morning, on both databases."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.furnished import Offices
from tests.office import SHANGHAI, Office

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY) as office:
        yield office
