"""Fixtures that every test may ask for."""

from hypothesis import settings

from tests.databases import database, database_kind, database_url, databases, fields
from tests.furnished import offices

__all__ = ["database", "database_kind", "database_url", "databases", "fields", "offices"]

# A busy machine is not a failure: how long an example takes is for the benchmarks to say.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
