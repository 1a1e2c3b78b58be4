"""Differences between two playbooks, and the merging of changes that two people made.

Works on documents, the playbook as JSON holds it. The records of a list are identified by what
names them, so that a rule that moved up is not taken for another one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from sales.playbook import Playbook

Document: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str, ...]
"""Steps into a document: a field, a key, or a list position (or what names the record there)."""
NAMES: Final = ("key", "name", "person", "kind")
"""The fields that name a record; the first one present counts."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""Stands for what one of two documents does not have."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two documents.

    ``old`` or ``new`` is MISSING for a record that is new or gone. ``reordered``: both hold the
    names of the same list's records in their order.
    """

    path: Path
    old: Any
    new: Any
    reordered: bool = False


def document_of(playbook: Playbook) -> Document:
    """The playbook as JSON holds it; an amount is written in one way, however it was typed."""
    document: Document = _plainly(playbook.model_dump(), playbook.model_dump(mode="json"))
    return document


def _plainly(part: Any, written: Any) -> Any:
    """``written`` with every amount of ``part`` as ``100000``: neither ``100000.00`` nor
    ``1E+5``."""
    if isinstance(part, Decimal):
        return f"{part.normalize():f}"
    if isinstance(part, dict):
        pairs = zip(part.values(), written.items(), strict=True)
        return {key: _plainly(value, text) for value, (key, text) in pairs}
    if isinstance(part, (list, tuple)):
        return [_plainly(value, text) for value, text in zip(part, written, strict=True)]
    return written


def part_at(document: Any, path: Path) -> Any:
    """The value at a path; raises LookupError where there is nothing."""
    for step in path:
        document = document[_place(document, step)]
    return document


def with_part(document: Any, path: Path, part: Any) -> Any:
    """A copy of the document with another value at a path.

    Behind a list's end the value is appended; MISSING removes a record.
    """
    if not path:
        return part
    step, *rest = path
    if isinstance(document, list):
        copied = list(document)
        place = _place(document, step)
        if part is MISSING and not rest:
            del copied[place]
        elif place == len(copied):
            copied.append(with_part(None, tuple(rest), part))
        else:
            copied[place] = with_part(copied[place], tuple(rest), part)
        return copied
    return document | {step: with_part(document.get(step), tuple(rest), part)}


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Difference]:
    """Every value that differs, in the order of the new document.

    Choices in another order are the same choices, and nothing is nothing, however it is stored.
    """
    if old == new or _means_the_same(old, new):
        return
    before, after = _named(old), _named(new)
    if before is None or after is None:
        yield Difference(path, old, new)
        return
    for name in dict.fromkeys((*after, *before)):
        pair = before.get(name, MISSING), after.get(name, MISSING)
        yield from differences(*pair, (*path, name))
    common = [name for name in before if name in after]
    if isinstance(new, list) and common != [name for name in after if name in before]:
        yield Difference(path, list(before), list(after), reordered=True)


def merged(base: Any, mine: Any, theirs: Any) -> Any:
    """Merge two changes to the same document.

    Where both changed the same value, ``mine`` wins: the person who puts it in force is shown how
    it differs from ``theirs``.
    """
    if mine == base:
        return theirs
    if base in (theirs, MISSING) or mine == theirs:
        return mine
    parts = [_named(part) for part in (base, mine, theirs)]
    if any(part is None for part in parts):
        return mine
    was, my, their = (part or {} for part in parts)
    together = {
        name: merged(was.get(name, MISSING), my.get(name, MISSING), their.get(name, MISSING))
        for name in dict.fromkeys((*my, *their))
    }
    left = {name: part for name, part in together.items() if part is not MISSING}
    return list(left.values()) if isinstance(mine, list) else left


def name_of(record: Any) -> str | None:
    """What names a record of a list; None for anything else."""
    if not isinstance(record, Mapping):
        return None
    return next((str(record[name]) for name in NAMES if name in record), None)


def _means_the_same(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        choices = all(isinstance(value, str) for value in (*old, *new))
        return choices and sorted(old) == sorted(new)
    return old in (None, "") and new in (None, "")


def _named(part: Any) -> dict[str, Any] | None:
    """The parts of a record by field, those of a list of named records by name."""
    if isinstance(part, dict):
        return part
    if not isinstance(part, list):
        return None
    names = [name_of(record) for record in part]
    if None in names or len(set(names)) != len(names):
        return None
    return {str(name): record for name, record in zip(names, part, strict=True)}


def _place(document: Any, step: str) -> Any:
    if isinstance(document, dict):
        return step
    if not isinstance(document, list) or not (step.isascii() and step.isdecimal()):
        raise LookupError(step)
    return int(step[:9])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookDraft:
    """A draft of a playbook.

    ``base`` is the number of the version that it changes (0: the shipped one), ``playbook`` the
    whole document as it would be.
    """

    id: int = 0
    base: int
    playbook: Playbook
    author_id: int
    created_at: datetime
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def close(self, now: datetime) -> "PlaybookDraft":
        return replace(self, closed_at=now)

    def moved(self, was: Playbook, number: int, now_in_force: Playbook) -> "PlaybookDraft":
        """Rebase the draft on another version.

        ``was`` is the version that it changed so far. Raises ValidationError when the two changes
        do not fit together.
        """
        parts = (document_of(document) for document in (was, self.playbook, now_in_force))
        return replace(self, base=number, playbook=Playbook.model_validate(merged(*parts)))
