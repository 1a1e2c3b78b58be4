"""PostgreSQL's own programs: where they are, and how they are run as streams."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy.engine import URL

PART: Final = 1_048_576
_SAID: Final = 300
_PLACES: Final = (
    "/usr/lib/postgresql/{major}/bin",
    "/usr/pgsql-{major}/bin",
    "/usr/libexec/postgresql{major}",
    "/opt/homebrew/opt/postgresql@{major}/bin",
)
"""Where distributions put the programs of a version: Debian, Red Hat, Alpine, Homebrew."""
_PHYSICAL: Final = ("pg_basebackup", "pg_combinebackup", "postgres")
_VERSION: Final = re.compile(r"\) (\d{1,3})")
_ASK_S: Final = 10.0


class DumpFailed(Exception):
    """A program of PostgreSQL or the server refused; ``reason`` is what they said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def find_tools(major: int) -> Path | None:
    """Find the directory of this version's programs for whole servers; None if one is missing."""
    for directory in _directories(major):
        found = [directory / name for name in _PHYSICAL]
        if all(map(Path.is_file, found)) and all(major_of(one) == major for one in found):
            return directory
    return None


def tool(name: str, major: int) -> str:
    """The path of a program of this server's version, else its name for ``PATH`` to decide."""
    places = [Path(place.format(major=major)) for place in _PLACES]
    return next((str(one / name) for one in places if (one / name).is_file()), name)


def major_of(program: Path) -> int:
    """The version of a program; 0 if it does not say."""
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(  # noqa: S603 - a program of PostgreSQL
            [program, "--version"], capture_output=True, timeout=_ASK_S, check=True
        ).stdout.decode("utf-8", "replace")
        if found := _VERSION.search(said):
            return int(found[1])
    return 0


def _directories(major: int) -> Iterator[Path]:
    yield from (Path(place.format(major=major)) for place in _PLACES)
    yield from (Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part)


def read_from(command: Sequence[str], url: URL) -> Iterator[bytes]:
    """Run a program and pass on what it writes. Raises DumpFailed."""
    with tempfile.TemporaryFile() as said, _running(command, url, said) as process:
        if process.stdout is None:
            raise AssertionError("a pipe was asked for")
        while part := process.stdout.read(PART):
            yield part
        if process.wait():
            raise DumpFailed(_said(said))


def write_to(command: Sequence[str], url: URL, parts: Iterable[bytes]) -> str:
    """Run a program on what is read from ``parts``; returns what it says when it fails, else "".

    Raises DumpFailed where it cannot be run.
    """
    with tempfile.TemporaryFile() as said, _running(command, url, said, feed=True) as process:
        if process.stdin is None:
            raise AssertionError("a pipe was asked for")
        try:
            for part in parts:
                process.stdin.write(part)
            process.stdin.close()
        except BrokenPipeError:
            pass  # Its status says why.
        return (_said(said) or command[0]) if process.wait() else ""


def run(command: Sequence[str | Path]) -> None:
    """Run a program to its end. Raises DumpFailed."""
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise DumpFailed(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        raise DumpFailed(shortened(done.stderr.decode("utf-8", "replace")) or str(command[0]))


@contextmanager
def _running(
    command: Sequence[str], url: URL, said: IO[bytes], *, feed: bool = False
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program; it ends with the block. Raises DumpFailed where it is missing."""
    environment = {**os.environ, "PGPASSWORD": url.password or os.environ.get("PGPASSWORD", "")}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if feed else subprocess.PIPE,
            stderr=said,
            env=environment,
        )
    except OSError as error:
        raise DumpFailed(f"{command[0]}: {error.strerror}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait()


def conninfo(url: URL, *, secret: bool = True) -> str:
    """The connection of libpq; without the password where others can read it, as in ``ps``."""
    options: Mapping[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password if secret else None,
        "dbname": url.database,
        **url.query,
    }
    from psycopg.conninfo import make_conninfo  # Loaded only where it is used.

    return make_conninfo(**{name: value for name, value in options.items() if value is not None})


def remove(directory: Path) -> None:
    """Remove a directory, whatever is in it."""
    shutil.rmtree(directory, ignore_errors=True)


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return shortened(file.read(4000).decode("utf-8", "replace"))


def shortened(text: str) -> str:
    return " ".join(text.split())[:_SAID]


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:_SAID]
