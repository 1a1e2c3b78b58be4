"""What tests of backups share: PostgreSQL's tools, keys, and a bucket service."""

import os
from collections.abc import Iterator

import pytest

from storage.database.engine import Database
from storage.database.keyring import Keyring, new_key, parse_keyring
from tests.doubles.bucket import Service, bucket_service
from tests.storage.backups.server import TOOLS


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's tools of the server's version."""
    monkeypatch.setenv("PATH", f"{TOOLS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def database(fresh_database: Database) -> Database:
    """A database of its own, since it is copied whole."""
    return fresh_database


@pytest.fixture
def keys() -> Keyring:
    return parse_keyring(new_key("k1"))


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[Service]:
    with bucket_service() as service:
        yield service
