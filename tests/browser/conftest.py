"""Fixtures of the page's tests: one Chromium and one office, both reset between two tests.

A new browser context would fetch and compile the whole page afresh, a second for each test; so
tests reuse the windows of those before them, at a page that remembers nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.conversations.browser import BrowserUser
from tests.platforms.web.company import Office, open_office

Enter: TypeAlias = Callable[..., Awaitable[BrowserUser]]
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 720},
    "has_touch": True,
    "is_mobile": True,
}


@dataclass
class Seats:
    """Browser windows at the chat's page: on a desktop, or with a phone."""

    browser: Browser
    url: str
    free: dict[bool, list[BrowserUser]] = field(default_factory=lambda: {True: [], False: []})

    async def take(self, *, phone: bool) -> BrowserUser:
        if self.free[phone]:
            return self.free[phone].pop()
        return await BrowserUser.open(self.browser, **(PHONE if phone else {}))

    async def give_back(self, user: BrowserUser, *, phone: bool) -> None:
        await user.forget(self.url)
        self.free[phone].append(user)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def seats(browser: Browser, building: Office) -> Seats:
    return Seats(browser, building.url)


@pytest.fixture
def office(building: Office) -> Office:
    """The office on its first morning."""
    building.begin_anew()
    return building


@pytest_asyncio.fixture(loop_scope="session")
async def enter(seats: Seats, office: Office) -> AsyncIterator[Enter]:
    """Open the chat as a persona. Whatever the page logged as an error fails the test.

    ``own_clock`` is for a test that replaces the page's clock: its window is not reused.
    """
    entered: list[tuple[BrowserUser, bool, bool]] = []

    async def open_as(
        persona: str, *, phone: bool = False, own_clock: bool = False, **choices: Any
    ) -> BrowserUser:
        user = await seats.take(phone=phone)
        entered.append((user, phone, own_clock))
        if own_clock:
            await user.page.clock.install()
        await user.visit(office.url, persona, **choices)
        return user

    yield open_as
    complaints = [problem for user, *_ in entered for problem in user.problems]
    for user, phone, own_clock in entered:
        if own_clock:
            await user.leave()
        else:
            await seats.give_back(user, phone=phone)
    assert complaints == []
