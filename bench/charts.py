"""Measures charts: laying one out, drawing it once warm, and the memory that drawing takes.

Run with ``python -m bench.charts``. Every kind of chart as the tests draw it, and a heat map of 20
rows and 12 columns. Processor time of the drawing thread, and the process's memory from Linux.
"""

import sys
import time
from pathlib import Path
from statistics import median

from bot.charts import draw
from bot.charts.layouts import lay_out
from handlers.core.charts import Figure, HeatCell, HeatMap
from handlers.core.ui import AnyChart, DrawnChart
from tests.chart_samples import all_samples

ROUNDS = 15
GOAL_MS = 300.0
GOAL_MB = 110.0
"""What drawing may add to the process."""


def main() -> int:
    before = _memory("VmRSS")
    samples = all_samples("zh_CN") | {"large": _large()}
    start = time.thread_time()
    draw(samples["funnel"], "zh_CN")
    print(f"first picture, with imports  {1000 * (time.thread_time() - start):8.1f} ms\n")
    print(f"{'':12}{'lay out':>10}{'draw p50':>10}{'draw max':>10}{'KB':>8}")
    worst = 0.0
    for name, chart in samples.items():
        laid = _layout_ms(chart)
        times, size = _drawing_ms(chart)
        worst = max(worst, *times)
        print(f"{name:12}{laid:>10.2f}{median(times):>10.1f}{max(times):>10.1f}{size / 1000:>8.0f}")
    peak, after = _memory("VmHWM") - before, _memory("VmRSS") - before
    print(f"\nmemory added: {after:.0f} MB, at most {peak:.0f} MB while drawing")
    missed = [
        f"a chart took {worst:.0f} ms" if worst > GOAL_MS else "",
        f"drawing took {peak:.0f} MB" if peak > GOAL_MB else "",
    ]
    for reason in filter(None, missed):
        print(f"MISSED: {reason}")
    return int(any(missed))


def _layout_ms(chart: AnyChart) -> float:
    if not isinstance(chart, DrawnChart):
        return 0.0
    start = time.thread_time()
    for _ in range(ROUNDS):
        lay_out(chart)
    return 1000 * (time.thread_time() - start) / ROUNDS


def _drawing_ms(chart: AnyChart) -> tuple[list[float], int]:
    times, size = [], 0
    for _ in range(ROUNDS):
        start = time.thread_time()
        size = len(draw(chart, "zh_CN"))
        times.append(1000 * (time.thread_time() - start))
    return times, size


def _large() -> HeatMap:
    cells = tuple(
        tuple(
            HeatCell(Figure(row * column / 240, f"{row + column}%"), "n=9") for column in range(12)
        )
        for row in range(20)
    )
    return HeatMap(
        title="来源 × 首次响应",
        alt="大",
        rows=tuple(f"来源 {row}" for row in range(20)),
        columns=tuple(f"第 {column} 周" for column in range(12)),
        cells=cells,
    )


def _memory(name: str) -> float:
    """Megabytes of this process; 0 where Linux does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
    return int(lines[name].split()[0]) / 1024


if __name__ == "__main__":
    sys.exit(main())
