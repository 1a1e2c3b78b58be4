"""What a test is played on: databases, languages, platforms. Each pair is met, not each triple.

A test that asks for a database and a language runs twice, once in each and once on each, and
its neighbour the other way round; ``GENJIN_EVERY_WAY=1`` runs all four. The same with a
database and a platform.
"""

import os
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import pytest

from handlers.core.language import LOCALES

EVERY_WAY = bool(os.environ.get("GENJIN_EVERY_WAY"))
"""Leave nothing out: takes long."""
KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pair(metafunc: pytest.Metafunc, name: str, values: Sequence[Any]) -> None:
    """Give each value of a fixture one of the databases in turn, another for the next test."""
    test = metafunc.definition
    wanted = {name, "database_kind"}
    own = {str(mark.args[0]) for mark in test.iter_markers("parametrize")}
    if not wanted <= set(metafunc.fixturenames) or wanted & own:
        return
    if EVERY_WAY or test.get_closest_marker("every_way"):
        return
    turn = crc32(test.nodeid.encode()) % len(KINDS)
    pairs = [_and(value, KINDS[(turn + place) % len(KINDS)]) for place, value in enumerate(values)]
    # As a mark: that takes the place of what the fixtures would say for themselves.
    test.add_marker(pytest.mark.parametrize((name, "database_kind"), pairs, indirect=True))


def _and(value: Any, kind: str) -> Any:
    """Both together, with the marks that the one had."""
    if isinstance(value, str):
        return value, kind
    return pytest.param(*value.values, kind, marks=value.marks)
