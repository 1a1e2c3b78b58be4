"""What happened with leads as far as automations listen, and what they made of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sales.automations import Event, Run
from sales.leads import Stage


class AutomationRuns(Protocol):
    """Over all leads, whoever asks; to be changed with the lead held."""

    def add_event(self, event: Event) -> Event | None:
        """None when one with its key is there already."""

    def event(self, event_id: int) -> Event: ...

    def add(self, run: Run) -> Run: ...

    def save(self, run: Run) -> None: ...

    def get(self, run_id: int) -> Run:
        """Raises RunNotFound."""

    def of_lead(self, lead_id: int) -> list[Run]:
        """The oldest first."""

    def of_task(self, task_id: int) -> Run | None:
        """The run that gave a task."""

    def newest(self, limit: int) -> list[Run]: ...

    def long_in_stage(
        self, entered_before: Mapping[Stage, datetime], rule_key: str, limit: int
    ) -> list[tuple[int, Stage, datetime]]:
        """Open leads of somebody that entered their stage before its moment, with when that
        was; those that the rule has not noticed there, the latest first."""

    def silent_since(
        self, moment: datetime, rule_key: str, limit: int
    ) -> list[tuple[int, datetime]]:
        """Open leads of somebody whose last contact, or arrival, was before the moment, with
        when that was; those that the rule has not noticed since, the latest first."""
