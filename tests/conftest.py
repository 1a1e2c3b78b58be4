"""Fixtures available to every test."""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import pytest_asyncio
import structlog
from hypothesis import settings
from playwright.async_api import Browser

from bot.event_loop import new_event_loop
from tests.chromium import HOW_TO_HAVE_ONE, chromium_path
from tests.conversations.browser import chromium
from tests.databases import (
    database,
    database_kind,
    database_url,
    databases,
    fields,
    fresh_database,
)
from tests.furnished import offices
from tests.pairs import left_out, locale

__all__ = [
    "database",
    "database_kind",
    "database_url",
    "databases",
    "fields",
    "fresh_database",
    "locale",
    "offices",
]

# A busy machine is not a failure: how long an example takes is for the benchmarks to say.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Looking for garbage after every 700 new objects, among those of 5,000 tests, takes a twentieth of
# the time.
gc.set_threshold(50_000, 20, 50)

# The default tracebacks render every local variable, which takes two seconds for each.
_PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(
    processors=[structlog.processors.add_log_level, _PLAIN],
    # As in the product, nothing is logged to the standard output.
    logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The browser shared by all tests, started when the first of them asks for it."""
    async with chromium() as opened:
        yield opened


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of the product."""
    return {"product": new_event_loop}


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """What ``-n auto`` means: a third of the tests' time is spent waiting for other processes, so
    one more than there are processors."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests before they are shuffled: which are left out depends on their order."""
    if others := left_out(items):
        items[:] = [item for item in items if item not in others]
        config.hook.pytest_deselected(items=[*others])
    in_browser = [item for item in items if item.get_closest_marker("browser")]
    if in_browser and chromium_path() is None:
        for item in in_browser:
            item.add_marker(pytest.mark.skip(reason=HOW_TO_HAVE_ONE))


def pytest_collection_finish() -> None:
    """Modules and tests are never garbage: nobody looks at them again."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session in CI if a test did not run."""
    if os.environ.get("CI") and _without_browser(session.config) and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    config = terminalreporter.config
    if seed := config.getoption("randomly_seed", None):
        terminalreporter.write_line(f"The same order again: make test SEED={seed}")
    if skipped := _without_browser(config):
        terminalreporter.write_line(f"{skipped} tests in a browser were skipped: {HOW_TO_HAVE_ONE}")
        if os.environ.get("CI"):
            terminalreporter.write_line("In CI that is a failure.", red=True)


def _without_browser(config: pytest.Config) -> int:
    """How many tests were skipped for lack of a browser, across all workers."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return sum(HOW_TO_HAVE_ONE in str(report.longrepr) for report in skipped)
