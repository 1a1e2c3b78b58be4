"""``python -m bench``: reproduce every figure of docs/performance.md, one after the other."""

import asyncio
import os
import platform
import sys

from bench import (
    backups,
    charts,
    connections,
    delivery,
    due_scan,
    forms,
    imports,
    reports,
    scale,
    start,
    starved,
    steps,
)


def main() -> int:
    cores = os.cpu_count()
    print(f"{platform.machine()}, {cores} cores, Python {platform.python_version()}\n")
    missed = 0
    for title, run in (
        ("Start and memory", start.main),
        ("With much else to do", lambda: asyncio.run(starved.main())),
        ("Lines held open", connections.main),
        ("Due scan", due_scan.main),
        ("A day at two sizes", scale.main),
        ("Reports at two sizes", reports.main),
        ("Delivery", delivery.main),
        ("Imports", imports.main),
        ("Backups", backups.main),
        ("Charts", charts.main),
        ("Forms", lambda: asyncio.run(forms.main())),
        ("Steps of jobs", lambda: asyncio.run(steps.main())),
    ):
        print(f"\n== {title}\n")
        missed |= run()
    return missed


if __name__ == "__main__":
    sys.exit(main())
