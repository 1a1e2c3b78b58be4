"""What a test is played on: databases, languages, platforms. Not every combination is met.

A test that asks for a database and a language runs twice, once in each and once on each, and
its neighbour the other way round. The same with a database and a platform. A test of what
stands above the database runs each of its cases once, the databases in turn. Of a campaign that
says ``campaign(cases=n)`` only so many cases are met, as different as they can be.
``GENJIN_EVERY_WAY=1`` leaves nothing out.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import pytest

from handlers.core.language import LOCALES

EVERY_WAY = bool(os.environ.get("GENJIN_EVERY_WAY"))
"""Leave nothing out: takes long."""
KINDS = ("sqlite", "postgresql")
ON_BOTH = frozenset({"storage", "rights", "delivery", "faults"})
"""Folders of tests that meet both databases in each of their cases, but for those in turn."""
_HERE = Path(__file__).parent


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def left_out(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Those of ``items`` whose case another of them plays on the other database."""
    if EVERY_WAY:
        return set()
    tests: dict[str, list[pytest.Function]] = defaultdict(list)
    for item in items:
        if isinstance(item, pytest.Function):
            tests[f"{item.nodeid.removesuffix(item.name)}{item.originalname}"].append(item)
    out: set[pytest.Item] = set()
    for name, same in tests.items():
        out |= {*_others(name, [item for item in same if _is_thinned(item)])}
        out |= {*_beyond_sample(name, [item for item in same if item not in out])}
    return out


def _beyond_sample(name: str, items: Sequence[pytest.Function]) -> Iterator[pytest.Item]:
    """All but the cases that a campaign's test plays in the suite: each next one is the case whose
    words were met least so far."""
    marker = items[0].get_closest_marker("campaign") if items else None
    if marker is None or "cases" not in marker.kwargs:
        return
    rest = sorted(items, key=lambda item: crc32(f"{name}{item.name}".encode()))
    met: Counter[str] = Counter()
    for _ in range(min(marker.kwargs["cases"], len(rest))):
        chosen = min(rest, key=lambda item: sum(met[word] for word in _words(item)))
        rest.remove(chosen)
        met.update(_words(chosen))
    yield from rest


def _words(item: pytest.Function) -> list[str]:
    return re.findall(r"\w+", item.callspec.id) if hasattr(item, "callspec") else []


def _is_thinned(item: pytest.Function) -> bool:
    if not hasattr(item, "callspec") or "database_kind" not in item.callspec.params:
        return False
    if item.get_closest_marker("browser"):
        return True
    if item.get_closest_marker("every_way"):
        return False
    if item.get_closest_marker("in_turn"):
        return True
    folder = item.path.relative_to(_HERE).parts[0]
    return folder not in ON_BOTH or "locale" in item.callspec.params


def _others(name: str, items: list[pytest.Function]) -> Iterator[pytest.Item]:
    """Of each case all but the one on the database whose turn it is: of two cases that differ
    in one thing, one is played here and one there."""
    cases: dict[tuple[str, ...], dict[str, pytest.Item]] = defaultdict(dict)
    numbers: dict[int, dict[str, int]] = defaultdict(dict)
    numbered: dict[tuple[str, ...], int] = {}
    for item in items:
        kind = str(item.callspec.params["database_kind"])
        # By the words of its id, which are the same in every process; objects' ids are not.
        words = item.callspec.id.split("-")
        words.remove(kind)
        cases[tuple(words)][kind] = item
        numbered[tuple(words)] = sum(
            numbers[place].setdefault(word, len(numbers[place])) for place, word in enumerate(words)
        )
    for case, played in cases.items():
        keep = KINDS[(crc32(name.encode()) + numbered[case]) % len(KINDS)]
        if keep in played:
            yield from (item for kind, item in played.items() if kind != keep)
