"""Checks the audit log beside everything else, for ``HealthMonitor``: a slice at each look.

A million entries take some hours that way, and no request waits for them.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.health import Condition
from storage.audit.check import AuditCheck, AuditReport, KnownHead
from storage.database.engine import Database

_REST: Final = timedelta(hours=1).total_seconds()
"""Between the end of one check and the beginning of the next."""


class AuditHealth:
    """Health of the audit log. ``look`` is a ``ConditionSource`` and blocks for some queries."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._check = AuditCheck(database)
        self._ended_at: float | None = None
        self._known: list[KnownHead] = []
        self._last: list[Condition] = []

    def look(self) -> Iterable[Condition]:
        now = self._clock.monotonic()
        if self._ended_at is not None:
            # What is broken is looked at more often, since somebody may have begun a new chain.
            if now - self._ended_at < _REST and not self._last:
                return self._last
            self._check, self._ended_at = AuditCheck(self._database, self._known), None
        if self._check.advance():
            self._ended_at = now
            self._last = audit_conditions(self._check.report)
            self._remember(self._check.report)
        return self._last or audit_conditions(self._check.report)

    def _remember(self, report: AuditReport) -> None:
        """Keep the head, so that the log cannot be put back to an earlier one while this runs."""
        if report.head and not report.problems:
            at = self._clock.now()
            self._known = [KnownHead(report.head.number, report.head.digest, at=at)]


def audit_conditions(report: AuditReport) -> list[Condition]:
    """Return what a check found as conditions. None is serious: everything else still works."""
    wrong = len(report.problems) + report.more
    if not wrong:
        return []
    if all(problem.key == "key_missing" for problem in report.problems):
        key = report.problems[0].params["key"]
        return [Condition("audit_key_missing", "", {"key": key}, serious=False)]
    return [Condition("audit_broken", "", {"n": str(wrong)}, serious=False)]
