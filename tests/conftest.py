"""Fixtures that every test may ask for."""

import pytest
from hypothesis import settings

from handlers.language import LOCALES
from tests.databases import database, database_kind, database_url, databases, fields
from tests.furnished import offices
from tests.pairs import locale, pair

__all__ = ["database", "database_kind", "database_url", "databases", "fields", "locale", "offices"]

# A busy machine is not a failure: how long an example takes is for the benchmarks to say.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    pair(metafunc, "locale", LOCALES)
