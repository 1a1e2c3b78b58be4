"""Every platform as a stage, on either database: ``stage`` is asked for by each story."""

from collections.abc import AsyncIterator

import pytest

from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.conversations.browser import chromium
from tests.conversations.stages import FRIDAY, STAGES, Stage, browser_stage

PLATFORMS = (*STAGES, pytest.param("browser", marks=pytest.mark.browser))


@pytest.fixture(params=PLATFORMS)
async def stage(
    request: pytest.FixtureRequest, database: Database, fields: Fields
) -> AsyncIterator[Stage]:
    if request.param == "browser":
        async with (
            chromium() as browser,
            browser_stage(browser)(database, fields, FRIDAY) as stage,
        ):
            yield stage
        return
    async with STAGES[request.param](database, fields, FRIDAY) as stage:
        yield stage
