"""The ledger of erasures: one line of JSON each, in a file apart from the database.

It is kept beside the database and not in it, so that it outlives the restoring of an older backup:
what it holds and the database does not know is then erased again. A line holds ids and keyed
hashes, no name and no contact, and a keyed hash of itself, so that a changed line is noticed.
"""

import json
import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sales.erasure import ErasedKind, Erasure, ErasureReason
from storage.database.encryption import Fields

SUFFIX: Final = ".erasures.jsonl"
_PRIVATE: Final = 0o600


class DamagedLedger(ValueError):
    """A line of the ledger was changed or cut off."""


class LedgerKeyMissing(DamagedLedger):
    """A line belongs to a key that is not here. ``args`` holds the key's id."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a ledger holds: ``entries``, how many lines are ``damaged``, and the ids of keys without
    which lines cannot be read."""

    entries: tuple[Erasure, ...] = ()
    damaged: int = 0
    missing_keys: tuple[str, ...] = ()


def ledger_path(data_directory: Path, database: Path | None) -> Path:
    """Where the ledger of a database is; ``database`` None for PostgreSQL."""
    return data_directory / f"{database.stem if database else 'postgresql'}{SUFFIX}"


def line_of(erasure: Erasure, fields: Fields) -> str:
    """Write an erasure as a line of the ledger."""
    entry = {
        "uid": erasure.uid,
        "kind": erasure.kind.value,
        "leads": [list(lead) for lead in erasure.leads],
        "person": erasure.person_id,
        "marks": list(erasure.marks),
        "key": erasure.key_id,
        "reason": erasure.reason.value,
        "by": erasure.asked_by,
        "at": erasure.asked_at.isoformat(),
    }
    return json.dumps(entry | {"seal": _seal(entry, fields)})


def parse_line(line: str, fields: Fields) -> Erasure:
    """Read a line back. Raises DamagedLedger."""
    try:
        entry = json.loads(line)
        seal = entry.pop("seal")
        if seal != _seal(entry, fields):
            raise DamagedLedger(entry.get("uid", ""))
        return Erasure(
            uid=entry["uid"],
            kind=ErasedKind(entry["kind"]),
            leads=tuple((int(lead_id), str(at)) for lead_id, at in entry["leads"]),
            person_id=entry["person"],
            marks=tuple(entry["marks"]),
            key_id=entry["key"],
            reason=ErasureReason(entry["reason"]),
            asked_by=entry["by"],
            asked_at=datetime.fromisoformat(entry["at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DamagedLedger):
            raise
        raise DamagedLedger(line[:40]) from error


def parse_ledger(lines: Iterable[str], fields: Fields) -> Ledger:
    """Read the entries of a ledger, each once.

    A damaged line does not count when its entry is there as a whole, too: an entry that a crash cut
    off is written again as long as the database has it.
    """
    whole: dict[str, Erasure] = {}
    good: list[str] = []
    bad: list[str] = []
    missing: dict[str, None] = {}
    for line in lines:
        try:
            entry = parse_line(line, fields)
        except LedgerKeyMissing as error:
            missing[str(error)] = None
        except DamagedLedger:
            bad.append(line)
        else:
            whole.setdefault(entry.uid, entry)
            good.append(line)
    lost = [one for one in bad if not _is_known(one, whole, good)]
    return Ledger(tuple(whole.values()), len(lost), tuple(missing))


def read_ledger(path: Path) -> list[str]:
    """Return the lines of a ledger; none without a file. Raises OSError."""
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [line for line in lines if line.strip()]


def add_missing(path: Path, lines: Iterable[str]) -> int:
    """Add the lines of other copies of a ledger that it lacks; returns how many. Raises OSError."""
    there = set(read_ledger(path))
    new = [line for line in dict.fromkeys(lines) if line.strip() and line not in there]
    append_to_ledger(path, new)
    return len(new)


def append_to_ledger(path: Path, lines: Iterable[str]) -> None:
    """Add lines, and return when they are on the disk. Raises OSError.

    A line that a crash cut off stays by itself: the next begins on a new line.
    """
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _PRIVATE)
    with os.fdopen(descriptor, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


def _seal(entry: Mapping[str, Any], fields: Fields) -> str | None:
    seal = fields.mark(json.dumps(entry, sort_keys=True), "ledger", entry["key"])
    if seal is None:
        raise LedgerKeyMissing(str(entry["key"])[:20])
    return seal


def _is_known(line: str, whole: Container[str], lines: Iterable[str]) -> bool:
    if any(good.startswith(line) for good in lines):
        return True
    try:
        return json.loads(line)["uid"] in whole
    except (ValueError, KeyError, TypeError):
        return False
