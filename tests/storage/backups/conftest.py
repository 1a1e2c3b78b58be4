"""A bucket service for the tests that ask for one."""

from collections.abc import Iterator

import pytest

from tests.doubles.bucket import Service, bucket_service


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[Service]:
    with bucket_service() as service:
        yield service
