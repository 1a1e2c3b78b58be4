"""An office with its doors open to the outside, on both databases."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

import pytest
import pytest_asyncio

from storage.engine import Database
from storage.fields import Fields
from tests.office import SHANGHAI, Office, open_office
from tests.web.outside import SECRET, Outside

FRIDAY = datetime(2024, 3, 1, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def office(database: Database, fields: Fields) -> Iterator[Office]:
    with open_office(
        database, fields, FRIDAY, intake_secret=SECRET, public_url="https://genjin.example/"
    ) as opened:
        yield opened


@pytest_asyncio.fixture
async def outside(office: Office) -> AsyncIterator[Outside]:
    outside = Outside(office)
    async with outside.http:
        yield outside
