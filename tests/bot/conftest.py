"""The process's own doings, kept from those of the tests."""

import pytest

from bot import log


@pytest.fixture(autouse=True)
def _logs_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command sets up the logs of its process, which here is that of all tests."""
    monkeypatch.setattr(log, "configure_logging", lambda *_, **__: None)
