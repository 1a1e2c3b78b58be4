"""The audit log of a backup: sealed before it is taken, checked after it is restored (decision 37).

The head in a backup's manifest commits to everything before it: a database whose log was cut off
or rewritten together with its chain shows by a head that is not among those in older manifests.
"""

from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from sales.errors import StorageUnavailable
from sales.people import SYSTEM
from storage.audit.check import check_audit
from storage.audit.log import RESTORED, AuditLog
from storage.audit.seals import ChainBroken, head_of, seal_entries
from storage.backups.sealing import BackupKeyMissing
from storage.database.encryption import Fields
from storage.database.engine import Database, open_database
from storage.database.keyring import Keyring
from storage.tables import audit_head, audit_seal

log = structlog.get_logger(__name__)
_TRIES: Final = 20


class AuditTampered(Exception):
    """The audit log in a backup is not the one that was sealed; ``reason`` counts the problems."""

    def __init__(self, name: str, problems: int) -> None:
        super().__init__(f"{name}: {problems}")
        self.name = name
        self.problems = problems


def seal_audit(database: Database, now: datetime) -> None:
    """Seal what waits, so that a backup's head covers it. A chain that is broken stays so: the
    check of the restored copy will say it.

    Raises StorageUnavailable and KeysUnavailable.
    """
    with database.read() as connection:
        if not inspect(connection).has_table(audit_head.name):
            return
    try:
        seal_entries(database, now, tries=_TRIES)
    except ChainBroken as error:
        log.warning("backup.audit_not_sealed", problem=str(error))


def check_chain(database: Database, name: str, head: str, keyring: Keyring) -> None:
    """Check the whole audit log of a restored database, and that its chain leads to ``head``.

    Raises AuditTampered, and BackupKeyMissing when the key that signed the head is not here.
    """
    database.seal_with(Fields(keyring))
    report = check_audit(database)
    if missing := [one for one in report.problems if one.key == "key_missing"]:
        raise BackupKeyMissing(missing[0].params["key"])
    if report.problems:
        raise AuditTampered(name, len(report.problems) + report.more)
    number, _, digest = head.partition(":")
    if report.head is None or report.head.number < int(number):
        raise AuditTampered(name, 1)
    if report.head.number == int(number):
        here = report.head.digest
    else:
        seal = audit_seal.select().where(audit_seal.c.id == int(number))
        with database.read() as connection:
            row = connection.execute(seal).one_or_none()
        # Number 0, or purged since: what was checked begins later.
        here = row.head.hex() if row else digest
    if here != digest:
        raise AuditTampered(name, 1)


def check_chain_of_file(restored: Path, name: str, head: str, keyring: Keyring) -> None:
    """Check the audit log of a restored SQLite file, which nobody else uses. Raises as above."""
    database = open_database(f"sqlite:///{restored}", restored.parent)
    try:
        check_chain(database, name, head, keyring)
    finally:
        database.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{restored}{ending}").unlink(missing_ok=True)


def record_restore(
    database: Database, backup_id: str, former: Database | None, keyring: Keyring, now: datetime
) -> None:
    """Record in a restored database, before anybody uses it, which backup it came from, and where
    the log ended that it takes the place of. Raises StorageUnavailable.
    """
    with database.read() as connection:
        if not inspect(connection).has_table(audit_head.name):
            return
    detail = {"backup": backup_id}
    if head := _last_head(former):
        detail["head"] = head
    with database.write() as connection:
        entries = AuditLog(connection, Fields(keyring), now)
        entries.record(SYSTEM, RESTORED, "database", detail)


def _last_head(former: Database | None) -> str:
    """The head of a database that may be damaged, or empty: that is what backups are for."""
    if former is None:
        return ""
    try:
        with former.read() as connection:
            return head_of(connection).anchor
    except (ChainBroken, StorageUnavailable, DBAPIError):
        return ""
