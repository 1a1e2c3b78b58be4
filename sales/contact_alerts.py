"""Bulk lookups of contacts: what is counted, and when to alert [P1]."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sales.playbook.customers import Bounds


class Window(StrEnum):
    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        return timedelta(hours=1) if self is Window.HOUR else timedelta(days=1)

    def key(self, local: datetime) -> str:
        """The hour or the day of a local moment: there is one alert for each."""
        return f"{local:%Y-%m-%dT%H}" if self is Window.HOUR else f"{local:%Y-%m-%d}"

    def limit(self, rules: Bounds) -> int:
        return rules.per_hour if self is Window.HOUR else rules.per_day


@dataclass(frozen=True, slots=True)
class Reveal:
    """A lookup of a lead's contacts, with its reason (``handlers.leads.actions.REASONS``)."""

    at: datetime
    person_id: int
    subject: str
    reason: str
