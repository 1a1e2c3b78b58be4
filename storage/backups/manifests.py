"""The description of one backup: what it holds, and by what to tell that it is whole.

A manifest is written last, encrypted like the other files: a backup without one was interrupted and
does not exist. The id of a backup says when and of which kind it is, also to somebody who has no
key. Knows no database and no store.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from storage.backups.sealing import BackupDamaged
from storage.backups.stores import StoredFile

Kind = Literal["full", "changes", "dump", "base", "increment"]
"""``changes``: the pages that differ from those of a full one, which it needs. ``dump``: written by
``pg_dump``. ``base`` and ``increment``: a whole PostgreSQL server, and its changes since."""
MANIFEST: Final = "manifest"
PROOF: Final = "proof"
DATA: Final = "data"
PAGES: Final = "pages"
LEDGER: Final = "erasures"
"""The ledger of erasures as it was: on a new machine it is nowhere else."""
SERVER_FILES: Final = "server-files"
"""PostgreSQL's own manifest of a server's files, against which an increment is taken."""
_ID: Final = re.compile(r"(\d{8}T\d{6}Z)-(full|changes|dump|base|increment)-[0-9a-f]{8}")
_TIME: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a database, compared after a restore.

    ``audit_head`` identifies the newest entry of the audit, ``chain`` is the head of its hash chain
    with the number of its seals (decision 37); empty without one.
    """

    revision: str
    counts: Mapping[str, int]
    audit_head: str = ""
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What changed while the files of a server were copied: their moment is within.

    ``counts`` are the rows afterwards, ``added`` how many ids were handed out, of each table.
    """

    counts: Mapping[str, int]
    added: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup. ``sha256`` and ``size`` (bytes) are those of the restored database file.

    ``base`` is the id of the full backup that one of ``changes`` needs, ``files`` are the stored
    ones by name. ``changed_pages``: how many pages differ from the base.
    """

    id: str
    kind: Kind
    taken_at: datetime
    version: str
    dialect: str
    engine: str
    contents: Contents
    files: Mapping[str, StoredFile]
    size: int
    sha256: str
    base: str = ""
    page_size: int = 0
    changed_pages: int = 0
    notes: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Meanwhile | None = None

    @property
    def stored(self) -> int:
        """Bytes in the store, without the manifest."""
        return sum(file.size for file in self.files.values())


@dataclass(frozen=True, slots=True)
class Proof:
    """A successful restore of a backup: when, and how many sealed values were opened."""

    verified_at: datetime
    opened: int


@dataclass(frozen=True, slots=True)
class BackupOutcome:
    """The result of taking or verifying a backup in one place.

    ``problem`` completes the catalogue key ``backup.problem_<problem>``, filled with ``reason``;
    empty when all went well. With a ``proof`` the backup counts, whatever happened afterwards.
    """

    where: str
    manifest: Manifest | None = None
    proof: Proof | None = None
    deleted: int = 0
    problem: str = ""
    reason: str = ""


_MANIFEST: Final = TypeAdapter(Manifest)
_PROOF: Final = TypeAdapter(Proof)


def new_id(kind: Kind, taken_at: datetime) -> str:
    """Return an id that sorts by time; two of one second differ."""
    return f"{taken_at.astimezone(UTC):{_TIME}}-{kind}-{secrets.token_hex(4)}"


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and _time(text) is not None


def taken_at(backup_id: str) -> datetime:
    """Return the moment that an id names, to the second. Raises ValueError for another text."""
    if not is_id(backup_id) or (moment := _time(backup_id)) is None:
        raise ValueError(f"no id of a backup: {backup_id!r}")
    return moment


def _time(backup_id: str) -> datetime | None:
    try:
        return datetime.strptime(backup_id.partition("-")[0], _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def write_manifest(manifest: Manifest) -> bytes:
    return _MANIFEST.dump_json(manifest)


def read_manifest(backup_id: str, content: Iterable[bytes]) -> Manifest:
    """Parse a decrypted manifest. Raises BackupDamaged, also for the one of another backup."""
    try:
        manifest = _MANIFEST.validate_json(b"".join(content))
    except ValidationError as error:
        raise BackupDamaged(f"{backup_id}/{MANIFEST}", "unknown format") from error
    if manifest.id != backup_id:
        raise BackupDamaged(f"{backup_id}/{MANIFEST}", "of another backup")
    return manifest


def write_proof(proof: Proof) -> bytes:
    return _PROOF.dump_json(proof)


def read_proof(backup_id: str, content: Iterable[bytes]) -> Proof:
    """Parse a decrypted proof. Raises BackupDamaged."""
    try:
        return _PROOF.validate_json(b"".join(content))
    except ValidationError as error:
        raise BackupDamaged(f"{backup_id}/{PROOF}", "unknown format") from error
