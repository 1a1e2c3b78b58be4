"""The process that reads one file: bytes in, lines out, and access to nothing else.

It is a process of its own so that whatever a file contains slows down nobody else and takes nobody
else's memory; the system kills it at its limits.
"""

import contextlib
import os
import sys
from typing import Final

from handlers.core.text import clean
from sales.imports.sheet import Unreadable
from sales.imports.uploads import ReadFile, read_file, to_lines

CPU_SECONDS: Final = 60
MEMORY: Final = 2_000_000_000


def main() -> None:
    _limit()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    chosen, encoding = [*sys.argv[1:], "", ""][:2]
    sheet = int(chosen) if chosen else None
    for line in to_lines(_read(sys.stdin.buffer.read(), sheet, encoding)):
        sys.stdout.write(f"{line}\n")


def _read(content: bytes, sheet: int | None, encoding: str) -> ReadFile | Unreadable:
    try:
        return read_file(content, clean, sheet, encoding)
    except Unreadable as error:
        return error
    except MemoryError:
        return Unreadable("work")


def _limit() -> None:
    """Lower the priority below any request and set limits; Windows has no such limits."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        os.nice(10)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
