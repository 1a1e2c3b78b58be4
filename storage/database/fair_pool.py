"""A pool of connections that are lent in the order in which they were asked for.

SQLAlchemy's own gives a returned connection to whoever asks next: a busy thread takes the only one
again and again, and a request in another thread waits for seconds. Knows no database.
"""

from collections import deque
from threading import Semaphore

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.util.queue import Empty, Queue


class _Turn:
    """The wait of one thread, which ends when it is handed a connection."""

    __slots__ = ("entry", "handed")

    def __init__(self) -> None:
        self.handed = Semaphore(0)
        self.entry: ConnectionPoolEntry | None = None


class _InTurn(Queue[ConnectionPoolEntry]):
    """The connections that nobody uses; one that comes back goes to the longest wait."""

    def __init__(self, maxsize: int = 0, use_lifo: bool = False) -> None:
        super().__init__(maxsize, use_lifo)
        self._turns: deque[_Turn] = deque()

    def get(self, block: bool = True, timeout: float | None = None) -> ConnectionPoolEntry:
        """Take a connection; raises ``Empty`` when none comes within ``timeout`` seconds."""
        with self.mutex:
            if not block or not self._empty():
                return super().get(block=False)
            turn = _Turn()
            self._turns.append(turn)
        if not turn.handed.acquire(timeout=timeout):
            with self.mutex:
                if turn.entry is None:
                    self._turns.remove(turn)
                    raise Empty
        if turn.entry is None:
            raise AssertionError("a turn ends with a connection")
        return turn.entry

    def put(
        self,
        item: ConnectionPoolEntry,
        block: bool = True,
        timeout: float | None = None,
    ) -> None:
        """Hand a connection to the thread that has waited longest; keep it if none waits."""
        with self.mutex:
            if not self._turns:
                return super().put(item, block, timeout)
            turn = self._turns.popleft()
            turn.entry = item
            turn.handed.release()
        return None


class FairPool(QueuePool):
    """A ``QueuePool`` in which nobody is overtaken."""

    _queue_class = _InTurn
