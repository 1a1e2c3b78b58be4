"""Does a wish once, however often the page sends it: a repeat gets the first answer.

The page sends again when it did not hear back. The router refuses a known request id too,
but could not say what the first answer was.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Once(Generic[Answer]):
    """Remembers the answers to the newest ``keep`` wishes, in this process."""

    def __init__(self, keep: int = 500) -> None:
        self._keep = keep
        self._answers: dict[Hashable, asyncio.Task[Answer]] = {}

    async def run(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Run ``work`` unless the key is known; a failure is not remembered."""
        task = self._answers.get(key)
        if task is None:
            task = asyncio.create_task(work())
            self._answers[key] = task
            while len(self._answers) > self._keep:
                del self._answers[next(iter(self._answers))]
        try:
            # Shielded: work begun is finished even when the page that asked is gone.
            return await asyncio.shield(task)
        except Exception:
            self._answers.pop(key, None)
            raise
