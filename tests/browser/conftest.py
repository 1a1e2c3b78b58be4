"""One Chromium for all tests of the page, and a fresh office and person for each."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest_asyncio
from playwright.async_api import Browser

from tests.conversations.browser import BrowserUser, chromium
from tests.platforms.web.company import Office, open_office

Enter: TypeAlias = Callable[..., Awaitable[BrowserUser]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def enter(browser: Browser, office: Office) -> AsyncIterator[Enter]:
    """Opens the chat as a persona. Whatever the page complained of fails the test."""
    entered: list[BrowserUser] = []

    async def open_as(persona: str, **options: Any) -> BrowserUser:
        user = await BrowserUser.enter(browser, office.url, persona, **options)
        entered.append(user)
        return user

    yield open_as
    for user in entered:
        await user.leave()
    assert [problem for user in entered for problem in user.problems] == []
