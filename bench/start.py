"""Measures the time from ``genjin run`` to ready, and the memory used then.

The demo on an empty directory. Run with ``python -m bench.start``. Linux only: memory is read from
/proc.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.forms import cpu_seconds

RUNS, GOAL_S, GOAL_MB = 7, 1.0, 150.0
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Print the figures; return 1 if a goal is missed."""
    with tempfile.TemporaryDirectory(prefix="genjin-bench-") as folder:
        first, _, memory = started(Path(folder))
        again = [started(Path(folder)) for _ in range(RUNS)]
    usual = statistics.median(seconds for seconds, _, _ in again)
    worked = min(worked for _, worked, _ in again)
    most = max(memory, *(megabytes for _, _, megabytes in again))
    print(f"first start, new database and sample company   {first:6.2f} s")
    print(
        f"later starts, median of {RUNS}                       {usual:6.2f} s   goal < {GOAL_S} s"
    )
    print(f"processor time of a later start, least         {worked:6.2f} s")
    print(f"resident memory when ready, largest            {most:6.0f} MB  goal < {GOAL_MB:g} MB")
    return int(usual > GOAL_S or most > GOAL_MB)


def started(data: Path) -> tuple[float, float, float]:
    """Start one process; returns the seconds until it is ready, those of the processor, and its
    megabytes then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {"PATH": os.environ["PATH"], "GENJIN_DATA_DIR": str(data), "WEB_PORT": port}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _is_ready(port):
            if time.perf_counter() - began > 30:
                raise TimeoutError("not ready within 30 s")
            time.sleep(0.005)
        took = time.perf_counter() - began
        return took, cpu_seconds(process.pid), _resident_megabytes(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _is_ready(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return bool(json.load(answer)["ready"])
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _resident_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    sys.exit(main())
