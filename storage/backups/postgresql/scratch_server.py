"""A PostgreSQL server made of backups: unpacked, combined, and started for nobody else.

It listens on no port, only on a socket in a private directory, and runs none of what its databases
would start by themselves. PostgreSQL refuses to run as root; then it runs as ``postgres`` or
``nobody``, whom the files are given to.
"""

import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from psycopg import Error, connect
from sqlalchemy.engine import URL

from storage.backups.postgresql.tools import DumpFailed, conninfo, remove, run, shortened
from storage.backups.sealing import BackupDamaged
from storage.backups.streams import PartReader

_FIRST_LINK: Final = 18
"""The first version whose ``pg_combinebackup`` links files instead of copying them."""
_PR_SET_PDEATHSIG: Final = 1
_POLL_S: Final = 0.1
_STOP_S: Final = 120.0
_SETTINGS: Final = """\
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
hba_file = '{sockets}/hba'
ident_file = '{sockets}/ident'
logging_collector = off
log_destination = 'stderr'
archive_mode = off
autovacuum = off
max_logical_replication_workers = 0
max_prepared_transactions = 100
shared_buffers = 32MB
max_connections = 20
wal_level = replica
"""
_THROWN_AWAY: Final = "fsync = off\n"
_LASTING: Final = "restore_command = 'false'\nhot_standby = off\n"
"""Recovery as from an archive begins a new timeline. Without one, changes could later be taken
against a copy whose history this server has left, and nobody would notice."""


@contextmanager
def room(scratch: Path) -> Iterator[Path]:
    """A directory in which a server can be made: in ``scratch``, or as root where others get to.

    It is removed at the end.
    """
    if not _is_root():
        path = scratch / "server"
        path.mkdir(mode=0o700)
    else:
        # Whoever holds ``scratch`` is alone: what has its name was left by one that was killed.
        mine = hashlib.sha256(bytes(scratch.absolute())).hexdigest()[:12]
        for left in Path(tempfile.gettempdir()).glob(f"genjin-server-{mine}-*"):
            remove(left)
        path = Path(tempfile.mkdtemp(prefix=f"genjin-server-{mine}-"))
        _give(path)
    try:
        yield path
    finally:
        remove(path)


def make_way(directory: Path) -> None:
    """Create a directory that whoever runs the server can get through, if it is not there."""
    if not directory.exists():
        directory.mkdir(parents=True, mode=0o700)
        if _is_root():
            directory.chmod(0o711)


def unpack(parts: Iterable[bytes], target: Path, name: str) -> None:
    """Unpack an archive of ``pg_basebackup`` into a new directory, and read it to its end.

    Raises BackupDamaged, naming ``name``, and OSError.
    """
    target.mkdir(mode=0o700)
    stream = PartReader(parts)
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", bufsize=1_048_576) as tar:
            for member in tar:
                tar.extract(member, target, set_attrs=False, filter="data")
    except tarfile.TarError as error:
        raise BackupDamaged(name, "not an archive of a server") from error
    while stream.read(1_048_576):
        pass  # What was written is only known to be whole at its end.


def combine(tools: Path, major: int, base: Path, increment: Path, target: Path) -> None:
    """Make a server's directory out of a whole copy and its changes. Raises DumpFailed."""
    link = ["--link"] if major >= _FIRST_LINK else []
    run([tools / "pg_combinebackup", *link, base, increment, "--output", target])
    remove(base)
    remove(increment)


@contextmanager
def started(tools: Path, data: Path, url: URL, *, lasting: bool = False) -> Iterator[URL]:
    """Start a server on a directory, and stop it at the end; yields the URL of its database.

    ``url`` is that of the database in the server that was copied; ``lasting``: the directory will
    be used afterwards. Raises DumpFailed when the server does not come up.
    """
    private = Path(tempfile.mkdtemp(prefix="genjin-"))
    try:
        _prepare(private, data, lasting=lasting)
        there = URL.create(
            "postgresql", url.username, database=url.database, query={"host": str(private)}
        )
        command = [str(tools / "postgres"), "-D", str(data.absolute())]
        command.append(f"--config-file={private / 'conf'}")
        with tempfile.TemporaryFile() as said:
            process = _start(command, said)
            try:
                _wait(process, there, said)
                yield there
            finally:
                _stop(process)
    finally:
        remove(private)


def _prepare(private: Path, data: Path, *, lasting: bool) -> None:
    more = _LASTING if lasting else _THROWN_AWAY
    (private / "conf").write_text(_SETTINGS.format(sockets=private) + more, encoding="utf-8")
    (private / "hba").write_text("local all all trust\n", encoding="utf-8")
    (private / "ident").touch()
    for name in ("standby.signal", "recovery.signal"):
        (data / name).unlink(missing_ok=True)
    if lasting:
        (data / "recovery.signal").touch(mode=0o600)
    data.chmod(0o700)
    if _is_root():
        for path in (private, data):
            _give(path)
            for directory, directories, files in os.walk(path):
                for entry in (*directories, *files):
                    _give(Path(directory, entry))


def _start(command: list[str], said: IO[bytes]) -> "subprocess.Popen[bytes]":
    who: dict[str, Any] = {}
    if _is_root():
        user, group = _other()
        who = {"user": user, "group": group, "extra_groups": []}
    try:
        return subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            cwd="/",
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - one system call, looked up before
            **who,
        )
    except OSError as error:
        raise DumpFailed(f"{command[0]}: {error.strerror}") from error


def _end_with_parent() -> Callable[[], object] | None:
    """What a server does before it starts, so that it does not outlive a killed process; None
    where the kernel offers nothing of the kind: there it ends when its files are removed."""
    if sys.platform != "linux":
        return None
    prctl, quickly = ctypes.CDLL(None).prctl, int(signal.SIGQUIT)
    return lambda: prctl(_PR_SET_PDEATHSIG, quickly)


def _wait(process: "subprocess.Popen[bytes]", url: URL, said: IO[bytes]) -> None:
    """Wait until the log is replayed, however long that takes. Raises DumpFailed."""
    while True:
        try:
            connect(conninfo(url)).close()
        except Error:
            if process.poll() is not None:
                said.seek(0)
                lines = said.read(100_000).decode("utf-8", "replace").splitlines()
                why = [line for line in lines if "FATAL" in line or "PANIC" in line] or lines[-1:]
                raise DumpFailed(shortened(" ".join(why)) or "postgres") from None
            time.sleep(_POLL_S)
        else:
            return


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def _other() -> tuple[int, int]:
    """Whom a server runs as where we are root."""
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise DumpFailed("postgres: root")


def _give(path: Path) -> None:
    user, group = _other()
    shutil.chown(path, user, group)
