"""What follows a restore: the ledger of erasures, and what is left to do on PostgreSQL.

The ledger outlives every restore (decision 38). It is gathered from the live data directory and
from the newest backup of every place, so that a new machine has it too; whoever is in it is erased
again at once, and not only when the bot starts.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from pydantic import SecretStr
from sqlalchemy.engine import URL

from bot.clock import SystemClock
from bot.erasure.cli import search_on
from bot.erasure.ledger import LedgerKeeper, ledger_of
from bot.settings import Settings
from handlers.composition import COMPOSITION
from handlers.core.context import ContextFactory
from handlers.core.language import Languages
from sales.erasure import ErasureState
from sales.errors import StorageUnavailable
from storage.backups.repository import BackupRepository
from storage.backups.server_tools import conninfo
from storage.backups.service import EXPECTED
from storage.database.engine import Database
from storage.erasure.ledger import add_missing, read_ledger

log = structlog.get_logger(__name__)
_RECENT = 1000


def gather_ledger(
    settings: Settings, database: Database, places: Sequence[BackupRepository]
) -> list[str]:
    """Collect the lines of every copy of the ledger that can be read."""
    lines: list[str] = []
    try:
        lines += read_ledger(ledger_of(settings, database))
    except OSError as error:
        log.warning("erasure.ledger_unreadable", problem=error.strerror)
    for place in places:
        try:
            lines += place.newest_ledger()
        except EXPECTED as error:
            log.warning("erasure.ledger_unreadable", where=place.where, problem=str(error))
    return list(dict.fromkeys(lines))


def repeat_erasures(
    settings: Settings, database_url: str, ledger: Path, lines: Sequence[str]
) -> int | None:
    """Put a gathered ledger beside a restored database, and erase again whoever is in it.

    Returns how many were; None when it has to wait for the next start. Migrates the database.
    Raises OSError when the ledger cannot be written.
    """
    from bot.app import open_units

    add_missing(ledger, lines)
    if not lines:
        return 0
    there = settings.model_copy(update={"database_url": SecretStr(database_url)})
    languages = Languages(
        settings.timezone, settings.genjin_currency, settings.default_locale, settings.countries
    )
    contexts = ContextFactory(languages, SystemClock().now, COMPOSITION)
    try:
        units = open_units(there)
        try:
            with units() as uow:
                repeated = LedgerKeeper(ledger, units.fields).repeat(contexts.unasked(uow))
                uow.commit()
            with units(read_only=True) as uow:
                begun = [
                    one.id
                    for one in uow.erasures.latest(_RECENT)
                    if one.state is ErasureState.RUNNING
                ]
            for erasure_id in begun:
                search_on(erasure_id, units, contexts)
        finally:
            units.database.dispose()
    except (StorageUnavailable, *EXPECTED) as error:
        log.exception("erasure.not_repeated", problem=type(error).__name__)
        return None
    return repeated


def renaming(present: URL, restored: URL, now: datetime) -> list[str]:
    """The commands that put a restored database of PostgreSQL in the place of the present one."""
    kept = f"{present.database}_before_{now.astimezone(UTC):%Y%m%dt%H%M%S}"
    where = conninfo(present.set(database="postgres"), secret=False)
    return [
        f'psql "{where}" -c \'ALTER DATABASE "{old}" RENAME TO "{new}"\''
        for old, new in ((present.database, kept), (restored.database, present.database))
    ]


def moving(target: Path) -> list[str]:
    """The commands that start PostgreSQL on a restored directory, as its own user."""
    return [
        f"chown -R postgres: {target}",
        f"pg_ctl -D {target} -l {target.parent / 'postgresql.log'} start",
    ]
