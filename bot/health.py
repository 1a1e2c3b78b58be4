"""Health conditions of a running process, and the sources that detect them.

A condition is shown by ``/health`` and ``doctor`` and sent to the admins. This module knows no
platform and no table; code that can detect a condition adds a source.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import structlog

from bot.clock import Clock
from handlers.core.language import Language
from sales.errors import StorageUnavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that is wrong until somebody fixes it.

    ``key`` completes the catalogue keys ``health.<key>`` and ``health.<key>.advice``, filled with
    ``params``, which hold no secret, phone or e-mail. ``subject`` distinguishes two conditions of
    one key (a channel's id). ``serious``: the process is not ok while it lasts. ``same_as`` is the
    id of the condition under which another source reports the same trouble: only one of them is
    shown.
    """

    key: str
    subject: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    serious: bool = True
    same_as: str = ""

    @property
    def id(self) -> str:
        """An id that stays the same while the condition lasts, whatever its params say."""
        return self.same_as or (f"{self.key}:{self.subject}" if self.subject else self.key)

    def problem(self, language: Language) -> str:
        return language.text(f"health.{self.key}", **self.params)

    def advice(self, language: Language) -> str:
        """What to do; empty if the only thing to do is wait."""
        key = f"health.{self.key}.advice"
        return language.text(key, **self.params) if language.has(key) else ""


ConditionSource: TypeAlias = Callable[[], Iterable[Condition]]
"""Checks now; called in a thread, at most every few seconds. May raise StorageUnavailable."""

LOOK_EVERY: Final = 30.0
"""Seconds between two checks that nobody asked for."""
_FRESH: Final = 3.0
"""Seconds for which a check is fresh enough for callers, who may ask often."""
_JUMP: Final = timedelta(seconds=10)
"""A wall clock that runs this much apart from the monotonic one between two checks was set."""
_A_MOMENT: Final = timedelta(seconds=10)
AT_ONCE: Final = timedelta(minutes=1)
"""A condition that lasts no longer than this clears by itself, and no admin is disturbed."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A condition and when it was first seen.

    ``patience``: admins are alerted once it has lasted this long; None: they see it when they look.
    """

    condition: Condition
    since: datetime
    patience: timedelta | None = AT_ONCE


@dataclass(frozen=True, slots=True)
class _Source:
    look: ConditionSource
    patience: timedelta | None


class HealthMonitor:
    """Asks all sources and remembers when each condition began. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sources: list[_Source] = []
        self._last: dict[int, list[Condition]] = {}
        self._lasting: dict[str, Lasting] = {}
        self._logged: set[str] = set()
        self._looked_at: float | None = None
        self._clocks: tuple[datetime, float] | None = None
        self._looking = threading.Lock()

    def add(self, source: ConditionSource, *, patience: timedelta | None = AT_ONCE) -> None:
        self._sources.append(_Source(source, patience))

    def conditions(self) -> tuple[Lasting, ...]:
        """What is wrong, serious conditions first.

        The result is at most some seconds old, or the previous one while another check is under
        way. Blocks for as long as a check takes.
        """
        age = None if self._looked_at is None else self._clock.monotonic() - self._looked_at
        if (age is None or age > _FRESH) and self._looking.acquire(blocking=age is None):
            try:
                self._look()
            finally:
                self._looking.release()
        lasting = self._lasting.values()
        return tuple(sorted(lasting, key=lambda item: (not item.condition.serious, item.since)))

    def expire(self) -> None:
        """Drop the cached result, so that the next caller triggers a new check."""
        self._looked_at = None

    def _look(self) -> None:
        now, lasting = self._clock.now(), dict[str, Lasting]()
        self._follow_clock(now)
        for number, source in enumerate(self._sources):
            for condition in self._ask(number, source):
                before = self._lasting.get(condition.id)
                since = before.since if before else now
                lasting.setdefault(condition.id, Lasting(condition, since, source.patience))
        self._log(lasting, now)
        self._lasting = lasting
        self._looked_at = self._clock.monotonic()

    def _follow_clock(self, now: datetime) -> None:
        """Move what began before somebody set the wall clock: it lasts as long as before."""
        before, self._clocks = self._clocks, (now, self._clock.monotonic())
        if before is None:
            return
        jump = now - before[0] - timedelta(seconds=self._clocks[1] - before[1])
        if abs(jump) > _JUMP:
            log.warning("health.clock_set", seconds=round(jump.total_seconds()))
            self._lasting = {
                name: replace(item, since=item.since + jump) for name, item in self._lasting.items()
            }

    def _ask(self, number: int, source: _Source) -> Iterable[Condition]:
        """The source's conditions; its last ones if it cannot check right now."""
        try:
            self._last[number] = list(source.look())
        except StorageUnavailable:
            log.debug("health.source_waits", source=number)
        except Exception:
            log.exception("health.source_failed", source=number)
        return self._last.get(number, [])

    def _log(self, conditions: Mapping[str, Lasting], now: datetime) -> None:
        """Log each condition once, skipping those over in a moment, as many are at a start."""
        for name, lasting in conditions.items():
            if name not in self._logged and now - lasting.since >= _A_MOMENT:
                self._logged.add(name)
                say = log.error if lasting.condition.serious else log.warning
                say("health.began", condition=name, **lasting.condition.params)
        for name in self._logged - conditions.keys():
            self._logged.discard(name)
            log.info("health.over", condition=name)
