"""Names in the rules that nobody has: people who have not come yet, or typing mistakes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from sales.playbook import Playbook
from sales.playbook.changes import Path, document_of
from sales.playbook.shape import inner, is_list, is_mapping, is_record, slots
from sales.playbook.vocabulary import NameOf

_ALIKE = 50
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Stranger:
    """An unknown name.

    ``what`` is ``person`` or ``team``; ``path`` is where the rules name them.
    """

    path: Path
    what: str
    name: str


def strangers(
    playbook: Playbook, people: Collection[str], teams: Collection[str]
) -> list[Stranger]:
    """All names in the rules that are not among the given people and teams."""
    existing = {"person": people, "team": teams}
    return [
        stranger
        for stranger in _named(Playbook, document_of(playbook), ())
        if stranger.name and stranger.name not in existing[stranger.what]
    ]


def nearest(name: str, names: Collection[str]) -> list[str]:
    """The names that were most likely meant, the likeliest first."""
    containing = sorted(
        candidate for candidate in names if name and name.casefold() in candidate.casefold()
    )
    alike = process.extract(
        name, list(names), scorer=fuzz.WRatio, limit=_NEAREST, score_cutoff=_ALIKE
    )
    return list(dict.fromkeys([*containing, *(found[0] for found in alike)]))[:_NEAREST]


def _named(kind: Any, part: Any, path: Path) -> Iterator[Stranger]:
    if not part:
        return
    if is_record(kind) or (is_mapping(kind) and slots(kind)):
        for slot in slots(kind):
            value = part.get(slot.name)
            below = (*path, slot.name)
            marks = (mark.what for mark in slot.marks if isinstance(mark, NameOf))
            what = next(marks, "")
            if what in ("person", "team") and isinstance(value, str):
                yield Stranger(below, what, value)
            else:
                yield from _named(slot.type, value, below)
    elif is_list(kind):
        for number, record in enumerate(part):
            yield from _named(inner(kind, "0"), record, (*path, str(number)))
