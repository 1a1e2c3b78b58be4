"""Keeps the ledger of erasures beside the database, and repeats them after a restore."""

from pathlib import Path

import structlog

from bot.health import Condition
from bot.settings import Settings
from handlers.core.context import Context
from handlers.erasure import service
from sales.erasure import ErasureState
from storage.database.encryption import Fields
from storage.database.engine import Database
from storage.database.scrub import empty_journal, forget_words
from storage.erasure.ledger import (
    Ledger,
    append_to_ledger,
    ledger_path,
    line_of,
    parse_ledger,
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
        self._wiped: set[str] = set()

    def read(self) -> Ledger:
        """Return what the ledger holds; what cannot be read is logged. Raises OSError."""
        ledger = parse_ledger(read_ledger(self.path), self._fields)
        if ledger.damaged or ledger.missing_keys:
            keys = " ".join(ledger.missing_keys)
            log.error("erasure.ledger_lines_unreadable", damaged=ledger.damaged, missing_keys=keys)
        return ledger

    def conditions(self) -> list[Condition]:
        """What is wrong with the ledger: erasures that a restore would not repeat."""
        try:
            ledger = parse_ledger(read_ledger(self.path), self._fields)
        except OSError as error:
            params = {"file": str(self.path), "reason": error.strerror or ""}
            return [Condition("ledger_unreadable", "", params, serious=False)]
        found = []
        if ledger.damaged:
            params = {"file": str(self.path), "n": str(ledger.damaged)}
            found.append(Condition("ledger_damaged", "", params, serious=False))
        if ledger.missing_keys and not self._fields.is_locked:
            params = {"file": str(self.path), "keys": ", ".join(ledger.missing_keys)}
            found.append(Condition("ledger_key_missing", "", params, serious=False))
        return found

    def repeat(self, context: Context) -> int:
        """Erase again whoever is in the ledger and not erased in this database, which is so after
        an older backup was restored. Returns how many; the caller commits."""
        try:
            entries = self.read().entries
        except OSError as error:
            log.exception("erasure.ledger_unreadable", problem=error.strerror)
            return 0
        self._written |= {entry.uid for entry in entries}
        repeated = service.replay(entries, context)
        if repeated:
            log.warning("erasure.repeated", erasures=len(repeated))
        return len(repeated)

    def write(self, units: UnitOfWorkFactory) -> int:
        """Add what the database has and the file lacks; returns how many lines. After an erasure is
        done, the database's journal is emptied. Raises OSError and StorageUnavailable."""
        with units(read_only=True) as uow:
            begun = uow.erasures.carried_out()
        done = {one.uid for one in begun if one.state is ErasureState.DONE}
        if not done <= self._wiped:
            forget_words(units.database)
            if empty_journal(units.database):
                self._wiped |= done
        known = [one for one in begun if one.uid not in self._written]
        if not known:
            return 0
        there = {entry.uid for entry in self.read().entries}
        new = [one for one in known if one.uid not in there]
        append_to_ledger(self.path, [line_of(one, self._fields) for one in new])
        self._written |= {one.uid for one in known}
        return len(new)
