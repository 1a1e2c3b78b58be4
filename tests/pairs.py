"""What each test runs on: databases, languages, platforms. Not every combination runs.

A test that asks for a database and a language runs twice, once in each and once on each, and its
neighbour the other way round. The same with a database and a platform. A test of the layers above
the database runs each of its cases once, on the databases in turn. ``GENJIN_EVERY_WAY=1`` leaves
nothing out.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import pytest

from handlers.core.language import LOCALES

EVERY_WAY = bool(os.environ.get("GENJIN_EVERY_WAY"))
"""Leave nothing out, which takes long."""
KINDS = ("sqlite", "postgresql")
ON_BOTH = frozenset({"storage", "rights", "delivery", "faults"})
"""Folders whose tests run each case on both databases, except those in turn."""
_HERE = Path(__file__).parent


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def left_out(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """The ``items`` whose case another of them covers on the other database."""
    if EVERY_WAY:
        return set()
    tests: dict[str, list[pytest.Function]] = defaultdict(list)
    for item in items:
        if isinstance(item, pytest.Function) and _is_thinned(item):
            tests[f"{item.nodeid.removesuffix(item.name)}{item.originalname}"].append(item)
    return {item for name, same in tests.items() for item in _others(name, same)}


def _is_thinned(item: pytest.Function) -> bool:
    if not hasattr(item, "callspec") or "database_kind" not in item.callspec.params:
        return False
    if item.get_closest_marker("every_way"):
        return False
    if item.get_closest_marker("in_turn"):
        return True
    folder = item.path.relative_to(_HERE).parts[0]
    return folder not in ON_BOTH or "locale" in item.callspec.params


def _others(name: str, items: list[pytest.Function]) -> Iterator[pytest.Item]:
    """Of each case, all but the one on the database whose turn it is.

    Of two cases that differ in one thing, one runs here and one there.
    """
    cases: dict[tuple[int, ...], dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        # By place in the list, which is the same in every process; objects' ids are not.
        places = item.callspec.indices
        case = tuple(places[names[0]] for names in _things(item))
        cases[case][str(item.callspec.params["database_kind"])] = item
    for case, played in cases.items():
        keep = KINDS[(crc32(name.encode()) + sum(case)) % len(KINDS)]
        if keep in played:
            yield from (item for kind, item in played.items() if kind != keep)


def _things(item: pytest.Function) -> list[tuple[str, ...]]:
    """The names of what changes from case to case, with those of one mark kept together."""
    given = {
        name: names for names in map(_names, item.iter_markers("parametrize")) for name in names
    }
    return sorted(
        {given.get(one, (one,)) for one in item.callspec.params.keys() - {"database_kind"}}
    )


def _names(mark: pytest.Mark) -> tuple[str, ...]:
    names = mark.args[0]
    return tuple(names.replace(" ", "").split(",")) if isinstance(names, str) else tuple(names)
