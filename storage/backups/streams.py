"""Backups as streams of parts: read in pieces of a wanted length, counted, and reported."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

Step = Callable[[str, int, int], None]
"""Takes progress: the name of the step, what is done of it, and all of it (bytes or pages)."""
_REPORT_EVERY: Final = 4_194_304


def silent(_step: str, _done: int, _all: int) -> None:
    """The ``Step`` that nobody sees."""


def counted(parts: Iterable[bytes], name: str, total: int, step: Step) -> Iterator[bytes]:
    """Pass on the parts, reporting the bytes."""
    done = reported = 0
    step(name, 0, total)
    for part in parts:
        yield part
        done += len(part)
        if done - reported >= _REPORT_EVERY:
            step(name, done, total)
            reported = done
    step(name, total, total)


class PartReader:
    """Reads parts of any length as a file is read."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)
        self._waiting = bytearray()

    def read(self, size: int) -> bytes:
        """Read this many bytes; fewer at the end."""
        while len(self._waiting) < size:
            part = next(self._parts, None)
            if part is None:
                break
            self._waiting += part
        piece = bytes(self._waiting[:size])
        del self._waiting[:size]
        return piece
