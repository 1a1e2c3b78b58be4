"""What ``/metrics`` tells of a process besides its requests: whether it is ready, what is wrong,
which platforms are connected, and how many messages wait.

Labels are conditions, platforms and states, never people. Rules and dashboard in ``deploy/``
use these names; ``tests/deploy`` compares them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot import VERSION
from bot.health import Condition
from sales.errors import StorageUnavailable
from storage.outbox.dead_letters import Tally


class ProcessState(Collector):
    """Reads the state of one process whenever it is asked.

    ``tally`` may raise StorageUnavailable: then nothing is told of messages, and a condition says
    why.
    """

    def __init__(
        self,
        *,
        ready: Callable[[], bool],
        conditions: Callable[[], Iterable[Condition]],
        platforms: Callable[[], Mapping[str, bool]],
        tally: Callable[[], Tally | None],
        now: Callable[[], datetime],
        database: str,
    ) -> None:
        self._ready = ready
        self._conditions = conditions
        self._platforms = platforms
        self._tally = tally
        self._now = now
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield self._build()
        yield GaugeMetricFamily(
            "genjin_ready", "1 once the process serves people", float(self._ready())
        )
        wrong = GaugeMetricFamily(
            "genjin_condition", "1 while this is wrong", labels=("condition", "serious")
        )
        for condition in self._conditions():
            wrong.add_metric((condition.id, str(condition.serious).lower()), 1.0)
        yield wrong
        connected = GaugeMetricFamily(
            "genjin_platform_up", "1 while the platform works", labels=("platform",)
        )
        for platform, works in self._platforms().items():
            connected.add_metric((platform,), float(works))
        yield connected
        try:
            tally = self._tally()
        except StorageUnavailable:
            return
        if tally is not None:
            yield from self._messages(tally)

    def _build(self) -> GaugeMetricFamily:
        build = GaugeMetricFamily("genjin_build_info", "1", labels=("version", "database"))
        build.add_metric((VERSION, self._database), 1.0)
        return build

    def _messages(self, tally: Tally) -> Iterator[GaugeMetricFamily]:
        counted = GaugeMetricFamily(
            "genjin_messages",
            "Messages that wait, wait after a failure, failed for good, or may have arrived",
            labels=("state",),
        )
        for state in ("waiting", "retrying", "dead", "unknown"):
            counted.add_metric((state,), float(getattr(tally, state)))
        yield counted
        oldest = tally.oldest_waiting_at
        age = (self._now() - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily(
            "genjin_oldest_message_seconds", "Age of the oldest message that waits", max(age, 0.0)
        )
