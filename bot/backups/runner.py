"""Takes scheduled backups, and says when there is none that was verified lately.

Which are due is in the database (``storage.backups.runs``), so that of several replicas one takes
each. It is taken by a process of its own (``bot/backups/worker.py``).
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

import structlog

from bot.backups.problems import CONDITION
from bot.clock import Clock
from bot.health import Condition, ConditionSource
from bot.supervisor import Supervisor
from storage.backups.manifests import BackupOutcome
from storage.backups.runs import BackupRuns
from storage.backups.scratch import BackupUnderWay

log = structlog.get_logger(__name__)
STALE_AFTER: Final = timedelta(hours=26)
"""A daily backup that is two hours late has failed."""
POLL: Final = 5.0
"""Seconds between two looks for a backup that is due."""
_EXTEND: Final = 60.0
"""Seconds after which the claim is extended."""
_TASK: Final = "backups"
_COMMAND: Final = (sys.executable, "-m", "bot.backups.worker")

TakeBackups: TypeAlias = Callable[[datetime], Awaitable[Sequence[BackupOutcome]]]
"""Takes and verifies a backup in every place that has none verified since this moment.

Raises BackupUnderWay and WorkerFailed.
"""


class WorkerFailed(Exception):
    """The process that takes backups ended without an outcome."""


class BackupRunner:
    """Takes one scheduled backup after the other while the process runs."""

    def __init__(
        self,
        runs: BackupRuns,
        clock: Clock,
        *,
        take: TakeBackups | None = None,
        supervisor: Supervisor | None = None,
    ) -> None:
        self._runs = runs
        self._clock = clock
        self._take = take or take_apart
        self._supervisor = supervisor or Supervisor()

    async def start(self) -> None:
        self._supervisor.start(_TASK, self._run)

    async def stop(self) -> None:
        """Stop a backup under way; another start takes it again."""
        await self._supervisor.stop(_TASK)

    async def take_next(self) -> bool:
        """Take the backup that is due; False if there is none. Raises StorageUnavailable."""
        due = await asyncio.to_thread(self._runs.claim, self._clock.now())
        if due is None:
            return False
        day = due.day
        taking = asyncio.ensure_future(self._take(due.asked_at))
        try:
            while not (await asyncio.wait({taking}, timeout=_EXTEND))[0]:
                await asyncio.to_thread(self._runs.extend, day, self._clock.now())
            await asyncio.to_thread(self._record, day, taking.result())
        except BackupUnderWay:
            log.info("backup.under_way", day=str(day))
        except WorkerFailed:
            log.warning("backup.worker_failed", day=str(day))
            await asyncio.to_thread(self._fail, day, "", "worker", "")
        except asyncio.CancelledError:
            taking.cancel()
            await asyncio.wait({taking})
            await asyncio.to_thread(self._runs.release, day)
            raise
        return True

    def _record(self, day: date, outcomes: Sequence[BackupOutcome]) -> None:
        for outcome in outcomes:
            if outcome.manifest:
                log.info(
                    "backup.taken",
                    kind=outcome.manifest.kind,
                    taken_at=outcome.manifest.taken_at.isoformat(timespec="seconds"),
                    where=outcome.where,
                    verified=outcome.proof is not None,
                )
        failed = [one for one in outcomes if one.problem or one.proof is None]
        if not failed:
            self._runs.verified(day, self._clock.now())
            return
        first = failed[0]
        alike = [one.where for one in failed if one.problem == first.problem]
        elsewhere = any(one.proof for one in outcomes)
        self._fail(day, ", ".join(alike), first.problem, first.reason, elsewhere=elsewhere)

    def _fail(
        self, day: date, place: str, problem: str, reason: str, *, elsewhere: bool = False
    ) -> None:
        self._runs.failed(
            day,
            self._clock.now(),
            place=place,
            problem=problem,
            reason=reason,
            elsewhere=elsewhere,
        )

    async def _run(self) -> None:
        while True:
            await self.take_next()
            await asyncio.sleep(POLL)


async def take_apart(since: datetime) -> Sequence[BackupOutcome]:
    """Take backups in a process of its own, which ends when this is cancelled.

    Leaves out places that have one verified ``since``. Raises BackupUnderWay and WorkerFailed.
    """
    from bot.backups.worker import OUTCOMES, UNDER_WAY

    path = os.pathsep.join(filter(None, sys.path))
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        since.isoformat(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is for us.
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == UNDER_WAY:
        raise BackupUnderWay
    if process.returncode:
        raise WorkerFailed
    return OUTCOMES.validate_json(said)


def backup_conditions(runs: BackupRuns, clock: Clock) -> ConditionSource:
    """A ``ConditionSource``: what went wrong with the last backup, and that none is recent.

    The source raises StorageUnavailable.
    """

    def look() -> Iterable[Condition]:
        state, now = runs.state(), clock.now()
        if state.since is None:
            return
        if state.problem:
            params = {**CONDITION, "place": state.place, "reason": state.reason}
            yield Condition(f"backup_{state.problem}", state.place, params, serious=False)
        last = state.verified_at
        if now - (last or state.since) > STALE_AFTER:
            hours = int((now - (last or state.since)) / timedelta(hours=1))
            key = "backup_stale" if last else "backup_never"
            yield Condition(key, params={**CONDITION, "hours": str(hours)}, serious=False)

    return look
