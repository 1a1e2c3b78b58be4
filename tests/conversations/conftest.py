"""Every platform as a stage, on either database: each story requests ``stage``."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from storage.database.encryption import Fields
from storage.database.engine import Database
from tests.conversations.browser import Windows
from tests.conversations.stages import FRIDAY, STAGES, Open, Stage, browser_stage

PLATFORMS = (*STAGES, pytest.param("browser", marks=pytest.mark.browser))


@pytest.fixture
def begins() -> datetime:
    return FRIDAY


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def windows(browser: Browser) -> Windows:
    """The windows of all stories, in Chinese."""
    return Windows(browser, "zh_CN")


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> Open:
    if request.param == "browser":
        return browser_stage(request.getfixturevalue("windows"))
    return STAGES[request.param]


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    platform: Open, database: Database, fields: Fields, begins: datetime
) -> AsyncIterator[Stage]:
    """A platform's stage, in the event loop of the browser, which all stories share."""
    async with platform(database, fields, begins) as stage:
        yield stage
