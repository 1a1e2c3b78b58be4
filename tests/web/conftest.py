"""An office with its public endpoints open, on both databases."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import pytest
import pytest_asyncio

from tests.furnished import Offices
from tests.office import SHANGHAI, Office
from tests.web.outside import SECRET, Outside

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def office(offices: Offices) -> Iterator[Office]:
    with offices.open(FRIDAY, intake_secret=SECRET, public_url="https://genjin.example/") as office:
        yield office


@pytest_asyncio.fixture
async def outside(office: Office) -> AsyncIterator[Outside]:
    outside = Outside(office)
    async with outside.http:
        yield outside
