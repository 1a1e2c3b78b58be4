"""Takes the process from its start to where it can work, however long that takes.

The steps run one after the other, in a thread. Problems that may pass are waited out, and logged
meanwhile. Until every step is done nothing else may use the database.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

import structlog

from bot.health import Condition
from bot.supervisor import CannotGoOn, backoff
from sales.errors import KeysUnavailable, StorageStarting, StorageUnavailable
from storage.database.engine import Database
from storage.database.schema import SchemaDamaged, SchemaNewer, SchemaOlder, SearchMissing

log = structlog.get_logger(__name__)

Step: TypeAlias = Callable[[], None]
"""May be repeated; raises StorageUnavailable or WaitsFor to be retried, and CannotGoOn."""

_WAITING: Final = "starting"


class WaitsFor(Exception):
    """A step has to wait until an admin fixes what ``condition`` describes."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition.id)
        self.condition = condition


class Boot:
    """The start-up. ``steps`` lead to a usable database. ``pause`` as in ``Supervisor``."""

    def __init__(
        self,
        database: Database,
        steps: Sequence[Step],
        *,
        pause: Callable[[int], float] = backoff,
    ) -> None:
        self._database = database
        self._steps = tuple(steps)
        self._pause = pause
        self._waits_for: Condition | None = None
        self._keys_missing = False
        self._begun = False
        self._open = False
        self.changed = asyncio.Event()
        """Set when the start has something new to report."""

    def admit(self) -> None:
        """Refuse the database to everybody until the start has ended.

        See ``storage.database.engine.Admit``. Raises StorageStarting, or KeysUnavailable while it
        waits for keys.
        """
        if self._begun and not self._open:
            raise KeysUnavailable if self._keys_missing else StorageStarting

    def conditions(self) -> Iterable[Condition]:
        """What the start waits for; a ``bot.health.ConditionSource``."""
        if self._open or not self._begun:
            return []
        return [self._waits_for or Condition(_WAITING, serious=False)]

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def waits_for(self) -> Condition | None:
        """What made the last attempt fail; None if nothing did."""
        return None if self._open else self._waits_for

    def begin(self) -> None:
        self._begun = True

    async def run(self) -> None:
        """Return once all steps are done and the database is open to everybody.

        Raises CannotGoOn.
        """
        self.begin()
        failures = 0
        while not await self._attempt():
            failures += 1
            await asyncio.sleep(self._pause(failures))
        self._waits_for, self._open = None, True
        self.changed.set()

    async def _attempt(self) -> bool:
        try:
            for step in self._steps:
                await asyncio.to_thread(step)
        except SchemaNewer as error:
            raise CannotGoOn("newer_schema", revision=error.revision) from error
        except SchemaOlder as error:
            raise CannotGoOn("older_schema", revision=error.revision, build=error.build) from error
        except SearchMissing as error:
            raise CannotGoOn("no_search") from error
        except SchemaDamaged as error:
            raise CannotGoOn("migration_failed") from error
        except StorageUnavailable as error:
            trouble = self._database.trouble(error)
            log.warning("boot.waits", trouble=trouble, cause=_cause(error))
            self._say(Condition(f"database_{trouble}"))
        except WaitsFor as error:
            log.warning("boot.waits", condition=error.condition.id)
            self._keys_missing = isinstance(error.__cause__, KeysUnavailable)
            self._say(error.condition)
        except CannotGoOn:
            raise
        except Exception as error:
            log.exception("boot.failed")
            self._say(Condition("boot_failed", params={"error": type(error).__name__}))
        else:
            return True
        return False

    def _say(self, condition: Condition) -> None:
        if condition != self._waits_for:
            self._waits_for = condition
            self.changed.set()


def _cause(error: StorageUnavailable) -> str:
    """The first line of the driver's message: it names hosts and files, but no values."""
    return str(error.__cause__ or type(error).__name__).partition("\n")[0][:200]
