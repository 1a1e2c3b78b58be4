"""Fixtures that every test may ask for."""

from tests.databases import database, database_kind, database_url, databases, fields

__all__ = ["database", "database_kind", "database_url", "databases", "fields"]
