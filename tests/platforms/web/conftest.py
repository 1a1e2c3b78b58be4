"""One running office for each test of the web chat over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.platforms.web.company import Office, open_office


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path, heartbeat=0.05) as opened:
        yield opened
