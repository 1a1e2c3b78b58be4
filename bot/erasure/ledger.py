"""Keeps the ledger of erasures beside the database, and repeats them after a restore."""

from pathlib import Path

import structlog

from bot.settings import Settings
from handlers.core.context import Context
from handlers.erasure import service
from sales.erasure import Erasure
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.erasure.ledger import (
    DamagedLedger,
    append_to_ledger,
    ledger_path,
    line_of,
    parse_line,
    read_ledger,
)
from storage.unit_of_work import UnitOfWorkFactory

log = structlog.get_logger(__name__)


def ledger_of(settings: Settings, database: Database) -> Path:
    """Where the ledger of a database is kept."""
    return ledger_path(settings.genjin_data_dir, database.path)


class LedgerKeeper:
    """The ledger in a file apart from the database."""

    def __init__(self, path: Path, fields: Fields) -> None:
        self.path = path
        self._fields = fields
        self._written: set[str] = set()

    def read(self) -> list[Erasure]:
        """Return the ledger's entries; a damaged line is logged and left out. Raises OSError."""
        entries = []
        for line in read_ledger(self.path):
            try:
                entries.append(parse_line(line, self._fields))
            except DamagedLedger as error:
                log.exception("erasure.ledger_line_unreadable", problem=str(error)[:60])
        return entries

    def repeat(self, context: Context) -> int:
        """Erase again whoever is in the ledger and not erased in this database, which is so after
        an older backup was restored. Returns how many; the caller commits."""
        try:
            entries = self.read()
        except OSError as error:
            log.exception("erasure.ledger_unreadable", problem=error.strerror)
            return 0
        self._written |= {entry.uid for entry in entries}
        repeated = service.replay(entries, context)
        if repeated:
            log.warning("erasure.repeated", erasures=len(repeated))
        return len(repeated)

    def write(self, units: UnitOfWorkFactory) -> int:
        """Add what the database has and the file lacks; returns how many lines. Raises OSError and
        StorageUnavailable."""
        with units(read_only=True) as uow:
            known = [one for one in uow.erasures.carried_out() if one.uid not in self._written]
        if not known:
            return 0
        there = {entry.uid for entry in self.read()}
        new = [one for one in known if one.uid not in there]
        append_to_ledger(self.path, [line_of(one, self._fields) for one in new])
        self._written |= {one.uid for one in known}
        return len(new)
