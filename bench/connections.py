"""Measures a person's request while another client holds connections open, and how the log grows.

Run with ``python -m bench.connections``. POSIX only. The process starts with the usual 1,024
descriptors and is asked from the same address that the connections come from.
"""

import contextlib
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

LINES, REQUESTS, USUAL = 1_100, 40, 1_024
GOAL_MS, GOAL_BYTES = 500.0, 2_000
PATIENCE = 5.0
ROOT = Path(__file__).parents[1]
SENT = {
    "silent": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "half a body": b"POST /form/website HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\na",
}


def main() -> int:
    """Print the figures; return 1 if a goal is missed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8_192), hard))
    missed = 0
    print(f"{'':<14}{'answered':>10}{'median':>10}{'slowest':>10}{'log':>12}")
    for kind, sent in SENT.items():
        with tempfile.TemporaryDirectory(prefix="genjin-bench-") as folder:
            times, grown = held(Path(folder), sent)
        median, slowest = statistics.median(times), max(times)
        answered = sum(milliseconds < PATIENCE * 1000 for milliseconds in times)
        print(
            f"{kind:<14}{answered:>7}/{REQUESTS}{median:>7.1f} ms{slowest:>7.0f} ms{grown:>10,} B"
        )
        missed |= slowest > GOAL_MS or grown > GOAL_BYTES
    print(f"\ngoal: all answered within {GOAL_MS:g} ms, log under {GOAL_BYTES:,} bytes")
    return int(missed)


def held(folder: Path, sent: bytes) -> tuple[list[float], int]:
    """Milliseconds of a person's requests while the connections are held, and bytes of log."""
    with (folder / "log").open("wb") as log, running(folder, log) as port:
        before = (folder / "log").stat().st_size
        lines = [line for _ in range(LINES) if (line := opened(port, sent))]
        time.sleep(1)
        times = [asked(port) for _ in range(REQUESTS)]
        for line in lines:
            line.close()
        return times, (folder / "log").stat().st_size - before


@contextlib.contextmanager
def running(folder: Path, log: IO[bytes]) -> Iterator[int]:
    """Run the process on an empty directory; yields its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {"PATH": os.environ["PATH"], "GENJIN_DATA_DIR": str(folder / "data")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        env=environment | {"WEB_PORT": str(port)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=log,
    )
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (USUAL, hard))
    try:
        while asked(port) >= PATIENCE * 1000 or not is_ready(port):
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def opened(port: int, sent: bytes) -> socket.socket | None:
    line = socket.socket()
    line.settimeout(PATIENCE)
    try:
        line.connect(("127.0.0.1", port))
        line.sendall(sent)
    except OSError:
        line.close()
        return None
    return line


def asked(port: int) -> float:
    """Milliseconds until a page was served; the whole timeout if it never was."""
    began = time.perf_counter()
    answer = fetched(port, "/form-assets/form.css")
    spent = (time.perf_counter() - began) * 1000
    return spent if b" 200 " in answer[:20] else PATIENCE * 1000


def is_ready(port: int) -> bool:
    return b'"ready":true' in fetched(port, "/health").replace(b" ", b"")


def fetched(port: int, path: str) -> bytes:
    answer = b""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as line:
        line.settimeout(PATIENCE)
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        )
        while piece := line.recv(65_536):
            answer += piece
    return answer


if __name__ == "__main__":
    sys.exit(main())
