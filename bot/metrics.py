"""What the process counts for ``/metrics``; labels are actions, never people."""

import contextlib
import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram


class Metrics:
    """Counters of one process, in a registry of its own."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Histogram(
            "genjin_request_seconds",
            "Time from a request to its committed reply",
            ("action",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 3),
            registry=registry,
        )

    @contextlib.contextmanager
    def timing(self, action: str) -> Iterator[None]:
        """Observe the block's duration. ``action`` is one of a bounded set."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._requests.labels(action).observe(time.perf_counter() - began)
