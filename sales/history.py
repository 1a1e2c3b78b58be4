"""What was done to a lead, by whom, as its history shows it beside follow-ups and tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

TOLD = ("stage.move", "lead.assign", "pool.claim", "pool.enter", "bulk.undo")
"""The audited actions that belong to a lead's history."""


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """An audited action.

    ``detail`` is what was recorded with it: names of stages, people's ids, never contacts.
    """

    at: datetime
    actor_id: int
    act: str
    detail: Mapping[str, str]
