"""Reads queued files one after the other, each in a process of its own.

A file stays in the database from the moment its person was told that it arrived until its rows
replace it: a process that dies in between reads it again when it restarts, and if two replicas read
the same file the second one finds nothing to do.
"""

import asyncio
import contextlib
import os
import signal
import sys
from typing import Final

import structlog

from bot.supervisor import OutageLog, Supervisor
from handlers.core.context import ContextFactory
from handlers.imports.actions import begin_reading, take_read
from sales.errors import StorageUnavailable
from sales.imports.plan import ImportNotFound
from sales.imports.sheet import Unreadable
from sales.imports.uploads import ReadFile, from_lines
from sales.people import SYSTEM
from storage.unit_of_work import UnitOfWorkFactory

log = structlog.get_logger(__name__)
POLL: Final = 2.0
"""Seconds between two polls for a file that another replica took, or that waits since the start."""
LONGEST: Final = 180.0
"""Seconds for one file, however little of the machine it gets."""
_TASK: Final = "file reader"
_COMMAND: Final = (sys.executable, "-m", "bot.file_worker")


class WorkerEnded(Exception):
    """The worker was told to stop, as happens when the whole service is stopped."""


class FileReader:
    """Reads one file at a time, so that any number of them uses at most one processor."""

    def __init__(
        self,
        new_uow: UnitOfWorkFactory,
        contexts: ContextFactory,
        *,
        supervisor: Supervisor | None = None,
    ) -> None:
        self._new_uow = new_uow
        self._supervisor = supervisor or Supervisor()
        self._outages = OutageLog()
        self._contexts = contexts
        self._woken = asyncio.Event()
        self._reading: asyncio.Task[ReadFile | Unreadable] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Start with the waiting files; returns at once."""
        self._stopping = False
        self._supervisor.start(_TASK, self._run)

    async def stop(self) -> None:
        """Stop the file under way, which is read again at the next start; finished results are
        still stored."""
        self._stopping = True
        self.wake()
        if self._reading is not None:
            self._reading.cancel()
        await self._supervisor.finish(_TASK)

    def wake(self) -> None:
        """Report that a file may have been queued."""
        self._woken.set()

    async def read_next(self) -> bool:
        """Read the longest waiting file; False if there is none or the worker was stopped."""
        import_id = await asyncio.to_thread(self._waiting)
        if import_id is None or self._stopping:
            return False
        read: ReadFile | Unreadable = Unreadable("work")
        if begun := await asyncio.to_thread(self._begin, import_id):
            self._reading = asyncio.create_task(read_apart(*begun))
            try:
                read = await self._reading
            except (asyncio.CancelledError, WorkerEnded):
                if self._stopping or not self._reading.cancelled():
                    return False
                raise
            finally:
                self._reading = None
        try:
            await asyncio.to_thread(self._take, import_id, read)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("file_reader.not_stored", import_id=import_id)
            await asyncio.to_thread(self._take, import_id, Unreadable("damaged"))
        return True

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                while await self.read_next():
                    pass
            except StorageUnavailable as error:
                self._outages.met(_TASK, error)
            else:
                self._outages.over(_TASK)
            with contextlib.suppress(TimeoutError):
                if not self._stopping:
                    await asyncio.wait_for(self._woken.wait(), POLL)

    def _waiting(self) -> int | None:
        with self._new_uow(read_only=True) as uow:
            return uow.imports(SYSTEM).unread()

    def _begin(self, import_id: int) -> tuple[bytes, int | None, str] | None:
        """The file's content, chosen sheet and encoding.

        None if it is gone or has crashed the process repeatedly.
        """
        with self._new_uow() as uow:
            begun = begin_reading(import_id, uow.imports(SYSTEM))
            uow.commit()
            return begun

    def _take(self, import_id: int, read: ReadFile | Unreadable) -> None:
        with self._new_uow() as uow, contextlib.suppress(ImportNotFound):
            take_read(import_id, read, self._contexts.unasked(uow))
            uow.commit()


async def read_apart(
    content: bytes, sheet: int | None = None, encoding: str = ""
) -> ReadFile | Unreadable:
    """Read a file in a process of its own; one that hits its limits is Unreadable.

    ``sheet`` is the chosen one of a workbook, ``encoding`` that of a text.

    When cancelled, the process ends at once. Raises WorkerEnded.
    """
    path = os.pathsep.join(filter(None, sys.path))
    process = await asyncio.create_subprocess_exec(
        *(*_COMMAND, "" if sheet is None else str(sheet), encoding),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # A traceback may quote the file.
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is for us.
    )
    try:
        async with asyncio.timeout(LONGEST):
            said, _ = await process.communicate(content)
    except TimeoutError:
        return Unreadable("work")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode in (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP):
        raise WorkerEnded
    if process.returncode:
        log.warning("file_reader.worker_ended", status=process.returncode, size=len(content))
        return Unreadable("work")
    return await asyncio.to_thread(_parse_output, said)


def _parse_output(output: bytes) -> ReadFile | Unreadable:
    return from_lines(output.decode().removesuffix("\n").split("\n"))
