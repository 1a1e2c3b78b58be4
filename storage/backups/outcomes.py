"""What became of a backup, which is told without what takes one being loaded."""

from dataclasses import dataclass

from storage.backups.manifests import Manifest, Proof


@dataclass(frozen=True, slots=True)
class BackupOutcome:
    """What became of a backup in one place.

    ``problem`` completes the catalogue key ``backup.problem_<problem>``, filled with ``reason``;
    empty when all went well. With a ``proof`` the backup counts, whatever happened afterwards.
    """

    where: str
    manifest: Manifest | None = None
    proof: Proof | None = None
    deleted: int = 0
    problem: str = ""
    reason: str = ""
